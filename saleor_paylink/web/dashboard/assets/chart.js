// Bars by period: what came in, and before it what is left of that. All of it is in a table, too.

import { drawn, h } from "./dom.js";

const WIDE = 1000;
const HIGH = 200;
const FULL = 0.72; // of a bar's place

const MARKS = 4; // labels below

// `points` have a start, gross and net; `name` says a point's period, `choose` is told of one that
// is clicked. The table has buttons for that.
export const chart = (app, points, name, choose) => {
  const money = (point, key) => app.formats.money(point[key]);
  const values = points.flatMap(({ gross, net }) => [gross.amount, net.amount]);
  const top = Math.max(0, ...values);
  const bottom = Math.min(0, ...values);
  const height = (amount) => (HIGH * amount) / (top - bottom || 1);
  const zero = height(top);
  const slot = WIDE / points.length;
  const bar = (look, index, amount) =>
    drawn("rect", {
      class: look,
      x: (index + (1 - FULL) / 2) * slot,
      y: amount < 0 ? zero : zero - height(amount),
      width: slot * FULL,
      height: Math.abs(height(amount)),
    });
  const group = (point, index) =>
    drawn(
      "g",
      { onclick: () => choose(point) },
      drawn("title", {}, `${name(point)}: ${money(point, "net")} (${money(point, "gross")})`),
      drawn("rect", { class: "ground", x: index * slot, y: 0, width: slot, height: HIGH }),
      bar("gross", index, point.gross.amount),
      bar("net", index, point.net.amount),
    );
  const best = points.reduce((most, each) => (each.net.amount > most.net.amount ? each : most));
  const says = app.t("chart.says", { amount: money(best, "net"), period: name(best) });
  return h(
    "figure.chart",
    {},
    h(
      "figcaption.row.start.quiet",
      {},
      h("span.key.gross", {}, app.t("figure.gross")),
      h("span.key.net", {}, app.t("figure.net")),
      h("span.most", {}, app.t("chart.top", { amount: app.formats.money({ ...best.gross, amount: top }) })),
    ),
    drawn(
      "svg",
      { class: "bars", role: "img", "aria-label": says, viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none" },
      points.map(group),
      drawn("line", { x1: 0, x2: WIDE, y1: zero, y2: zero }),
    ),
    h("div.row.quiet.marks", { "aria-hidden": "true" }, marks(points).map((point) => h("span", {}, name(point)))),
  );
};

// The first, the last, and some in between.
const marks = (points) => {
  const count = Math.min(MARKS, points.length);
  const step = count > 1 ? (points.length - 1) / (count - 1) : 0;
  return Array.from({ length: count }, (_none, turn) => points[Math.round(turn * step)]);
};
