// The payment links to work through: filter, search, sort, do something about many at once.

import { field, input, question } from "./dialogs.js";
import { h, icon, show } from "./dom.js";
import { Paging } from "./paging.js";
import { button, notice, pill, time } from "./parts.js";

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
  #answer = null;
  #trouble = null;
  #results = null;
  #selected = new Set();
  #paging = new Paging();
  #wanted = { search: "", status: "open", opened: "any", sent: "any" };
  #sort = { field: "CREATED_AT", direction: "DESC" };
  #timer = 0;
  #asked = 0;

  constructor(app) {
    this.#app = app;
  }

  drawInto(place) {
    this.#place = place;
    this.#draw();
    if (this.#asked === 0) this.#load();
  }

  async #load() {
    const asked = (this.#asked += 1);
    const { search, status, opened, sent } = this.#wanted;
    const filter = {
      statuses: STATUSES[status],
      opened: ANSWERS[opened],
      sent: ANSWERS[sent],
    };
    this.#trouble = null;
    try {
      const variables = { filter, search, sortBy: this.#sort, ...this.#paging.variables };
      const { paymentLinks } = await this.#app.api.ask("PaymentLinks", variables);
      if (asked !== this.#asked) return; // Another question was asked meanwhile.
      this.#answer = paymentLinks;
      const there = new Set(this.#links.map(({ id }) => id));
      this.#selected = new Set([...this.#selected].filter((id) => there.has(id)));
      this.#app.announce(this.#app.t("page.total", { count: paymentLinks.totalCount }));
    } catch (trouble) {
      this.#trouble = trouble;
    }
    this.#draw();
  }

  get #links() {
    return this.#answer?.edges.map(({ node }) => node) ?? [];
  }

  #restart() {
    this.#paging.restart();
    this.#load();
  }

  #draw() {
    if (!this.#place?.getAttribute("aria-labelledby").endsWith("links")) return;
    show(
      this.#place,
      this.#filters(),
      this.#results,
      this.#trouble && notice("critical", this.#app.wordsOf(this.#trouble)),
      this.#answer && (this.#links.length ? [this.#bar(), this.#table()] : this.#empty()),
      this.#answer &&
        this.#links.length > 0 &&
        this.#paging.buttons(this.#app, this.#answer, () => this.#load()),
      !this.#answer && !this.#trouble && h("p.quiet", {}, this.#app.t("loading")),
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
        h("tbody", {}, this.#links.map((link) => this.#row(link))),
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
      h("td.number", {}, app.formats.money(amountOf(link))),
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
    const choosable = this.#links.filter(isChoosable);
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

  // What can be done at once about what is chosen.
  #bar() {
    const app = this.#app;
    const sendable = this.#chosen(SENDABLE);
    const creatable = this.#chosen(CREATABLE);
    return h(
      "div.row.start.bar",
      {},
      sendable.length + creatable.length === 0 && h("p.quiet", {}, app.t("list.hint")),
      sendable.length > 0 &&
        this.#doing("send", "mail", sendable, (ids) => ["PaymentLinkBulkSend", { ids }]),
      creatable.length > 0 &&
        this.#doing("create", null, creatable, (_ids, orderIds) => [
          "PaymentLinkBulkCreate",
          { orderIds },
        ]),
    );
  }

  #chosen(statuses) {
    return this.#links.filter(({ id, status }) => this.#selected.has(id) && statuses.has(status));
  }

  #doing(name, picture, links, asked) {
    const app = this.#app;
    const words = app.t(`list.${name}`, { count: links.length });
    return button(app, ".primary", `${name}-all`, words, () => this.#do(name, links, asked), picture);
  }

  async #do(name, links, asked) {
    const app = this.#app;
    const ids = links.map(({ id }) => id);
    const orderIds = links.map(({ order }) => order.id);
    let answer = null;
    const isDone = await question(app, {
      title: app.t(`list.${name}`, { count: links.length }),
      lines: [app.t(`list.${name}.follows`)],
      action: app.t(`list.${name}.action`),
      act: async () => {
        answer = await app.api.change(...asked(ids, orderIds));
      },
    });
    if (isDone) this.#report(name, links, answer);
  }

  // The results come in the order of what was asked for.
  #report(name, links, { count, results }) {
    const app = this.#app;
    const refused = results
      .map(({ errors }, index) => [links[index], errors])
      .filter(([, errors]) => errors.length);
    app.toast(refused.length ? "warning" : "success", app.t(`list.${name}.done`, { count }));
    this.#results =
      refused.length > 0 &&
      notice(
        "warning",
        h("strong", {}, app.t("list.notDone", { count: refused.length })),
        refused.map(([link, [error]]) => h("p", {}, `#${link.order.number}: ${error.message}`)),
      );
    this.#selected.clear();
    this.#load();
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

// Links that can be mailed, and those whose orders may be given another one.
const SENDABLE = new Set(["ACTIVE"]);
const CREATABLE = new Set(["EXPIRED", "REVOKED"]);

const isChoosable = ({ status }) => SENDABLE.has(status) || CREATABLE.has(status);

// What is asked for over a link that is open, and else what it brought.
const amountOf = ({ status, amountDue, amountPaid }) =>
  STATUSES.open.includes(status) ? amountDue : amountPaid;
