// Money that needs a person: give it back, keep it, or let the matter rest.

import { question } from "./dialogs.js";
import { h, icon, show } from "./dom.js";
import { Paging } from "./paging.js";
import { button, notice, pill, time } from "./parts.js";

const DECISIONS = [
  ["REFUNDED", ".critical"],
  ["KEPT", ""],
  ["DISMISSED", ".plain"],
];

export class Exceptions {
  #app;
  #place = null;
  #answer = null;
  #trouble = null;
  #resolved = false;
  #paging = new Paging();

  constructor(app) {
    this.#app = app;
  }

  // How many wait for a decision.
  get count() {
    return this.#resolved ? 0 : (this.#answer?.totalCount ?? 0);
  }

  async load() {
    this.#trouble = null;
    try {
      const variables = { resolved: this.#resolved, ...this.#paging.variables };
      this.#answer = (await this.#app.api.ask("PaymentExceptions", variables)).paymentExceptions;
    } catch (trouble) {
      this.#trouble = trouble;
    }
    this.#draw();
  }

  drawInto(place) {
    this.#place = place;
    this.#draw();
  }

  get #all() {
    return this.#answer?.edges.map(({ node }) => node) ?? [];
  }

  #draw() {
    if (!this.#place?.getAttribute("aria-labelledby").endsWith("exceptions")) return;
    const t = (...named) => this.#app.t(...named);
    const denied = this.#trouble?.key === "denied";
    show(
      this.#place,
      h(
        "div.row",
        {},
        h("p.quiet", {}, t("exceptions.says")),
        h(
          "label.check",
          {},
          h("input", {
            type: "checkbox",
            id: "resolved",
            checked: this.#resolved,
            onchange: ({ target }) => this.#turn(target.checked),
          }),
          t("exceptions.resolved"),
        ),
      ),
      this.#trouble && notice("critical", denied ? t("exceptions.denied") : this.#app.wordsOf(this.#trouble)),
      this.#all.map((each) => this.#card(each)),
      this.#answer && this.#all.length === 0 && this.#empty(),
      this.#all.length > 0 && this.#paging.buttons(this.#app, this.#answer, () => this.load()),
    );
  }

  #turn(resolved) {
    this.#resolved = resolved;
    this.#paging.restart();
    this.load();
  }

  #card(exception) {
    const app = this.#app;
    const { kind, amount, message, order, raisedAt, resolution, resolvedAt, providerUrl } = exception;
    return h(
      "article.card",
      { "aria-labelledby": `title-${exception.id}` },
      h(
        "div.row",
        {},
        h("h2", { id: `title-${exception.id}` }, app.t(`kind.${kind}`), " ", h("b.amount", {}, app.formats.money(amount))),
        resolution && pill(resolution, app.t(`resolution.${resolution}`)),
      ),
      h("p", {}, message),
      h(
        "p.row.start.quiet",
        {},
        time(app, resolvedAt ?? raisedAt),
        order && this.#orderButton(exception),
        h("code", {}, exception.providerReference),
        providerUrl &&
          h(
            "button.link",
            { type: "button", id: `at-${exception.id}`, onclick: () => app.open(providerUrl) },
            app.t("exceptions.provider"),
            icon("out"),
          ),
      ),
      !resolution &&
        h(
          "div.row.start",
          {},
          DECISIONS.map(([decision, look]) =>
            button(app, look, `${decision}-${exception.id}`, app.t(`decide.${decision}`), () =>
              this.#decide(exception, decision),
            ),
          ),
        ),
    );
  }

  #orderButton({ id, order }) {
    const go = () => this.#app.go(`/orders/${encodeURIComponent(order.id)}`);
    const words = this.#app.t("exceptions.order", { number: order.number });
    return h("button.link", { type: "button", id: `order-${id}`, onclick: go }, words);
  }

  async #decide(exception, resolution) {
    const app = this.#app;
    const amount = app.formats.money(exception.amount);
    const isDone = await question(app, {
      title: app.t(`decide.${resolution}.title`, { amount }),
      lines: [app.t(`decide.${resolution}.follows`, { amount })],
      action: app.t(`decide.${resolution}`),
      danger: resolution === "REFUNDED",
      act: () => app.api.change("PaymentExceptionResolve", { id: exception.id, resolution }),
    });
    if (!isDone) return;
    app.toast("success", app.t(`resolution.${resolution}`));
    await this.load();
    app.draw();
  }

  #empty() {
    const name = this.#resolved ? "empty.resolved" : "empty.exceptions";
    return h(
      "div.empty",
      {},
      icon("done"),
      h("h2", {}, this.#app.t(name)),
      h("p", {}, this.#app.t(`${name}.says`)),
    );
  }
}
