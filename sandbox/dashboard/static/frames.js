// One frame of an App, and what it may ask for.

const SANDBOX = "allow-same-origin allow-forms allow-scripts allow-downloads allow-popups";
const VERSIONS = { saleorVersion: "", dashboardVersion: "3.23.27" };
const LIFETIME = 300_000; // ms
const EARLIER = 30_000;
const TALLEST = 5000; // px

export const frames = new Set();

export class Frame {
  #dashboard;
  #extension;
  #origin;
  #element = document.createElement("iframe");
  #timer;

  constructor(dashboard, extension, target, place, parameters) {
    this.#dashboard = dashboard;
    this.#extension = extension;
    this.target = target;
    const src = place.dataset.src ?? extension.url;
    this.#origin = new URL(src).origin;
    this.#element.title = extension.label;
    this.#element.setAttribute("sandbox", SANDBOX);
    this.#element.src = `${src}?${this.#query(parameters)}`;
    this.#element.addEventListener("load", () => this.#greet());
    window.addEventListener("message", this.#hear);
    place.replaceChildren(this.#element);
    frames.add(this);
    // Popups are never given another token.
    if (target !== "POPUP") this.#timer = setInterval(() => this.#refresh(), LIFETIME - EARLIER);
  }

  remove() {
    clearInterval(this.#timer);
    window.removeEventListener("message", this.#hear);
    this.#element.remove();
    frames.delete(this);
  }

  tellState() {
    const { theme, locale } = this.#dashboard.state;
    this.#post({ type: "localeChanged", payload: { locale } });
    this.#post({ type: "theme", payload: { theme } });
  }

  #query(parameters) {
    const { host } = new URL(this.#dashboard.graphqlUrl);
    const own = { domain: host, saleorApiUrl: this.#dashboard.graphqlUrl, id: this.#extension.app.id };
    const query = new URLSearchParams(location.search);
    // Widgets are given these twice.
    for (const [name, value] of [...Object.entries(own), ...Object.entries(own)]) query.append(name, value);
    for (const [name, value] of Object.entries(parameters)) query.append(name, value);
    query.append("theme", this.#dashboard.state.theme);
    return query;
  }

  #post(event) {
    this.#element.contentWindow?.postMessage(event, this.#origin);
  }

  #greet() {
    this.#handshake();
    this.tellState();
  }

  #handshake() {
    const payload = { token: this.#extension.accessToken, version: 1, ...VERSIONS };
    this.#post({ type: "handshake", payload });
  }

  async #refresh() {
    const tokens = await (await fetch("/tokens")).json();
    this.#extension.accessToken = tokens[this.#extension.id];
    this.#post({ type: "tokenRefresh", payload: { token: this.#extension.accessToken } });
  }

  // The real Dashboard checks the origin alone: each frame of an App hears the others, too.
  #hear = ({ origin, data }) => {
    if (origin !== this.#origin || !data?.type || !data?.payload?.actionId) return;
    const { actionId, ...payload } = data.payload;
    const act = this.#actions[data.type];
    if (!act) {
      console.warn(`${data.type} action is invalid.`);
      return;
    }
    this.#post({ type: "response", payload: { actionId, ok: act(payload) } });
  };

  #actions = {
    notifyReady: () => {
      this.#handshake();
      return true;
    },
    notification: (payload) => this.#dashboard.notify(payload),
    redirect: (payload) => this.#dashboard.redirect(payload),
    refreshEntity: () => this.#dashboard.refresh(),
    popupClose: () => this.#dashboard.closePopup(),
    widgetResize: ({ height }) => {
      if (!(height > 0)) return false;
      this.#element.style.height = `${Math.min(Math.ceil(height), TALLEST)}px`;
      return true;
    },
    openPopup: ({ extensionIdentifier, appParams }) => {
      if (this.target !== "WIDGET") return false;
      const extension = this.#dashboard.popupOf(this.#extension.app.id, extensionIdentifier);
      return extension ? this.#dashboard.openPopup(extension, { appParams }) : false;
    },
  };
}
