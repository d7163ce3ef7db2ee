// The dialog of a release: what ends with it, what becomes of the drawdown's reference and where the floor will be.

import { closeDialog, isOpen, openDialog } from "./dialog.js";
import { element, fill, setText } from "./dom.js";
import { askFields } from "./fields.js";
import { ageWords, isFresh, lockWords, openWords } from "./holdings.js";
import { Lost, ask, refusal } from "./session.js";
import { say, shout } from "./speaking.js";
import { accountOf, acted, passed, state } from "./state.js";
import { hurry } from "./watching.js";
import { money, number } from "./words.js";

const REASONS = ["Cause found and mended", "Agreed with the owner", "Closed by mistake", "Drill is over", "Other"];
const SEND_SECONDS = 60; // the exporter is asked and waited for

/** Open the dialog for an account; `told` is given the enforcer's sentence about the new floor. */
export function openRelease(account, told) {
  const plan = element("div", { class: "plan" });
  const fault = element("p", { class: "fault", role: "alert" });
  const help = element("p", { id: "release-help", class: "soft" });
  const choice = references();
  const fields = askFields({ account, reasons: REASONS, changed: () => refreshButton(), onward: () => button.focus() });
  const button = element("button", { type: "button", class: "primary wide", "aria-describedby": "release-help" }, `Release ${account}`);
  let sending = false;
  const missing = () => (choice.picked() === null ? "Choose what becomes of the reference." : fields.missing());

  function refreshButton() {
    const todo = sending ? "Asking the enforcer." : missing();
    button.setAttribute("aria-disabled", String(Boolean(todo)));
    setText(help, todo);
  }

  /** Said in the dialog, or on the card where somebody has closed the dialog meanwhile. */
  function failed(words) {
    setText(fault, words);
    if (isOpen(which)) return;
    state.pressed.set(account, { words: `Release: ${words}`, open: false });
    shout(words);
  }

  button.addEventListener("click", async () => {
    if (sending || missing()) return shout(missing() || "Asking the enforcer.");
    sending = true;
    refreshButton();
    setText(fault, "");
    const words = await release(account, { reason: fields.reason(), operator: fields.operator(), rebase: choice.picked() });
    sending = false;
    refreshButton();
    if (!state.signedIn) return;
    acted();
    hurry();
    if (words.fault) return failed(words.fault);
    told(words.told);
    say(words.told);
    closeDialog(account, which);
  });
  choice.node.addEventListener("input", refreshButton);
  function refresh() {
    const view = accountOf(account);
    fill(plan, view === undefined ? element("p", {}, "The enforcer does not tell of this account now.") : planNodes(view));
    choice.refresh(view);
    refreshButton();
  }
  const which = openDialog({ title: `Release ${account}`, body: [plan, element("div", { class: "ask" }, choice.node, fields.nodes, button, help, fields.more), fault], refresh });
}

function planNodes(view) {
  const open = openWords(view);
  const running = view.run_id !== null;
  return [
    view.lockout !== null && element("p", { class: "what" }, `${lockWords(view.lockout)}.`),
    running && element("p", { class: "fault" }, `A run is in progress. A release stops it: ${open || "whatever is open"} stays open.`),
    !running && element("p", {}, "After a release nothing is closed again and bots may trade. Leverage settings stay at 1 until somebody sets them; the old ones are in the enforcer's journal."),
  ];
}

/** The choice of what becomes of the reference, with the floor that follows from either. */
function references() {
  const [keep, rebase] = ["keep", "rebase"].map((value) => element("input", { type: "radio", name: "reference", value, id: `reference-${value}` }));
  const [kept, rebased] = [element("span", { class: "soft below" }), element("span", { class: "soft below" })];
  const node = element(
    "fieldset",
    {},
    element("legend", {}, "The drawdown's reference"),
    element("label", { class: "choice tall" }, rebase, element("span", {}, "Rebase: begin anew from the equity of now", rebased)),
    element("label", { class: "choice tall" }, keep, element("span", {}, "Keep the reference as it is", kept)),
  );
  return {
    node,
    picked: () => (rebase.checked ? true : keep.checked ? false : null),
    refresh(view) {
      const rules = view?.rules.listed ?? [];
      const equity = number(view?.holding.equity_usd);
      const read = view && isFresh(view, passed()) ? "" : ` (${view ? ageWords(view, passed()).toLowerCase() : "unknown"})`;
      setText(rebased, rules.length ? rules.map((rule) => rebaseWords(rule, equity, read)).join(" ") : "No drawdown rule of this account closes.");
      setText(kept, rules.length ? rules.map((rule) => keepWords(rule, equity)).join(" ") : "No drawdown rule of this account closes.");
    },
  };
}

function rebaseWords(rule, equity, read) {
  if (rule.floor_if_rebased_usd === null) return `Rule ${rule.rule} (${rule.limit}): the equity is unknown here, so the new floor is too.`;
  return `Rule ${rule.rule} (${rule.limit}): from about ${money(equity)} USD${read} the floor becomes about ${money(rule.floor_if_rebased_usd)} USD.`;
}

function keepWords(rule, equity) {
  const floor = number(rule.floor_if_kept_usd);
  if (floor === null) return `Rule ${rule.rule} (${rule.limit}): ${rule.why}, so its floor is unknown here.`;
  const beyond = equity !== null && equity <= floor ? " The equity is below it already: the first position that is opened is closed again." : "";
  return `Rule ${rule.rule} (${rule.limit}): the reference stays ${money(rule.reference_usd)} USD and the floor ${money(floor)} USD.${beyond}`;
}

async function release(account, body) {
  try {
    const answer = await ask(`/api/v1/accounts/${encodeURIComponent(account)}/release`, { body, seconds: SEND_SECONDS });
    return answer.status === 200 ? { told: answer.said.told } : { fault: refusal(answer) };
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    return { fault: "No answer came, so nobody knows whether it was released. Go back and look at the account: it says whether it is locked out." };
  }
}
