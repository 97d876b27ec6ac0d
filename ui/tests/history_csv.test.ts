// SPDX-License-Identifier: Apache-2.0
// The log as a file: what services call themselves stays text, and each row says what its page says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { historyCsv, historyRows, type LogPage } from "../portal/history_csv";

const evil = '=HYPERLINK("http://evil.example","click")';
const page: LogPage = {
  records: [
    { id: 7, at: 1795651200, action: "「税」が提供されました", action_en: "\"Tax\" was given", receiver_name: "見本市", receiver_name_en: "Sample City",
      receiver_system: "tax", giver: "M13101", duty: "JM1" },
    { id: 6, at: 1795651199, action: "取得", action_en: "fetched", receiver_name: evil, receiver_name_en: `+${evil}`, receiver_system: "@x",
      why: "-1+1", why_en: "\t=1", items: "|calc", items_en: "%0A=1" },
  ],
  words: { bodies: [{ body: "M13101", name: "千代田区", name_en: "Chiyoda" }], duties: [{ duty: "JM1", why: "税を決めるため", why_en: "for tax" }] },
};

test("a row says when, what, who, from whom, what for and of what kind", () => {
  assert.deepEqual(historyRows(page, "ja")[0],
    [7, "2026-11-26 09:00:00", "「税」が提供されました", "見本市", "tax", "千代田区", "税を決めるため", ""]);
  assert.deepEqual(historyRows(page, "en")[0],
    [7, "2026-11-26 09:00:00", "\"Tax\" was given", "Sample City", "tax", "Chiyoda", "for tax", ""]);
});

test("no name of a service is a formula", () => {
  for (const language of ["ja", "en"] as const) {
    const line = historyCsv(["n"], [page], language).split("\r\n")[2] ?? "";
    const cells = line.match(/"(?:[^"]|"")*"|[^,]+|(?<=,)(?=,|$)/g) ?? [];
    assert.equal(cells.length, 8, line);
    for (const at of [3, 4, 6, 7]) assert.match(cells[at] ?? "", /^"?'/, line);
  }
});

test("pages follow each other", () => {
  assert.equal(historyCsv(["n"], [page, page], "ja").split("\r\n").length, 6);
});
