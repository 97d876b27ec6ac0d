// SPDX-License-Identifier: Apache-2.0
// Values in texts: by name, and words by how many there are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../portal/words";
import { fill } from "../shared/i18n/fill";

test("a value stands for its name, and a name without a value stays", () => {
  assert.equal(fill("{a} and {b}", { a: "x" }), "x and {b}");
  assert.equal(fill("{a|one|many}", {}), "{a|one|many}");
});

test("what comes from others is no pattern", () => {
  assert.equal(fill("{name}!", { name: "{name|a|b} $& {x}" }), "{name|a|b} $& {x}!");
});

test("one is one thing, and none are several", () => {
  const said = [0, 1, 2, 100].map((total) => fill(words["history.count"][1], { total }));
  assert.deepEqual(said, ["0 records.", "1 record.", "2 records.", "100 records."]);
  assert.equal(fill(words["history.hidden"][1], { count: 1 }), "There is 1 more, not shown by law.");
  assert.equal(fill("{count} {count|thing|things}", { count: "1" }), "1 thing");
});
