// SPDX-License-Identifier: Apache-2.0
// Both languages are complete, say the same, and nothing is said that nobody asks for.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { words } from "../console/words";
import { sharedWords } from "../shared/i18n/words";

declare const UI: string;
const tables = { words, sharedWords };
const japanese = /[\u3041-\u30ff\u4e00-\u9fff]/;

function sources(folder: string): string {
  return readdirSync(join(UI, folder), { withFileTypes: true }).map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.startsWith("words.") ? readFileSync(join(UI, path), "utf8") : "";
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

test("each entry is asked for", () => {
  const text = sources("console") + sources("shared");
  const groups = [...text.matchAll(/word\("([a-z_]+)"|`([a-z_]+)\.\$\{/g)].map((match) => match[1] ?? match[2] ?? "");
  for (const table of Object.values(tables))
    for (const key of Object.keys(table))
      assert.ok(text.includes(`"${key}"`) || groups.some((group) => key.startsWith(`${group}.`)), key);
});

test("what the platform can answer has a word", () => {
  const document = JSON.parse(readFileSync(process.env["JPKI_TEST_DOCUMENT"]!, "utf8"));
  const answer = (path: string, method = "get", status = "200") =>
    document.paths[path][method].responses[status].content["application/json"].schema.properties;
  const one = answer("/v1/verifications/{id}");
  const named: readonly (readonly [string, readonly string[]])[] = [
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
  ];
  for (const [group, names] of named)
    for (const name of names) assert.ok(`${group}.${name}` in words, `${group}.${name}`);
  for (const kind of document.components.schemas.problem.properties.kind.enum)
    assert.ok(`failure.${kind}` in sharedWords, kind);
});
