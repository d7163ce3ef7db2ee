// What an account holds, in words and tables, from the enforcer's JSON. Unknown is said as unknown, never as zero.

import { badge, element } from "./dom.js";
import { count, dayTime, duration, number, price, quantity, roundMoney, signedMoney, times } from "./words.js";

/** Seconds after which a figure is old. */
export const OLD = 10;

export const MODES = { armed: ["fine", "Armed"], "dry-run": ["warning", "Dry run"], off: ["unknown", "Off"] };

/** Side and quantity of a position. */
export function amountWords({ amount, position_side: side }) {
  const held = number(amount);
  const word = side === "both" || !side ? (held < 0 ? "short" : "long") : side;
  return `${word} ${quantity(Math.abs(held))}`;
}

/** What is open, as a person says it; empty where it is unknown. */
export function openWords(view) {
  const { positions, exposure_usd: exposure } = view.holding;
  if (positions === null) return "";
  if (!positions.length) return "no position";
  return `${count(positions.length, "position")}, ${exposure === null ? "exposure unknown" : roundMoney(exposure) + " USD of exposure"}`;
}

/** How many orders work; empty where it is unknown. */
export function orderWords({ plain, conditional }) {
  if (plain === null && conditional === null) return "";
  if (plain === 0 && conditional === 0) return "no order";
  const told = [[plain, "plain"], [conditional, "conditional"]].filter(([many]) => many !== 0);
  return told.map(([many, kind]) => (many === null ? `${kind} orders unknown` : count(many, `${kind} order`))).join(", ");
}

/** The signs at an account's name, worst first. */
export function signs(view) {
  const [level, word] = MODES[view.mode.in_force] ?? ["unknown", view.mode.in_force];
  return [
    view.run_id !== null && badge("danger", view.failing_since === null ? "Closing" : "Not flat, still closing"),
    view.lockout !== null && view.run_id === null && badge("danger", "Locked out"),
    view.watching_since !== null && badge("warning", "Breach watched"),
    badge(level, word),
  ];
}

/** The figures at the head of a card. */
export function figures(view) {
  const { equity_usd: equity, exposure_usd: exposure, unrealized_pnl_usd: pnl } = view.holding;
  const leverage = number(exposure) > 0 && number(equity) > 0 ? times(number(exposure) / number(equity)) : null;
  const worse = number(pnl) < 0;
  return [
    figure("Exposure", roundMoney(exposure), exposure !== null && "USD", leverage !== null && `${leverage} of equity`),
    figure("Unrealised PnL", signedMoney(pnl), pnl !== null && "USD", null, worse && "loss"),
    figure("Equity", roundMoney(equity), equity !== null && "USD"),
    figure("Orders", orderWords(view.orders) || "unknown"),
  ];
}

function figure(name, value, unit, more, tone) {
  return element(
    "div",
    { class: "figure", "data-tone": tone || null },
    element("dt", {}, name),
    element("dd", {}, element("span", { class: "value" }, value), unit && element("span", { class: "soft" }, " " + unit), more && element("span", { class: "soft more" }, more)),
  );
}

/** The positions as a table, or a sentence. */
export function positionTable(view) {
  const { positions } = view.holding;
  if (positions === null) return element("p", { class: "unknown" }, "Positions unknown.");
  if (!positions.length) return element("p", { class: "soft" }, "No position.");
  const rows = positions.map((one) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, one.symbol, element("span", { class: "soft below" }, amountWords(one))),
      element("td", { class: "number" }, roundMoney(one.exposure_usd), element("span", { class: "soft below" }, `at ${price(one.mark_price)}`)),
      element("td", { class: "number" }, signedMoney(one.unrealized_pnl_usd), element("span", { class: "soft below" }, `from ${price(one.entry_price)}`)),
    ),
  );
  const heads = ["Position", "Exposure, USD", "PnL, USD"].map((word, at) => element("th", { scope: "col", class: at ? "number" : null }, word));
  return element("table", {}, element("thead", {}, element("tr", {}, heads)), element("tbody", {}, rows));
}

/** Since when, until when and why an account is locked out. */
export function lockWords({ since, until, reason }) {
  const from = since === null ? "" : ` since ${dayTime(since)}`;
  return `Locked out${from}, until ${until === null ? "somebody releases it" : dayTime(until)}: ${reason}`;
}

/** How old what is shown is; `passed` seconds went by since the answer came. */
export function ageWords(view, passed) {
  const { age_seconds: age, why } = view.holding;
  if (age === null) return `Not read: ${why}`;
  return `Read ${duration(age + passed)} ago`;
}

/** Why there is nothing newer; empty while what is shown is new enough. */
export function oldWords(view, passed) {
  const { age_seconds: age, why } = view.holding;
  return why && age !== null && age + passed > OLD ? `No newer reading: ${why}.` : "";
}

/** Whether what is shown may be looked at as what is. */
export const isFresh = (view, passed) => view.holding.age_seconds !== null && view.holding.age_seconds + passed <= OLD;
