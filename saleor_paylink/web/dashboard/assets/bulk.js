// What is done about several links at once.

import { question } from "./dialogs.js";
import { h } from "./dom.js";
import { button, notice } from "./parts.js";

// Links that can be mailed, and those whose orders may be given another one.
const SENDABLE = new Set(["ACTIVE"]);
const CREATABLE = new Set(["EXPIRED", "REVOKED"]);
const OWING = new Set(["OFFERED", "AWAITING"]);

const isSendable = ({ status }) => SENDABLE.has(status);

// An order that has been given a newer link needs none, and one that owes nothing can have none.
export const isCreatable = ({ id, status, order }) =>
  CREATABLE.has(status) &&
  order.paymentLink?.id === id &&
  OWING.has(order.paymentCollection?.status);

export const isChoosable = (link) => isSendable(link) || isCreatable(link);

// The buttons for what is chosen. `report` is given what was asked for once it was done.
export const bulkButtons = (app, chosen, report) => {
  const [sendable, creatable] = [chosen.filter(isSendable), chosen.filter(isCreatable)];
  const doing = (name, picture, links, ...asked) =>
    links.length > 0 &&
    button(
      app,
      ".primary",
      `${name}-all`,
      app.t(`list.${name}`, { count: links.length }),
      () => doTogether(app, name, links, asked, report),
      picture,
    );
  const ids = sendable.map(({ id }) => id);
  const orderIds = creatable.map(({ order }) => order.id);
  return h(
    "div.row.start.bar",
    {},
    chosen.length === 0 && h("p.quiet", {}, app.t("list.hint")),
    doing("send", "mail", sendable, "PaymentLinkBulkSend", { ids }),
    doing("create", null, creatable, "PaymentLinkBulkCreate", { orderIds }),
  );
};

const doTogether = async (app, name, links, asked, report) => {
  let answer = null;
  const isDone = await question(app, {
    title: app.t(`list.${name}`, { count: links.length }),
    lines: [app.t(`list.${name}.follows`), app.t(`list.${name}.how`)],
    action: app.t(`list.${name}.action`),
    act: async () => {
      answer = await app.api.change(...asked);
    },
  });
  if (isDone) report(outcome(app, name, links, answer));
};

// What became of each; nothing but a toast where all was done. The results come in the order of
// what was asked for.
const outcome = (app, name, links, { count, results }) => {
  const refused = results
    .map(({ errors }, index) => [links[index], errors])
    .filter(([, errors]) => errors.length);
  app.toast(refused.length ? "warning" : "success", app.t(`list.${name}.done`, { count }));
  return (
    refused.length > 0 &&
    notice(
      "warning",
      h("strong", {}, app.t("list.notDone", { count: refused.length })),
      refused.map(([link, [error]]) => h("p", {}, `#${link.order.number}: ${error.message}`)),
    )
  );
};
