// Tables that become cards on narrow screens; their roles are said outright, since cards lose them.

import { element } from "/assets/dom.js";

/**
 * A table.
 *
 * columns: `{ name, number, wide }`; the first one names its row. rows: `{ key, level, cells }`.
 */
export function table(caption, columns, rows, { hidden = false } = {}) {
  return element(
    "table",
    { class: "cards", role: "table" },
    element("caption", { class: hidden ? "visually-hidden" : null }, caption),
    element(
      "thead",
      { role: "rowgroup" },
      element("tr", { role: "row" }, columns.map((one) => element("th", { role: "columnheader", scope: "col", class: kind(one) }, one.name))),
    ),
    element("tbody", { role: "rowgroup" }, rows.map((row) => line(columns, row))),
  );
}

function line(columns, { key, level, cells }) {
  return element(
    "tr",
    { role: "row", "data-key": key, "data-level": level },
    cells.map((cell, place) => {
      const column = columns[place];
      if (!place) return element("th", { role: "rowheader", scope: "row" }, cell);
      return element("td", { role: "cell", class: kind(column), "data-label": column.name }, element("span", {}, cell));
    }),
  );
}

const kind = (column) => (column.number ? "number" : column.wide ? "wide" : null);
