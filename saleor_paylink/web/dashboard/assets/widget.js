// The frame beside an order: the state of its payment, live.

import { Actions } from "./actions.js";
import { App } from "./app.js";
import { DONE } from "./bridge.js";
import { hear, isPopupOpen } from "./neighbours.js";
import { stateOf } from "./panel.js";
import { Sheet } from "./sheet.js";
import { Watching } from "./watching.js";

const POPUP = "paylink-prompt";
const TO_APPEAR = 10_000; // ms that a popup may take until it is there
const LOOK_AGAIN = 300; // ms until it is looked whether it is still there
const MOST_REMEMBERED = 100;
const REMEMBERED = "paylink.prompted";

const app = new App(() => sheet.renew());
const orderId = app.parameters.get("orderId") ?? app.parameters.get("draftOrderId");
const watching = new Watching(
  app,
  orderId,
  () => draw(),
  () => app.bridge.ask("refreshEntity"),
);
const actions = new Actions(app, orderId, () => watching.now());
const sheet = new Sheet(app, watching, actions, { collect: () => collect(), answered: () => {} });

let openedAt = -Infinity; // when a popup was asked for that was not seen yet
let timer = 0;
let said = 0; // px

const draw = () => {
  const { order } = watching;
  sheet.draw();
  app.announce(app.t(`status.${stateOf(order)}`));
  if (order.paymentCollection.promptPending && isFirstTime(orderId)) collect();
};

// Ask whether to collect: in a popup, or right here where the Dashboard cannot open one.
const collect = async () => {
  const appParams = btoa(JSON.stringify({ orderId }));
  resize(); // what will lie under the popup
  openedAt = performance.now();
  const outcome = await app.bridge.ask("openPopup", { extensionIdentifier: POPUP, appParams });
  if (outcome === DONE) {
    resize(); // when it is gone
    return;
  }
  openedAt = -Infinity;
  sheet.ask();
};

// The prompt comes by itself once for an order in one browser. The shop knows whether it was
// answered, and by then it comes to nobody; whether it was seen, the contract has no place for.
// Nothing secret is kept: only the order's id.
const isFirstTime = (id) => {
  try {
    const known = JSON.parse(localStorage.getItem(REMEMBERED) ?? "[]");
    if (known.includes(id)) return false;
    localStorage.setItem(REMEMBERED, JSON.stringify([id, ...known].slice(0, MOST_REMEMBERED)));
  } catch {
    // Without storage it comes once for each time that the page is opened.
    if (isFirstTime.asked) return false;
    isFirstTime.asked = true;
  }
  return true;
};

// The Dashboard sizes every frame of ours by what one of them says: said now, a popup would be made
// as small as this one.
const resize = () => {
  clearTimeout(timer);
  if (isCovered()) timer = setTimeout(resize, LOOK_AGAIN);
  else sayHeight(heightOf(document.documentElement));
};

// Said once: a popup may be about to come that is not to be seen yet.
const sayHeight = (height) => {
  if (height !== said) app.bridge.ask("widgetResize", { height });
  said = height;
};

const isCovered = () => {
  if (!isPopupOpen()) return performance.now() - openedAt < TO_APPEAR;
  openedAt = -Infinity;
  return true;
};

const heightOf = (element) => Math.ceil(element.getBoundingClientRect().height);

new ResizeObserver(resize).observe(document.documentElement);
hear(orderId, {
  // It may be gone again before it was seen.
  opened: () => {
    openedAt = -Infinity;
  },
  changed: () => watching.now(),
});

if (orderId) watching.now();
else app.tell("noOrder");
