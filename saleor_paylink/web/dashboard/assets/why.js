// Why an order is, or is not, in what is looked at.

import { field, input } from "./dialogs.js";
import { h, show } from "./dom.js";
import { movementTable, orderButton } from "./movements.js";
import { button, problem } from "./parts.js";

export class Why {
  #app;
  #wanted;
  #zone = "UTC";
  #number = "";
  #answer = null;
  #asked = 0;
  #place = h("div.answer", { role: "status" });

  // `wanted` answers what is looked at.
  constructor(app, wanted) {
    this.#app = app;
    this.#wanted = wanted;
  }

  // What was answered is about what was looked at then.
  forget() {
    this.#answer = null;
    this.#asked += 1;
  }

  section(zone) {
    const app = this.#app;
    this.#zone = zone;
    const refusal = problem(app);
    const ask = async () => {
      refusal.clear();
      try {
        await this.#ask();
      } catch (trouble) {
        refusal.tell(trouble);
      }
    };
    const submit = (event) => {
      event.preventDefault();
      asking.click();
    };
    const asking = button(app, "", "why-ask", app.t("why.ask"), ask);
    const number = input("number", {
      id: "why-number",
      inputmode: "numeric",
      maxlength: "20",
      value: this.#number,
      oninput: ({ target }) => (this.#number = target.value),
    });
    this.#draw();
    return h(
      "section.why",
      { "aria-labelledby": "why-title" },
      h("h2", { id: "why-title" }, app.t("why.title")),
      h("form", { onsubmit: submit }, field(app.t("why.number"), number), asking),
      refusal.element,
      this.#place,
    );
  }

  async #ask() {
    const asked = (this.#asked += 1);
    this.#answer = null;
    this.#draw();
    const order = this.#number.trim();
    if (!order) return document.getElementById("why-number").focus();
    const answer = await this.#app.api.read("earnings/why", { ...this.#wanted(), order });
    if (asked !== this.#asked) return;
    this.#answer = answer;
    this.#draw();
  }

  #draw() {
    const app = this.#app;
    const { orderId: id, number, reasons = [], lines = [] } = this.#answer ?? {};
    show(
      this.#place,
      id && h("p", {}, orderButton(app, "why-order", { id, number })),
      reasons.map((reason) => h("p", {}, this.#words(reason))),
      lines.length > 0 && movementTable(app, lines, this.#zone),
    );
  }

  #words({ because, money, first, last, channel }) {
    const { formats } = this.#app;
    return this.#app.t(`why.${because}`, {
      amount: money && formats.money(money),
      currency: money?.currency,
      days: first && formats.days(first, last),
      channel,
    });
  }
}
