// Elements, made without ever reading text as markup.

const SVG = "http://www.w3.org/2000/svg";

// h("button.primary", { type: "button", onclick }, "Send"): attributes by their names, listeners
// by on…, properties that are no attributes (value, checked) as such. Children are elements or
// text; null and false are left out.
export const h = (what, attributes = {}, ...children) => {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(Infinity).filter(isShown));
  return element;
};

const isShown = (child) => child !== null && child !== undefined && child !== false;

const PROPERTIES = new Set(["value", "checked", "indeterminate"]);

const set = (element, name, value) => {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
};

// A picture of strokes that says nothing which is not said in words too.
const ICONS = {
  copy: "M9 9h11v11H9z M5 15H4V4h11v1",
  done: "M4 12l5 5L20 6",
  mail: "M3 6h18v12H3z M3 7l9 7 9-7",
  qr: "M4 4h6v6H4z M14 4h6v6h-6z M4 14h6v6H4z M14 14h2v2h-2z M18 18h2v2h-2z",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12z M12 9a3 3 0 100 6 3 3 0 000-6z",
  out: "M14 4h6v6 M20 4L10 14 M18 14v6H4V6h6",
  alert: "M12 3l10 18H2z M12 10v5 M12 18v.5",
  download: "M12 3v12 M7 10l5 5 5-5 M4 20h16",
  inbox: "M3 13l3-9h12l3 9v7H3z M3 13h5l2 3h4l2-3h5",
};

export const icon = (name) =>
  drawn("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, drawn("path", { d: ICONS[name] }));

// A part of a picture, as `h` makes elements.
export const drawn = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...children.flat(Infinity).filter(isShown));
  return element;
};

// Show `children` in place of what `root` shows, without taking the focus or an open part away
// from whoever is there: they are known by their ids.
export const show = (root, ...children) => {
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  const opened = [...root.querySelectorAll("details[open][id]")].map(({ id }) => id);
  root.replaceChildren(...children.flat(Infinity).filter(isShown));
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
};
