// The first lines of the page: which account is in danger, how near it is, what is unprotected, what was refused.

import { badge, element } from "/assets/dom.js";
import { clockTime, count, dayTime, duration, roundMoney, wholePercent } from "/assets/words.js";
import { alertsLevel } from "./alerts.js";
import { toFloor, worst } from "./judge.js";
import { drifting } from "./mirrors.js";
import { reasonWords, refusedWords } from "./orders.js";

const MOST = 3; // accounts named in one answer
const MOST_NAMES = 5; // in one line
const MOST_POSITIONS = 5;
const DAY = 86400; // seconds

/** The four answers, of accounts that are sorted already; `known` is all that was told. */
export function summary(judged, known, now) {
  return element(
    "dl",
    { class: "answers" },
    answer("In danger", ...danger(judged, known, now)),
    answer("How near", ...near(judged)),
    answer("Unprotected", ...unprotected(judged)),
    answer("Refused orders", ...refused(judged, now)),
  );
}

function answer(term, level, ...what) {
  return element("div", { class: "answer", "data-level": level, "data-key": term }, element("dt", {}, term), element("dd", {}, ...what));
}

const line = (...what) => element("p", {}, ...what);
const soft = (...what) => line(element("span", { class: "soft" }, ...what));
const names = (judged) => judged.slice(0, MOST_NAMES).map((one) => one.account.account).join(", ") + (judged.length > MOST_NAMES ? ` and ${judged.length - MOST_NAMES} more` : "");
const further = (many, one, more) => (many > 0 ? [soft(`and ${count(many, one, more)}`)] : []);

function danger(judged, { enforcement, alerts, mirrors }, now) {
  const found = ["unknown", "danger", "warning"].map((level) => [level, judged.filter((one) => one.level === level)]).filter(([, list]) => list.length);
  const locked = judged.filter((one) => enforcement?.accounts?.[one.account.account]?.locked);
  const shut = locked.length ? [line(badge("neutral", names(locked)), " locked out")] : [];
  const words = { unknown: "unknown", danger: "in danger", warning: "near a limit" };
  const lines = [...found.map(([level, list]) => line(badge(level, names(list)), ` ${words[level]}`)), ...besides(judged, alerts), ...drift(mirrors, now)];
  const level = worst([...judged.map((one) => one.level), alertsLevel(alerts), drifting(mirrors, now).length ? "danger" : "fine"]);
  return [level, ...(lines.length ? lines : [line(badge("fine", "no account"))]), ...shut];
}

/** What alerts say of accounts whose figures look well, and that nobody knows whether there are any. */
function besides(judged, alerts) {
  if (alertsLevel(alerts) === "unknown") return [line(badge("unknown", "alerts unknown"))];
  const seen = new Set(judged.filter((one) => one.level === "danger").map((one) => one.account.account));
  const other = alerts.alerts.filter((one) => !one.muted && one.severity === "critical" && !seen.has(one.account));
  const about = [...new Set(other.map((one) => one.account ?? one.alertname))];
  return other.length ? [line(badge("danger", about.slice(0, MOST).join(", ")), ` ${count(other.length, "critical alert")}`)] : [];
}

function drift(mirrors, now) {
  const found = (mirrors?.mirrors ?? []).filter((one) => drifting({ mirrors: [one] }, now).length);
  return found.map((one) => line(badge("danger", `${one.source} \u2192 ${one.destination}`), " mirror drifts"));
}

function near(judged) {
  const limited = judged.filter((one) => one.live && one.nearest);
  const pressing = limited.filter((one) => one.level !== "fine");
  const blind = judged.filter((one) => !one.live);
  const wanted = pressing.length || blind.length ? pressing : limited.slice(0, 1);
  const shown = wanted.slice(0, MOST);
  const lines = shown.map(({ account, nearest }) => line(element("strong", {}, account.account), ": ", floors(account), limitWords(account, nearest)));
  const level = limited.length || blind.length ? worst([...shown.map((one) => one.nearest.level), ...(blind.length ? ["unknown"] : [])]) : "neutral";
  if (blind.length) lines.unshift(line(badge("unknown", `${names(blind)}: unknown`)));
  lines.push(...further(wanted.length - shown.length, "more account"));
  return [level, ...(lines.length ? lines : [line("no limit is configured")])];
}

