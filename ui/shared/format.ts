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
