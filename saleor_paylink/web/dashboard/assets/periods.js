// Days of the shop, as text (2026-11-30), and the stretches of them that can be looked at.

const DAY = 24 * 60 * 60 * 1000; // ms

export const PRESETS = [
  "today",
  "yesterday",
  "week",
  "seven",
  "thirty",
  "month",
  "lastMonth",
  "year",
  "lastYear",
  "twelve",
  "all",
  "own",
];
export const UNITS = ["DAY", "WEEK", "MONTH"];

// The most points that a series may have: saleor_paylink/earnings/report.py.
const MOST_POINTS = 1100;
// Up to how many days bars are still told apart.
const BY_DAY = 45;
const BY_WEEK = 200;

const at = (year, month, day) => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

const parts = (text) => {
  const [year, month, day] = text.split("-").map(Number);
  return [year, month - 1, day];
};

export const plusDays = (text, days) => {
  const [year, month, day] = parts(text);
  return at(year, month, day + days);
};

// So many months later, on the same day, or on the month's last where that has none such.
const plusMonths = (text, months) => {
  const [year, month, day] = parts(text);
  const last = at(year, month + months + 1, 0);
  return day < parts(last)[2] ? at(year, month + months, day) : last;
};

// Weeks begin on Mondays, as the shop's do.
const mondayOf = (text) => plusDays(text, -((new Date(text).getUTCDay() + 6) % 7));

// What a preset means on the day `today`. Null for an end that is open.
export const rangeOf = (preset, today, own) => {
  const [year, month] = parts(today);
  const yesterday = plusDays(today, -1);
  const ranges = {
    today: [today, today],
    yesterday: [yesterday, yesterday],
    week: [mondayOf(today), today],
    seven: [plusDays(today, -6), today],
    thirty: [plusDays(today, -29), today],
    month: [at(year, month, 1), today],
    lastMonth: [at(year, month - 1, 1), at(year, month, 0)],
    year: [at(year, 0, 1), today],
    lastYear: [at(year - 1, 0, 1), at(year - 1, 11, 31)],
    twelve: [at(year, month - 11, 1), today],
    all: [null, null],
    own: inOrder(own.start || null, own.end || null),
  };
  const [start, end] = ranges[preset];
  return { start, end };
};

// Whoever mixes up the two means the days between them.
const inOrder = (start, end) => (start && end && start > end ? [end, start] : [start, end]);

// How many days; null where an end is open.
export const lengthOf = ({ start, end }) =>
  start && end ? Math.round((new Date(end) - new Date(start)) / DAY) + 1 : null;

// How many months lie between the beginnings of what is compared; none: as many days as it has.
const MONTHS_APART = { month: 1, lastMonth: 1, year: 12, lastYear: 12, twelve: 12 };

// What a range is compared with: the same days of the week, month or year before it, up to today's,
// else as many days right before it. Null where an end is open.
export const before = (preset, range) => {
  const days = lengthOf(range);
  if (days === null) return null;
  const { start, end } = range;
  if (preset === "week") return { start: plusDays(start, -7), end: plusDays(end, -7) };
  const months = MONTHS_APART[preset];
  if (!months) return { start: plusDays(start, -days), end: plusDays(start, -1) };
  const first = plusMonths(start, -months);
  return { start: first, end: preset === "lastMonth" ? plusDays(start, -1) : plusMonths(end, -months) };
};

// By what bars are well told apart.
export const unitOf = (range) => {
  const days = lengthOf(range) ?? Infinity;
  return days <= BY_DAY ? "DAY" : days <= BY_WEEK ? "WEEK" : "MONTH";
};

// Whether the shop would answer so many points.
export const canBe = (unit, range) => unit !== "DAY" || (lengthOf(range) ?? Infinity) <= MOST_POINTS;

// The days of a point that begins at `start`, so far as they are in the range.
export const periodOf = (start, unit, range) => {
  const [year, month] = parts(start);
  const last = { DAY: start, WEEK: plusDays(start, 6), MONTH: at(year, month + 1, 0) }[unit];
  return {
    start: range.start && range.start > start ? range.start : start,
    end: range.end && range.end < last ? range.end : last,
  };
};
