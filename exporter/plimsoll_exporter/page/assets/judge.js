// What the figures mean: how near each account is to each of its limits, and which word that deserves. No page is built
// here. A share of 1 is the limit itself; null is unknown, and what is unknown stands above all else.

import { bound, number, ratio, roundMoney, times, wholePercent } from "/assets/words.js";

const NEAR = 0.8; // of limits that have no `near` of their own
const RANK = { unknown: 3, danger: 2, warning: 1, fine: 0, neutral: 0 };
const RECENT = 3600; // seconds for which a refused order counts as news
const TOLD = 86400; // seconds for which it stays a warning

/** The worse of levels; `fine` of none. */
export const worst = (levels) => levels.reduce((one, other) => (RANK[other] > RANK[one] ? other : one), "fine");

/** Everything there is to say of an account, without words for people where a figure will do. */
export function judge(account, now) {
  const live = account.status === "live" && account.figures !== null;
  const limits = live ? limitsOf(account, now).sort(nearestFirst) : [];
  const positions = live ? account.positions.map((row) => judgePosition(row, account, now)).sort(loudestFirst) : [];
  const refused = refusedOf(account, now);
  const doubts = doubtsOf(account, live);
  const levels = [...limits, ...positions, ...doubts].map((one) => one.level);
  return {
    account,
    live,
    limits,
    positions,
    refused,
    doubts,
    level: live ? worst(levels) : "unknown",
    nearest: limits[0] ?? null,
    bare: positions.filter((one) => one.stop === "danger" || (one.stop === "warning" && one.covered !== null)),
    allowed: positions.filter((one) => ["neutral", "fine"].includes(one.stop) && one.covered < 1),
    used: live ? Math.max(0, ...limits.map((one) => one.used ?? Infinity)) : Infinity,
  };
}

/** The worst first: unknown, in danger, near; among these by the limit that is nearest, then as configured. */
export const worstFirst = (one, other) => RANK[other.level] - RANK[one.level] || nearer(other.used, one.used);
const nearer = (one, other) => (one === other ? 0 : one > other ? 1 : -1);
const loudestFirst = (one, other) => RANK[other.level] - RANK[one.level];
const nearestFirst = (one, other) => RANK[other.level] - RANK[one.level] || nearer(other.used ?? Infinity, one.used ?? Infinity);

function limitsOf(account, now) {
  return [
    ...drawdowns(account),
    ...leverages(account),
    ...margins(account),
    ...liquidations(account),
    ...stops(account),
    ...coverage(account, now),
  ];
}

function limit(name, used, text, level = levelOf(used)) {
  return { name, used, text, level };
}

function levelOf(used, near = NEAR, critical = 1) {
  if (used === null) return "unknown";
  return used >= critical ? "danger" : used >= near ? "warning" : "fine";
}

function drawdowns({ drawdown }) {
  return Object.entries(drawdown.rules).map(([name, rule]) => {
    const used = number(rule.limit_used);
    const near = [over(rule.near_ratio.warning, rule.limit_ratio) ?? NEAR, over(rule.near_ratio.critical, rule.limit_ratio) ?? 1];
    const level = rule.breached ? "danger" : levelOf(used, ...near);
    const of = rule.limit_ratio === null ? "its limit" : bound(rule.limit_ratio);
    return limit(`Drawdown ${name}`, used, `${ratio(rule.drawdown_ratio)} of ${of}`, level);
  });
}

function leverages({ figures, limits, symbols }) {
  const own = over(figures.leverage, limits.leverage);
  return [
    ...(limits.leverage === null ? [] : [limit("Leverage", own, `${times(figures.leverage)} of ${times(limits.leverage)}`)]),
    ...symbols.flatMap(({ symbol, leverage, leverage_setting: setting }) => {
      const most = limits.symbols[symbol] ?? limits.symbol_leverage;
      const used = over(leverage, most);
      const set = limits.leverage_setting;
      return [
        ...(most === null ? [] : [limit(`Leverage ${symbol}`, used, `${times(leverage)} of ${times(most)}`)]),
        ...(set === null || setting === null || setting <= set
          ? []
          : [limit(`Setting ${symbol}`, NEAR, `${setting}\u00D7 set, at most ${set}\u00D7`)]),
      ];
    }),
  ];
}

function margins({ figures, limits }) {
  const found = [];
  if (limits.margin_ratio !== null) {
    const text = `${ratio(figures.margin_ratio)} of ${bound(limits.margin_ratio)}`;
    found.push(limit("Margin ratio", over(figures.margin_ratio, limits.margin_ratio), text));
  }
  if (limits.available_margin !== null) {
    const text = `${ratio(figures.available_ratio)} left, at least ${bound(limits.available_margin)}`;
    found.push(limit("Available margin", under(figures.available_ratio, limits.available_margin), text));
  }
  return found;
}

