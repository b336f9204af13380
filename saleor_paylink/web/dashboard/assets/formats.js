// Amounts and times for people, in the Dashboard's language.

const MINUTE = 60_000;
const STEPS = [
  [MINUTE, 60, "minute"],
  [60 * MINUTE, 24, "hour"],
  [24 * 60 * MINUTE, 30, "day"],
  [30 * 24 * 60 * MINUTE, 12, "month"],
  [365 * 24 * 60 * MINUTE, Infinity, "year"],
];

const OF_RIGHT_TO_LEFT = /[\u200f\u061c\u0590-\u08ff]/;
const [LEFT_TO_RIGHT, FIRST_STRONG, END] = ["\u2066", "\u2068", "\u2069"];

// A number with its currency. Where one writes to the left, what stands around it would tear its
// sign, its digits and a currency of letters apart: each is kept together, and so are all of them.
const written = (format, amount) => {
  const parts = format.formatToParts(amount);
  const text = parts.map(({ value }) => value).join("");
  if (!OF_RIGHT_TO_LEFT.test(text)) return text;
  const [currency, number] = [[], []];
  for (const { type, value } of parts) (type === "currency" ? currency : number).push(value);
  const kept = [number, currency].map((each) => each.join("").replace(/[\u200e\u200f\u061c]/g, "").trim());
  return `${FIRST_STRONG}\u200f${kept.map((each) => LEFT_TO_RIGHT + each + END).join("\u00a0")}${END}`;
};

export class Formats {
  constructor(locale) {
    this.locale = locale;
    this.plurals = new Intl.PluralRules(locale);
  }

  // The exact amount. Some currencies are usually written without decimals that an amount can
  // well have: a digit that is owed is never hidden.
  money({ amount, currency }) {
    const style = { style: "currency", currency };
    const usual = new Intl.NumberFormat(this.locale, style).resolvedOptions().maximumFractionDigits;
    const exact = (String(amount).split(".")[1] ?? "").length;
    const digits = exact <= usual ? usual : Math.max(exact, 2);
    const fractions = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return written(new Intl.NumberFormat(this.locale, { ...style, ...fractions }), amount);
  }

  // About so much, in few characters.
  rough({ amount, currency }) {
    const style = { style: "currency", currency, notation: "compact", maximumSignificantDigits: 3 };
    return written(new Intl.NumberFormat(this.locale, style), amount);
  }

  // Date and time, or the date alone.
  moment(text, timeZone) {
    const style = { dateStyle: "medium", timeStyle: "short", timeZone };
    return new Intl.DateTimeFormat(this.locale, style).format(new Date(text));
  }

  day(text) {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "medium" }).format(new Date(text));
  }

  // A day that was written without a time, as the shop's days are.
  date(text) {
    return this.#calendar(text, { dateStyle: "medium" });
  }

  // Days from the one to the other, or that one day.
  days(start, end) {
    const style = { dateStyle: "medium", timeZone: "UTC" };
    return new Intl.DateTimeFormat(this.locale, style).formatRange(new Date(start), new Date(end));
  }

  // A day as short as can be.
  dayAndMonth(text) {
    return this.#calendar(text, { month: "short", day: "numeric" });
  }

  month(text, month = "long") {
    return this.#calendar(text, { month, year: "numeric" });
  }

  #calendar(text, style) {
    return new Intl.DateTimeFormat(this.locale, { ...style, timeZone: "UTC" }).format(new Date(text));
  }

  number(count) {
    return new Intl.NumberFormat(this.locale).format(count);
  }

  percent(share) {
    const style = { style: "percent", maximumFractionDigits: 1 };
    return new Intl.NumberFormat(this.locale, style).format(share);
  }

  // "5 minutes ago", "in 3 days", as seen from `now`.
  age(text, now) {
    const distance = new Date(text) - now;
    const words = new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" });
    for (const [unit, most, name] of STEPS) {
      const count = Math.round(distance / unit);
      if (Math.abs(count) < most) return words.format(count, count === 0 ? "second" : name);
    }
    return this.day(text);
  }
}
