// Amounts and times for people, in the Dashboard's language.

const MINUTE = 60_000;
const STEPS = [
  [MINUTE, 60, "minute"],
  [60 * MINUTE, 24, "hour"],
  [24 * 60 * MINUTE, 30, "day"],
  [30 * 24 * 60 * MINUTE, 12, "month"],
  [365 * 24 * 60 * MINUTE, Infinity, "year"],
];

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
    return new Intl.NumberFormat(this.locale, { ...style, ...fractions }).format(amount);
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

  month(text) {
    return this.#calendar(text, { month: "long", year: "numeric" });
  }

  #calendar(text, style) {
    return new Intl.DateTimeFormat(this.locale, { ...style, timeZone: "UTC" }).format(new Date(text));
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
