// What staff do about one order's payment, with the questions that come before it.

import { Trouble } from "./api.js";
import { check, field, input, question, textarea } from "./dialogs.js";
import { isInForce } from "./panel.js";
import { endOfDay, tomorrow } from "./parts.js";

export class Actions {
  #app;
  #orderId;
  #changed;
  #drawn = { url: "", image: "" }; // the QR code that was last asked for
  #t = (...named) => this.#app.t(...named);

  // `changed` is called after each change, and each that was tried, and shows what has become of
  // the order.
  constructor(app, orderId, changed) {
    this.#app = app;
    this.#orderId = orderId;
    this.#changed = changed;
  }

  // Whether there is a link now on these terms, for the amount of the order that was `shown`. An
  // order has but one link that can be paid: where somebody else was quicker, theirs stays as it
  // is, and nothing is asked for.
  async create(shown, input) {
    const { paymentLink: known } = await this.#lookAgain(shown, "prompt.changed");
    if (isInForce(known)) {
      await this.#changed();
      return false;
    }
    const variables = { orderId: this.#orderId, input };
    const { paymentLink } = await this.#change("PaymentLinkCreate", variables);
    return isOnTerms(paymentLink, input);
  }

  // Whether it was skipped: not where somebody else has made a link.
  async skip() {
    const { order } = await this.#change("PaymentLinkSkip", { orderId: this.#orderId });
    return !isInForce(order.paymentLink);
  }

  // The picture of the link's URL: asked for once, since the shop draws it each time.
  async qrCode(link) {
    if (this.#drawn.url !== link.url) {
      const { paymentLink } = await this.#app.api.order(this.#orderId, true);
      this.#drawn = { url: paymentLink.url, image: paymentLink.qrCode };
    }
    return this.#drawn.image;
  }

  // Often nothing is new, and then there is nothing else to be seen.
  async sync(link) {
    await this.#change("PaymentLinkSync", { id: link.id });
    this.#app.toast("success", this.#t("sync.done"));
  }

  // The customer is not reminded any more.
  stopReminders() {
    return this.#change("PaymentRemindersStop", { orderId: this.#orderId });
  }

  resumeReminders() {
    return this.#change("PaymentRemindersResume", { orderId: this.#orderId });
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
        await this.#lookAgain(order, "markPaid.changed");
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

  // The order as it is now. Refused, in the words of that name, if it is not due any more what
  // was `shown`: what is done is done for all that is due, and somebody may have edited the order.
  // It waits for no session, as what follows does not.
  async #lookAgain(shown, words) {
    if (!this.#app.session.isOpen) throw new Trouble("expired");
    const order = await this.#app.api.order(shown.id).catch(nothingDone);
    const due = order.paymentCollection.amountDue;
    if (due.amount === shown.paymentCollection.amountDue.amount) return order;
    await this.#changed();
    throw new Trouble("failed", this.#t(words, { amount: this.#app.formats.money(due) }));
  }

  async #ask({ done, ...asked }) {
    if (await question(this.#app, asked)) this.#app.toast("success", done);
  }

  async #change(document, variables) {
    try {
      const answer = await this.#app.api.change(document, variables);
      await this.#changed();
      return answer;
    } catch (trouble) {
      this.#changed(); // which may take until there is a session again
      throw trouble;
    }
  }
}

const nothingDone = (trouble) => {
  throw trouble.key === "offline" ? new Trouble("nothingDone") : trouble;
};

// Of two who make a link at the same moment, both are given the link of the first.
const isOnTerms = ({ message, expiresAt, requestedAmount }, asked) =>
  plain(message) === plain(asked.message) &&
  (requestedAmount?.amount ?? null) === (asked.amount && Number(asked.amount)) &&
  (!asked.expiresAt || new Date(expiresAt).getTime() === new Date(asked.expiresAt).getTime());

const plain = (text) => (text ?? "").replaceAll(/\s+/g, " ").trim();
