// The widget and the popup of one order's page. The Dashboard tells neither of the other, but both
// are of one origin and lie side by side in the same page.

const channel = new BroadcastChannel("paylink");

// Whether a popup of ours lies over this frame.
export const isPopupOpen = () =>
  Array.from({ length: window.parent.length }, (_, index) => window.parent[index]).some(isPrompt);

const isPrompt = (frame) => {
  try {
    return frame.document.documentElement.dataset.frame === "prompt";
  } catch {
    return false; // not ours
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
