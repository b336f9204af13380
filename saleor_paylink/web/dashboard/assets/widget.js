// The frame beside an order: the state of its payment, live.

import { Actions } from "./actions.js";
import { App } from "./app.js";
import { prompt } from "./asking.js";
import { DONE } from "./bridge.js";
import { show } from "./dom.js";
import { panel, stateOf } from "./panel.js";
import { Watching } from "./watching.js";

const POPUP = "paylink-prompt";
// Nobody tells the frame that the popup was closed: after so many ms it is not waited for any more.
const ANSWERED_WITHIN = 10 * 60_000;
const MOST_REMEMBERED = 100;
const REMEMBERED = "paylink.prompted";

const app = new App(() => {
  if (form) ask();
  else draw();
});
const orderId = app.parameters.get("orderId") ?? app.parameters.get("draftOrderId");
const watching = new Watching(
  app,
  orderId,
  () => draw(),
  () => app.bridge.ask("refreshEntity"),
  () => isPopupOpen && performance.now() - openedAt < ANSWERED_WITHIN,
);
const actions = new Actions(app, orderId, () => watching.now());

let form = null; // the prompt, where this frame shows it itself
let isPopupOpen = false;
let openedAt = 0;

const draw = () => {
  const { order } = watching;
  if (!order) return;
  const { promptPending } = order.paymentCollection;
  app.root.removeAttribute("aria-busy");
  if (!promptPending) isPopupOpen = false;
  show(app.root, form ?? panel(app, order, actions, collect));
  app.announce(app.t(`status.${stateOf(order)}`));
  if (promptPending && isFirstTime(orderId)) collect();
};

// Ask whether to collect: in a popup, or right here where the Dashboard cannot open one.
const collect = async () => {
  const appParams = btoa(JSON.stringify({ orderId }));
  isPopupOpen = true;
  openedAt = performance.now();
  const outcome = await app.bridge.ask("openPopup", { extensionIdentifier: POPUP, appParams });
  if (outcome === DONE) {
    watching.now();
    return;
  }
  isPopupOpen = false;
  ask();
};

const ask = () => {
  form = prompt(app, watching.order, actions, () => {
    form = null;
    draw();
  });
  draw();
};

// The prompt comes by itself once for an order. Nothing secret is kept: only its id.
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

// The Dashboard sizes every frame of ours by what one of them says: while the popup is open, it
// would be made as small as this one.
const resize = () => {
  if (isPopupOpen) return;
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  app.bridge.ask("widgetResize", { height });
};
new ResizeObserver(resize).observe(document.documentElement);
for (const sign of ["pointerdown", "focusin"]) {
  // Whoever is here has closed the popup, which lay over this frame.
  window.addEventListener(sign, () => {
    if (!isPopupOpen) return;
    isPopupOpen = false;
    resize();
  });
}

if (orderId) watching.now();
else app.tell("noOrder");
