// Money that needs a person: give it back, keep it, or let the matter rest.

import { Trouble } from "./api.js";
import { question } from "./dialogs.js";
import { h, icon, show } from "./dom.js";
import { Paging } from "./paging.js";
import { button, pill, time } from "./parts.js";

const DECISIONS = [
  ["REFUNDED", ".critical"],
  ["KEPT", ""],
  ["DISMISSED", ".plain"],
];

export class Exceptions {
  #app;
  #place = null;
  #paging;
  #resolved = false;
  #open = 0;

  constructor(app) {
    this.#app = app;
    this.#paging = new Paging(app, (at) => this.#ask(at), () => this.#heard());
  }

  // How many wait for a decision.
  get count() {
    return this.#open;
  }

  load() {
    return this.#paging.load();
  }

  drawInto(place) {
    this.#place = place;
    this.#draw();
  }

  async #ask(at) {
    const variables = { resolved: this.#resolved, ...at };
    return (await this.#app.api.ask("PaymentExceptions", variables)).paymentExceptions;
  }

  #heard() {
    const { trouble, total } = this.#paging;
    if (trouble) this.#app.announce(this.#words(trouble));
    else if (!this.#resolved) this.#open = total;
    this.#draw();
  }

  #words(trouble) {
    return trouble.key === "denied" ? this.#app.t("exceptions.denied") : this.#app.wordsOf(trouble);
  }

  #draw() {
    if (!this.#place?.getAttribute("aria-labelledby").endsWith("exceptions")) return;
    const t = (...named) => this.#app.t(...named);
    const { isThere, rows, trouble } = this.#paging;
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
      trouble && this.#paging.refusal(this.#words(trouble)),
      rows.map((each) => this.#card(each)),
      isThere && !trouble && rows.length === 0 && this.#empty(),
      rows.length > 0 && this.#paging.buttons(),
    );
  }

  #turn(resolved) {
    this.#resolved = resolved;
    this.#paging.restart();
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
          DECISIONS.map(
            ([decision, look]) =>
              (decision !== "REFUNDED" || amount.amount > 0) &&
              button(app, look, `${decision}-${exception.id}`, app.t(`decide.${decision}`), () =>
                this.#decide(exception, decision),
              ),
          ),
        ),
    );
  }

  #orderButton({ id, order }) {
    const go = () => this.#app.go(`/orders/${encodeURIComponent(order.id)}`);
    return h("button.link", { type: "button", id: `order-${id}`, onclick: go }, this.#name(order));
  }

  #name({ number }) {
    return this.#app.t("exceptions.order", { number });
  }

  async #decide(exception, resolution) {
    const app = this.#app;
    const { id, order } = exception;
    const amount = app.formats.money(exception.amount);
    const isDone = await question(app, {
      title: app.t(`decide.${resolution}.title`, { amount }),
      lines: [order && this.#name(order), app.t(`decide.${resolution}.follows`, { amount })],
      action: app.t(`decide.${resolution}`),
      danger: resolution === "REFUNDED",
      act: async () => {
        await this.#checkStillSo(exception);
        return app.api.change("PaymentExceptionResolve", { id, resolution });
      },
    });
    if (!isDone) return;
    app.toast("success", app.t(`resolution.${resolution}`));
    await this.load();
    app.draw();
  }

  // The shop decides about what is in question by then: some of it may have gone back meanwhile,
  // or others have decided.
  async #checkStillSo(shown) {
    // Looking would wait for access, and then do what was given up.
    if (!this.#app.session.isOpen) throw new Trouble("expired");
    await this.load();
    const { rows, trouble } = this.#paging;
    if (trouble) throw trouble;
    const now = rows.find(({ id }) => id === shown.id);
    if (!now) throw new Trouble("failed", this.#app.t("decide.over"));
    if (now.amount.amount === shown.amount.amount) return;
    const amount = this.#app.formats.money(now.amount);
    throw new Trouble("failed", this.#app.t("decide.changed", { amount }));
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
