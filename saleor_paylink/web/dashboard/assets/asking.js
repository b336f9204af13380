// The prompt that follows the completion of a draft: collect the payment, or not.

import { field, input, textarea } from "./dialogs.js";
import { h } from "./dom.js";
import { endOfDay, problem, tomorrow } from "./parts.js";

// The form of the prompt. `answered` is called with "sent", "created" or "skipped".
export const prompt = (app, order, actions, answered) => {
  const collection = order.paymentCollection;
  const refusal = problem(app);
  const cannotSend = mailTrouble(collection);

  const buttons = [];
  const answer = async (how, act) => {
    for (const each of buttons) each.disabled = true;
    refusal.clear();
    try {
      await act();
      answered(how);
    } catch (trouble) {
      refusal.tell(trouble);
    }
    for (const each of buttons) each.disabled = each.dataset.never === "yes";
  };
  const create = (send) => {
    if (!form.reportValidity()) return;
    const terms = termsOf(new FormData(form));
    answer(send ? "sent" : "created", () => actions.create({ ...terms, send }));
  };
  const choice = (look, id, name, onclick, never = false) => {
    const element = h(`button${look}`, { type: "button", id, onclick, disabled: never }, app.t(name));
    if (never) element.dataset.never = "yes";
    buttons.push(element);
    return element;
  };

  const form = h(
    "form.prompt",
    { onsubmit: (event) => event.preventDefault(), "aria-labelledby": "prompt-title" },
    h("h2", { id: "prompt-title" }, app.t("prompt.title")),
    h("p.amount", {}, app.formats.money(collection.amountDue)),
    h("p.quiet", {}, app.t("prompt.what", { number: order.number, methods: methodsOf(collection) })),
    cannotSend && h("p.quiet", {}, app.t(cannotSend)),
    field(app.t("prompt.note"), textarea("message"), app.t("prompt.noteHint")),
    h(
      "div.pair",
      {},
      field(
        app.t("prompt.expires"),
        input("expires", { type: "date", min: tomorrow() }),
        app.t("prompt.expiresHint"),
      ),
      field(
        app.t("prompt.deposit"),
        input("amount", { type: "number", step: "any", min: "0", max: collection.amountDue.amount }),
        app.t("prompt.depositHint", { currency: collection.amountDue.currency }),
      ),
    ),
    refusal.element,
    h(
      "div.choices",
      {},
      choice(".primary", "prompt-send", "prompt.send", () => create(true), Boolean(cannotSend)),
      choice(cannotSend ? ".primary" : "", "prompt-create", "prompt.create", () => create(false)),
      choice(".plain", "prompt-skip", "prompt.skip", () => answer("skipped", () => actions.skip())),
    ),
    h("small.quiet", {}, app.t("prompt.later")),
  );
  return form;
};

const mailTrouble = ({ warnings }) =>
  ["NO_CUSTOMER_EMAIL", "EMAIL_NOT_CONFIGURED"]
    .filter((warning) => warnings.includes(warning))
    .map((warning) => `warning.${warning}`)[0];

const methodsOf = ({ methods }) => methods.map(({ name }) => name).join(", ");

const termsOf = (given) => ({
  message: given.get("message") || null,
  expiresAt: endOfDay(given.get("expires")),
  amount: given.get("amount") || null,
});
