// Asks the enforcer again and again: accounts, runs, and every run in progress; sooner when something happens. A lost
// answer is asked for again, and what happened meanwhile comes whole from the enforcer's record.

import { Lost, ask } from "./session.js";
import { acted, answered, isOvertaken, moment, state, unanswered } from "./state.js";

const ACCOUNTS_MS = 1000;
const RUNS_MS = 5000;
const FOLLOW_MS = 500;
const HIDDEN_MS = 2500;
const NO_AUDIT = 999999999; // a card shows no step of the audit, which may be long and the line slow

let changed = () => {};
let refused = () => {};
let generation = 0;
const wakers = new Set();

/** Begin; `onChange` is called after every answer, `onRefused` when the token is no longer right. */
export function watch(onChange, onRefused) {
  [changed, refused] = [onChange, onRefused];
  generation += 1;
  const mine = generation;
  repeat(mine, ACCOUNTS_MS, readAccounts);
  repeat(mine, RUNS_MS, readRuns);
  repeat(mine, FOLLOW_MS, follow, () => state.followed.size > 0);
}

/** Ask no more. */
export function stop() {
  generation += 1;
  hurry();
}

/** Ask now: something has happened. */
export function hurry() {
  for (const wake of wakers) wake();
}

for (const [where, kind] of [[window, "online"], [document, "visibilitychange"], [window, "pageshow"]]) where.addEventListener(kind, hurry);

async function repeat(mine, every, read, wanted = () => true) {
  while (mine === generation) {
    if (wanted()) await attempt(mine, read);
    await pause(document.hidden ? HIDDEN_MS : every);
  }
}

function pause(milliseconds) {
  return new Promise((done) => {
    const wake = () => {
      clearTimeout(timer);
      wakers.delete(wake);
      done();
    };
    const timer = setTimeout(wake, milliseconds);
    wakers.add(wake);
  });
}

async function attempt(mine, read) {
  try {
    await read(mine);
    if (mine === generation) changed();
  } catch (error) {
    if (mine !== generation) return;
    unanswered(error.message); // what nobody understands ends no asking: the page says that it is not live
    if (!(error instanceof Lost)) console.error(error);
  }
}

async function heard(path, mine) {
  const answer = await ask(path);
  if (mine !== generation) return null;
  if (answer.status === 401) {
    refused();
    return null;
  }
  if (answer.status === 404) return answer;
  if (answer.status !== 200 || answer.said === null) throw new Lost(answer.said?.error ?? `answer ${answer.status}`);
  return answer;
}

async function readAccounts(mine) {
  const asked = moment();
  const answer = await heard("/api/v1/accounts", mine);
  if (answer === null) return;
  if (!Array.isArray(answer.said.accounts)) throw new Lost(`answer ${answer.status} tells of no accounts`);
  if (isOvertaken(asked)) return readAccounts(mine);
  answered();
  state.accounts = answer.said.accounts;
  state.faults = answer.said.faults ?? [];
  for (const { account, run_id: run } of state.accounts) {
    if (run !== null && state.followed.get(account)?.run_id !== run) followRun(account, run);
  }
}

async function readRuns(mine) {
  const answer = await heard("/api/v1/runs", mine);
  if (answer === null) return;
  if (!Array.isArray(answer.said.runs)) throw new Lost(`answer ${answer.status} tells of no runs`);
  Object.assign(state, { runs: answer.said.runs, runsAt: answer.said.now });
}

/** Show a run on its account's card from now on. */
export function followRun(account, runId) {
  if (state.dismissed.has(runId)) return;
  if (!state.pressed.get(account)?.open) state.pressed.delete(account);
  state.followed.set(account, { run_id: runId, told: null, at: null });
  hurry();
}

async function follow(mine) {
  for (const [account, one] of state.followed) {
    if (one.told !== null && one.told.ended_at !== null) continue;
    const run = await readRun(one.run_id, { mine, after: NO_AUDIT });
    if (run === null || state.followed.get(account) !== one) continue;
    const ended = one.told?.ended_at === null && run.ended_at !== null;
    Object.assign(one, { told: run, at: moment() });
    if (ended) acted();
    changed();
    if (ended) hurry();
  }
}

/** One run, with its audit but for the first `after` steps; null where there is none. */
export async function readRun(runId, { mine = generation, after = 0 } = {}) {
  const answer = await heard(`/api/v1/runs/${encodeURIComponent(runId)}?after=${after}`, mine);
  return answer === null || answer.status !== 200 ? null : answer.said;
}

/** The newest runs, asked now; null where no answer came. */
export async function runsNow() {
  try {
    await readRuns(generation);
    changed();
    return state.runs;
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    unanswered(error.message);
    changed();
    return null;
  }
}
