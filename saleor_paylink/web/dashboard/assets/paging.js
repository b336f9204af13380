// Pages of a list, by the contract's cursors. What was asked for last is what is shown, whichever
// answer or failure comes last.

import { h } from "./dom.js";
import { button, notice } from "./parts.js";

const LENGTH = 25;
const FIRST = { first: LENGTH };

export class Paging {
  #app;
  #ask;
  #changed;
  #at = FIRST;
  #asked = 0;
  #answer = null;
  #trouble = null;

  // `ask` answers a connection for the variables of a page; `changed` shows what has come.
  constructor(app, ask, changed) {
    this.#app = app;
    this.#ask = ask;
    this.#changed = changed;
  }

  get isAsked() {
    return this.#asked > 0;
  }

  // Whether there is something to show, be it that nothing was found.
  get isThere() {
    return this.#answer !== null;
  }

  get rows() {
    return this.#answer?.edges.map(({ node }) => node) ?? [];
  }

  get total() {
    return this.#answer?.totalCount ?? 0;
  }

  // Why the newest question was not answered.
  get trouble() {
    return this.#trouble;
  }

  restart() {
    this.#at = FIRST;
    return this.load();
  }

  // What is shown stays until there is something newer.
  async load() {
    const asked = (this.#asked += 1);
    const [answer, trouble] = await this.#ask(this.#at).then(
      (given) => [given, null],
      (thrown) => [this.#answer, thrown],
    );
    if (asked !== this.#asked) return;
    this.#answer = answer;
    this.#trouble = trouble;
    // The last row of the last page has gone: there are others before it.
    if (!trouble && this.rows.length === 0 && this.total > 0 && this.#at !== FIRST) {
      return this.restart();
    }
    this.#changed();
  }

  // Why it could not be asked, in `words` of its own where those say more, and another try.
  refusal(words = this.#app.wordsOf(this.#trouble)) {
    const again = async () => {
      await this.load();
      // The button has gone, and whoever pressed it is at the list.
      if (!this.#trouble) document.getElementById("list").focus();
    };
    return notice(
      "critical",
      h("p", {}, words),
      button(this.#app, ".link", "again", this.#app.t("tryAgain"), again),
    );
  }

  // The buttons to the pages around this one.
  buttons() {
    const { pageInfo } = this.#answer;
    const go = (name, isThere, at) =>
      h(
        "button",
        { type: "button", id: `page-${name}`, disabled: !isThere, onclick: () => this.#turn(at) },
        this.#app.t(`page.${name}`),
      );
    return h(
      "nav.row",
      { "aria-label": this.#app.t("page.pages") },
      h("span.quiet", {}, this.#app.t("page.total", { count: this.total })),
      h(
        "div.row",
        {},
        go("previous", pageInfo.hasPreviousPage, { last: LENGTH, before: pageInfo.startCursor }),
        go("next", pageInfo.hasNextPage, { first: LENGTH, after: pageInfo.endCursor }),
      ),
    );
  }

  #turn(at) {
    this.#at = at;
    this.load();
  }
}
