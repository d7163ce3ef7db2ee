// One run on the page: how far it has got while it goes on, what came of it, and its audit. All of it comes from the
// enforcer's record, so that whoever was cut off or came late sees the whole of it.

import { badge, element } from "./dom.js";
import { amountWords } from "./holdings.js";
import { clockTime, count, dayTime, duration, money, number, price, quantity, ratio } from "./words.js";

const LATE = 30; // seconds after which a run that is not flat has failed, though it goes on

const MODES = { armed: "by a confirmed breach", manual: "by hand", "dry-run": "rehearsed: nothing was sent" };

/** The one sentence that says how a run stands. */
export function runWords(run, elapsed) {
  if (run.ended_at === null) {
    const { flat_at: flat } = run.progress ?? {};
    if (flat) return `Flat after ${duration(flat - run.began_at)}; looking again to be sure`;
    return elapsed > LATE ? `NOT FLAT after ${duration(elapsed)}, still closing` : `Closing everything: ${duration(elapsed)}`;
  }
  const { result } = run;
  if (run.mode === "dry-run") return "Rehearsed: nothing was sent";
  if (result?.flat) return `Flat after ${duration(result.seconds_to_flat)}${result.confirmed ? ", confirmed by a second look" : ", not confirmed"}`;
  return run.outcome === "not_flat" ? "Ended by hand before it was flat: look at what is open" : "Failed: look at what is open";
}

/** How bad that is. */
export function runLevel(run) {
  if (run.ended_at === null) return run.progress?.flat_at ? "warning" : "danger";
  if (run.mode === "dry-run") return "warning";
  return run.result?.flat ? "fine" : "danger";
}

/** Who or what began it, how, and when. */
export const whyWords = (run) => `${dayTime(run.began_at)}, ${MODES[run.mode] ?? run.mode}. ${run.trigger}`;

/** How far a run in progress has got. */
export function progressNodes(run) {
  const { progress } = run;
  const orders = [progress.orders_left.plain, progress.orders_left.conditional];
  const left = orders.includes(null) ? "unknown" : count(orders[0] + orders[1], "order");
  return [
    element("ul", { class: "legs" }, progress.positions.map(leg)),
    !progress.positions.length && element("p", {}, progress.read_at ? "No position was found." : "Reading what is open."),
    element(
      "dl",
      { class: "facts" },
      fact("Orders still there", left),
      fact("Cancelling calls", progress.cancels),
      fact("Closing orders", `${progress.orders_sent} sent, ${progress.orders_answered} answered`),
      fact("Flat at", progress.flat_at ? `${clockTime(progress.flat_at)} (${duration(progress.flat_at - run.began_at)})` : "not yet"),
      fact("Confirmed at", progress.confirmed_at ? clockTime(progress.confirmed_at) : "not yet"),
    ),
    troubles(progress),
    run.now - run.began_at > LATE && !progress.flat_at &&
      element("p", {}, "It goes on until it is flat. If it does not get on, close by hand on the exchange's own page; the runbook (EnforcementFailed) says more."),
  ];
}

function leg(one) {
  const [was, left] = [Math.abs(number(one.amount)), Math.abs(number(one.left))];
  const closed = was ? Math.max(0, 1 - left / was) : 1;
  const words = left === 0 ? "closed" : `${quantity(left)} left of ${quantity(was)}`;
  return element(
    "li",
    {},
    element("span", { class: "symbol" }, one.symbol),
    element("span", { class: "soft" }, amountWords(one).split(" ")[0]),
    element("meter", { min: 0, max: 1, value: closed, "aria-label": `${one.symbol} closed` }),
    left === 0 ? badge("fine", words) : element("strong", {}, words),
  );
}

