// The prompt that follows the completion of a draft: collect the payment, or not.

import { field, input, textarea } from "./dialogs.js";
import { h } from "./dom.js";
import { endOfDay, problem, tomorrow } from "./parts.js";

export class Prompt {
  // Whether an answer is under way, or was given.
  isActing = false;
  #app;
  #order;
  #actions;
  #answered;
  #refused;
  #refusal;
  #buttons = [];

  // The form about `order`, with what was `typed` into the one that it stands for. `answered` is
  // called with the `name` of what came of the answer, and whether `isDone` what was asked for;
  // `refused` where nothing came of it.
  constructor(app, order, actions, { answered, refused }, typed = null) {
    this.#app = app;
    this.#order = order;
    this.#actions = actions;
    this.#answered = answered;
    this.#refused = refused;
    this.#refusal = problem(app);
    this.element = this.#form(typed);
  }

  // What was typed, and what was due then.
  get typed() {
    return { ...this.#values, due: this.#order.paymentCollection.amountDue.amount };
  }

  // Whether what the form says is true of `order`.
  isTrueOf(order) {
    return shownOf(order) === shownOf(this.#order);
  }

  get #values() {
    return Object.fromEntries(new FormData(this.element));
  }

  #form(typed) {
    const app = this.#app;
    const { number, paymentCollection: collection } = this.#order;
    const { amountDue: due } = collection;
    const cannotSend = mailTrouble(collection);
    return h(
      "form.prompt",
      { onsubmit: (event) => event.preventDefault(), "aria-labelledby": "prompt-title" },
      h("h2", { id: "prompt-title" }, app.t("prompt.title")),
      h("p.amount", {}, app.formats.money(due)),
      h("p.quiet", {}, app.t("prompt.what", { number, methods: methodsOf(collection) })),
      typed && typed.due !== due.amount && changed(app, due),
      cannotSend && h("p.quiet", {}, app.t(cannotSend)),
      termFields(app, due, typed ?? {}),
      this.#refusal.element,
      this.#choices(Boolean(cannotSend)),
      h("small.quiet", {}, app.t("prompt.later")),
    );
  }

  #choices(cannotSend) {
    const choice = (look, name, onclick, never = false) => {
      const attributes = { type: "button", id: `prompt-${name}`, onclick, disabled: never };
      const element = h(`button${look}`, attributes, this.#app.t(`prompt.${name}`));
      if (!never) this.#buttons.push(element);
      return element;
    };
    return h(
      "div.choices",
      {},
      choice(".primary", "send", () => this.#create(true), cannotSend),
      choice(cannotSend ? ".primary" : "", "create", () => this.#create(false)),
      choice(".plain", "skip", () => this.#skip()),
    );
  }

  #create(send) {
    if (!this.element.reportValidity()) return;
    const asked = { ...termsOf(this.#values), send };
    const act = () => this.#actions.create(this.#order, asked);
    this.#answer(send ? "sent" : "created", "hadLink", act);
  }

  #skip() {
    this.#answer("skipped", "notSkipped", () => this.#actions.skip());
  }

  // Do what was answered; `act` tells whether it was done, or somebody else was quicker.
  async #answer(done, overtaken, act) {
    this.#setActing(true);
    this.#refusal.clear();
    try {
      const isDone = await act();
      this.#answered({ name: isDone ? done : overtaken, isDone });
    } catch (trouble) {
      this.#refusal.tell(trouble);
      this.#setActing(false);
      this.#refused();
    }
  }

  #setActing(isActing) {
    this.isActing = isActing;
    for (const each of this.#buttons) each.disabled = isActing;
  }
}

const termFields = (app, { amount: due, currency }, { message, expires, amount }) => [
  field(app.t("prompt.note"), textarea("message", { value: message }), app.t("prompt.noteHint")),
  h(
    "div.pair",
    {},
    field(
      app.t("prompt.expires"),
      input("expires", { type: "date", min: tomorrow(), value: expires }),
      app.t("prompt.expiresHint"),
    ),
    field(
      app.t("prompt.deposit"),
      input("amount", { type: "number", step: "any", min: "0", max: due, value: amount }),
      app.t("prompt.depositHint", { currency }),
    ),
  ),
];

const changed = (app, due) =>
  h(
    "p.notice.warning",
    { role: "alert" },
    app.t("prompt.changed", { amount: app.formats.money(due) }),
  );

const mailTrouble = ({ warnings }) =>
  ["NO_CUSTOMER_EMAIL", "EMAIL_NOT_CONFIGURED"]
    .filter((warning) => warnings.includes(warning))
    .map((warning) => `warning.${warning}`)[0];

const methodsOf = ({ methods }) => methods.map(({ name }) => name).join(", ");

// What the form says of an order.
const shownOf = ({ number, paymentCollection: collection }) =>
  JSON.stringify([number, collection.amountDue, methodsOf(collection), mailTrouble(collection)]);

const termsOf = ({ message, expires, amount }) => ({
  message: message || null,
  expiresAt: endOfDay(expires),
  amount: amount || null,
});