/** The nearest limit, where it is not a drawdown rule's own, which has been told. */
function limitWords({ drawdown }, { name, text, used }) {
  if (Object.keys(drawdown.rules).some((rule) => name === `Drawdown ${rule}`)) return "";
  if (name === "Stop coverage") return `${name} ${text}`;
  return `${name} ${used === null ? "unknown" : `${wholePercent(used)} (${text})`}`;
}

function floors(account) {
  return Object.entries(account.drawdown.rules).map(([name, rule]) => {
    const room = toFloor(rule, account.figures.equity);
    if (room === null) return element("span", { class: "floor" }, `drawdown ${name} unknown`);
    const far = room >= 0 ? `${roundMoney(room)} USD to its floor` : `${roundMoney(-room)} USD BELOW its floor`;
    return element("span", { class: "floor" }, `drawdown ${name} ${wholePercent(rule.limit_used)} used, ${far}`);
  });
}

function unprotected(judged) {
  const blind = judged.filter((one) => !one.live || one.positions.some((position) => position.covered === null));
  const bare = judged.flatMap((one) => one.bare.map((position) => ({ one, position })));
  const loud = [...bare.filter(({ position }) => position.stop === "danger"), ...bare.filter(({ position }) => position.stop !== "danger")];
  const allowed = judged.filter((one) => one.allowed.length);
  const quiet = allowed.reduce((sum, one) => sum + one.allowed.length, 0);
  const shown = loud.slice(0, MOST_POSITIONS);
  const calm = quiet ? "neutral" : "fine";
  return [
    bare.length || blind.length ? worst([...loud.map(({ position }) => position.stop), ...(blind.length ? ["unknown"] : [])]) : calm,
    ...(blind.length ? [line(badge("unknown", `${names(blind)}: unknown`))] : []),
    ...shown.map(({ one, position }) =>
      line(badge(position.stop, `${one.account.account} ${position.row.symbol} ${position.row.side}`), ` ${position.word}, ${roundMoney(position.row.notional)} USD`, position.since === null ? "" : [" for ", element("span", { "data-since": position.since }, duration(position.waited))]),
    ),
    ...further(loud.length - shown.length, "more position"),
    ...(bare.length || blind.length ? [] : [line(badge(calm, quiet ? "nothing that limits ask about" : "nothing"))]),
    ...(quiet ? [soft(`${count(quiet, "position")} of ${names(allowed)} without full stop, which no limit forbids`)] : []),
  ];
}

function refused(judged, now) {
  const found = judged.filter((one) => one.refused.total).sort((one, other) => other.refused.last?.learned_timestamp - one.refused.last?.learned_timestamp || 0);
  if (!found.length) return ["neutral", line(badge("neutral", "none known")), soft("Orders refused when placed are known only where bots report them.")];
  const shown = found.slice(0, MOST);
  const lines = shown.map(({ account, refused: one }) => line(badge(one.level, `${account.account}: ${refusedWords(one)}`), one.last ? lastOf(one.last, now) : ""));
  const level = found.reduce((one, { refused: other }) => (other.level === "neutral" ? one : worst([one, other.level])), "neutral");
  return [level, ...lines, ...further(found.length - shown.length, "more account")];
}

function lastOf(order, now) {
  const age = now - order.learned_timestamp;
  const told = (age < DAY / 2 ? clockTime : dayTime)(order.learned_timestamp);
  return [` last ${told}, `, element("span", { "data-since": order.learned_timestamp }, duration(age)), ` ago: ${reasonWords(order)}`];
}
