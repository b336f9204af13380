// What came in of one currency: in figures, in words beside the days before, as bars and as a table.

import { chart } from "./chart.js";
import { h } from "./dom.js";
import { button, notice } from "./parts.js";
import { lengthOf } from "./periods.js";

const MONEY = ["gross", "refunded", "disputed", "fees"];

// Amounts have three decimals at the most; the sums of such numbers may seem to have more.
const exact = (amount) => Number(amount.toFixed(3));

const less = (one, other) => ({ ...one, amount: exact(one.amount - other.amount) });

// `earned` is a currency's answer, `before` that of the days before (undefined: nothing moved in
// them; null: there are none). `name` says a point's period; `look` is told of one to be looked into,
// or of none.
export const figures = (app, { earned, before, range, name, look }) => {
  const { currency } = earned;
  return h(
    "section.card.earned",
    { id: `earned-${currency}`, "aria-labelledby": `currency-${currency}` },
    h("h2", { id: `currency-${currency}` }, currency),
    sums(app, earned),
    before !== null && h("p.compared", {}, compared(app, earned, before, range)),
    !earned.feesComplete && notice("warning", h("p", {}, app.t("earnings.feesIncomplete"))),
    (earned.manual.count > 0 || earned.manual.gross.amount !== 0) && h("p.by-hand", {}, byHand(app, earned)),
    chart(app, earned.series, name, look),
    table(app, earned, name, look),
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
    figure("count", String(earned.paymentCount)),
  );
};

const byHand = (app, { manual }) =>
  app.t("earnings.byHand", { amount: app.formats.money(manual.gross), count: manual.count });

// The net beside that of as many days before, in words and, where that says something, in percent.
const compared = (app, { net }, before, range) => {
  const was = before?.net ?? { ...net, amount: 0 };
  const difference = less(net, was);
  const size = { ...difference, amount: Math.abs(difference.amount) };
  const share = was.amount > 0 ? ` (${app.formats.percent(size.amount / was.amount)})` : "";
  const words = ["less", "same", "more"][Math.sign(difference.amount) + 1];
  return app.t(`compared.${words}`, {
    amount: app.formats.money(size) + share,
    was: app.formats.money(was),
    count: lengthOf(range),
  });
};

const COLUMNS = ["gross", "refunded", "disputed", "fees", "net", "manual"];

// Of each point in which something moved.
const table = (app, { currency, series }, name, look) => {
  const rows = series.map(withDisputed).filter((point) => COLUMNS.some((each) => point[each].amount) || point.paymentCount);
  return h(
    "details",
    { id: `table-${currency}` },
    h("summary", {}, app.t("table.show")),
    h(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": app.t("table.show") },
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, app.t("table.period")),
            COLUMNS.map((each) => h("th.number", { scope: "col" }, app.t(`figure.${each}`))),
            h("th.number", { scope: "col" }, app.t("figure.count")),
          ),
        ),
        h(
          "tbody",
          {},
          rows.map((point) =>
            h(
              "tr",
              {},
              h(
                "th",
                { scope: "row" },
                h(
                  "button.link",
                  { type: "button", id: `look-${currency}-${point.start}`, onclick: () => look(point) },
                  name(point),
                ),
              ),
              COLUMNS.map((each) => h("td.number", {}, app.formats.money(point[each]))),
              h("td.number", {}, String(point.paymentCount)),
            ),
          ),
        ),
      ),
    ),
  );
};

// The contract's points do not say it, but it follows from what they say.
const withDisputed = (point) => ({
  ...point,
  disputed: less(less(less(point.gross, point.refunded), point.fees), point.net),
});
