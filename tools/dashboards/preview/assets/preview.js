// Draws the plots of a page, and keeps a served page fresh: panels that changed are put in place of the old ones.
"use strict";

(() => {
  const draw = (panel) => {
    const figure = panel.querySelector("script.figure");
    const place = panel.querySelector(".plot");
    if (!figure || !place || typeof Plotly === "undefined") return;
    const { data, layout } = JSON.parse(figure.textContent);
    Plotly.newPlot(place, data, layout, { displayModeBar: false, responsive: true });
  };

  // Plotly gives the place its size, so it must have one: those in a closed row are drawn when it opens.
  const drawVisible = (root) => {
    for (const panel of root.querySelectorAll(".panel")) {
      const place = panel.querySelector(".plot");
      if (place && !place.dataset.drawn && place.clientHeight > 0) {
        place.dataset.drawn = "1";
        draw(panel);
      }
    }
  };

  const refresh = async () => {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = document.getElementById("main");
    const ids = (root) => [...root.querySelectorAll(".panel, h2.row")].map((one) => one.id).join();
    const next = fresh.getElementById("main");
    if (ids(main) !== ids(next)) {
      main.replaceChildren(...next.childNodes);
    } else {
      for (const panel of next.querySelectorAll(".panel")) {
        const old = document.getElementById(panel.id);
        const busy = old.contains(document.activeElement) || old.matches(":hover") || old.querySelector("details[open]");
        if (!busy) old.replaceWith(document.adoptNode(panel));
      }
    }
    drawVisible(document);
  };

  let timer = 0;
  const state = document.createElement("span");
  state.className = "state-of-refresh";
  state.setAttribute("role", "status");

  const keepFresh = (every) => {
    clearInterval(timer);
    const seconds = Number.parseInt(every, 10);
    if (!seconds) return;
    let running = false;
    timer = setInterval(() => {
      if (running || document.hidden) return;
      running = true;
      refresh()
        .then(() => { state.textContent = ""; })
        .catch((error) => { state.textContent = `not refreshed: ${error.message}`; })
        .finally(() => { running = false; });
    }, seconds * 1000);
  };

  document.addEventListener("DOMContentLoaded", () => {
    drawVisible(document);
    // Captured, since the event does not bubble and rows may be put in place anew.
    document.addEventListener("toggle", () => drawVisible(document), true);
    const form = document.querySelector(".bar form");
    if (!form) return;
    form.append(state);
    const every = document.getElementById("refresh-every");
    form.addEventListener("change", (event) => {
      if (event.target === every) keepFresh(every.value);
      else {
        if (event.target.name === "from" && !event.target.value.startsWith("2")) form.elements.to.value = "now";
        form.requestSubmit();
      }
    });
    keepFresh(document.body.dataset.refresh || "");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const one of document.querySelectorAll("details.about[open], details.menu[open]")) one.open = false;
  });
})();
