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

// Tell the other that this order was changed here.
export const tellChange = (orderId) => channel.postMessage(orderId);

// Call `hearer` when the other has changed the order.
export const onChange = (orderId, hearer) => {
  channel.addEventListener("message", ({ data }) => data === orderId && hearer());
};
