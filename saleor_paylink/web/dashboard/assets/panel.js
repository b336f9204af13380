// All that staff see of one order's payment, and the buttons beside it.

import { copy } from "./copying.js";
import { h, icon } from "./dom.js";
import { mayOpenPages } from "./neighbours.js";
import { button, facts, notice, pill, time } from "./parts.js";

const SHOWN_AT_ONCE = 4;
const STOPPED = "off"; // what an order's private metadata say of reminders that staff have stopped
const PAYING_FOR = 30 * 60_000; // ms after which an open session is no sign of a customer any more

// The collection's state, of which the contract does not tell a link apart whose time is over.
export const stateOf = ({ paymentCollection: { status }, paymentLink: link }) =>
  status === "AWAITING" && link?.status === "EXPIRED" ? "EXPIRED" : status;

// Whether a session is open at the provider which a customer may be filling in right now, that is
// at `now` by the shop's clock.
export const isPayingNow = ({ paymentLink: link }, now) =>
  Boolean(
    link?.attempts.some(
      ({ status, createdAt }) =>
        status === "OPEN" && now - new Date(createdAt) < PAYING_FOR,
    ),
  );

// Whether a link can be made: the first one, or another for what a deposit left due.
export const isCollectable = (order) => {
  const state = stateOf(order);
  return ["OFFERED", "SKIPPED"].includes(state) || saysOf(state, order.paymentLink) === "says.REST";
};

// Whether the customer can pay over that link, or has paid by a method that takes days.
export const isInForce = (link) => ["ACTIVE", "PROCESSING"].includes(link?.status);

// `collect` is called where staff want to make a link.
export const panel = (app, order, actions, collect) => {
  const state = stateOf(order);
  const { paymentCollection: collection, paymentLink: link } = order;
  return [
    head(app, state, order),
    collection.exceptions.some(({ resolution }) => !resolution) && attention(app, collection),
    isPayingNow(order, app.api.now()) && h("p.live", {}, h("i"), app.t("payingNow")),
    collection.warnings.map((warning) => notice("warning", app.t(`warning.${warning}`))),
    mainAction(app, state, order, actions, collect),
    link && isOpen(link, state) && linkFacts(app, order, actions),
    link && more(app, state, order, actions),
    link?.attempts.length > 0 && attempts(app, link, collection.methods),
    link?.events.length > 0 && timeline(app, link),
  ];
};

const isOpen = (link, state) =>
  ["ACTIVE", "PROCESSING", "EXPIRED"].includes(link.status) && state !== "REJECTED";

const head = (app, state, { paymentCollection: collection, paymentLink: link }) => {
  const isPaid = state === "COLLECTED" && link;
  const shown = isPaid ? link.amountPaid : collection.amountDue;
  const says =
    state === "UNAVAILABLE" ? `reason.${collection.reason}` : saysOf(state, link);
  return h(
    "header",
    {},
    h(
      "div.row",
      {},
      pill(state, app.t(`status.${state}`)),
      shown.amount > 0 &&
        h("p.amount", { "aria-label": app.t(isPaid ? "paid" : "due") }, app.formats.money(shown)),
    ),
    h("p.quiet", {}, app.t(says)),
  );
};

const saysOf = (state, link) =>
  state === "AWAITING" && link?.status === "PAID" ? "says.REST" : `says.${state}`;

const attention = (app, { exceptions }) => {
  const open = exceptions.filter(({ resolution }) => !resolution);
  const appId = app.parameters.get("id");
  const goThere = () =>
    app.go(`/extensions/app/${encodeURIComponent(appId)}/links?tab=exceptions`);
  return notice(
    "critical",
    h("strong", {}, app.t("attention", { count: open.length })),
    open.map((each) => h("p", {}, `${app.formats.money(each.amount)}: ${each.message}`)),
    appId &&
      mayOpenPages() &&
      h("button.link", { type: "button", id: "see-exceptions", onclick: goThere }, app.t("decide")),
  );
};

const mainAction = (app, state, order, actions, collect) => {
  const link = order.paymentLink;
  if (isCollectable(order)) {
    return button(app, ".primary.wide", "collect", app.t("collect"), collect);
  }
  if (!link || !["AWAITING", "EXPIRED"].includes(state)) return null;
  if (state === "EXPIRED") {
    return button(app, ".primary.wide", "extend", app.t("extend.action"), () =>
      actions.extend(link),
    );
  }
  const sending = app.t(link.lastSentAt ? "sendAgain" : "sendByMail");
  return [
    sharing(app, link, actions),
    button(app, ".primary.wide", "send", sending, () => actions.send(link, order), "mail"),
  ];
};

const sharing = (app, link, actions) => {
  const address = h("input", {
    id: "link-url",
    type: "text",
    readonly: true,
    value: link.url,
    "aria-label": app.t("linkAddress"),
    onfocus: (event) => event.target.select(),
  });
  const copying = async () => {
    const isCopied = await copy(address);
    const words = app.t(isCopied ? "copied" : "copyByHand");
    app.announce(words);
    copied.replaceChildren(icon(isCopied ? "done" : "copy"), app.t(isCopied ? "copied" : "copy"));
    if (isCopied) copied.focus();
    else app.toast("info", words);
  };
  const copied = h(
    "button",
    { type: "button", id: "copy", onclick: copying },
    icon("copy"),
    app.t("copy"),
  );
  return h(
    "div.sharing",
    {},
    h("div.joined", {}, address, copied),
    h(
      "div.row",
      {},
      qrCode(app, link, actions),
      mayOpenPages() && preview(app, link),
    ),
  );
};

