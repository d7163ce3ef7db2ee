// The status page: takes events from the feed, judges, and shows. Nothing is shown as live that is not: without a
// heartbeat everything turns grey under a banner that says since when, and ages go on counting.

import { badge, element, fill, link, morph, setText, SIGNS } from "/assets/dom.js";
import { clockTime, count, duration } from "/assets/words.js";
import { accountCard } from "./account.js";
import { alertsLevel, alertsPanel, reachable } from "./alerts.js";
import { Feed } from "./feed.js";
import { judge, worst, worstFirst } from "./judge.js";
import { drifting, mirrorsPanel } from "./mirrors.js";
import { summary } from "./summary.js";

const TICK = 250; // milliseconds
const at = (id) => document.getElementById(id);
const known = {};
let spoken = "";
let wasCut = null;

const feed = new Feed({
  told(topic, content) {
    known[topic] = content;
    show();
  },
  beat: tick,
});
setInterval(() => {
  feed.tick();
  tick();
}, TICK);
for (const name of ["visibilitychange", "pageshow", "focus", "online", "offline"]) {
  (name === "visibilitychange" ? document : window).addEventListener(name, tick);
}
tick();

/** Everything anew, of what is known. */
function show() {
  const now = feed.now() ?? known.accounts?.time ?? null;
  if (!known.accounts || now === null) return;
  const judged = known.accounts.accounts.map((account) => judge(account, now)).sort(worstFirst);
  morph(at("summary"), summary(judged, known, now));
  morph(at("alerts"), ...alertsPanel(known.alerts, now, { links: linksOf(), live: feed.cut() === null }));
  morph(at("accounts"), element("h2", { class: "visually-hidden" }, "Accounts, worst first"), ...judged.map((one) => accountCard(one, { now, enforcement: known.enforcement, links: linksOf() })));
  morph(at("mirrors"), ...mirrorsPanel(known.mirrors, now));
  morph(at("button"), ...buttonOf());
  morph(at("links"), element("ul", {}, ways().map((way) => element("li", {}, way))));
  announce(judged, now);
}

/** What changes by time alone: ages, and whether we are cut off. */
function tick() {
  const cut = feed.cut();
  const now = feed.now();
  if (now !== null) {
    for (const node of document.querySelectorAll("[data-since]")) setText(node, duration(now - Number(node.dataset.since)));
  }
  setText(at("clock"), now === null ? "" : clockTime(now));
  if ((cut === null) !== wasCut) {
    wasCut = cut === null;
    document.body.toggleAttribute("data-cut", cut !== null);
    show();
  }
  banner(cut);
}

function banner(cut) {
  if (cut === null) {
    fill(at("banner"));
    return;
  }
  const words =
    cut.since === null
      ? `Not connected: ${cut.why}. Nothing is known yet.`
      : `Cut off since ${clockTime(cut.since)}: numbers below are ${duration(cut.age)} old (${cut.why}). Trying again.`;
  morph(at("banner"), element("p", { class: "banner loud", "data-level": "unknown" }, element("span", { "aria-hidden": "true" }, "\u26A0 "), words));
  document.title = cut.since === null ? "Plimsoll: not connected" : "? CUT OFF \u00B7 Plimsoll";
  speak(cut.since === null ? "Not connected." : `Cut off since ${clockTime(cut.since)}. Nothing shown is live.`);
}

/** The worst in the title of the tab, and what changed for those who listen. */
function announce(judged, now) {
  if (feed.cut() !== null) return;
  const level = worst([...judged.map((one) => one.level), alertsLevel(known.alerts), drifting(known.mirrors, now).length ? "danger" : "fine"]);
  const named = (wanted) => judged.filter((one) => one.level === wanted).map((one) => one.account.account).join(", ");
  const words = ["unknown", "danger", "warning"].map((one) => [named(one), { unknown: "unknown", danger: "in danger", warning: "near a limit" }[one]]).filter(([names]) => names).map(([names, word]) => `${names} ${word}`);
  const alerts = known.alerts?.alerts ? known.alerts.alerts.filter((one) => !one.muted).length : null;
  const other = { danger: "critical alerts or drift", warning: "alerts", unknown: "alerts unknown" }[level];
  const told = words.join("; ") || other || "all accounts within limits";
  document.title = `${SIGNS[level]} ${told} \u00B7 Plimsoll`;
  const bare = judged.flatMap((one) => one.bare.filter((position) => position.stop === "danger").map((position) => `${one.account.account} ${position.row.symbol}`));
  speak([told, bare.length ? `without stop: ${bare.join(", ")}` : "", alerts === null ? "alerts unknown" : count(alerts, "alert")].filter(Boolean).join(". "));
}

function speak(words) {
  if (words === spoken) return;
  spoken = words;
  setText(at("news"), words);
}

function linksOf() {
  const links = known.links ?? {};
  return { grafana: links.grafana && reachable(links.grafana) ? links.grafana : null };
}

function buttonOf() {
  const url = known.links?.button;
  return url && reachable(url) ? [link(url, "Red button")] : [];
}

function ways() {
  const links = known.links ?? {};
  const found = [
    ["Grafana", links.grafana],
    ["Runbook", links.runbook],
  ].filter(([, url]) => url && reachable(url));
  return [
    ...found.map(([word, url]) => link(url, word)),
    link("/api/v1/accounts", "State as JSON"),
    link("/metrics", "Metrics"),
    element("span", { class: "soft" }, `Plimsoll ${links.version ?? ""}`),
  ];
}
