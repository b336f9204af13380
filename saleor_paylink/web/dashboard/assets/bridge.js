// Saleor's App Bridge, as a frame speaks it: messages to and from the Dashboard around it.

const PATIENCE = 2500; // ms; the Dashboard answers at once, and an older one not at all

// What came of an action. Older Dashboards do not answer to what they do not know.
export const DONE = "done";
export const REFUSED = "refused";
export const UNSUPPORTED = "unsupported";

// Where the page around this one comes from. Firefox names it by the referrer only, which the
// Dashboard sets for its frames.
const dashboardOrigin = () => {
  const named = location.ancestorOrigins?.[0] ?? document.referrer;
  return named ? new URL(named).origin : null;
};

export class Bridge {
  #origin = dashboardOrigin();
  #hearers = new Map();
  #asked = new Map();
  #count = 0;

  constructor() {
    window.addEventListener("message", (event) => this.#hear(event));
  }

  // Call `hearer` with the payload of every event of that type.
  on(type, hearer) {
    this.#hearers.set(type, hearer);
  }

  // Ask the Dashboard to do something; answers DONE, REFUSED or UNSUPPORTED.
  ask(type, payload = {}) {
    if (window.parent === window || !this.#origin) return Promise.resolve(UNSUPPORTED);
    const actionId = `paylink-${Date.now()}-${(this.#count += 1)}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(actionId, UNSUPPORTED), PATIENCE);
      this.#asked.set(actionId, (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
      window.parent.postMessage({ type, payload: { ...payload, actionId } }, this.#origin);
    });
  }

  #hear(event) {
    if (event.source !== window.parent || event.origin !== this.#origin) return;
    const { type, payload } = event.data ?? {};
    if (type === "response") this.#answer(payload?.actionId, payload?.ok ? DONE : REFUSED);
    else this.#hearers.get(type)?.(payload ?? {});
  }

  #answer(actionId, outcome) {
    const resolve = this.#asked.get(actionId);
    this.#asked.delete(actionId);
    resolve?.(outcome);
  }
}
