// The movements that figures are the sums of.

import { h, show } from "./dom.js";
import { Paging } from "./paging.js";

// A table of movements, newest first. `zone` is the shop's.
export const movementTable = (app, rows, zone) =>
  h(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": app.t("movements.title") },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, app.t("movements.time", { zone })),
          ["kind", "order"].map((name) => h("th", { scope: "col" }, app.t(`movements.${name}`))),
          h("th.number", { scope: "col" }, app.t("movements.amount")),
          ["provider", "reference"].map((name) => h("th", { scope: "col" }, app.t(`movements.${name}`))),
        ),
      ),
      h("tbody", {}, rows.map((each) => row(app, each, zone))),
    ),
  );

const row = (app, { id, at, kind, order, amount, provider, reference }, zone) =>
  h(
    "tr",
    {},
    h("td", {}, h("time", { datetime: at }, app.formats.moment(at, zone))),
    h("td", {}, app.t(`moved.${kind}`)),
    h("td", {}, order ? orderButton(app, `movement-${id}`, order) : app.t("movements.noOrder")),
    h("td.number", {}, app.formats.money(amount)),
    h("td", {}, provider),
    h("td", {}, h("code", {}, reference)),
  );

export const orderButton = (app, id, order) => {
  const go = () => app.go(`/orders/${encodeURIComponent(order.id)}`);
  return h("button.link", { type: "button", id, onclick: go }, `#${order.number}`);
};

// The list of movements of what is wanted, in pages.
export class Movements {
  #app;
  #zone;
  #words;
  #place = h("section", { id: "list", tabindex: "-1", "aria-labelledby": "movements-title" });
  #paging;

  constructor(app, zone, wanted, words) {
    this.#app = app;
    this.#zone = zone;
    this.#words = words;
    this.#paging = new Paging(
      app,
      (at) => app.api.read("earnings/movements", { ...wanted, ...at }),
      () => this.#heard(),
    );
  }

  get element() {
    if (!this.#paging.isAsked) this.#paging.load();
    this.#draw();
    return this.#place;
  }

  #heard() {
    const { trouble, total } = this.#paging;
    this.#app.announce(trouble ? this.#app.wordsOf(trouble) : this.#app.t("page.total", { count: total }));
    this.#draw();
  }

  #draw() {
    const app = this.#app;
    const { isThere, rows, trouble } = this.#paging;
    show(
      this.#place,
      h("h3", { id: "movements-title" }, app.t("movements.of", { period: this.#words })),
      trouble && this.#paging.refusal(),
      rows.length > 0 && [movementTable(app, rows, this.#zone), this.#paging.buttons()],
      isThere && !trouble && rows.length === 0 && h("p.quiet", {}, app.t("movements.none")),
      !isThere && !trouble && h("p.quiet", {}, app.t("loading")),
    );
  }
}
