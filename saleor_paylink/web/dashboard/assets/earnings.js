// The page of earnings: what came in by itself, and what it is made of.

import { App } from "./app.js";
import { chosen, remember } from "./chosen.js";
import { field, input } from "./dialogs.js";
import { h, icon, show } from "./dom.js";
import { figures } from "./figures.js";
import { Movements } from "./movements.js";
import { button, notice } from "./parts.js";
import { PRESETS, UNITS, before, canBe, periodOf, rangeOf, unitOf } from "./periods.js";
import { Why } from "./why.js";

const EVER = { start: null, end: null };
const CLICK = 300; // ms until what they have left a field for is done: what they click on is there

class Earnings {
  #app;
  #shop = null; // the channels, which day it is there, and its time zone
  #wanted = chosen();
  #answer = null;
  #isAsking = false;
  #trouble = null;
  #asked = 0;
  #looked = null; // the currency whose movements are shown, and their list
  #typed = null; // the day's field that is typed into
  #why;

  constructor() {
    this.#app = new App(() => this.#draw());
    this.#why = new Why(this.#app, () => this.#filter());
  }

  async load() {
    const asked = (this.#asked += 1);
    this.#looked = null;
    this.#why.forget();
    this.#isAsking = true;
    const [answer, trouble] = await this.#ask().then(
      (given) => [given, null],
      (thrown) => [null, thrown],
    );
    if (asked !== this.#asked || !this.#app.session.isOpen) return;
    this.#answer = answer;
    this.#trouble = trouble;
    this.#isAsking = false;
    this.#draw();
    if (trouble) this.#app.announce(this.#words(trouble));
    else this.#app.announce(this.#said());
  }

  async #ask() {
    this.#shop = await this.#app.api.read("earnings/setting");
    if (!this.#shop.channels.includes(this.#wanted.channel)) this.#wanted.channel = "";
    const range = this.#range;
    const compared = before(this.#wanted.preset, range);
    const both = [range, compared].map((each) => each && this.#earned(each));
    const apart = this.#app.api.read("earnings/providers", this.#filter(range, ""));
    const [now, then, { providers }] = await Promise.all([...both, apart]);
    const found = byWeight(now);
    // A shop in which nothing ever came in is told how it does.
    const ever = found.length ? found : await this.#earned(EVER, "MONTH");
    return { range, compared, unit: this.#unit, now: found, then, providers, ever };
  }

  async #earned({ start, end }, granularity = this.#unit) {
    const { channel } = this.#wanted;
    const variables = {
      channel: channel || null,
      range: { gte: start, lte: end },
      granularity,
    };
    return (await this.#app.api.ask("PaymentEarnings", variables)).paymentEarnings;
  }

  get #range() {
    return rangeOf(this.#wanted.preset, this.#shop.today, this.#wanted);
  }

  get #unit() {
    const { unit } = this.#wanted;
    return unit && canBe(unit, this.#range) ? unit : unitOf(this.#range);
  }

  // What is looked at, as our own addresses are asked for it.
  #filter(range = this.#range, currency = this.#wanted.currency) {
    return { ...range, channel: this.#wanted.channel, currency };
  }

  get #shown() {
    const { currency } = this.#wanted;
    return this.#answer.now.filter((each) => !currency || each.currency === currency);
  }

  // The figures for who cannot see that they have changed.
  #said() {
    const { t, formats } = { t: (...named) => this.#app.t(...named), formats: this.#app.formats };
    const nets = this.#shown.map(({ net }) => `${t("figure.net")} ${formats.money(net)}`);
    return nets.join(", ") || t("empty.period");
  }

  #words(trouble) {
    return trouble.key === "denied" ? this.#app.t("earnings.denied") : this.#app.wordsOf(trouble);
  }

  #draw() {
    const app = this.#app;
    // What is typed there would begin anew. It is drawn once they are through with it.
    if (this.#typed && this.#typed === document.activeElement) return;
    app.root.removeAttribute("aria-busy");
    const isDenied = this.#trouble?.key === "denied";
    show(
      app.root,
      h("div.row", {}, h("h1", {}, app.t("earnings.title")), this.#answer && this.#download()),
      h("p.quiet", {}, app.t("earnings.says")),
      this.#shop && !isDenied && this.#filters(),
      this.#trouble && this.#refusal(),
      !this.#answer && !this.#trouble && h("p.quiet", {}, app.t("loading")),
      this.#answer && [this.#figures(), this.#why.section(this.#shop.timeZone)],
    );
  }

  // Until there are others, those of what was chosen before, and it is to be seen that they are.
  #figures() {
    const found = this.#shown;
    return h(
      "div.answers",
      { "aria-busy": this.#isAsking && "true" },
      h("p.quiet.range", {}, this.#isAsking ? this.#app.t("loading") : this.#days()),
      found.length > 1 && this.#overview(found),
      found.map((earned) => this.#block(earned)),
      found.length === 0 && this.#empty(),
    );
  }

  #days() {
    const { range } = this.#answer;
    const { today, timeZone: zone } = this.#shop;
    const isOver = range.end !== null && range.end < today;
    return this.#app.t(isOver ? "range.over" : "range.running", { days: this.#daysOf(range), zone });
  }

  // All nets at once; each leads to the rest of its currency.
  #overview(found) {
    const app = this.#app;
    const leap = (currency) => {
      const block = document.getElementById(`earned-${currency}`);
      block.scrollIntoView();
      block.focus({ preventScroll: true });
    };
    return h(
      "p.overview.row.start",
      {},
      h("span", {}, app.t("figure.net")),
      found.map(({ currency, net }) =>
        button(app, ".link", `net-of-${currency}`, app.formats.money(net), () => leap(currency)),
      ),
    );
  }

  #refusal() {
    const app = this.#app;
    const again = button(app, ".link", "again", app.t("tryAgain"), () => this.load());
    return notice("critical", h("p", {}, this.#words(this.#trouble)), again);
  }

  #filters() {
    const app = this.#app;
    const { preset, start, end, unit, channel, currency } = this.#wanted;
    const select = (name, options) =>
      field(
        app.t(`earnings.${name}`),
        h("select", { name, id: name, onchange: ({ target }) => this.#want(name, target.value) }, options),
      );
    const option = (value, words, chosen, disabled = false) =>
      h("option", { value, selected: value === chosen, disabled }, words);
    const day = (name, value, limits) =>
      field(
        app.t(`earnings.${name}`),
        input(name, { type: "date", id: name, value, ...limits, ...this.#heard(name) }),
      );
    const currencies = [...new Set([...(this.#answer?.now.map((each) => each.currency) ?? []), currency].filter(Boolean))];
    return h(
      "form.filters",
      { "aria-label": app.t("earnings.filters"), onsubmit: (event) => event.preventDefault() },
      select("preset", PRESETS.map((each) => option(each, app.t(`preset.${each}`), preset))),
      preset === "own" && [day("start", start, { max: end }), day("end", end, { min: start })],
      select("unit", [
        option("", app.t("unit.fitting"), unit),
        UNITS.map((each) => option(each, app.t(`unit.${each}`), unit, !canBe(each, this.#range))),
      ]),
      this.#shop.channels.length > 1 &&
        select("channel", [
          option("", app.t("earnings.allChannels"), channel),
          this.#shop.channels.map((each) => option(each, each, channel)),
        ]),
      currencies.length > 1 || currency
        ? select("currency", [
            option("", app.t("earnings.allCurrencies"), currency),
            currencies.map((each) => option(each, each, currency)),
          ])
        : null,
    );
  }

  // A day that is chosen is meant at once. One that is typed is another day with each key, and meant
  // once they leave it or press Enter.
  #heard(name) {
    const end = (field, wait) => {
      if (field !== this.#typed) return;
      this.#typed = null;
      const isOther = field.value !== this.#wanted[name];
      this.#wanted[name] = field.value;
      setTimeout(() => {
        // It went with all the rest where the session has ended: what says so stays.
        if (!document.getElementById(name)) return;
        if (isOther) this.#want(name, this.#wanted[name]);
        else this.#draw();
      }, wait);
    };
    return {
      onkeydown: ({ key, target }) => (key === "Enter" ? end(target, 0) : (this.#typed = target)),
      onchange: ({ target }) => target === this.#typed || this.#want(name, target.value),
      onblur: ({ target }) => end(target, CLICK),
    };
  }

  #want(name, value) {
    this.#wanted[name] = value;
    if (name === "preset" && value === "own") this.#beginOwn();
    remember(this.#wanted);
    this.load();
    this.#draw();
  }

  // From what was looked at.
  #beginOwn() {
    const { start, end } = this.#answer?.range ?? {};
    this.#wanted.start ||= start ?? "";
    this.#wanted.end ||= end ?? this.#shop.today;
  }

  #block(earned) {
    const { compared: range, then, providers, unit } = this.#answer;
    const { currency, series } = earned;
    const block = figures(this.#app, {
      earned,
      compared: range && {
        range,
        before: then.find((each) => each.currency === currency),
        isRunning: this.#isRunningDay,
      },
      providers,
      name: (point) => this.#periodName(point.start, unit),
      mark: (point) => this.#mark(point.start, unit, series),
      look: (point) => this.#look(currency, point),
    });
    if (this.#looked?.currency === currency) block.append(this.#looked.list.element);
    return block;
  }

  get #isRunningDay() {
    const { start, end } = this.#answer.range;
    return start === end && end === this.#shop.today;
  }

  #periodName(start, unit) {
    const { formats } = this.#app;
    if (unit === "MONTH") return formats.month(start);
    return unit === "DAY" ? formats.date(start) : this.#app.t("week", { day: formats.date(start) });
  }

  // The year where it is not the same all along.
  #mark(start, unit, series) {
    const { formats } = this.#app;
    if (unit === "MONTH") return formats.month(start, "short");
    const [first, last] = [series.at(0), series.at(-1)].map((point) => point.start.slice(0, 4));
    return first === last ? formats.dayAndMonth(start) : formats.date(start);
  }

  #look(currency, point) {
    const { range, unit } = this.#answer;
    const period = point ? periodOf(point.start, unit, range) : range;
    const words = point ? this.#periodName(point.start, unit) : this.#rangeName(range);
    const list = new Movements(this.#app, this.#shop.timeZone, this.#filter(period, currency), words);
    this.#looked = { currency, list };
    this.#draw();
    document.getElementById("list").focus();
  }

  #rangeName(range) {
    const { preset } = this.#wanted;
    return preset === "own" ? this.#daysOf(range) : this.#app.t(`preset.${preset}`);
  }

  #daysOf({ start, end }) {
    const { formats } = this.#app;
    if (start && end) return formats.days(start, end);
    return [start, end ?? this.#shop.today].map((day) => (day ? formats.date(day) : "…")).join(" – ");
  }

  #download() {
    const app = this.#app;
    const act = async () => {
      await app.api.download("earnings/export", this.#filter(), () => app.toast("error", app.t("failed")));
      app.toast("info", app.t("download.begun"));
    };
    return button(app, "", "download", app.t("download"), act, "download");
  }

  #empty() {
    const app = this.#app;
    const name = this.#answer.ever.length ? "period" : "earnings";
    return h(
      "div.empty",
      {},
      icon("inbox"),
      h("h2", {}, app.t(`empty.${name}`)),
      h("p", {}, app.t(`empty.${name}.says`)),
    );
  }
}

// What most of the payments were made in comes first.
const byWeight = (earned) => earned.toSorted((one, other) => other.paymentCount - one.paymentCount);

new Earnings().load();
