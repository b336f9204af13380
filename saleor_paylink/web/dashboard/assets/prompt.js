// The popup that asks whether to collect an order's payment. From the order page's menu it shows
// the state of the payment as well, which is all there is in Dashboards without widgets.

import { Actions } from "./actions.js";
import { App } from "./app.js";
import { prompt } from "./asking.js";
import { show } from "./dom.js";
import { tellChange, tellOpened } from "./neighbours.js";
import { isCollectable, panel } from "./panel.js";
import { Watching } from "./watching.js";

const app = new App(() => {
  if (form) ask();
  else draw();
});
const opened = app.parameters.get("appParams");
const orderId = opened ? JSON.parse(atob(opened)).orderId : app.parameters.get("orderId");
const watching = new Watching(app, orderId, () => draw());
const actions = new Actions(app, orderId, () => {
  tellChange(orderId);
  return watching.now();
});

let form = null;
let isAnswered = false;

const draw = () => {
  const { order } = watching;
  if (!order) return;
  app.root.removeAttribute("aria-busy");
  if (isAnswered || !mayBeAsked(order)) show(app.root, panel(app, order, actions, ask));
  else if (!form) ask();
};

const mayBeAsked = (order) =>
  order.paymentCollection.promptPending || (Boolean(opened) && isCollectable(order));

const ask = () => {
  form = prompt(app, watching.order, actions, answered);
  show(app.root, form);
};

const answered = (how) => {
  isAnswered = true;
  form = null;
  app.toast("success", app.t(`prompt.${how}`));
  draw();
  // Opened by the widget, it has done its work; from the menu, the link is to be seen.
  if (opened || how === "skipped") app.bridge.ask("popupClose");
};

if (orderId) {
  tellOpened(orderId);
  watching.now();
} else app.tell("noOrder");
