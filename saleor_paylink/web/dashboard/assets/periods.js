// Days of the shop, as text (2026-11-30), and the stretches of them that can be looked at.

const DAY = 24 * 60 * 60 * 1000; // ms

export const PRESETS = ["today", "week", "month", "lastMonth", "year", "twelve", "all", "own"];
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

// What a preset means on the day `today`. Null for an end that is open.
export const rangeOf = (preset, today, own) => {
  const [year, month] = parts(today);
  const ranges = {
    today: [today, today],
    week: [plusDays(today, -6), today],
    month: [at(year, month, 1), today],
    lastMonth: [at(year, month - 1, 1), at(year, month, 0)],
    year: [at(year, 0, 1), today],
    twelve: [at(year, month - 11, 1), today],
    all: [null, null],
    own: [own.start || null, own.end || null],
  };
  const [start, end] = ranges[preset];
  return { start, end };
};

// How many days; null where an end is open.
export const lengthOf = ({ start, end }) =>
  start && end ? Math.round((new Date(end) - new Date(start)) / DAY) + 1 : null;

// As many days, right before them; null where an end is open.
export const before = (range) => {
  const days = lengthOf(range);
  if (!(days > 0)) return null;
  return { start: plusDays(range.start, -days), end: plusDays(range.start, -1) };
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
