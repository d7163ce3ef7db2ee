// One account on the page: how old its data is, how near it is to its limits, what it holds, what was refused.

import { badge, element, link } from "/assets/dom.js";
import { clockTime, count, dayTime, duration, money, price, quantity, ratio, roundMoney, signedMoney, times, wholePercent } from "/assets/words.js";
import { equityBar, limitBar, pair } from "./bars.js";
import { ordersOf } from "./orders.js";
import { table } from "./tables.js";

const WORDS = { danger: "In danger", warning: "Near a limit", fine: "Within limits", unknown: "Unknown" };
const MODES = {
  armed: "armed: a confirmed breach closes everything",
  "dry-run": "dry run: nothing will be closed",
  off: "off: nobody closes anything",
};

/** The account as it stands; `now` is the server's time. */
export function accountCard(judged, { now, enforcement, links }) {
  const { account, live, level } = judged;
  const title = `account-${account.account}`;
  return element(
    "article",
    { class: "account panel", "data-key": account.account, "data-level": level, "aria-labelledby": title },
    element(
      "header",
      { class: "account-head" },
      element("p", { class: "age" }, "data ", ageOf(account, now)),
      element("h2", { id: title }, account.account),
      live && level === "fine" && !judged.limits.length ? badge("neutral", "No limits") : badge(level, WORDS[level]),
      links?.grafana ? link(`${links.grafana}/d/plimsoll-account?var-account=${encodeURIComponent(account.account)}`, "dashboard") : null,
      reports(account.account),
    ),
    live ? null : element("p", { class: "banner", "data-level": "unknown" }, notLive(account)),
    judged.doubts.map((doubt) => element("p", { class: "banner", "data-level": doubt.level }, doubt.text)),
    inForce(account, enforcement, now),
    live ? bars(judged) : null,
    live ? limitList(judged) : null,
    live ? figures(account) : null,
    live ? positions(judged) : null,
    ordersOf(judged, now),
  );
}

/** Links that make the incident report of the time up to now: the exporter needs some seconds for one. */
function reports(name) {
  const place = `/api/v1/accounts/${encodeURIComponent(name)}/report`;
  return [
    ["2h", "report of 2 h"],
    ["24h", "of 24 h"],
    ["7d", "of 7 days"],
  ].map(([time, word]) => link(`${place}?from=-${time}&to=now`, word));
}

/** How old the data of an account is; counted on between two updates. */
export function ageOf(account, now) {
  const at = account.trusted_timestamp;
  if (at === null) return "never trusted";
  return [element("strong", { "data-since": at }, duration(now - at)), " old"];
}

function notLive(account) {
  const last = account.trusted_timestamp === null ? "" : ` Last trusted at ${dayTime(account.trusted_timestamp)}.`;
  return `NOT LIVE (${account.status}): ${account.reason || "its figures cannot be computed"}. Every figure is unknown.${last}`;
}

function inForce(account, enforcement, now) {
  const told = enforcement?.accounts?.[account.account];
  const mode = told?.mode ?? null;
  const differs = mode !== null && mode !== account.mode;
  return element(
    "dl",
    { class: "facts" },
    pair(
      "Enforcement in force",
      mode === null && account.mode === "off" ? MODES.off : mode === null ? badge("unknown", `unknown (configured: ${account.mode})`) : differs ? badge("danger", MODES[mode] ?? mode) : MODES[mode] ?? mode,
      differs ? ` configured: ${account.mode}` : "",
      mode === null && account.mode !== "off" && enforcement?.error ? element("span", { class: "soft" }, ` ${enforcement.error}`) : "",
    ),
    pair("Trading", ...trading(told, now)),
  );
}

function trading(told, now) {
  const locked = told?.locked ?? null;
  if (locked === null) return ["unknown whether locked out"];
  if (!locked) return ["allowed, not locked out"];
  const until = told.locked_until_timestamp;
  const word = until === null ? "LOCKED OUT until released by hand" : `LOCKED OUT until ${dayTime(until)}`;
  const failing = told.failing_since_timestamp;
  return [
    badge("danger", word),
    told.locked_reason ? ` ${told.locked_reason}` : "",
    failing ? badge("danger", `NOT FLAT since ${clockTime(failing)} (${duration(now - failing)})`) : "",
  ];
}

