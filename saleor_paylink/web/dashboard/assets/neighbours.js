// The widget and the popup of one order's page. The Dashboard tells neither of the other, but both
// are of one origin and lie side by side in the same page.

const channel = new BroadcastChannel("paylink");

// Whether a popup of ours lies over this frame.
export const isPopupOpen = () => isBeside("prompt");

// Whether this frame may have pages opened. What any frame of ours asks for, the Dashboard does for
// each of them: a popup that lies over a widget would have every page opened twice. The widget has
// the same buttons.
export const mayOpenPages = () => nameOf(window) !== "prompt" || !isBeside("widget");

const isBeside = (name) =>
  Array.from({ length: window.parent.length }, (_, index) => window.parent[index]).some(
    (frame) => nameOf(frame) === name,
  );

const nameOf = (frame) => {
  try {
    return frame.document.documentElement.dataset.frame;
  } catch {
    return null; // not ours
  }
};

// Tell the other that a popup of this order is there, and that the order was changed.
export const tellOpened = (orderId) => channel.postMessage({ orderId, news: "opened" });
export const tellChange = (orderId) => channel.postMessage({ orderId, news: "changed" });

// Call what is named by the news that the other has of this order: `opened`, `changed`.
export const hear = (orderId, hearers) => {
  channel.addEventListener("message", ({ data }) => {
    if (data.orderId === orderId) hearers[data.news]?.();
  });
};
