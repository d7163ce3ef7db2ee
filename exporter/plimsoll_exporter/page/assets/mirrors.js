// Mirrors: what the destination should hold after the source, and what it holds.

import { badge, element } from "/assets/dom.js";
import { bound, duration, number, quantity, ratio, roundMoney } from "/assets/words.js";
import { table } from "./tables.js";

const COLUMNS = [
  { name: "Symbol" },
  { name: "Drift" },
  { name: "Drift, USD", number: true },
  { name: "Should hold", number: true },
  { name: "Holds", number: true },
];

export function mirrorsPanel(told, now) {
  if (!told?.mirrors.length) return [];
  return [element("h2", {}, "Mirrors"), told.mirrors.map((one) => mirror(one, now))];
}

/** Legs that drift for longer than their grace, over all mirrors. */
export function drifting(told, now) {
  return (told?.mirrors ?? []).flatMap((one) => (one.legs ?? []).filter((leg) => level(one, leg, now) === "danger"));
}

function mirror(one, now) {
  const name = `${one.source} \u2192 ${one.destination}`;
  const title = `${name}, scale ${quantity(one.scale)}; tolerance ${bound(one.tolerance)}, from ${roundMoney(one.min_usd)} USD`;
  return element(
    "div",
    { class: "panel", "data-key": name },
    element("h3", {}, title),
    one.legs === null ? element("p", { class: "banner", "data-level": "unknown" }, "Unknown: one of the two accounts is not live.") : null,
    one.legs?.length === 0 ? element("p", { class: "soft" }, "Neither holds anything.") : null,
    one.legs?.length ? table(`What ${one.destination} should hold`, COLUMNS, one.legs.map((leg) => row(one, leg, now)), { hidden: true }) : null,
  );
}

function row(one, leg, now) {
  const found = level(one, leg, now);
  const since = leg.drift_since_timestamp;
  const word = leg.drift_ratio === null ? "unknown" : ratio(leg.drift_ratio, 1);
  return {
    key: `${leg.symbol} ${leg.side}`,
    level: found,
    cells: [
      leg.symbol + (leg.side ? ` ${leg.side}` : ""),
      [badge(found, word), since === null ? null : [" for ", element("span", { "data-since": since }, duration(now - since))]],
      roundMoney(leg.drift_usd),
      quantity(leg.expected_quantity),
      quantity(leg.actual_quantity),
    ],
  };
}

function level(one, leg, now) {
  const [share, usd] = [number(leg.drift_ratio), number(leg.drift_usd)];
  if (share === null) return "unknown";
  if (leg.drift_since_timestamp === null) return share > number(one.tolerance) && usd >= number(one.min_usd) ? "warning" : "fine";
  return now - leg.drift_since_timestamp >= one.grace_seconds ? "danger" : "warning";
}
