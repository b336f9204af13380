// What came in of one currency: in figures, in words beside the days before, as bars and as a table.

import { chart } from "./chart.js";
import { h } from "./dom.js";
import { button, notice } from "./parts.js";

const SENSELESS = 10; // times as much: in percent that says nothing
const MONEY = ["gross", "refunded", "disputed", "fees"];

// Amounts have three decimals at the most; the sums of such numbers may seem to have more.
const exact = (amount) => Number(amount.toFixed(3));

const less = (one, other) => ({ ...one, amount: exact(one.amount - other.amount) });

// `earned` is a currency's answer; `compared` is what it is compared with, or null: the answer for
// its `range` (undefined: nothing moved), and whether a day that `isRunning` stands beside a whole
// one; `providers` are the sums at each, of all currencies. `name` says a point's period, `mark` says it in short; `look` is told of one to be looked
// into, or of none.
export const figures = (app, { earned, compared, providers, name, mark, look }) => {
  const { currency } = earned;
  const apart = providers.filter((each) => each.currency === currency);
  return h(
    "section.card.earned",
    { id: `earned-${currency}`, tabindex: "-1", "aria-labelledby": `currency-${currency}` },
    h("h2", { id: `currency-${currency}` }, currency),
    sums(app, earned),
    compared && h("p.compared", {}, comparison(app, earned, compared)),
    !earned.feesComplete && notice("warning", h("p", {}, app.t("earnings.feesIncomplete"))),
    (earned.manual.count > 0 || earned.manual.gross.amount !== 0) && h("p.by-hand", {}, byHand(app, earned)),
    chart(app, earned.series, { name, mark, choose: look }),
    periodTable(app, earned, name, look),
    apart.length > 1 && providerTable(app, currency, apart),
    h("div.row.start", {}, button(app, "", `movements-${currency}`, app.t("movements.show"), () => look(null))),
  );
};

const sums = (app, earned) => {
  const figure = (name, words, look = "") =>
    h(`div${look}`, {}, h("dt", {}, app.t(`figure.${name}`)), h("dd", { id: `${name}-${earned.currency}` }, words));
  return h(
    "dl.figures",
    {},
    figure("net", app.formats.money(earned.net), ".net"),
    MONEY.map((name) => figure(name, app.formats.money(earned[name]))),
    figure("count", app.formats.number(earned.paymentCount)),
  );
};

const byHand = (app, { manual }) =>
  app.t("earnings.byHand", { amount: app.formats.money(manual.gross), count: manual.count });

// The net beside that of other days, in words and, where that says something, in percent. A day that
// is not over is less than a whole one, whatever comes of it.
const comparison = (app, { net }, { before, range, isRunning }) => {
  const days = app.formats.days(range.start, range.end);
  if (!before) return app.t("compared.nothing", { days });
  const was = app.formats.money(before.net);
  if (isRunning) return app.t("compared.whole", { days, was });
  const difference = less(net, before.net);
  const size = { ...difference, amount: Math.abs(difference.amount) };
  const part = size.amount / before.net.amount;
  const share = part >= 0 && part < SENSELESS ? ` (${app.formats.percent(part)})` : "";
  const words = ["less", "same", "more"][Math.sign(difference.amount) + 1];
  return app.t(`compared.${words}`, { amount: app.formats.money(size) + share, days, was });
};

const COLUMNS = [...MONEY, "net"];

// Of each point in which something moved.
const periodTable = (app, { currency, series }, name, look) => {
  const columns = [...COLUMNS, "manual"];
  const rows = series.map(withDisputed).filter((point) => columns.some((each) => point[each].amount) || point.paymentCount);
  const leading = (point) =>
    h("button.link", { type: "button", id: `look-${currency}-${point.start}`, onclick: () => look(point) }, name(point));
  return table(app, {
    id: `table-${currency}`,
    title: app.t("table.show"),
    head: app.t("table.period"),
    columns,
    rows: rows.map((point) => [leading(point), point]),
  });
};

// To be held against each provider's own report.
const providerTable = (app, currency, providers) =>
  table(app, {
    id: `providers-${currency}`,
    title: app.t("table.providers"),
    head: app.t("movements.provider"),
    columns: COLUMNS,
    rows: providers.map((each) => [each.provider, each]),
  });

// `rows` are what leads a row, and its figures.
const table = (app, { id, title, head, columns, rows }) =>
  h(
    "details",
    { id },
    h("summary", {}, title),
    h(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": title },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, head),
            [...columns, "count"].map((each) => h("th.number", { scope: "col" }, app.t(`figure.${each}`))),
          ),
        ),
        h(
          "tbody",
          {},
          rows.map(([leading, figures]) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, leading),
              columns.map((each) => h("td.number", {}, app.formats.money(figures[each]))),
              h("td.number", {}, app.formats.number(figures.paymentCount)),
            ),
          ),
        ),
      ),
    ),
  );

// The contract's points do not say it, but it follows from what they say.
const withDisputed = (point) => ({
  ...point,
  disputed: less(less(less(point.gross, point.refunded), point.fees), point.net),
});
