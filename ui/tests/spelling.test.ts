// SPDX-License-Identifier: Apache-2.0
// Whoever types in another width has typed the same; nothing else is changed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spelled } from "../portal/spelling";

const rows = [
  ["text", "digits", "１２３４５６７", "1234567"], ["text", "digits", " 1234 ", "1234"], ["text", "digits", "12ー3", "12ー3"],
  ["text", "phone", "０３－１２３４－５６７８", "03-1234-5678"], ["text", "phone", "03ー1234−5678", "03-1234-5678"],
  ["text", "phone", "＋81‐3‐1234‐5678", "+81-3-1234-5678"],
  ["text", "postal-code", "１０００００１", "100-0001"], ["text", "postal-code", "100ー0001", "100-0001"],
  ["text", "postal-code", "100-0001", "100-0001"], ["text", "postal-code", "10000011", "10000011"],
  ["text", "kana", "ﾊﾞﾝｺﾞｳ　ﾊﾅｺ", "バンゴウ　ハナコ"], ["text", "kana", "ばんごう", "ばんごう"], ["text", "kana", "サトー", "サトー"],
  ["text", "email", "ａ@ｂ.example", "a@b.example"],
  ["integer", undefined, "２", "2"], ["integer", undefined, "−2", "−2"],
  ["text", undefined, " ２番　ﾊﾅｺ ", " ２番　ﾊﾅｺ "], ["lines", undefined, "１\n", "１\n"],
] as const;

test("an answer is spelled as its field wants it", () => {
  for (const [type, form, typed, wanted] of rows)
    assert.equal(spelled({ type, ...(form === undefined ? {} : { form }) }, typed), wanted, `${form} ${typed}`);
});
