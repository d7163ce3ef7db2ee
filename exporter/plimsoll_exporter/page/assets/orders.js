// Executed and rejected orders of an account, told apart: how many, and the last ones with the exchange's own words.

import { badge, element } from "/assets/dom.js";
import { clockTime, count, dayTime, quantity } from "/assets/words.js";
import { table } from "./tables.js";

const SHOWN = 5;
const REASONS = {
  insufficient_margin: "margin insufficient",
  reduce_only: "reduce-only refused",
  would_trigger: "would trigger at once",
  filter: "filter",
  rate_limit: "rate limit",
  leverage: "leverage",
  price_band: "price band",
  other: "other",
};

/** How many were refused, in words: 2 closing, 7 opening. */
export function refusedWords({ counts }) {
  const words = { close: "closing", open: "opening", unknown: "of unknown intent" };
  return Object.entries(words).filter(([intent]) => counts[intent]).map(([intent, word]) => `${counts[intent]} ${word}`).join(", ");
}

/** The reason of a refused order in a few words. */
export const reasonWords = (order) => `${REASONS[order.reason] ?? order.reason ?? "no reason"}${order.code === null ? "" : ` (${String(order.code).replace("-", "\u2212")})`}`;

export function ordersOf({ account, refused }, now) {
  const ended = account.ended_orders;
  const filled = ended.outcomes.filter((row) => row.outcome === "filled").reduce((sum, row) => sum + Number(row.count), 0);
  return element(
    "section",
    { class: "orders", "aria-label": `Orders of ${account.account}` },
    element("h3", {}, "Orders"),
    element(
      "p",
      { class: "order-counts" },
      badge(refused.level, refused.total ? `${refused.total} rejected: ${refusedWords(refused)}` : "no rejection known"),
      element("span", { class: "soft" }, ` ${count(filled, "order")} executed`),
    ),
    refused.last ? rejections(account, ended.rejected, now) : null,
    ended.executed.length ? executed(account, ended.executed, now) : null,
  );
}

const REJECTED = [{ name: "Rejected at" }, { name: "Order" }, { name: "Meant to" }, { name: "Why" }, { name: "Exchange says" }];
const EXECUTED = [{ name: "Executed at" }, { name: "Order" }, { name: "Meant to" }];

function rejections(account, rows, now) {
  const shown = rows.slice(0, SHOWN);
  const caption = `Last rejected orders of ${account.account}`;
  return table(caption, REJECTED, keyed(shown).map(({ order, key }) => ({
    key,
    cells: [at(order, now), order_(order), meant(order), reasonWords(order), order.message || "nothing"],
  })));
}

function executed(account, rows, now) {
  const shown = rows.slice(0, SHOWN);
  return element(
    "details",
    { "data-key": "executed" },
    element("summary", {}, "Last executed orders"),
    table(`Last executed orders of ${account.account}`, EXECUTED, keyed(shown).map(({ order, key }) => ({
      key,
      cells: [at(order, now), order_(order), meant(order)],
    })), { hidden: true }),
  );
}

const keyed = (rows) => rows.map((order, place) => ({ order, key: `${order.time} ${order.client_order_id} ${rows.length - place}` }));
const meant = (order) => ({ close: "close", open: "open" })[order.intent] ?? "unknown";
const at = (order, now) => (now - order.time < 43200 ? clockTime(order.time) : dayTime(order.time));

function order_(order) {
  return [order.type, order.direction, order.quantity === null ? null : quantity(order.quantity), order.symbol].filter(Boolean).join(" ") || "not told";
}
