// What a frame shows of one order: the prompt while staff are asked, else the state of its payment.

import { Prompt } from "./asking.js";
import { show } from "./dom.js";
import { isCollectable, isInForce, panel, stateOf } from "./panel.js";
import { notice } from "./parts.js";

export class Sheet {
  #app;
  #watching;
  #actions;
  #collect;
  #answered;
  #form = null;
  #remark = null; // why the prompt has gone otherwise than staff meant it to

  // `collect` is called where staff want to make a link; `answered` when what they answered was
  // done, with "sent", "created" or "skipped".
  constructor(app, watching, actions, { collect, answered }) {
    this.#app = app;
    this.#watching = watching;
    this.#actions = actions;
    this.#collect = collect;
    this.#answered = answered;
  }

  // Ask whether to collect the payment, if that can be.
  ask() {
    const { order } = this.#watching;
    if (this.#form || !order || !isCollectable(order)) return;
    this.#remark = null;
    this.#form = this.#formOf(order);
    this.draw();
  }

  draw() {
    const { order } = this.#watching;
    if (!order) return;
    this.#app.root.removeAttribute("aria-busy");
    if (this.#form && !this.#form.isActing) this.#follow(order);
    if (this.#form) this.#keep();
    else show(this.#app.root, this.#remarkOn(order), this.#panel(order));
  }

  // The same in another language.
  renew() {
    const { order } = this.#watching;
    if (this.#form && !this.#form.isActing) this.#form = this.#formOf(order, this.#form.typed);
    this.draw();
  }

  // The prompt is about the order as it is now, or it goes.
  #follow(order) {
    if (!isCollectable(order)) {
      this.#form = null;
      this.#say(isInForce(order.paymentLink) ? "hadLink" : "over");
    } else if (!this.#form.isTrueOf(order)) {
      this.#form = this.#formOf(order, this.#form.typed);
    }
  }

  // What stands there already is left alone: somebody is typing.
  #keep() {
    const { element } = this.#form;
    if (!element.isConnected) show(this.#app.root, element);
  }

  #panel(order) {
    return panel(this.#app, order, this.#actions, this.#collect);
  }

  #formOf(order, typed = null) {
    const hearers = { answered: (how) => this.#end(how), refused: () => this.draw() };
    return new Prompt(this.#app, order, this.#actions, hearers, typed);
  }

  #end({ name, isDone }) {
    this.#form = null;
    if (!isDone) this.#say(name);
    this.draw();
    if (isDone) this.#answered(name);
  }

  #say(name) {
    this.#remark = { name, state: stateOf(this.#watching.order) };
  }

  // It stands there until something else happens to the order.
  #remarkOn(order) {
    if (this.#remark?.state !== stateOf(order)) return null;
    const element = notice("warning", this.#app.t(`prompt.${this.#remark.name}`));
    element.setAttribute("role", "alert");
    return element;
  }
}
