// Questions to whoever acts. confirm() is blocked in the Dashboard's frames.

import { h } from "./dom.js";
import { problem } from "./parts.js";

const MARGIN = 8; // px

// Ask for a decision. `lines` say what follows from it, `fields` ask for more, `act` does it with
// their values: where it throws, the question stays and says why. Answers whether it was done.
export const question = (app, { title, lines = [], fields = [], action, danger, act }) =>
  new Promise((resolve) => {
    const before = document.activeElement;
    const refusal = problem(app);
    const yes = h(`button.${danger ? "danger" : "primary"}`, { type: "submit" }, action);
    const no = h("button", { type: "button", onclick: () => dialog.close() }, app.t("cancel"));
    let isDone = false;

    // What is being done cannot be called back: whoever closed the question would think it was.
    const setActing = (isActing) => {
      yes.disabled = no.disabled = isActing;
    };
    const submit = async (event) => {
      event.preventDefault();
      setActing(true);
      refusal.clear();
      try {
        await act(Object.fromEntries(new FormData(form)));
        isDone = true;
        dialog.close();
      } catch (trouble) {
        refusal.tell(trouble);
        setActing(false);
        fit();
      }
    };
    const form = h(
      "form",
      { onsubmit: submit },
      h("h2", { id: "dialog-title" }, title),
      lines.map((line) => h("p", {}, line)),
      fields,
      refusal.element,
      h("div.row.end", {}, no, yes),
    );
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
    const fit = async () => place(dialog, await visiblePart());
    dialog.addEventListener("close", () => {
      // By Escape, which browsers let nobody refuse for long.
      if (no.disabled && !isDone) return dialog.showModal();
      dialog.remove();
      document.body.style.minHeight = "";
      document.getElementById(before?.id)?.focus({ preventScroll: true });
      resolve(isDone);
    });
    document.body.append(dialog);
    dialog.showModal();
    fit();
  });

// The frame is as high as its content, and its middle may be out of sight.
const place = (dialog, visible) => {
  const height = dialog.offsetHeight + 2 * MARGIN;
  document.body.style.minHeight = `${height}px`;
  const page = Math.max(document.body.scrollHeight, window.innerHeight);
  const wanted = visible.top + window.scrollY + (visible.height - height) / 2;
  const top = Math.max(MARGIN, Math.min(wanted, page - height));
  dialog.style.top = `${top - window.scrollY}px`;
};

// What of the frame the page around it shows, which this observer alone is told.
const visiblePart = () =>
  new Promise((resolve) => {
    const observer = new IntersectionObserver(([{ intersectionRect }]) => {
      observer.disconnect();
      resolve(intersectionRect);
    });
    observer.observe(document.documentElement);
  });

// A labelled field; `control` is an element with a name.
export const field = (label, control, hint = "") => {
  control.id ||= `field-${control.name}`;
  const hintId = `${control.id}-hint`;
  if (hint) control.setAttribute("aria-describedby", hintId);
  return h(
    "div.field",
    {},
    h("label", { for: control.id }, label),
    control,
    hint && h("small.quiet", { id: hintId }, hint),
  );
};

export const input = (name, attributes = {}) =>
  h("input", { name, type: "text", autocomplete: "off", ...attributes });

export const textarea = (name, attributes = {}) =>
  h("textarea", { name, rows: "2", maxlength: "2000", ...attributes });

export const check = (label, name) =>
  h("label.check", {}, h("input", { name, type: "checkbox" }), label);
