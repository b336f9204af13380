// Bars by period: what came in, and before it what is left of that. All of it is in a table, too.

import { drawn, h } from "./dom.js";

const WIDE = 1000;
const HIGH = 200;
const FULL = 0.72; // of a bar's place
const FEWEST = 6; // places: of one bar alone nobody wants to see a wall

const MOST_MARKS = 6; // labels below
const EDGE = 0.06; // nearer to one than so, a label would not be below its bar's middle
const MOST_STEPS = 4; // from the lowest line to the highest
const ROUND = [1, 2, 2.5, 5, 10];

// `points` have a start, gross and net; `name` says a point's period, `mark` says it in short, and
// `choose` is told of one that is clicked. The table has buttons for that.
export const chart = (app, points, { name, mark, choose }) => {
  const scale = scaleOf(points);
  const slot = WIDE / Math.max(points.length, FEWEST);
  const height = (amount) => (HIGH * amount) / (scale.top - scale.bottom);
  const y = (amount) => HIGH - height(amount - scale.bottom);
  const bar = (look, index, { amount }) =>
    drawn("rect", {
      class: look,
      x: (index + (1 - FULL) / 2) * slot,
      y: y(Math.max(amount, 0)),
      width: slot * FULL,
      height: Math.abs(height(amount)),
    });
  const group = (point, index) =>
    drawn(
      "g",
      { onclick: () => choose(point) },
      drawn("title", {}, told(app, point, name)),
      drawn("rect", { class: "ground", x: index * slot, y: 0, width: slot, height: HIGH }),
      bar("gross", index, point.gross),
      bar("net", index, point.net),
    );
  const line = (amount) =>
    drawn("line", { class: amount === 0 ? "zero" : null, x1: 0, x2: WIDE, y1: y(amount), y2: y(amount) });
  const best = points.reduce((most, each) => (each.net.amount > most.net.amount ? each : most));
  const says = app.t("chart.says", { amount: app.formats.money(best.net), period: name(best) });
  const { currency } = best.net;
  return h(
    "figure.chart",
    {},
    h(
      "figcaption.row.start.quiet",
      {},
      h("span.key.gross", {}, app.t("figure.gross")),
      h("span.key.net", {}, app.t("figure.net")),
    ),
    h(
      "div.axis.quiet",
      { "aria-hidden": "true" },
      scale.lines.map((amount) => h("span", {}, app.formats.rough({ amount, currency }))),
    ),
    drawn(
      "svg",
      { class: "bars", role: "img", "aria-label": says, viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none" },
      scale.lines.map(line),
      points.map(group),
    ),
    h("div.quiet.marks", { "aria-hidden": "true" }, marks(points, slot / WIDE, mark)),
  );
};

// What a bar says to who points at it.
const told = (app, point, name) => {
  const amounts = ["net", "gross"].map((each) => [each, app.formats.money(point[each])]);
  const figures = [...amounts, ["count", app.formats.number(point.paymentCount)]];
  return [name(point), ...figures.map(([each, value]) => `${app.t(`figure.${each}`)}: ${value}`)].join("\n");
};

// The amounts of the lines, from the top: round ones, as far apart from each other, around all bars.
const scaleOf = (points) => {
  const values = points.flatMap(({ gross, net }) => [gross.amount, net.amount]);
  const [highest, lowest] = [Math.max(0, ...values), Math.min(0, ...values)];
  const least = (highest - lowest || 1) / MOST_STEPS;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ROUND.find((each) => each * power >= least);
  const last = Math.floor(lowest / step);
  const first = Math.max(Math.ceil(highest / step), last + 1);
  const lines = Array.from({ length: first - last + 1 }, (_none, turn) => (first - turn) * step);
  return { top: first * step, bottom: last * step, lines };
};

// The first and some more, as far apart from each other, below the middle of their bars.
const marks = (points, share, mark) => {
  const step = Math.max(1, Math.ceil((points.length - 1) / (MOST_MARKS - 1)));
  const marked = points.map((point, index) => [point, (index + 0.5) * share]);
  return marked.filter((_each, index) => index % step === 0).map(([point, middle]) => {
    const place = middle < EDGE ? ".first" : middle > 1 - EDGE ? ".last" : "";
    const label = h(`span${place}`, {}, mark(point));
    if (!place) label.style.insetInlineStart = `${100 * middle}%`;
    return label;
  });
};