function fact(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

function troubles({ troubles: listed }) {
  if (!listed.length) return null;
  return element(
    "div",
    { class: "troubles" },
    element("p", { class: "soft" }, "What went wrong meanwhile:"),
    element("ul", {}, listed.toReversed().slice(0, 4).map((one) => element("li", {}, `${clockTime(one.at)}${one.count > 1 ? ` (${one.count} times)` : ""}: ${one.text}`))),
  );
}

/** What a run came to. */
export function resultNodes(run) {
  const { result } = run;
  if (!result) return [element("p", {}, run.ended_at === null ? "" : "There is no result: the audit below has every step.")];
  return [
    element(
      "dl",
      { class: "facts" },
      fact("Time to flat", result.seconds_to_flat === null ? "never flat" : duration(result.seconds_to_flat)),
      fact("Confirmed", result.confirmed ? "yes, by a second look" : "no"),
      fact("Orders", `${result.orders_cancelled} cancelled, ${result.orders_left} left`),
      fact("Exposure left", result.residual_exposure_usd === null ? "unknown" : `${money(result.residual_exposure_usd)} USD`),
    ),
    result.positions.length ? resultTable(run) : element("p", { class: "soft" }, "Nothing had to be closed."),
  ];
}

function resultTable({ result, mode }) {
  const heads = ["Position", "Closed", "Average price", "Slippage", "Left"];
  const rows = result.positions.map((one) => [
    [one.symbol, amountWords(one)],
    [quantity(one.closed)],
    [one.average_price === null ? "unknown" : price(one.average_price), one.mark_price !== null && `mark ${price(one.mark_price)}`],
    [one.slippage_ratio === null ? "unknown" : ratio(one.slippage_ratio, 3), one.slippage_cost !== null && `cost ${money(one.slippage_cost)}`],
    number(one.left) === 0 ? ["nothing"] : [quantity(one.left), one.why_left],
  ]);
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": "Result by position" },
    element(
      "table",
      { class: "result" },
      element("thead", {}, element("tr", {}, heads.map((word, at) => element("th", { scope: "col", class: at ? "number" : null }, word)))),
      element("tbody", {}, rows.map((cells) => element("tr", {}, cells.map((cell, at) => entry(cell, at, heads[at]))))),
    ),
    mode !== "dry-run" && element("p", { class: "soft" }, "Slippage is against the mark price when the run began; fees come on top."),
  );
}

function entry([words, more], at, head) {
  const attributes = at ? { class: "number", "data-head": head } : { scope: "row" };
  return element(at ? "td" : "th", attributes, element("span", {}, words, more && element("span", { class: "soft below" }, more)));
}

/** The time of a step, in UTC with milliseconds: many fall into one second. */
const stepTime = (unix) => new Date(unix * 1000).toISOString().slice(11, 23);

/** Every step of a run. */
export function auditTable(run) {
  const rows = run.audit.map((line) =>
    element("tr", {}, element("td", { class: "when" }, stepTime(line.at)), element("td", { class: "when" }, line.kind), element("td", {}, line.text)),
  );
  const heads = ["UTC", "Step", "What"].map((word) => element("th", { scope: "col" }, word));
  return element(
    "div",
    { class: "scroll audit", tabindex: 0, role: "group", "aria-label": `Audit of run ${run.run_id}` },
    element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows)),
  );
}

/** A run as plain text, to keep or to send. */
export function asText(run) {
  const { result } = run;
  const head = [
    `Plimsoll run ${run.run_id}, account ${run.account}`,
    `began ${dayTime(run.began_at)}, ${MODES[run.mode] ?? run.mode}: ${run.trigger}`,
    run.ended_at === null ? "still in progress" : `ended ${dayTime(run.ended_at)}: ${runWords(run, 0)}`,
  ];
  const rows = (result?.positions ?? []).map(
    (one) =>
      `${one.symbol} ${amountWords(one)}: closed ${one.closed} at ${one.average_price ?? "unknown"}, left ${one.left}${one.why_left && ` (${one.why_left})`}`,
  );
  const lines = run.audit.map((line) => `${stepTime(line.at)}  ${line.kind}  ${line.text}`);
  return [...head, ...rows, "", ...lines].join("\n");
}
