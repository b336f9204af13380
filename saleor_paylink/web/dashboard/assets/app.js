// What every frame starts with: its texts, its session, its place in the Dashboard.

import { Api } from "./api.js";
import { Bridge, DONE } from "./bridge.js";
import { copyText } from "./copying.js";
import { h, show } from "./dom.js";
import { Formats } from "./formats.js";
import { Session } from "./session.js";

const boot = JSON.parse(document.getElementById("boot").textContent);
const root = document.getElementById("root");
const news = document.getElementById("news");
const above = h("p.notice.warning.above", { role: "alert", hidden: true });
root.before(above);

const LONG = 10_000; // ms that a frame may take until it shows something

export class App {
  parameters = new URLSearchParams(location.search);
  root = root;
  #texts = boot.texts;
  #said = "";
  #isMet = false;

  // `draw` shows the frame anew: in another language, or once it may be used again.
  constructor(draw) {
    this.draw = draw;
    this.bridge = new Bridge();
    this.session = new Session(`${boot.root}session`, () => this.tell("expired"));
    this.api = new Api(boot, this.session);
    this.formats = new Formats(boot.lang);
    // The first drawing of the Dashboard may not say it yet; its message follows.
    this.#dress(this.parameters.get("theme"));
    this.bridge.on("handshake", ({ token }) => this.#meet(token));
    this.bridge.on("tokenRefresh", ({ token }) => this.#refresh(token));
    this.bridge.on("theme", ({ theme }) => this.#dress(theme));
    this.bridge.on("localeChanged", ({ locale }) => this.#speak(locale));
    this.bridge.ask("notifyReady");
    setTimeout(() => this.#doubt(), LONG);
  }

  // The text of that name; `values` fill its {places}, of which `count` chooses the plural.
  t(name, values = {}) {
    let text = this.#texts[name];
    if (typeof text === "object") {
      text = text[this.formats.plurals.select(values.count)] ?? text.other;
    }
    const written = (value) => (typeof value === "number" ? this.formats.number(value) : value);
    return text.replace(/\{(\w+)\}/g, (place, key) => written(values[key]) ?? place);
  }

  // The words for what was thrown.
  wordsOf(trouble) {
    return trouble.message || this.t(trouble.key ?? "failed");
  }

  // Say it to who cannot see the change; once, until something else is said.
  announce(words) {
    if (words !== this.#said) news.textContent = words;
    this.#said = words;
  }

  // Nothing but one sentence, for a frame that can show nothing else.
  tell(name) {
    root.removeAttribute("aria-busy");
    show(root, h("p.notice.warning", { role: "alert" }, this.t(name)));
  }

  // One sentence above what the frame shows, as long as it is true; null: none any more.
  warn(name) {
    const words = name ? this.t(name) : "";
    if (words !== above.textContent) above.textContent = words;
    above.hidden = !name;
  }

  // A page outside, in a tab of its own. The Dashboard opens it, because what a frame opens is as
  // limited as the frame. It refuses one on its own host, which it takes for a page of its own:
  // the address is copied then, and `words` name the text that says so.
  async open(url, words = "openByHand") {
    const outcome = await this.bridge.ask("redirect", { to: url, newContext: true });
    if (outcome !== DONE && (await copyText(url))) this.toast("info", this.t(words));
  }

  // A page of the Dashboard.
  go(path) {
    this.bridge.ask("redirect", { to: path });
  }

  toast(status, title) {
    this.bridge.ask("notification", { status, title });
  }

  #meet(token) {
    this.#isMet = true;
    return this.session.take(token);
  }

  // Nobody waits for ever: without the Dashboard's word there is no session, and without the shop's
  // nothing to show.
  #doubt() {
    if (root.ariaBusy) this.tell(this.#isMet ? "offline" : "noDashboard");
  }

  async #refresh(token) {
    const wasOpen = this.session.isOpen;
    await this.session.take(token);
    if (!wasOpen) this.draw();
  }

  #dress(theme) {
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  }

  async #speak(locale) {
    if (!locale || locale === this.formats.locale) return;
    this.formats = new Formats(locale);
    this.api.locale = locale;
    const response = await fetch(`${boot.root}texts/${encodeURIComponent(locale)}`, {
      credentials: "omit",
    });
    if (response.ok) {
      const { lang, dir, texts } = await response.json();
      this.#texts = texts;
      Object.assign(document.documentElement, { lang, dir });
    }
    this.draw();
  }
}
