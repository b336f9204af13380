// Small pieces that several frames show.

import { h, icon } from "./dom.js";

const TONES = {
  AWAITING: "info",
  PROCESSING: "info",
  ACTIVE: "info",
  COLLECTED: "success",
  PAID: "success",
  SETTLED_MANUALLY: "success",
  PAID_MANUALLY: "success",
  EXPIRED: "warning",
  REJECTED: "critical",
  FAILED: "critical",
};

// A state as a pill.
export const pill = (state, words) => h(`span.pill.${TONES[state] ?? "neutral"}`, {}, words);

// A sentence that must not be missed.
export const notice = (tone, ...content) =>
  h(`div.notice.${tone}`, {}, icon("alert"), h("div", {}, content));

// Where it is said why something was not done, once it was tried.
export const problem = (app) => {
  const element = h("p.notice.critical", { role: "alert", hidden: true });
  const clear = () => {
    element.hidden = true;
  };
  const tell = (trouble) => {
    element.replaceChildren(icon("alert"), h("span", {}, app.wordsOf(trouble)));
    element.hidden = false;
  };
  return { element, clear, tell };
};

// How long ago or ahead, with the exact time for whoever asks.
export const time = (app, moment, missing = "never") =>
  moment
    ? h(
        "time",
        { datetime: moment, title: app.formats.moment(moment) },
        app.formats.age(moment, app.api.now()),
      )
    : app.t(missing);

// Names and what they stand for.
export const facts = (...pairs) =>
  h(
    "dl.facts",
    {},
    pairs
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );

// A button that does nothing more while what it does is under way, and keeps the focus meanwhile.
// What is thrown is told as a toast.
export const button = (app, look, id, words, act, picture = null) => {
  const onclick = async () => {
    if (element.ariaBusy) return;
    element.ariaBusy = "true";
    try {
      await act();
    } catch (trouble) {
      app.toast("error", app.wordsOf(trouble));
      app.announce(app.wordsOf(trouble));
    } finally {
      element.ariaBusy = null;
    }
  };
  const element = h(
    `button${look}`,
    { type: "button", id, onclick },
    picture && icon(picture),
    words,
  );
  return element;
};

// The end of a day that was chosen in a date field, by the clock of whoever chose it.
export const endOfDay = (date) => {
  if (!date) return null;
  const [year, month, day] = date.split("-").map(Number);
  return new Date(year, month - 1, day, 23, 59, 59).toISOString();
};

// Tomorrow, as a date field writes it.
export const tomorrow = () => {
  const day = new Date(Date.now() + 24 * 60 * 60 * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
};
