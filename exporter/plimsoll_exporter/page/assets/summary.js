// The first lines of the page: which account is in danger, how near it is, what is unprotected, what was refused.

import { badge, element } from "/assets/dom.js";
import { clockTime, duration, roundMoney, wholePercent } from "/assets/words.js";
import { toFloor, worst } from "./judge.js";
import { reasonWords, refusedWords } from "./orders.js";

const MOST = 3; // accounts named in one answer

/** The four answers, of accounts that are sorted already. */
export function summary(judged, enforcement, now) {
  return element(
    "dl",
    { class: "answers" },
    answer("In danger", ...danger(judged, enforcement)),
    answer("How near", ...near(judged)),
    answer("Unprotected", ...unprotected(judged, now)),
    answer("Refused orders", ...refused(judged, now)),
  );
}

function answer(term, level, ...what) {
  return element("div", { class: "answer", "data-level": level, "data-key": term }, element("dt", {}, term), element("dd", {}, ...what));
}

const line = (...what) => element("p", {}, ...what);
const names = (judged) => judged.map((one) => one.account.account).join(", ");

function danger(judged, enforcement) {
  const found = ["unknown", "danger", "warning"].map((level) => [level, judged.filter((one) => one.level === level)]).filter(([, list]) => list.length);
  const locked = judged.filter((one) => enforcement?.accounts?.[one.account.account]?.locked);
  const shut = locked.length ? [line(badge("neutral", names(locked)), " locked out")] : [];
  if (!found.length) return ["fine", line(badge("fine", "no account")), ...shut];
  const words = { unknown: "unknown", danger: "in danger", warning: "near a limit" };
  return [worst(found.map(([level]) => level)), ...found.map(([level, list]) => line(badge(level, names(list)), ` ${words[level]}`)), ...shut];
}

function near(judged) {
  const limited = judged.filter((one) => one.live && one.nearest);
  const pressing = limited.filter((one) => one.level !== "fine");
  const blind = judged.filter((one) => !one.live);
  const shown = (pressing.length || blind.length ? pressing : limited.slice(0, 1)).slice(0, MOST);
  const lines = shown.map(({ account, nearest }) => {
    const share = nearest.name === "Stop coverage" ? nearest.text : nearest.used === null ? "unknown" : `${wholePercent(nearest.used)} (${nearest.text})`;
    return line(element("strong", {}, account.account), ": ", floors(account), nearest.name.startsWith("Drawdown") ? "" : `${nearest.name} ${share}`);
  });
  const level = blind.length ? "unknown" : shown[0]?.nearest.level ?? "fine";
  if (blind.length) lines.unshift(line(badge("unknown", `${names(blind)}: unknown`)));
  return [level, ...(lines.length ? lines : [line("no limit is configured")])];
}

function floors(account) {
  return Object.entries(account.drawdown.rules).map(([name, rule]) => {
    const room = toFloor(rule, account.figures.equity);
    if (room === null) return "";
    const far = room >= 0 ? `${roundMoney(room)} USD to its floor` : `${roundMoney(-room)} USD BELOW its floor`;
    return element("span", { class: "floor" }, `drawdown ${name} ${wholePercent(rule.limit_used)} used, ${far}`);
  });
}

function unprotected(judged, now) {
  const blind = judged.filter((one) => !one.live || one.positions.some((position) => position.covered === null));
  const bare = judged.flatMap((one) => one.naked.map((position) => ({ one, position })));
  const loud = bare.filter(({ position }) => position.stop !== "fine");
  const rest = bare.length - loud.length;
  const level = worst([...loud.map(({ position }) => position.stop), ...(blind.length ? ["unknown"] : [])]);
  return [
    level,
    ...(blind.length ? [line(badge("unknown", `${names(blind)}: unknown`))] : []),
    ...loud.map(({ one, position }) =>
      line(badge(position.stop, `${one.account.account} ${position.row.symbol} ${position.row.side}`), ` ${position.word}, ${roundMoney(position.row.notional)} USD`, position.since === null ? "" : [" for ", element("span", { "data-since": position.since }, duration(position.waited))]),
    ),
    ...(rest ? [line(element("span", { class: "soft" }, `${rest} more without stop, where no limit asks for one`))] : []),
    ...(bare.length || blind.length ? [] : [line(badge("fine", "nothing"))]),
  ];
}

function refused(judged, now) {
  const found = judged.filter((one) => one.refused.total);
  if (!found.length) return ["fine", line(badge("fine", "none"))];
  const lines = found.map(({ account, refused: one }) =>
    line(badge(one.level, `${account.account}: ${refusedWords(one)}`), one.last ? [` last ${clockTime(one.last.learned_timestamp)}, `, element("span", { "data-since": one.last.learned_timestamp }, duration(now - one.last.learned_timestamp)), ` ago: ${reasonWords(one.last)}`] : ""),
  );
  return [worst(found.map((one) => one.refused.level)), ...lines];
}
