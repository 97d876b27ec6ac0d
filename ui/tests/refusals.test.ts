// SPDX-License-Identifier: Apache-2.0
// What the portal refuses is said in Japanese too: its sentences are those of its sources, and none is left out
// that somebody at its pages can be told.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { refusedAs } from "../counter/sentences";
import { refusals as deskRefusals } from "../office/refusals";
import { inJapanese, plainFailures } from "../portal/refusing";
import { refusals } from "../portal/words/refusals";
import type { Failure, Problem } from "../shared/api/client";
import { failureKey } from "../shared/failing";
import { sharedWords } from "../shared/i18n/words";
import { teller } from "../shared/refusing";

declare const UI: string;
const portal = join(UI, "../src/portal");
const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;

/** Whose failures are shown on a page of a citizen's; the others are told to programs, offices and operators. */
const shown = [
  "account/access.c", "account/routes.c", "account/store.c", "application/applicant.c", "application/applying.c",
  "application/attach.c", "application/cardsign.c", "application/document.c", "application/document_kind.c",
  "application/drafts.c", "application/judge.c", "application/receipt.c", "application/routes.c",
  "application/routes_submit.c", "application/seal.c", "application/shown.c", "application/store.c", "history/routes.c",
  "mail/address.c", "mail/routes.c", "mandate/mandate.c", "mandate/read.c", "mandate/store.c", "notice/senders.c",
  "notice/subscribe.c", "operator/consent.c", "operator/routes_consent.c", "selfinfo/selfinfo.c", "selfinfo/store.c",
  "site/routes.c",
];

/** Sentences of a source by the kind of their failure. */
function sentences(path: string): [string, string][] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/FAIL(?:_WITH)?\(\s*err,\s*ERR_([A-Z]+),[^"]*?((?:"(?:[^"\\]|\\.)*"\s*)+)/g)].map((found) =>
    [found[1]!, [...found[2]!.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((part) => part[1]).join("")]);
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory()
    ? sources(join(folder, entry.name)) : entry.name.endsWith(".c") ? [join(folder, entry.name)] : []));
}

test("each refusal is a sentence of the portal's", () => {
  const all = new Set(sources(portal).flatMap(sentences).map(([, sentence]) => sentence));
  assert.ok(all.size > 200, String(all.size));
  for (const sentence of Object.keys(refusals)) assert.ok(all.has(sentence), sentence);
});

test("each refusal on a citizen's page has one", () => {
  const told = ["DENIED", "ABSENT", "CONFLICT", "UNTRUSTED", "REMOTE"];
  for (const file of shown)
    for (const [kind, sentence] of sentences(join(portal, file)))
      if (told.includes(kind)) assert.ok(sentence in refusals, `${file}: ${sentence}`);
});

/** Whose failures are shown at a municipality's desk as well. */
const atDesk = ["application/inquiries.c", "mandate/legal.c", "mandate/routes_municipality.c", "mandate/routes_residents.c",
  "municipality/access.c", "municipality/draft.c", "municipality/staff.c"];

test("each refusal at a municipality's desk has one", () => {
  const all = new Set(sources(portal).flatMap(sentences).map(([, sentence]) => sentence));
  for (const [sentence, words] of Object.entries(deskRefusals)) {
    assert.ok(all.has(sentence) && !(sentence in refusals), sentence);
    assert.match(words[0]!, japanese, sentence);
  }
  for (const file of atDesk)
    for (const [kind, sentence] of sentences(join(portal, file)))
      if (["DENIED", "ABSENT", "CONFLICT", "UNTRUSTED", "REMOTE"].includes(kind))
        assert.ok(sentence in deskRefusals || sentence in refusals, `${file}: ${sentence}`);
  const told = teller(deskRefusals);
  assert.equal(told("a municipality has drafts of 7 texts at most"), "下書きは、一つの市区町村で7件までです。");
  assert.equal(told("a municipality has drafts"), undefined);
});

test("a refusal at the counter is told by its name or its sentence, and no other", () => {
  const t = (key: string) => key;
  assert.equal(refusedAs("clerk-blocked: x", t), "refusal.clerk-blocked");
  assert.equal(refusedAs("this resident has another card", t), "said.has_card");
  assert.equal(refusedAs("hopeless: this resident has another card", t), null);
  assert.equal(refusedAs("", t), null);
});

test("what stands before a daemon and answers for it is no broken connection", () => {
  const key = (status: number, problem: Problem | null, isOnline = true) => failureKey({ status, problem } as Failure, isOnline);
  const conflict = { kind: "conflict" } as Problem;
  for (const status of [500, 502, 503, 504]) assert.equal(key(status, null), "failure.away", String(status));
  assert.equal(key(502, null, false), "failure.away"); // somebody answered
  assert.equal(key(413, null), "failure.input");
  assert.equal(key(429, null), "failure.too_many");
  assert.equal(key(0, null), "failure.none");
  assert.equal(key(0, null, false), "failure.offline");
  assert.equal(key(409, conflict), "failure.conflict");
  assert.equal(key(500, { kind: "unheard-of" } as unknown as Problem), "failure.system");
});

test("both forms are Japanese, and take what the sentence says", () => {
  const holes = (text: string) => (text.match(/%d/g) ?? []).length;
  for (const [sentence, words] of Object.entries(refusals))
    for (const one of words) {
      assert.match(one, japanese, sentence);
      assert.ok(holes(one) <= holes(sentence), sentence);
    }
});

test("a sentence is found with its numbers, and no other one", () => {
  assert.equal(inJapanese("this is no PDF, JPEG or PNG", false), "PDF、JPEG、PNGのどれでもないファイルです。");
  assert.equal(inJapanese("this is no PDF, JPEG or PNG", true), "PDFか写真（JPEG、PNG）のファイルにしてください。");
  assert.equal(inJapanese("a year is 1900 to 2026", false), "年は1900から2026までの数で書いてください。");
  assert.equal(inJapanese("there are 20 mandates already; end one first", true), "もう20件あります。先に、どれかをやめてください。");
  for (const other of ["", "this is no PDF, JPEG or PNG.", "not this is no PDF, JPEG or PNG", "toString", "a year is"])
    assert.equal(inJapanese(other, false), undefined, other);
});

test("each kind of failure has plain words", () => {
  const kinds = Object.keys(sharedWords).filter((key) => key.startsWith("failure.") && !["failure.detail", "failure.request"].includes(key));
  assert.deepEqual(Object.keys(plainFailures).sort(), kinds.sort());
  for (const [key, [ja, en]] of Object.entries(plainFailures)) {
    assert.match(ja, japanese, key);
    assert.doesNotMatch(en, japanese, key);
  }
});
