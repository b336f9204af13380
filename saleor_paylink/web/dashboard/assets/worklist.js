// The payment links to work through: filter, search, sort, do something about many at once.

import { bulkButtons, isChoosable, isCreatable } from "./bulk.js";
import { field, input } from "./dialogs.js";
import { h, icon, show } from "./dom.js";
import { Paging } from "./paging.js";
import { pill, time } from "./parts.js";

const TYPED = 350; // ms without a key until it is searched

const STATUSES = {
  open: ["ACTIVE", "PROCESSING"],
  EXPIRED: ["EXPIRED"],
  PAID: ["PAID"],
  PAID_MANUALLY: ["PAID_MANUALLY"],
  REVOKED: ["REVOKED"],
  all: null,
};
const ANSWERS = { any: null, yes: true, no: false };
const COLUMNS = [
  ["order"],
  ["status"],
  ["amount", "AMOUNT"],
  ["created", "CREATED_AT"],
  ["opened", "LAST_OPENED_AT"],
  ["sent"],
  ["expires", "EXPIRES_AT"],
];

export class WorkList {
  #app;
  #place = null;
  #paging;
  #results = null;
  #selected = new Set();
  #wanted = { search: "", status: "open", opened: "any", sent: "any" };
  #sort = { field: "CREATED_AT", direction: "DESC" };
  #timer = 0;

  constructor(app) {
    this.#app = app;
    this.#paging = new Paging(app, (at) => this.#ask(at), () => this.#heard());
  }

  drawInto(place) {
    this.#place = place;
    this.#draw();
    if (!this.#paging.isAsked) this.#paging.load();
  }

  async #ask(at) {
    const { search, status, opened, sent } = this.#wanted;
    const filter = {
      statuses: STATUSES[status],
      opened: ANSWERS[opened],
      sent: ANSWERS[sent],
    };
    const variables = { filter, search, sortBy: this.#sort, ...at };
    return (await this.#app.api.ask("PaymentLinks", variables)).paymentLinks;
  }

  #heard() {
    const { trouble, total, rows } = this.#paging;
    const there = new Set(rows.map(({ id }) => id));
    this.#selected = new Set([...this.#selected].filter((id) => there.has(id)));
    const app = this.#app;
    app.announce(trouble ? app.wordsOf(trouble) : app.t("page.total", { count: total }));
    this.#draw();
  }

  #restart() {
    this.#results = null;
    this.#paging.restart();
  }

