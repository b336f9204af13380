// One order, looked at again and again.

import { isPayingNow, stateOf } from "./panel.js";
import { Polling } from "./polling.js";

// ms between two looks
const PAYING = 2_000;
const WAITING = 4_000;
const RESTING = 20_000;
const AGED = 60_000; // after so long the ages on the page are no longer true

export class Watching {
  order = null;
  #app;
  #id;
  #draw;
  #changed;
  #seen = "";
  #drawnAt = 0;
  #isFailing = false;
  #polling = new Polling(
    () => this.#look(),
    () => this.#pause(),
  );

  // `draw` shows the order; `changed` is told when its state is another one than before.
  constructor(app, id, draw, changed = () => {}) {
    this.#app = app;
    this.#id = id;
    this.#draw = draw;
    this.#changed = changed;
  }

  // Look now, and go on looking.
  now() {
    return this.#polling.now();
  }

  async #look() {
    try {
      const order = await this.#app.api.order(this.#id);
      this.#isFailing = false;
      this.#app.warn(null);
      this.#take(order);
    } catch (trouble) {
      this.#fail(trouble);
    }
  }

  #take(order) {
    const seen = JSON.stringify(order);
    const before = this.order && signOf(this.order);
    this.order = order;
    if (seen !== this.#seen || performance.now() - this.#drawnAt > AGED) {
      this.#seen = seen;
      this.#drawnAt = performance.now();
      this.#draw();
    }
    if (before && before !== signOf(order)) this.#changed();
  }

  // What was seen stays, with a word that it may not be true any more.
  #fail(trouble) {
    this.#isFailing = true;
    this.#seen = "";
    if (trouble.key === "expired") return;
    if (["gone", "denied"].includes(trouble.key)) this.order = null;
    if (this.order && trouble.key === "offline") this.#app.warn("offline");
    else this.#app.tell(trouble.key ?? "failed");
  }

  #pause() {
    if (!this.order || this.#isFailing) return RESTING;
    const state = stateOf(this.order);
    if (isPayingNow(this.order, this.#app.api.now())) return PAYING;
    return ["AWAITING", "PROCESSING"].includes(state) ? WAITING : RESTING;
  }
}

// What the rest of the order's page shows too.
const signOf = (order) =>
  JSON.stringify([
    stateOf(order),
    order.paymentLink?.status,
    order.paymentLink?.amountPaid,
    order.paymentCollection.amountDue,
  ]);
