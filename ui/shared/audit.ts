// SPDX-License-Identifier: Apache-2.0
// The check of an audit log by whoever reads it: each record is hashed again, and the tree over all of them must
// have the root that the platform tells (RFC 9162, 2.1.1). Nothing is believed but SHA-256 of the browser.

export interface AuditRecord {
  seq: number;
  at: number;
  actor: string;
  act: string;
  subject: string;
  commitment: string;
  outcome: string | null;
  trace_id: string | null;
  leaf: string;
}

const utf8 = new TextEncoder();

function octets(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(hash: Uint8Array): string {
  return [...hash].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

function eight(value: number): Uint8Array {
  const field = new Uint8Array(8);
  new DataView(field.buffer).setBigUint64(0, BigInt(value));
  return field;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(parts)));
}

/** The hash of a record as a leaf: its fields, each behind its length in four bytes. */
export async function leafOf(record: AuditRecord): Promise<Uint8Array> {
  const fields = [utf8.encode("OpenJPKI audit v1"), eight(record.seq), eight(record.at), utf8.encode(record.actor),
    utf8.encode(record.act), utf8.encode(record.subject), octets(record.commitment), utf8.encode(record.outcome ?? ""),
    utf8.encode(record.trace_id ?? "")];
  const lengths = fields.map((field) => eight(field.length).slice(4));
  return sha256(Uint8Array.of(0), ...fields.flatMap((field, i) => [lengths[i]!, field]));
}

/** Hashes of complete subtrees, the largest first: as many as the size has bits. */
export class Tree {
  private readonly peaks: { size: number; hash: Uint8Array }[] = [];
  size = 0;

  async add(leaf: Uint8Array): Promise<void> {
    let node = { size: 1, hash: leaf };
    for (let last = this.peaks.at(-1); last !== undefined && last.size === node.size; last = this.peaks.at(-1)) {
      this.peaks.pop();
      node = { size: 2 * node.size, hash: await sha256(Uint8Array.of(1), last.hash, node.hash) };
    }
    this.peaks.push(node);
    this.size++;
  }

  async root(): Promise<string> {
    if (this.size === 0) return hex(await sha256());
    let hash = this.peaks.at(-1)!.hash;
    for (const peak of this.peaks.slice(0, -1).reverse()) hash = await sha256(Uint8Array.of(1), peak.hash, hash);
    return hex(hash);
  }
}

export type Verdict = { state: "whole"; size: number; root: string } | { state: "broken"; at: number } | { state: "other-root"; size: number };

export interface Source {
  records: (since: number) => Promise<{ records: readonly AuditRecord[]; last: number; more: boolean }>;
  root: (size: number) => Promise<{ size: number; root: string }>;
}

/** Read all of a log and say whether it is what its root stands for. told hears how many were read. */
export async function check(source: Source, told: (count: number) => void): Promise<Verdict> {
  const tree = new Tree();
  for (let since = 0, more = true; more;) {
    const page = await source.records(since);
    for (const record of page.records) {
      const leaf = await leafOf(record);
      if (record.seq !== tree.size + 1 || hex(leaf) !== record.leaf) return { state: "broken", at: tree.size + 1 };
      await tree.add(leaf);
    }
    since = page.last;
    more = page.more && page.records.length > 0;
    told(tree.size);
  }
  const root = await tree.root();
  const said = await source.root(tree.size);
  return said.root === root && said.size === tree.size ? { state: "whole", size: tree.size, root } : { state: "other-root", size: tree.size };
}
