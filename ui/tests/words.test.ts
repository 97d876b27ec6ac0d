// SPDX-License-Identifier: Apache-2.0
// Both languages are complete, say the same, and nothing is said that nobody asks for.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { words } from "../console/words";
import { words as counterWords } from "../counter/words";
import { words as officeWords } from "../office/words";
import { plainWords } from "../portal/plain";
import { words as portalWords } from "../portal/words";
import { sharedWords } from "../shared/i18n/words";

declare const UI: string;
const tables = { words, counterWords, sharedWords, officeWords, portalWords, plainWords };
const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;

function sources(folder: string): string {
  return readdirSync(join(UI, folder), { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "words" ? "" : sources(path);
    return /\.tsx?$/.test(entry.name) && !/^(words|plain)\./.test(entry.name) ? readFileSync(join(UI, path), "utf8") : "";
  }).join("\n");
}

const places = (text: string) => [...text.matchAll(/\{[a-z_]+\}/g)].map(([place]) => place).sort();

for (const [name, table] of Object.entries(tables)) {
  test(`${name}: each entry has both languages`, () => {
    for (const [key, entry] of Object.entries<readonly [string, string]>(table)) {
      assert.equal(entry.length, 2, key);
      assert.match(entry[0], japanese, key);
      assert.notEqual(entry[1].trim(), "", key);
      assert.doesNotMatch(entry[1], japanese, key);
      assert.deepEqual(places(entry[0]), places(entry[1]), key);
    }
  });
}

/** What the office takes of the portal, with words of its own. */
const taken: Readonly<Record<string, string>> = { office: "portal/login.tsx" };

for (const [folder, own] of [["console", words], ["counter", counterWords], ["office", officeWords], ["portal", portalWords]] as const)
  test(`each entry is asked for: ${folder}`, () => {
    const also = taken[folder] === undefined ? "" : readFileSync(join(UI, taken[folder]), "utf8");
    const text = sources(folder) + sources("shared") + also;
    const groups = [...text.matchAll(/word\("([a-z_]+)"|`([a-z_]+)\.\$\{/g)].map((match) => match[1] ?? match[2] ?? "");
    for (const table of [own, sharedWords])
      for (const key of Object.keys(table))
        assert.ok(text.includes(`"${key}"`) || groups.some((group) => key.startsWith(`${group}.`)), key);
  });

test("plain words are for something that has usual ones", () => {
  for (const key of Object.keys(plainWords)) assert.ok(key in portalWords, key);
});

type Names = readonly (readonly [string, readonly string[]])[];

function read(name: string) {
  const document = JSON.parse(readFileSync(process.env[name]!, "utf8"));
  const answer = (path: string, method = "get", status = "200") =>
    document.paths[path][method].responses[status].content["application/json"].schema.properties;
  return { document, answer };
}

function areThere(names: Names, table: object): void {
  for (const [group, all] of names)
    for (const name of all) assert.ok(`${group}.${name}` in table, `${group}.${name}`);
}

test("what the platform can answer has a word", () => {
  const { document, answer } = read("JPKI_TEST_PLATFORM");
  const one = answer("/v1/verifications/{id}");
  areThere([
    ["verdict", one.verdict.enum],
    ["reason", one.reasons.items.enum],
    ["purpose", one.purpose.enum],
    ["role", answer("/v1/console/me").member.properties.role.enum],
    ["environment", answer("/v1/tenant").environment.enum],
    ["holder_state", answer("/v1/holders/{holder}").state.enum],
    ["consent_state", answer("/v1/consents").consents.items.properties.state.enum],
    ["attribute", answer("/v1/consents").consents.items.properties.attributes.items.enum],
    ["event_type", answer("/v1/events").events.items.properties.type.enum],
    ["delivery", answer("/v1/webhooks/{id}/deliveries").deliveries.items.properties.state.enum],
    ["onboarding", answer("/v1/operator/tenants").tenants.items.properties.state.enum],
    ["step", answer("/v1/operator/tenants/{client}").steps.items.properties.step.enum],
    ["fee_item", answer("/v1/fees").lines.items.properties.item.enum],
  ], words);
  for (const kind of document.components.schemas.problem.properties.kind.enum)
    assert.ok(`failure.${kind}` in sharedWords, kind);
});

test("what the counter is answered has a word", () => {
  const { answer } = read("JPKI_TEST_COUNTER");
  const card = answer("/v1/cards/{id}");
  const resident = answer("/v1/residents/{id}");
  areThere([
    ["card_state", card.state.enum],
    ["certificate", card.certificates.properties.sign.enum],
    ["standing", resident.standing.enum],
    ["sex", resident.sex.enum],
    ["filed", answer("/v1/filings/{id}").state.enum],
  ], counterWords);
});

test("what a municipality's desk is answered has a word", () => {
  const { answer } = read("JPKI_TEST_PORTAL");
  const draft = answer("/v1/municipality/drafts/{code}");
  areThere([
    ["role", answer("/v1/municipality/duties").duties.items.properties.role.enum],
    ["state", answer("/v1/municipality/applications/{receipt}").state.enum],
    ["category", draft.content.properties.category.enum],
    ["event", draft.content.properties.events.items.enum],
    ["type", draft.form.properties.fields.items.properties.type.enum],
  ], officeWords);
});

test("what the portal can answer has a word", () => {
  const { document, answer } = read("JPKI_TEST_PORTAL");
  const procedure = answer("/v1/procedures/{psid}");
  const { content } = procedure;
  const states = answer("/v1/self-information/{id}").items.items.properties.state.enum;
  areThere([
    ["category", procedure.category.enum],
    ["event", content.properties.events.items.enum],
    ["link", content.properties.links.items.properties.kind.enum],
    ["section", Object.entries(content.properties).flatMap(([name, one]) =>
      ((one as { items?: { properties?: object } }).items?.properties && name !== "links" && !name.endsWith("_en") ? [name] : []))],
    ["contact", Object.keys(procedure.contact.properties).filter((name) => !name.endsWith("_en"))],
    ["state", states],
    ["state_means", states],
    ["what", answer("/v1/history").records.items.properties.what.enum],
  ], portalWords);
  assert.equal(states.length, 9);
  for (const kind of document.components.schemas.problem.properties.kind.enum)
    assert.ok(`failure.${kind}` in sharedWords, kind);
});
