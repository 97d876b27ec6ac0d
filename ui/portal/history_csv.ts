// SPDX-License-Identifier: Apache-2.0
// The exchange log as a file for a spreadsheet. Names in it are what services call themselves: none becomes a formula.
import { type Cell, csv } from "../shared/csv";
import { day } from "../shared/format";
import type { Language } from "../shared/i18n/language";

/** What a page of the log has, as far as it is written down. */
export interface LogPage {
  records: readonly {
    id: number;
    at: number;
    action: string;
    action_en: string;
    receiver_name: string;
    receiver_name_en: string;
    receiver_system: string;
    giver?: string;
    duty?: string;
    why?: string;
    why_en?: string;
    items?: string;
    items_en?: string;
  }[];
  words: {
    bodies: readonly { body: string; name: string; name_en: string }[];
    duties: readonly { duty: string; why: string; why_en: string }[];
  };
}

const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo", timeStyle: "medium" });

/** Rows of a page, newest first: number, time, what, who, system, giver, why, kind of items. */
export function historyRows(page: LogPage, language: Language): Cell[][] {
  const isJapanese = language === "ja";
  return page.records.map((one) => {
    const giver = page.words.bodies.find((body) => body.body === one.giver);
    const duty = page.words.duties.find((row) => row.duty === one.duty);
    return [
      one.id, `${day(one.at)} ${clock.format(new Date(one.at * 1000))}`,
      isJapanese ? one.action : one.action_en,
      isJapanese ? one.receiver_name : one.receiver_name_en, one.receiver_system,
      (isJapanese ? giver?.name : giver?.name_en) ?? one.giver ?? "",
      (isJapanese ? (one.why ?? duty?.why) : (one.why_en ?? duty?.why_en)) ?? "",
      (isJapanese ? one.items : one.items_en) ?? "",
    ];
  });
}

export function historyCsv(head: readonly string[], pages: readonly LogPage[], language: Language): string {
  return csv(head, pages.flatMap((page) => historyRows(page, language)));
}
