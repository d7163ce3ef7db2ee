// What the page knows, when it was told, and whether it is still told. Everything that is shown is made from this.

/** Seconds without an answer after which nothing may look live. */
export const CUT_OFF = 5;

export const state = {
  signedIn: false,
  accounts: [],
  faults: [], // what does not work at the enforcer now and is worked around
  accountsAt: null, // performance.now() of the last answer about the accounts
  runs: [],
  runsAt: null, // the enforcer's time of the last list of runs
  followed: new Map(), // account -> the run that its card shows, with `at` and `told`
  dismissed: new Set(), // runs that are no longer to be shown on a card
  pressed: new Map(), // account -> `words` about its last press; `open` while nobody knows yet whether it arrived
  answeredAt: null,
  cutSince: null, // Date of the last answer, while there is no newer one
  why: "",
};

/** Seconds since the answer about the accounts. */
export const passed = (at = state.accountsAt) => (at === null ? Infinity : (performance.now() - at) / 1000);

/** An answer came. */
export function answered() {
  state.answeredAt = performance.now();
  state.cutSince = null;
  state.why = "";
}

/** No answer came. */
export function unanswered(why) {
  state.why = why;
  state.cutSince ??= new Date(Date.now() - (state.answeredAt === null ? 0 : performance.now() - state.answeredAt));
}

/** Whether figures must not look live. */
export const isCut = () => state.cutSince !== null || passed(state.answeredAt) > CUT_OFF;

/** The account of this name; undefined where there is none. */
export const accountOf = (name) => state.accounts.find((one) => one.account === name);
