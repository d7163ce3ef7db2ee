// The alerts that fire now, as Alertmanager tells the exporter; and never "none" where nobody knows.

import { badge, element, link } from "/assets/dom.js";
import { clockTime, count, duration } from "/assets/words.js";

const LEVELS = { critical: "danger", warning: "warning", info: "neutral" };
const FIRST = 4; // alerts that stand open, so that the accounts are not far below
const HIDDEN = new Set(["alertname", "severity", "account", "lane", "enforce", "job", "instance"]);

/** How bad the alerts are all together; unknown where nobody tells. */
export function alertsLevel(told) {
  if (!told || told.alerts === null || told.hears_prometheus === false) return "unknown";
  const loud = told.alerts.filter((one) => !one.muted).map((one) => one.severity);
  return loud.includes("critical") ? "danger" : loud.includes("warning") ? "warning" : "fine";
}

export function alertsPanel(told, now, { links, live }) {
  if (!told) return [];
  const known = told.alerts !== null;
  return [
    element("h2", {}, live ? "Alerts that fire now " : "Alerts that fired when last heard ", known && told.hears_prometheus ? element("span", { class: "soft" }, `(${told.alerts.length + told.more})`) : null),
    known ? null : element("p", { class: "banner", "data-level": "unknown" }, told.error),
    told.failures.length ? element("p", { class: "soft" }, "No answer from ", told.failures.join("; ")) : null,
    known && told.hears_prometheus === false
      ? element("p", { class: "banner", "data-level": "unknown" }, "Alertmanager hears nothing from Prometheus (PlimsollWatchdog is missing): alerts may be missing, too.")
      : null,
    known && !told.alerts.length && told.hears_prometheus ? element("p", {}, badge("fine", "none")) : null,
    known ? list(told.alerts.slice(0, FIRST), now, links) : null,
    known && told.alerts.length > FIRST ? rest(told.alerts.slice(FIRST), now, links) : null,
    told.more ? element("p", { class: "soft" }, `and ${count(told.more, "more alert")}`) : null,
  ];
}

const list = (alerts, now, links) => element("ul", { class: "alerts" }, alerts.map((one) => alertRow(one, now, links)));

function rest(alerts, now, links) {
  const heard = alerts.filter((one) => !one.muted);
  const [loud, critical] = [heard.length, heard.filter((one) => one.severity === "critical").length];
  const words = [loud ? count(loud, "more alert") + (critical ? ` (${critical} critical)` : "") : "", alerts.length > loud ? `${alerts.length - loud} muted` : ""];
  return element("details", { "data-key": "rest", class: "rest" }, element("summary", {}, words.filter(Boolean).join(", ")), list(alerts, now, links));
}

function alertRow(alert, now, links) {
  const level = LEVELS[alert.severity] ?? "warning";
  const labels = Object.entries(alert.labels).filter(([name]) => !HIDDEN.has(name));
  const key = JSON.stringify(alert.labels);
  return element(
    "li",
    { "data-key": key, "data-level": alert.muted ? "neutral" : level },
    element(
      "details",
      {},
      element(
        "summary",
        {},
        badge(alert.muted ? "neutral" : level, alert.severity || "no severity"),
        " ",
        element("strong", {}, alert.alertname),
        alert.account ? ` ${alert.account}` : "",
        labels.length ? ` ${labels.map(([, value]) => value).join(" ")}` : "",
        alert.muted ? ` (${alert.muted}: nobody is told)` : "",
        element("span", { class: "soft" }, " for ", element("span", { "data-since": alert.starts_timestamp }, duration(now - alert.starts_timestamp)), element("span", { class: "since-at" }, ` (since ${clockTime(alert.starts_timestamp)})`)),
      ),
      element("p", {}, alert.description || alert.summary || ""),
      element("p", { class: "alert-links" }, ways(alert, links)),
    ),
  );
}

/** Where more is told; an address that leads nowhere from here stays a word. */
function ways(alert, links) {
  const runbook = alert.runbook_url ?? "";
  const web = /^https?:/.test(runbook) && reachable(runbook);
  return [
    runbook ? (web ? link(runbook, `Runbook: ${alert.alertname}`) : element("span", { class: "soft" }, `Runbook: ${runbook}`)) : null,
    " ",
    links.grafana && alert.dashboard_url ? link(alert.dashboard_url, `Dashboard: ${alert.alertname}`) : null,
  ];
}

/** Whether a browser here has a chance: what is on the exporter's own machine only is not on ours. */
export function reachable(url) {
  const local = (host) => ["127.0.0.1", "localhost", "[::1]"].includes(host);
  if (!URL.canParse(url)) return false;
  return !local(new URL(url).hostname) || local(location.hostname);
}
