// The page of all payment links: what is to be followed up, and what needs a person.

import { App } from "./app.js";
import { h, show } from "./dom.js";
import { Exceptions } from "./exceptions.js";
import { WorkList } from "./worklist.js";

const app = new App(() => draw());
const lists = { links: new WorkList(app), exceptions: new Exceptions(app) };
const place = h("div", { id: "list", role: "tabpanel", tabindex: "-1" });
let chosen = app.parameters.get("tab") === "exceptions" ? "exceptions" : "links";

const tab = (name) =>
  h(
    "button",
    {
      type: "button",
      role: "tab",
      id: `tab-${name}`,
      "aria-controls": "list",
      "aria-selected": String(name === chosen),
      tabindex: name === chosen ? "0" : "-1",
      onclick: () => choose(name),
    },
    app.t(`tab.${name}`),
    name === "exceptions" && lists.exceptions.count > 0 && count(lists.exceptions.count),
  );

const count = (number) => h("span.count", {}, String(number));

const choose = (name) => {
  chosen = name;
  draw();
  document.getElementById(`tab-${name}`).focus();
};

const OTHER = { links: "exceptions", exceptions: "links" };

const move = ({ key }) => {
  if (key === "ArrowLeft" || key === "ArrowRight") choose(OTHER[chosen]);
};

const draw = () => {
  app.root.removeAttribute("aria-busy");
  place.setAttribute("aria-labelledby", `tab-${chosen}`);
  show(
    app.root,
    h("h1", {}, app.t("title")),
    h("div.tabs", { role: "tablist", "aria-label": app.t("title"), onkeydown: move }, Object.keys(lists).map(tab)),
    place,
  );
  lists[chosen].drawInto(place);
};

draw();
// Their number stands on the tab. Without access there is nothing to be seen but that.
lists.exceptions.load().then(() => app.session.isOpen && draw());