const qrCode = (app, link, actions) => {
  const image = h("img", { alt: app.t("qrAlt"), width: "200", height: "200", hidden: true });
  const ontoggle = async () => {
    if (!code.open) return;
    try {
      image.src = await actions.qrCode(link);
      image.hidden = false;
    } catch (trouble) {
      code.open = false;
      app.toast("error", app.wordsOf(trouble));
    }
  };
  const code = h(
    "details.qr",
    { id: "qr", ontoggle },
    h("summary", {}, icon("qr"), app.t("qr")),
    image,
  );
  return code;
};

// What staff see does not count as a visit.
const preview = (app, link) =>
  button(
    app,
    ".plain",
    "preview",
    app.t("preview"),
    () => app.open(`${link.url}?preview`, "previewByHand"),
    "eye",
  );

const linkFacts = (app, order, actions) => {
  const link = order.paymentLink;
  return facts(
    [app.t("fact.opened"), time(app, link.lastOpenedAt, "notYet")],
    [app.t("fact.sent"), time(app, link.lastSentAt, "notYet")],
    [app.t("fact.expires"), time(app, link.expiresAt, "never")],
    [app.t("fact.reminder"), reminder(app, order, actions)],
    [app.t("fact.deposit"), link.requestedAmount && app.formats.money(link.requestedAmount)],
    [app.t("fact.note"), link.message],
  );
};

// When the customer is reminded next, with a way to stop that, or to take that back. Both buttons
// have one id: the focus stays where it was.
const reminder = (app, { reminders, paymentLink: link }, actions) => {
  const choice = (words, act) => button(app, ".link", "reminders", app.t(words), act);
  if (link.status === "ACTIVE" && reminders === STOPPED) {
    return [
      app.t("reminders.stopped"),
      " ",
      choice("reminders.resume", () => actions.resumeReminders()),
    ];
  }
  return (
    link.nextReminderAt && [
      time(app, link.nextReminderAt),
      " ",
      choice("reminders.stop", () => actions.stopReminders()),
    ]
  );
};

const more = (app, state, order, actions) => {
  const link = order.paymentLink;
  if (!["AWAITING", "PROCESSING", "EXPIRED"].includes(state)) return null;
  const waits = state !== "PROCESSING" && link.status !== "PAID";
  const item = (id, act, look = "") => button(app, look, id, app.t(`more.${id}`), act);
  return h(
    "section.more",
    { "aria-label": app.t("more") },
    waits && item("markPaid", () => actions.markPaid(order)),
    waits && item("reject", () => actions.reject(order), ".critical"),
    h(
      "details",
      { id: "more" },
      h("summary", {}, app.t("more")),
      item("sync", () => actions.sync(link)),
      waits && item("extendLink", () => actions.extend(link)),
      waits && item("rotate", () => actions.rotate(link)),
      waits && item("revoke", () => actions.revoke(link), ".critical"),
    ),
  );
};

const attempts = (app, link, methods) => {
  const nameOf = (id) => methods.find((method) => method.id === id)?.name ?? plain(id);
  const row = (attempt) =>
    h(
      "li",
      {},
      h(
        "div.row",
        {},
        h("span", {}, nameOf(attempt.method), " ", h("b", {}, app.formats.money(attempt.amount))),
        pill(attempt.status, app.t(`attempt.${attempt.status}`)),
      ),
      attempt.failureReason && h("p", {}, attempt.failureReason),
      h(
        "div.row.quiet",
        {},
        time(app, attempt.createdAt),
        attempt.providerUrl && mayOpenPages() && outside(app, attempt),
      ),
    );
  return history(app, "attempts", link.attempts, row);
};

// "stripe:us_bank_account" in words, for a method that is not offered now.
const plain = (id) => capitalized(id.split(":").pop().replaceAll("_", " "));

const capitalized = (text) => text[0].toUpperCase() + text.slice(1);

const outside = (app, { id, providerUrl, provider }) => {
  const words = app.t("seeAtProvider", { provider: capitalized(provider) });
  return h(
    "button.link",
    { type: "button", id: `at-${id}`, onclick: () => app.open(providerUrl) },
    words,
    icon("out"),
  );
};

const timeline = (app, link) => {
  const row = (event) =>
    h(
      "li",
      {},
      h("p", {}, event.message),
      h("p.quiet", {}, time(app, event.at), event.actor && ` · ${event.actor}`),
    );
  return history(app, "timeline", link.events, row);
};

// The newest rows, and the older ones for who wants them. `rows` come oldest first.
const history = (app, name, rows, row) => {
  const newestFirst = rows.toReversed().map(row);
  const older = newestFirst.slice(SHOWN_AT_ONCE);
  return h(
    "section",
    { "aria-labelledby": `${name}-title` },
    h("h3", { id: `${name}-title` }, app.t(name)),
    h(`ul.${name}`, {}, newestFirst.slice(0, SHOWN_AT_ONCE)),
    older.length > 0 &&
      h(
        "details",
        { id: `${name}-older` },
        h("summary", {}, app.t("older", { count: older.length })),
        h(`ul.${name}`, {}, older),
      ),
  );
};
