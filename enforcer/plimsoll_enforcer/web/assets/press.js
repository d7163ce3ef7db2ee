// The dialog of the red button: what will happen, why, the typed name, the hold. And what becomes of a press whose answer
// was lost: whether a run began is asked of the enforcer's record before anybody is told that pressing again is right.

import { element, fill, setText } from "./dom.js";
import { closeDialog, isOpen, openDialog } from "./dialog.js";
import { askFields } from "./fields.js";
import { ageWords, amountWords, isFresh, openWords, orderWords } from "./holdings.js";
import { holdButton } from "./hold.js";
import { Lost, ask, refusal } from "./session.js";
import { say, shout } from "./speaking.js";
import { accountOf, acted, isCut, passed, state } from "./state.js";
import { followRun, hurry, runsNow } from "./watching.js";
import { roundMoney } from "./words.js";

const REASONS = ["The loss grows", "Overexposed", "The bot misbehaves", "Closes are rejected", "Drill", "Other"];
const SEND_SECONDS = 8;
const ASK_AGAIN_MS = 1000;
const SURE_MS = 4000; // a request may still be on its way so long after it was given up
const JUST_NOW = 60; // seconds

/** Open the dialog for an account. */
export function openPress(account) {
  const plan = element("div", { class: "plan" });
  const fault = element("p", { class: "fault", role: "alert" });
  const fields = askFields({ account, reasons: REASONS, changed: () => hold.refresh(), onward: () => hold.focus() });
  const hold = holdButton({
    words: `flatten ${account}`,
    missing: () => (state.pressed.get(account)?.open ? "A press is on its way; what became of it is being asked." : fields.missing()),
    confirmed: () => press(account, fields, { hold, fault, which }),
  });
  const form = element("div", { class: "ask" }, fields.nodes, hold.node, fields.more);
  function refresh() {
    const view = accountOf(account);
    const able = canPress(view);
    fill(plan, planNodes(account, view));
    plan.dataset.able = able;
    form.hidden = !able;
    hold.refresh();
  }
  if (!state.pressed.get(account)?.open) state.pressed.delete(account);
  const which = openDialog({ title: `Flatten ${account}`, body: [plan, form, fault], refresh });
}

/** Whether the enforcer would take the press; what is not known for sure is tried. */
function canPress(view) {
  return isCut() || view === undefined || (view.mode.in_force === "armed" && view.run_id === null);
}

function planNodes(account, view) {
  if (view === undefined) return [element("p", {}, `The enforcer does not tell of an account ${account} now.`)];
  const cut = isCut() && element("p", { class: "fault" }, "Cut off: these are the last figures that came. The press may not arrive; the page will find out whether it did.");
  if (!canPress(view)) return view.run_id === null ? refusedNodes(view) : runningNodes(view);
  const open = openWords(view);
  const orders = orderWords(view.orders);
  const what = open ? `${open[0].toUpperCase()}${open.slice(1)}${orders ? `, ${orders}` : ", orders unknown"}.` : `What is open is not known here: ${view.holding.why}.`;
  return [
    cut,
    element("p", { class: "what" }, what),
    positionList(view),
    element("p", {}, open ? "All orders are cancelled and every position is closed at the market, now." : "The enforcer reads for itself, cancels every order it finds and closes every position at the market, now."),
    element("p", {}, `Then ${account} stays locked out until somebody releases it: whatever is opened is closed again, and every symbol used is set to leverage 1.`),
    element("p", { class: isFresh(view, passed()) ? "soft" : "fault" }, ageWords(view, passed())),
  ];
}

function positionList(view) {
  const rows = (view.holding.positions ?? []).map((one) => element("li", {}, element("strong", {}, one.symbol), ` ${amountWords(one)}, ${roundMoney(one.exposure_usd)} USD`));
  return rows.length > 0 && element("ul", { class: "plain" }, rows);
}

function refusedNodes(view) {
  const word = view.mode.in_force === "dry-run" ? "DRY RUN" : "OFF";
  const open = openWords(view) || "what is open (unknown here)";
  const held = view.holding.positions?.length === 0 ? "Nothing is open here anyway." : `What is open stays as it is: ${open}.`;
  const why = view.mode.why ? ` (${view.mode.why})` : "";
  return [
    element("p", { class: "what" }, `${word}: this button closes nothing here.`),
    element("p", {}, `${view.account} is not armed${why}. The enforcer would refuse the press: no order is sent or cancelled, and nothing is locked out. ${held}`),
    positionList(view),
    element("p", {}, "To close it now, run ", element("code", {}, `red-button ${view.account}`), " where its trade key is: that works in every mode. To arm it, set ", element("code", {}, "enforcement.mode: armed"), " and start the enforcer with ", element("code", {}, `--arm ${view.account}`), "."),
  ];
}

function runningNodes(view) {
  return [
    element("p", { class: "what" }, "A run is in progress already."),
    element("p", {}, `Run ${view.run_id} is closing everything of ${view.account}, and goes on until it is flat. Pressing again would begin no other one.`),
    element("button", { type: "button", class: "primary", onclick: () => closeDialog() }, "Show it"),
  ];
}

async function press(account, fields, shown) {
  const known = state.runsAt === null ? null : new Set(state.runs.map((run) => run.run_id));
  state.pressed.set(account, { words: "Sent; no answer yet.", open: true });
  setText(shown.fault, "");
  shout(`Sent: flatten ${account}.`);
  try {
    const answer = await ask(`/api/v1/accounts/${encodeURIComponent(account)}/flatten`, {
      body: { reason: fields.reason(), operator: fields.operator() },
      seconds: SEND_SECONDS,
    });
    if (answer.status === 202) return begun(account, answer.said.run_id, answer.said.already_running, shown);
    if (answer.status < 500) return again(account, shown, refusal(answer));
    await findOut(account, known, shown);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    await findOut(account, known, shown);
  } finally {
    hurry();
  }
}

function begun(account, runId, already, { which }) {
  if (!state.signedIn) return;
  acted();
  say(already ? `Run ${runId} was in progress already; no other one began.` : `Run ${runId} has begun.`);
  state.pressed.delete(account);
  state.dismissed.delete(runId);
  followRun(account, runId);
  closeDialog(account, which);
}

/** Nothing began: say why, here and on the card, and let the button be pressed again. */
function again(account, { hold, fault, which }, words) {
  state.pressed.set(account, { words, open: false });
  if (!isOpen(which)) shout(words);
  setText(fault, words);
  hold.again();
}

/** The answer was lost: ask the record until it says whether a run began. */
async function findOut(account, known, shown) {
  const words = "No answer came, so nobody knows yet whether the enforcer has begun. Do not press again: this page is asking its record.";
  state.pressed.set(account, { words, open: true });
  setText(shown.fault, words);
  hurry();
  const until = performance.now() + SURE_MS;
  for (;;) {
    const runs = await runsNow();
    const run = (runs ?? []).find((one) => one.account === account && one.mode !== "dry-run" && (one.ended_at === null || isNew(one, known)));
    if (run !== undefined) return begun(account, run.run_id, known?.has(run.run_id), shown);
    if (runs !== null && performance.now() > until) break;
    await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
    if (!state.signedIn) return;
  }
  again(account, shown, `The press did not arrive so far: the enforcer answers, and no run of ${account} began. You can press again: while one run is in progress no other begins.`);
}

/** Whether a run began since the press; where no list was read before it, whether it began just now. */
function isNew(run, known) {
  return known === null ? state.runsAt - run.began_at < JUST_NOW : !known.has(run.run_id);
}