  #draw() {
    if (!this.#place?.getAttribute("aria-labelledby").endsWith("links")) return;
    const { isThere, rows, trouble } = this.#paging;
    show(
      this.#place,
      this.#filters(),
      this.#results,
      trouble && this.#paging.refusal(),
      rows.length > 0 && [this.#bar(), this.#table(), this.#paging.buttons()],
      isThere && !trouble && rows.length === 0 && this.#empty(),
      !isThere && !trouble && h("p.quiet", {}, this.#app.t("loading")),
    );
  }

  #filters() {
    const app = this.#app;
    const search = input("search", {
      type: "search",
      id: "search",
      value: this.#wanted.search,
      placeholder: app.t("list.searchHint"),
      oninput: (event) => this.#type(event.target.value),
    });
    const select = (name, values) =>
      field(
        app.t(`list.${name}`),
        h(
          "select",
          { name, id: name, onchange: (event) => this.#want(name, event.target.value) },
          values.map((value) =>
            h(
              "option",
              { value, selected: value === this.#wanted[name] },
              app.t(`list.${name}.${value}`),
            ),
          ),
        ),
      );
    return h(
      "form.filters",
      { role: "search", onsubmit: (event) => event.preventDefault() },
      field(app.t("list.search"), search),
      select("status", Object.keys(STATUSES)),
      select("opened", Object.keys(ANSWERS)),
      select("sent", Object.keys(ANSWERS)),
    );
  }

  #type(search) {
    this.#wanted.search = search;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#restart(), TYPED);
  }

  #want(name, value) {
    this.#wanted[name] = value;
    this.#restart();
  }

  #table() {
    const app = this.#app;
    return h(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": app.t("tab.links") },
      h(
        "table",
        { onkeydown: (event) => this.#move(event) },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, this.#selectAll()), COLUMNS.map((of) => this.#column(of)))),
        h("tbody", {}, this.#paging.rows.map((link) => this.#row(link))),
      ),
    );
  }

  #column([name, by]) {
    const words = this.#app.t(`column.${name}`);
    if (!by) return h("th", { scope: "col" }, words);
    const isIt = this.#sort.field === by;
    const isUp = this.#sort.direction === "ASC";
    const turn = () => {
      this.#sort = { field: by, direction: isIt && !isUp ? "ASC" : "DESC" };
      this.#restart();
    };
    const order = isUp ? "ascending" : "descending";
    return h(
      "th",
      { scope: "col", "aria-sort": isIt ? order : "none" },
      h(
        "button.sort",
        { type: "button", id: `sort-${name}`, onclick: turn },
        words,
        isIt && h("span", { "aria-hidden": "true" }, isUp ? " ↑" : " ↓"),
      ),
    );
  }

  #row(link) {
    const app = this.#app;
    const { number } = link.order;
    const amount = amountOf(link);
    const go = () => app.go(`/orders/${encodeURIComponent(link.order.id)}`);
    return h(
      "tr",
      {},
      h("td", {}, this.#box(link)),
      h(
        "td",
        {},
        h("button.link", { type: "button", id: `order-${link.id}`, onclick: go }, `#${number}`),
        h("div.quiet.cut", { title: link.order.userEmail }, link.order.userEmail),
      ),
      h("td", {}, pill(link.status, app.t(`link.${link.status}`))),
      h("td.number", {}, amount ? app.formats.money(amount) : "–"),
      h("td", {}, time(app, link.createdAt)),
      h("td", {}, time(app, link.lastOpenedAt, "notYet")),
      h("td", {}, time(app, link.lastSentAt, "notYet")),
      h("td", {}, time(app, link.expiresAt, "never")),
    );
  }

  #box(link) {
    return h("input", {
      type: "checkbox",
      id: `select-${link.id}`,
      checked: this.#selected.has(link.id),
      disabled: !isChoosable(link),
      "aria-label": this.#app.t("list.select", { number: link.order.number }),
      onchange: ({ target }) => this.#select([link], target.checked),
    });
  }

  #selectAll() {
    const choosable = this.#paging.rows.filter(isChoosable);
    const chosen = choosable.filter(({ id }) => this.#selected.has(id)).length;
    return h("input", {
      type: "checkbox",
      id: "select-all",
      checked: chosen > 0 && chosen === choosable.length,
      indeterminate: chosen > 0 && chosen < choosable.length,
      disabled: choosable.length === 0,
      "aria-label": this.#app.t("list.selectAll"),
      onchange: ({ target }) => this.#select(choosable, target.checked),
    });
  }

  #select(links, isOn) {
    for (const { id } of links) {
      if (isOn) this.#selected.add(id);
      else this.#selected.delete(id);
    }
    this.#draw();
  }

  // Up and down the rows, within what stands below each other.
  #move(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const kind = event.target.id?.match(/^(select|order)-/)?.[1];
    if (!step || !kind) return;
    const below = [...event.currentTarget.querySelectorAll(`tbody [id^="${kind}-"]`)];
    below[below.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  }

  #bar() {
    const chosen = this.#paging.rows.filter(({ id }) => this.#selected.has(id));
    return bulkButtons(this.#app, chosen, (results) => {
      this.#results = results;
      this.#selected.clear();
      this.#paging.load();
    });
  }

  #empty() {
    const app = this.#app;
    const { search, status, opened, sent } = this.#wanted;
    const isNarrow = search || status !== "all" || opened !== "any" || sent !== "any";
    const name = !isNarrow ? "none" : status === "open" && !search ? "done" : "nothing";
    return h(
      "div.empty",
      {},
      icon("inbox"),
      h("h2", {}, app.t(`empty.${name}`)),
      h("p", {}, app.t(`empty.${name}.says`)),
    );
  }
}

// What is asked for over a link that is open; over one that was paid, what it brought; and of one
// that was closed, what is owed still and another link would ask for. Null: nothing over this link.
const amountOf = (link) => {
  const { status, amountDue, amountPaid } = link;
  if (STATUSES.open.includes(status)) return amountDue;
  if (status === "PAID" || amountPaid.amount > 0) return amountPaid;
  return isCreatable(link) ? link.order.paymentCollection.amountDue : null;
};
