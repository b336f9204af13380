// Pages of a list, by the contract's cursors.

import { h } from "./dom.js";

const LENGTH = 25;

export class Paging {
  #at = { first: LENGTH };

  // The variables that ask for the page.
  get variables() {
    return this.#at;
  }

  restart() {
    this.#at = { first: LENGTH };
  }

  // The buttons to the pages around this one; `turn` is called to load another.
  buttons(app, { pageInfo, totalCount }, turn) {
    const to = (at) => {
      this.#at = at;
      turn();
    };
    const go = (name, isThere, at) =>
      h(
        "button",
        { type: "button", id: `page-${name}`, disabled: !isThere, onclick: () => to(at) },
        app.t(`page.${name}`),
      );
    return h(
      "nav.row",
      { "aria-label": app.t("page.pages") },
      h("span.quiet", {}, app.t("page.total", { count: totalCount })),
      h(
        "div.row",
        {},
        go("previous", pageInfo.hasPreviousPage, { last: LENGTH, before: pageInfo.startCursor }),
        go("next", pageInfo.hasNextPage, { first: LENGTH, after: pageInfo.endCursor }),
      ),
    );
  }
}
