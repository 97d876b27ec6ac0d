// SPDX-License-Identifier: Apache-2.0
// Times and numbers as people read them. All times are Japan's, as the rules with dates in them are.
import type { Language } from "./i18n/language";

const zone = "Asia/Tokyo";

function locale(to: Language): string {
  return to === "ja" ? "ja-JP" : "en-GB";
}

export function time(seconds: number, to: Language): string {
  const text = new Intl.DateTimeFormat(locale(to), {
    timeZone: zone, year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
    second: "2-digit", hourCycle: "h23",
  }).format(new Date(seconds * 1000));
  return to === "ja" ? text : `${text} JST`;
}

/** A day of the calendar, YYYY-MM-DD, as people read it; what is none stays as it is. */
export function date(text: string, to: Language): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  if (at === null || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text) return text;
  return new Intl.DateTimeFormat(locale(to), { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" }).format(at);
}

/** A month of the calendar, YYYY-MM. */
export function monthOf(text: string, to: Language): string {
  const at = /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? new Date(`${text}-01T00:00:00Z`) : null;
  return at === null ? text
    : new Intl.DateTimeFormat(locale(to), { timeZone: "UTC", year: "numeric", month: "long" }).format(at);
}

/** YYYY-MM-DD in Japan. */
export function day(seconds: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" }).format(new Date(seconds * 1000));
}

/** YYYY-MM in Japan. */
export function month(seconds: number): string {
  return day(seconds).slice(0, 7);
}

export function number(value: number, to: Language): string {
  return new Intl.NumberFormat(locale(to)).format(value);
}

export function yen(value: number, to: Language): string {
  return new Intl.NumberFormat(locale(to), { style: "currency", currency: "JPY" }).format(value);
}

export function list(words: readonly string[], to: Language): string {
  return words.join(to === "ja" ? "、" : ", ");
}

/** UTC seconds of a day's midnight in Japan. */
export function startOf(date: string): number {
  return Date.parse(`${date}T00:00:00+09:00`) / 1000;
}
