// SPDX-License-Identifier: Apache-2.0
// What was sealed to a page is read by it, and nothing else is: each part changed, another key, another algorithm.
import assert from "node:assert/strict";
import { createCipheriv, createECDH, createHash, createHmac, webcrypto } from "node:crypto";
import { test } from "node:test";
import { makeKey, unseal, Unreadable, type PageKey } from "../portal/sealed";

if (globalThis.crypto === undefined) Object.defineProperty(globalThis, "crypto", { value: webcrypto });

const number = (value: number) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
};

/** By RFC 7518, 4.6 and 5.2.3, with what Node has instead of what browsers have. */
function seal(to: PageKey, text: string, changes: object = {}): string {
  const own = createECDH("prime256v1");
  const point = own.generateKeys();
  const shared = own.computeSecret(Buffer.concat([Buffer.of(4), Buffer.from(to.public.x, "base64url"), Buffer.from(to.public.y, "base64url")]));
  const enc = Buffer.from("A128CBC-HS256");
  const key = createHash("sha256").update(Buffer.concat([number(1), shared, number(enc.length), enc, number(0), number(0), number(256)])).digest();
  const header = Buffer.from(JSON.stringify({ alg: "ECDH-ES", enc: "A128CBC-HS256", kid: "k", epk: { kty: "EC", crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") }, ...changes })).toString("base64url");
  const iv = Buffer.alloc(16, 7);
  const cipher = createCipheriv("aes-128-cbc", key.subarray(16), iv);
  const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const over = Buffer.concat([Buffer.from(header), iv, hidden, number(0), number(8 * header.length)]);
  const tag = createHmac("sha256", key.subarray(0, 16)).update(over).digest().subarray(0, 16);
  return [header, "", ...[iv, hidden, tag].map((one) => one.toString("base64url"))].join(".");
}

const said = JSON.stringify({ session: "s", name: "見本　花子" });

test("the page reads what was sealed to it", async () => {
  const key = await makeKey();
  assert.deepEqual(await unseal(key, seal(key, said)), { session: "s", name: "見本　花子" });
});

test("what was changed, or is another's, is not read", async () => {
  const [key, other] = [await makeKey(), await makeKey()];
  const whole = seal(key, said);
  await assert.rejects(unseal(other, whole), Unreadable);
  const parts = whole.split(".");
  for (const [i, part] of parts.entries()) {
    const changed = i === 1 ? "AAAA" : (part[0] === "A" ? "B" : "A") + part.slice(1);
    await assert.rejects(unseal(key, parts.map((one, k) => (k === i ? changed : one)).join(".")), Unreadable, `part ${i}`);
  }
  for (const none of ["", "....", "a..b.c", `${whole}.`, whole.replace(/\.[^.]*$/, "."), `{}${whole}`])
    await assert.rejects(unseal(key, none), Unreadable, none);
});

test("another algorithm, names of parties and no point are refused", async () => {
  const key = await makeKey();
  for (const changes of [{ alg: "dir" }, { enc: "A256GCM" }, { apu: "AA" }, { apv: "AA" }, { epk: {} }, { epk: { x: "AA", y: "AA" } }])
    await assert.rejects(unseal(key, seal(key, said, changes)), Unreadable, JSON.stringify(changes));
  await assert.rejects(unseal(key, seal(key, "no JSON")), Unreadable);
});
