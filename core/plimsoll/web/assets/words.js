// How figures are told to people. Decimals come as strings ("42200.1", "Infinity") or null; what is null is "unknown",
// never zero. Shares are told in percent, leverage with a times sign, times in UTC.

export const UNKNOWN = "unknown";
const MINUS = "\u2212";
const NARROW = "\u202F"; // a thin space that does not break, between figure and unit

/** The number in a decimal's text; null where it is unknown or none. */
export function number(value) {
  if (value === null || value === undefined || value === "") return null;
  const found = Number(value);
  return Number.isNaN(found) ? null : found;
}

function figure(value, digits, least = digits) {
  if (!Number.isFinite(value)) return (value < 0 ? MINUS : "") + "\u221E";
  const shown = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: least, maximumFractionDigits: digits });
  return (value < 0 && /[1-9]/.test(shown) ? MINUS : "") + shown;
}

function told(value, tell) {
  const found = number(value);
  return found === null ? UNKNOWN : tell(found);
}

/** An amount of USD: 42,200.10. */
export const money = (value) => told(value, (found) => figure(found, 2));

/** An amount of USD without cents from 10,000 on: 42,200. */
export const roundMoney = (value) => told(value, (found) => figure(found, Math.abs(found) >= 10000 ? 0 : 2));

/** An amount of USD with its sign, for gains and losses: +5.72, −20.67. */
export const signedMoney = (value) => told(value, (found) => (found > 0 ? "+" : "") + figure(found, 2));

/** A share as percent: 0.0931 is 9.31 %. */
export const ratio = (value, digits = 2) => told(value, (found) => figure(found * 100, digits) + NARROW + "%");

/** A share as it was configured, without zeros at its end: 10 %. */
export const bound = (value) => told(value, (found) => figure(found * 100, 2, 0) + NARROW + "%");

/** A whole percent, rounded down, so that 100 % is never said before it is reached. */
export const wholePercent = (value) => told(value, (found) => figure(Math.floor(found * 100 + 1e-9), 0) + NARROW + "%");

/** A leverage: 3.40×. */
export const times = (value) => told(value, (found) => figure(found, 2) + "\u00D7");

/** A quantity as the exchange wrote it, without zeros at its end. */
export const quantity = (value) => told(value, (found) => figure(found, 8, 0));

/** A price: at most two decimals from 1,000 on, four from 1 on, eight below. */
export const price = (value) =>
  told(value, (found) => (Math.abs(found) >= 1000 ? figure(found, 2) : figure(found, Math.abs(found) >= 1 ? 4 : 8, 2)));

/** A length of time: 0.4 s, 12 s, 3 min 5 s, 2 h 4 min, 3 d 2 h. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  const found = Math.max(0, seconds);
  if (found < 9.95) return found.toFixed(1) + NARROW + "s";
  const whole = Math.floor(found);
  if (whole < 60) return whole + NARROW + "s";
  if (whole < 3600) return pair(whole, 60, "min", 1, "s");
  if (whole < 86400) return pair(whole, 3600, "h", 60, "min");
  return pair(whole, 86400, "d", 3600, "h");
}

function pair(seconds, large, largeUnit, small, smallUnit) {
  const rest = Math.floor((seconds % large) / small);
  return Math.floor(seconds / large) + NARROW + largeUnit + (rest ? " " + rest + NARROW + smallUnit : "");
}

/** A Unix time as a time of day: 03:04:05 UTC. */
export const clockTime = (unix) => (unix === null || unix === undefined ? UNKNOWN : iso(unix).slice(11, 19) + " UTC");

/** A Unix time with its day: 2026-11-21 03:04:05 UTC. */
export const dayTime = (unix) =>
  unix === null || unix === undefined ? UNKNOWN : iso(unix).slice(0, 19).replace("T", " ") + " UTC";

function iso(unix) {
  const date = new Date(unix * 1000);
  return Number.isNaN(date.getTime()) ? UNKNOWN.padEnd(19) : date.toISOString();
}

/** A count with its noun: 1 order, 2 orders. */
export const count = (many, one, more = one + "s") => figure(many, 0) + " " + (many === 1 ? one : more);
