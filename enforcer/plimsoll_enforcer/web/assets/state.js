// What the page knows, when it was told, and whether it is still told. Everything that is shown is made from this.

/** Seconds without an answer after which nothing may look live. */
export const CUT_OFF = 5;

export const state = {
  signedIn: false,
  accounts: [],
  faults: [], // what does not work at the enforcer now and is worked around
  accountsAt: null, // moment of the last answer about the accounts; no other answer makes the page look live
  actedAt: null, // moment at which a press or a release was answered: what was asked before it is no longer true
  runs: [],
  runsAt: null, // the enforcer's time of the last list of runs
  followed: new Map(), // account -> the run that its card shows, with `at` and `told`
  dismissed: new Set(), // runs that are no longer to be shown on a card
  pressed: new Map(), // account -> `words` about its last press; `open` while nobody knows yet whether it arrived
  cutSince: null, // Date of the last answer, while there is no newer one
  why: "",
};

/** A moment, by two clocks: one stands still while a phone sleeps, the other may be set. */
export const moment = () => ({ steady: performance.now(), wall: Date.now() });

/** Seconds since a moment, rather too many than too few. */
export const passed = (at = state.accountsAt) =>
  at === null ? Infinity : Math.max(performance.now() - at.steady, Date.now() - at.wall) / 1000;

/** An answer about the accounts came. */
export function answered() {
  state.accountsAt = moment();
  state.cutSince = null;
  state.why = "";
}

/** The enforcer did what it was told: older answers that are still on their way must not be shown. */
export function acted() {
  state.actedAt = moment();
}

/** Whether a question asked at this moment may have been answered before the enforcer did what it was told last. */
export const isOvertaken = (asked) => state.actedAt !== null && asked.steady <= state.actedAt.steady;

/** No answer came. */
export function unanswered(why) {
  state.why = why;
  state.cutSince ??= new Date(Date.now() - (state.accountsAt === null ? 0 : passed() * 1000));
}

/** Whether figures must not look live. */
export const isCut = () => state.cutSince !== null || passed() > CUT_OFF;

/** The account of this name; undefined where there is none. */
export const accountOf = (name) => state.accounts.find((one) => one.account === name);
