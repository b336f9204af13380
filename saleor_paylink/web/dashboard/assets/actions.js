// What staff do about one order's payment, with the questions that come before it.

import { Trouble } from "./api.js";
import { check, field, input, question, textarea } from "./dialogs.js";
import { endOfDay, tomorrow } from "./parts.js";

export class Actions {
  #app;
  #orderId;
  #changed;
  #t = (...named) => this.#app.t(...named);

  // `changed` is called after each change and shows what has become of the order.
  constructor(app, orderId, changed) {
    this.#app = app;
    this.#orderId = orderId;
    this.#changed = changed;
  }

  async create(input) {
    const variables = { orderId: this.#orderId, input };
    const { paymentLink } = await this.#change("PaymentLinkCreate", variables);
    return paymentLink;
  }

  skip() {
    return this.#change("PaymentLinkSkip", { orderId: this.#orderId });
  }

  sync(link) {
    return this.#change("PaymentLinkSync", { id: link.id });
  }

  send(link, order) {
    const t = this.#t;
    const email = input("email", { type: "email", required: true, value: order.userEmail ?? "" });
    return this.#ask({
      title: t(link.lastSentAt ? "send.againTitle" : "send.title"),
      lines: [t("send.same")],
      fields: [
        field(t("send.to"), email),
        field(t("send.note"), textarea("message", { value: link.message ?? "" }), t("send.noteHint")),
        check(t("send.copy"), "copyToMe"),
      ],
      action: t("send.action"),
      act: ({ email, message, copyToMe }) =>
        this.#change("PaymentLinkSend", {
          id: link.id,
          input: { email, message, copyToMe: copyToMe === "on" },
        }),
      done: t("send.done"),
    });
  }

  markPaid(order) {
    const t = this.#t;
    const amount = this.#app.formats.money(order.paymentCollection.amountDue);
    return this.#ask({
      title: t("markPaid.title"),
      lines: [t("markPaid.what", { amount, number: order.number }), t("markPaid.follows")],
      fields: [
        field(t("markPaid.reference"), input("reference", { maxlength: "255" })),
        field(t("markPaid.note"), textarea("note")),
      ],
      action: t("markPaid.action"),
      act: async (given) => {
        await this.#checkStillDue(order);
        return this.#change("PaymentLinkMarkPaid", { orderId: order.id, input: given });
      },
      done: t("markPaid.done"),
    });
  }

  reject(order) {
    const t = this.#t;
    return this.#ask({
      title: t("reject.title", { number: order.number }),
      lines: [t("reject.follows")],
      fields: [field(t("reject.reason"), textarea("reason"), t("reject.reasonHint"))],
      action: t("reject.action"),
      danger: true,
      act: ({ reason }) => this.#change("PaymentLinkReject", { orderId: order.id, reason }),
      done: t("reject.done"),
    });
  }

  extend(link) {
    const t = this.#t;
    return this.#ask({
      title: t("extend.title"),
      lines: [t("extend.follows")],
      fields: [
        field(
          t("extend.until"),
          input("until", { type: "date", min: tomorrow() }),
          t("extend.untilHint"),
        ),
      ],
      action: t("extend.action"),
      act: ({ until }) =>
        this.#change("PaymentLinkExtend", { id: link.id, expiresAt: endOfDay(until) }),
      done: t("extend.done"),
    });
  }

  rotate(link) {
    const t = this.#t;
    return this.#ask({
      title: t("rotate.title"),
      lines: [t("rotate.follows")],
      action: t("rotate.action"),
      danger: true,
      act: () => this.#change("PaymentLinkRotate", { id: link.id }),
      done: t("rotate.done"),
    });
  }

  revoke(link) {
    const t = this.#t;
    return this.#ask({
      title: t("revoke.title"),
      lines: [t("revoke.follows")],
      action: t("revoke.action"),
      danger: true,
      act: () => this.#change("PaymentLinkRevoke", { id: link.id }),
      done: t("revoke.done"),
    });
  }

  // The shop books all that is due, and somebody may have edited the order meanwhile.
  async #checkStillDue(shown) {
    const { order } = await this.#app.api.ask("OrderPayment", { id: shown.id });
    const due = order.paymentCollection.amountDue;
    if (due.amount === shown.paymentCollection.amountDue.amount) return;
    await this.#changed();
    const amount = this.#app.formats.money(due);
    throw new Trouble("failed", this.#t("markPaid.changed", { amount }));
  }

  async #ask({ done, ...asked }) {
    if (await question(this.#app, asked)) this.#app.toast("success", done);
  }

  async #change(document, variables) {
    const answer = await this.#app.api.change(document, variables);
    await this.#changed();
    return answer;
  }
}