function bars({ account, limits }) {
  const levels = new Map(limits.map((one) => [one.name, one.level]));
  return Object.entries(account.drawdown.rules).map(([name, rule]) =>
    equityBar(name, rule, account.figures.equity, levels.get(`Drawdown ${name}`)),
  );
}

function limitList({ limits, account }) {
  if (!limits.length) return element("p", { class: "soft" }, "No limit is configured.");
  return element(
    "ul",
    { class: "limits", "aria-label": `Limits of ${account.account}, nearest first; 100 % is the limit` },
    limits.map((one) =>
      element(
        "li",
        { "data-level": one.level, "data-key": one.name },
        element("span", { class: "limit-name" }, one.name),
        limitBar(one.used, one.level),
        element("span", { class: "limit-text" }, one.text),
        badge(one.level, one.name === "Stop coverage" ? coverWord(one.level) : one.used === null ? "unknown" : wholePercent(one.used)),
      ),
    ),
  );
}

const coverWord = (level) => ({ danger: "NO STOP", warning: "short", fine: "covered", unknown: "unknown" })[level];

function figures({ figures: known }) {
  return element(
    "dl",
    { class: "figures" },
    pair("Equity", money(known.equity)),
    pair("Unrealised PnL", signedMoney(known.unrealized_pnl)),
    pair("Exposure", roundMoney(known.gross_exposure)),
    pair("Leverage", times(known.leverage)),
    pair("Margin ratio", ratio(known.margin_ratio)),
    pair("Available margin", `${roundMoney(known.available)} (${ratio(known.available_ratio)})`),
    pair("Loss at stops (protected part)", roundMoney(known.loss_at_stops)),
    pair("Unprotected", roundMoney(known.unprotected_exposure)),
    known.orphan_stops ? pair("Stops without position", String(known.orphan_stops)) : null,
  );
}

const COLUMNS = [
  { name: "Position" },
  { name: "Stop" },
  { name: "Notional, USD", number: true },
  { name: "Size", number: true },
  { name: "Entry", number: true },
  { name: "Mark", number: true },
  { name: "PnL, USD", number: true },
  { name: "Stop at", number: true },
  { name: "To stop", number: true },
  { name: "Loss at stop", number: true },
  { name: "To liquidation", number: true },
  { name: "Opened", wide: true },
];

function positions({ account, positions: rows }) {
  if (!rows.length) return element("p", { class: "soft" }, "No position.");
  return table(`Positions of ${account.account}`, COLUMNS, rows.map(positionRow));
}

function positionRow(judged) {
  const { row } = judged;
  return {
    key: `${row.symbol} ${row.side}`,
    level: judged.level,
    cells: [
      `${row.symbol} ${row.side}`,
      protection(judged),
      roundMoney(row.notional),
      quantity(row.quantity),
      price(row.entry_price),
      price(row.mark_price),
      signedMoney(row.unrealized_pnl),
      row.stop_price === null ? none(judged) : price(row.stop_price),
      row.stop_distance === null ? none(judged) : ratio(row.stop_distance),
      row.loss_at_stop === null ? none(judged) : roundMoney(row.loss_at_stop),
      row.liquidation_distance === null ? "none" : ratio(row.liquidation_distance),
      opened(row),
    ],
  };
}

const none = ({ covered }) => (covered === null ? "unknown" : "none");

function protection(judged) {
  const sign = badge(judged.stop, judged.word);
  if (judged.stop === "danger") sign.classList.add("loud");
  return [
    sign,
    judged.since === null ? null : element("span", { class: "since" }, " for ", element("span", { "data-since": judged.since }, duration(judged.waited)), ` (since ${clockTime(judged.since)})`),
    judged.faults.map((fault) => element("span", { class: "fault" }, badge("warning", fault))),
  ];
}

function opened(row) {
  const entries = row.entries === null ? "" : `, ${count(row.entries, "entry", "entries")}`;
  return row.opened_timestamp === null ? "unknown" : dayTime(row.opened_timestamp) + entries;
}
