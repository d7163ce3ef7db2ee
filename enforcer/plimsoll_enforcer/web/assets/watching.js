// Asks the enforcer again and again: accounts, runs, and every run in progress; sooner when something happens. A lost
// answer is asked for again, and what happened meanwhile comes whole from the enforcer's record.

import { Lost, ask } from "./session.js";
import { answered, state, unanswered } from "./state.js";

const ACCOUNTS_MS = 1000;
const RUNS_MS = 5000;
const FOLLOW_MS = 500;
const HIDDEN_MS = 2500;

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
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    if (mine === generation) unanswered(error.message);
  }
  if (mine === generation) changed();
}

async function heard(path, mine) {
  const answer = await ask(path);
  if (mine !== generation) return null;
  if (answer.status === 401) {
    refused();
    return null;
  }
  if (answer.status === 404) return answer;
  if (answer.status !== 200) throw new Lost(answer.said?.error ?? `answer ${answer.status}`);
  answered();
  return answer;
}

async function readAccounts(mine) {
  const answer = await heard("/api/v1/accounts", mine);
  if (answer === null) return;
  state.accounts = answer.said.accounts;
  state.accountsAt = performance.now();
  state.faults = answer.said.faults;
  for (const { account, run_id: run } of state.accounts) {
    if (run !== null && state.followed.get(account)?.run_id !== run) followRun(account, run);
  }
}

async function readRuns(mine) {
  const answer = await heard("/api/v1/runs", mine);
  if (answer !== null) Object.assign(state, { runs: answer.said.runs, runsAt: answer.said.now });
}

/** Show a run on its account's card from now on. */
export function followRun(account, runId) {
  if (state.dismissed.has(runId)) return;
  state.followed.set(account, { run_id: runId, told: null, at: null });
  hurry();
}

async function follow(mine) {
  for (const [account, one] of state.followed) {
    if (one.told !== null && one.told.ended_at !== null) continue;
    const run = await readRun(one.run_id, mine);
    if (run === null || state.followed.get(account) !== one) continue;
    const ended = one.told?.ended_at === null && run.ended_at !== null;
    Object.assign(one, { told: run, at: performance.now() });
    changed();
    if (ended) hurry();
  }
}

/** One run with its whole audit; null where there is none. */
export async function readRun(runId, mine = generation) {
  const answer = await heard(`/api/v1/runs/${encodeURIComponent(runId)}`, mine);
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