function liquidations({ positions, limits }) {
  if (limits.liquidation_distance === null) return [];
  return positions
    .filter((row) => row.liquidation_distance !== null)
    .map((row) => {
      const text = `${ratio(row.liquidation_distance)} away, at least ${bound(limits.liquidation_distance)}`;
      return limit(`Liquidation ${row.symbol}`, under(row.liquidation_distance, limits.liquidation_distance), text);
    });
}

function stops({ drawdown, limits }) {
  if (limits.drawdown_at_stops === null) return [];
  return Object.entries(drawdown.rules)
    .filter(([, rule]) => rule.drawdown_at_stops_ratio !== null)
    .map(([name, rule]) => {
      const text = `${ratio(rule.drawdown_at_stops_ratio)} of ${bound(limits.drawdown_at_stops)}`;
      const used = over(rule.drawdown_at_stops_ratio, limits.drawdown_at_stops);
      return limit(`Drawdown ${name} at stops`, used, text, used === null ? "unknown" : used >= 1 ? "warning" : "fine");
    });
}

function coverage(account, now) {
  const { figures, limits, positions } = account;
  if (limits.stop_coverage === null || !positions.length) return [];
  const text = `${ratio(figures.stop_coverage)}, at least ${bound(limits.stop_coverage)}`;
  const levels = positions.map((row) => judgePosition(row, account, now).stop);
  const covered = number(figures.stop_coverage);
  const used = covered === null ? null : covered >= number(limits.stop_coverage) ? 0 : 1;
  return [limit("Stop coverage", used, text, worst(levels))];
}

/** How a position is protected, and how loudly that is to be said. */
export function judgePosition(row, account, now) {
  const covered = number(row.stop_coverage);
  const least = number(account.limits.stop_coverage);
  const since = row.unprotected_since_timestamp;
  const waited = since === null ? null : now - since;
  const grace = account.limits.stop_grace_seconds ?? 0;
  const faults = [];
  if (row.stop_overrun_since_timestamp?.watched) faults.push("the price that the stop watches has passed it");
  else if (row.stop_overrun_since_timestamp?.mark) faults.push("the mark price has passed the stop");
  if (row.stop_beyond_liquidation) faults.push("the stop lies beyond the liquidation price");
  if (row.stop_may_open) faults.push("the stop may open the reverse");
  const judged = { row, covered, since, waited, grace, faults, ...stopWord(covered, least, waited, grace) };
  const overrun = Object.values(row.stop_overrun_since_timestamp ?? {}).some((at) => at !== null);
  return { ...judged, level: worst([judged.stop, overrun ? "danger" : "fine", faults.length ? "warning" : "fine"]) };
}

function stopWord(covered, least, waited, grace) {
  if (covered === null) return { stop: "unknown", word: "stop unknown" };
  if (covered === 0) {
    if (least === null) return { stop: "neutral", word: "no stop" };
    return waited !== null && waited < grace ? { stop: "warning", word: "no stop yet" } : { stop: "danger", word: "NO STOP" };
  }
  if (least !== null && covered < least) return { stop: "warning", word: `only ${wholePercent(covered)} covered` };
  return { stop: "fine", word: covered >= 1 ? "covered" : `${wholePercent(covered)} covered` };
}

function doubtsOf(account, live) {
  const found = [];
  if (!live) return found;
  if (account.orders_complete === false) found.push({ level: "unknown", text: "Orders are not known whole: nobody can say what is protected." });
  if (account.unexplained_since_timestamp !== null) {
    found.push({ level: "danger", text: `A wallet change of ${roundMoney(account.unexplained_usd)} USD is not explained.` });
  }
  return found;
}

function refusedOf({ ended_orders: ended }, now) {
  const counts = { close: 0, open: 0, unknown: 0 };
  for (const row of ended.rejections) counts[row.intent] = (counts[row.intent] ?? 0) + Number(row.count);
  const total = Object.values(counts).reduce((one, other) => one + other, 0);
  const last = ended.rejected[0] ?? null;
  const age = last === null ? Infinity : now - last.learned_timestamp;
  return { counts, total, last, level: !total ? "neutral" : age < RECENT ? "danger" : age < TOLD ? "warning" : "neutral" };
}

function over(value, most) {
  const [found, bound] = [number(value), number(most)];
  return found === null || bound === null ? null : bound === 0 ? Infinity : found / bound;
}

function under(value, least) {
  const [found, bound] = [number(value), number(least)];
  return found === null || bound === null ? null : found <= 0 ? Infinity : bound / found;
}

/** How far a drawdown rule's floor is from the equity, in USD; null where unknown. */
export function toFloor(rule, equity) {
  const [floor, now] = [number(rule.floor_usd), number(equity)];
  return floor === null || now === null ? null : now - floor;
}

