// The red button page: sign-in, one card an account, the runs. Everything is asked of the enforcer with the operator's
// token; what is shown is greyed as soon as it is no longer told.

import { makeCard } from "./card.js";
import { closeDialog, prepareDialog, refreshDialog } from "./dialog.js";
import { element, fill, setText } from "./dom.js";
import { forgetHistory, updateHistory } from "./history.js";
import { Lost, ask, fits, operator, refusal, signIn, signOut, signOutEverywhere, token, whenSignedOutElsewhere } from "./session.js";
import { say, shout } from "./speaking.js";
import { isCut, passed, state } from "./state.js";
import { hurry, stop, watch } from "./watching.js";
import { clockTime, duration, number } from "./words.js";

const TICK_MS = 200;
const at = (id) => document.getElementById(id);
const cards = new Map();
let told = new Map();
let wasCut = false;

function show(signedIn, why = "") {
  state.signedIn = signedIn;
  for (const id of ["accounts", "runs", "sign-out"]) at(id).hidden = !signedIn;
  at("sign-in").hidden = signedIn;
  setText(at("sign-in-error"), why);
  if (!signedIn) {
    at("name").value = operator();
    at("token").focus();
  }
  tick();
}

function enter() {
  show(true);
  watch(changed, () => leave("The enforcer no longer takes this token: sign in again. Nothing was done."));
}

function leave(why = "") {
  stop();
  signOut();
  closeDialog();
  cards.clear();
  forgetHistory();
  for (const one of [state.followed, state.pressed]) one.clear();
  Object.assign(state, { accounts: [], faults: [], accountsAt: null, actedAt: null, runs: [], runsAt: null, cutSince: null, why: "" });
  for (const id of ["accounts", "faults"]) fill(at(id));
  told = new Map();
  show(false, why);
}

async function submitted(event) {
  event.preventDefault();
  const given = at("token").value.trim();
  if (!fits(given)) return setText(at("sign-in-error"), "That cannot be a token: it is one word of letters and digits.");
  setText(at("sign-in-error"), "");
  try {
    const answer = await ask("/api/v1/runs", { as: given });
    if (answer.status !== 200) return setText(at("sign-in-error"), refusal(answer));
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    return setText(at("sign-in-error"), `The enforcer does not answer (${error.message}). Try again, or run red-button where the trade key is.`);
  }
  signIn(given, at("name").value);
  at("token").value = "";
  enter();
  at("main").focus();
}

/** An answer came, or did not. */
function changed() {
  if (!state.signedIn) return;
  if (cards.size !== state.accounts.length || state.accounts.some((one) => !cards.has(one.account))) layOut();
  for (const view of state.accounts) cards.get(view.account).update(view);
  fill(at("faults"), state.faults.map((words) => element("p", { class: "note", "data-level": "warning" }, `Not working at the enforcer: ${words}.`)));
  updateHistory();
  refreshDialog();
  announce();
  tick();
}

/** The cards in an order that stays, since nothing may move under a finger: first where something happens or is open. */
function layOut() {
  const open = (view) => (number(view.holding.exposure_usd) ?? 1) > 0;
  const weight = (view) =>
    [view.run_id !== null, view.watching_since !== null, open(view) && view.mode.in_force === "armed", view.lockout !== null, open(view)].indexOf(true) >>> 0;
  const ordered = state.accounts.toSorted((one, other) => weight(one) - weight(other));
  cards.clear();
  ordered.forEach((view, index) => cards.set(view.account, makeCard(view.account, index)));
  fill(at("accounts"), [...cards.values()].map((card) => card.node));
}

/** Say what changed to those who do not see it. */
function announce() {
  const now = new Map();
  for (const { account, run_id: run, lockout } of state.accounts) {
    const followed = state.followed.get(account)?.told;
    const ended = followed?.ended_at ? `${account}: ${followed.result?.flat ? "flat" : "not flat"}.` : null;
    now.set(account, run !== null ? `${account}: closing everything.` : ended ?? (lockout !== null ? `${account} is locked out.` : `${account}: trading is allowed.`));
  }
  for (const [account, words] of now) if (told.has(account) && told.get(account) !== words) shout(words);
  told = now;
}

/** Let ages grow, and grey what is no longer told. */
function tick() {
  const cut = state.signedIn && (state.accountsAt !== null || state.cutSince !== null) && isCut();
  document.body.dataset.live = String(!cut);
  at("cut").hidden = !cut;
  setText(at("cut"), cut ? cutWords() : "");
  if (cut !== wasCut) {
    wasCut = cut;
    if (state.signedIn) (cut ? shout : say)(cut ? "Cut off from the enforcer." : "Connected again.");
    refreshDialog();
  }
  setText(at("link"), linkWords(cut));
  for (const card of cards.values()) card.tick();
  document.title = titleWords(cut);
}

function cutWords() {
  const since = state.cutSince === null ? Date.now() - passed() * 1000 : state.cutSince.getTime();
  return `CUT OFF from the enforcer since ${clockTime(since / 1000)}${state.why && ` (${state.why})`}. Nothing here is live. What the enforcer does goes on without this page, and is shown whole once it answers.`;
}

function linkWords(cut) {
  if (!state.signedIn) return "Signed out";
  const who = `Signed in as ${operator() || "operator"}`;
  if (state.accountsAt === null) return `${who}. ${cut ? "No answer yet" : "Asking the enforcer"}.`;
  return cut ? `${who}. Last answer ${duration(passed())} ago.` : `${who}. Live.`;
}

function titleWords(cut) {
  const named = (list) => list.map((one) => one.account).join(", ");
  const running = state.accounts.filter((one) => one.run_id !== null);
  const locked = state.accounts.filter((one) => one.lockout !== null);
  const words = running.length ? `CLOSING ${named(running)}` : locked.length ? `Locked: ${named(locked)}` : "Red button";
  return `${cut ? "NOT LIVE - " : ""}${state.signedIn ? words : "Sign in - Red button"} - Plimsoll`;
}

prepareDialog();
at("sign-in").addEventListener("submit", submitted);
at("sign-out").addEventListener("click", () => {
  signOutEverywhere();
  leave();
});
whenSignedOutElsewhere(() => state.signedIn && leave("Signed out in another tab."));
for (const [where, kind] of [[window, "pageshow"], [document, "visibilitychange"]]) where.addEventListener(kind, tick);
setInterval(tick, TICK_MS);
if (token()) enter();
else show(false);
hurry();
