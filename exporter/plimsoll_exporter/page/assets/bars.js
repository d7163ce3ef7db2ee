// Bars: a drawdown rule's way from its reference down to its floor, and a limit's share that is used. What a bar shows
// stands beside it in words, too.

import { drawn, element } from "/assets/dom.js";
import { number, ratio, roundMoney, wholePercent } from "/assets/words.js";
import { toFloor } from "./judge.js";

export const REFERENCES = {
  "high-water": "High-water mark",
  "high-water-daily": "High-water mark, moved daily",
  "day-start": "Start of the day",
  start: "Start",
};

/** Equity between floor and reference of one rule. */
export function equityBar(name, rule, equity, level) {
  const [floor, top, now] = [rule.floor_usd, rule.reference_usd, equity].map(number);
  const title = `Drawdown ${name}`;
  if (floor === null || top === null || now === null) {
    return element("p", { class: "bar-words", "data-key": name }, `${title}: unknown`);
  }
  const room = toFloor(rule, equity);
  const used = rule.limit_used === null ? "" : `${wholePercent(rule.limit_used)} of the limit used`;
  const far = room >= 0 ? `${roundMoney(room)} USD above the floor` : `${roundMoney(-room)} USD BELOW the floor`;
  return element(
    "div",
    { class: "equity", "data-key": name, "data-level": level },
    element("h3", {}, title, ": ", element("strong", {}, used), rule.breached ? " BREACHED" : ""),
    picture(rule, floor, top, now, `${title}: ${used}, ${far}`),
    element(
      "dl",
      { class: "scale" },
      pair("Floor", roundMoney(rule.floor_usd)),
      pair("Equity", roundMoney(equity)),
      pair(REFERENCES[rule.from] ?? "Reference", roundMoney(rule.reference_usd) + (rule.estimated ? " (estimated)" : "")),
    ),
    element("p", { class: "bar-words" }, `${far}; drawdown ${ratio(rule.drawdown_ratio)}, ${roundMoney(rule.drawdown_usd)} USD.`),
  );
}

function picture(rule, floor, top, now, words) {
  const low = Math.min(floor, now) - (top - floor) * 0.12;
  const high = Math.max(top, now) + (top - floor) * 0.02;
  const at = (value) => (high > low ? (100 * (value - low)) / (high - low) : 0).toFixed(2);
  const near = [rule.near_ratio.warning, rule.near_ratio.critical].map(number).filter((share) => share !== null);
  return drawn(
    "svg",
    { viewBox: "0 0 100 10", preserveAspectRatio: "none", class: "bar tall", role: "img", "aria-label": words },
    drawn("rect", { class: "track", x: 0, y: 0, width: 100, height: 10 }),
    drawn("rect", { class: "beyond", x: 0, y: 0, width: at(floor), height: 10 }),
    drawn("rect", { class: "used", x: 0, y: 2, width: at(now), height: 6 }),
    near.map((share) => mark("near", at(top - share * top))),
    mark("floor", at(floor)),
    mark("top", at(top)),
  );
}

const mark = (kind, x) => drawn("line", { class: `mark ${kind}`, x1: x, x2: x, y1: 0, y2: 10 });

/** The share of a limit that is used, up to the limit. */
export function limitBar(used, level) {
  const width = used === null ? 0 : Math.max(0, Math.min(1, used)) * 100;
  return drawn(
    "svg",
    { viewBox: "0 0 100 6", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true", "data-level": level },
    drawn("rect", { class: "track", x: 0, y: 0, width: 100, height: 6 }),
    drawn("rect", { class: "used", x: 0, y: 0, width: width.toFixed(2), height: 6 }),
  );
}

/** A term and what it is. */
export const pair = (term, ...what) => element("div", {}, element("dt", {}, term), element("dd", {}, ...what));
