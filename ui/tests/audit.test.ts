// SPDX-License-Identifier: Apache-2.0
// The check of an audit log against RFC 9162's definition, written down a second time with Node's own hash; and
// each way in which a log can be wrong.
import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { test } from "node:test";
import { type AuditRecord, check, leafOf, type Source, Tree } from "../shared/audit";

/* A browser has it; Node 18 keeps it in a module. */
Object.defineProperty(globalThis, "crypto", { value: webcrypto, configurable: true });

function hash(...parts: (Uint8Array | string)[]): Buffer {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/* RFC 9162, 2.1.1, as it is written. */
function root(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return hash("");
  if (leaves.length === 1) return Buffer.from(leaves[0]!);
  let half = 1;
  while (2 * half < leaves.length) half *= 2;
  return hash(Uint8Array.of(1), root(leaves.slice(0, half)), root(leaves.slice(half)));
}

function field(value: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
}

function number(value: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(value));
  return octets;
}

async function made(seq: number, more: Partial<AuditRecord> = {}): Promise<AuditRecord> {
  const record: AuditRecord = { seq, at: 1700000000 + seq, actor: "tenant:銀行", act: "tenant.key-added", subject: "key",
    commitment: hash(String(seq)).toString("hex"), outcome: seq % 2 === 0 ? null : "owner", trace_id: null, leaf: "", ...more };
  record.leaf = Buffer.from(await leafOf(record)).toString("hex");
  return record;
}

async function log(count: number): Promise<AuditRecord[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => made(i + 1)));
}

/* A platform that tells a log three records at a time, and the root of what it says it has. */
function told(records: readonly AuditRecord[], of = records): Source {
  return {
    records: async (since) => {
      const page = records.slice(since, since + 3);
      return { records: page, last: since + page.length, more: since + 3 < records.length };
    },
    root: async (size) => ({ size, root: root(of.slice(0, size).map((one) => Buffer.from(one.leaf, "hex"))).toString("hex") }),
  };
}

const ignore = () => undefined;

test("a leaf is the hash of all fields of its record", async () => {
  const record = await made(7, { outcome: "valid", trace_id: "00ff".repeat(8) });
  const encoded = Buffer.concat([Buffer.of(0), ...[Buffer.from("OpenJPKI audit v1"), number(7), number(record.at),
    Buffer.from(record.actor), Buffer.from(record.act), Buffer.from(record.subject), Buffer.from(record.commitment, "hex"),
    Buffer.from("valid"), Buffer.from("00ff".repeat(8))].map(field)]);
  assert.equal(record.leaf, hash(encoded).toString("hex"));
});

test("a tree of any size has the root of the definition", async () => {
  const tree = new Tree();
  const leaves: Buffer[] = [];
  for (let size = 0; size < 70; size++) {
    assert.equal(await tree.root(), root(leaves).toString("hex"), String(size));
    leaves.push(hash(String(size)));
    await tree.add(leaves.at(-1)!);
  }
});

test("a log that is whole is found whole", async () => {
  for (const size of [0, 1, 3, 4, 11]) {
    const found = await check(told(await log(size)), ignore);
    assert.equal(found.state, "whole", String(size));
    assert.equal(found.state === "whole" && found.size, size);
  }
});

test("a record that was changed, left out or put in another place is noticed", async () => {
  const whole = await log(8);
  const changed = whole.map((one) => (one.seq === 5 ? { ...one, outcome: "another" } : one));
  assert.deepEqual(await check(told(changed), ignore), { state: "broken", at: 5 });
  assert.deepEqual(await check(told(whole.filter((one) => one.seq !== 4)), ignore), { state: "broken", at: 4 });
  assert.deepEqual(await check(told([...whole.slice(1, 2), ...whole.slice(0, 1), ...whole.slice(2)]), ignore), { state: "broken", at: 1 });
});

test("a log that was written anew does not have the root that it had", async () => {
  const whole = await log(8);
  const anew = [...whole.slice(0, 4), await made(5, { actor: "tenant:nobody" }), ...whole.slice(5)];
  assert.deepEqual(await check(told(anew, whole), ignore), { state: "other-root", size: 8 });
});
