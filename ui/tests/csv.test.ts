// SPDX-License-Identifier: Apache-2.0
// No text of somebody else's becomes a formula, and what is read back is what was written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cell, csv } from "../shared/csv";

test("a text that a spreadsheet would compute is a text", () => {
  for (const evil of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000=1", "\ufeff=1",
    "＝1+1", "＋1", "－1", "＠x", "|calc", "%0A=1", '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0"]) {
    const written = cell(evil);
    assert.match(written.replace(/^"/, ""), /^'/, JSON.stringify(evil));
  }
});

test("a number is a number, also a negative one", () => {
  assert.equal(cell(-5), "-5");
  assert.equal(cell(0), "0");
  for (const none of [NaN, Infinity, -Infinity]) assert.throws(() => cell(none), RangeError);
});

test("texts are quoted where they must be (RFC 4180)", () => {
  assert.equal(cell("見本"), "見本");
  assert.equal(cell('a"b'), '"a""b"');
  assert.equal(cell("a,b"), '"a,b"');
  assert.equal(cell("a\r\nb"), '"a\r\nb"');
  assert.equal(cell('=1,"'), `"'=1,"""`);
});

test("a file has the mark of UTF-8, and lines as spreadsheets want them", () => {
  assert.equal(csv(["項目", "件数"], [["a", 1], ["=b", 2]]), "\ufeff項目,件数\r\na,1\r\n'=b,2\r\n");
});
