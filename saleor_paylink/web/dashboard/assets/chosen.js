// What is looked at on the page of earnings, kept for this tab: whoever has been at an order comes
// back to the same figures.

const KEY = "paylink-earnings";
const AT_FIRST = { preset: "month", start: "", end: "", unit: "", channel: "", currency: "" };

// Without storage each visit begins anew.
export const chosen = () => {
  try {
    return { ...AT_FIRST, ...JSON.parse(sessionStorage.getItem(KEY)) };
  } catch {
    return { ...AT_FIRST };
  }
};

export const remember = (wanted) => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(wanted));
  } catch {
    // Nothing is lost but that.
  }
};
