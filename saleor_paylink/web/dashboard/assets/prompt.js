// The popup that asks whether to collect an order's payment. From the order page's menu it shows
// the state of the payment as well, which is all there is in Dashboards without widgets.

import { Actions } from "./actions.js";
import { App } from "./app.js";
import { tellChange, tellOpened } from "./neighbours.js";
import { Sheet } from "./sheet.js";
import { Watching } from "./watching.js";

const app = new App(() => sheet.renew());
const opened = app.parameters.get("appParams");
const orderId = opened ? JSON.parse(atob(opened)).orderId : app.parameters.get("orderId");
const watching = new Watching(app, orderId, () => draw());
const actions = new Actions(app, orderId, () => {
  tellChange(orderId);
  return watching.now();
});
const sheet = new Sheet(app, watching, actions, {
  collect: () => sheet.ask(),
  answered: (how) => {
    app.toast("success", app.t(`prompt.${how}`));
    // Opened by the widget, it has done its work; from the menu, the link is to be seen.
    if (opened || how === "skipped") app.bridge.ask("popupClose");
  },
});

let isFirst = true;

const draw = () => {
  const isAsked = isFirst && (opened || watching.order.paymentCollection.promptPending);
  isFirst = false;
  if (isAsked) sheet.ask();
  sheet.draw();
};

if (orderId) {
  tellOpened(orderId);
  watching.now();
} else app.tell("noOrder");
