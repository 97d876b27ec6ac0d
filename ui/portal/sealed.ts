// SPDX-License-Identifier: Apache-2.0
// A key of this page, and what was encrypted to it: compact JWE by ECDH-ES with A128CBC-HS256 (RFC 7516; RFC 7518, 4.6
// and 5.2.3), which is what the holder's program writes. The private half never leaves the page.

const curve = { name: "ECDH", namedCurve: "P-256" } as const;
const enc = "A128CBC-HS256";
const half = 16; // octets: first the key of the MAC, then that of the cipher

type Octets = Uint8Array<ArrayBuffer>;

export class Unreadable extends Error {}

export interface PageKey {
  public: { kty: "EC"; crv: "P-256"; x: string; y: string };
  private: CryptoKey;
}

export async function makeKey(): Promise<PageKey> {
  const pair = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  if (x === undefined || y === undefined) throw new Unreadable("no key");
  return { public: { kty: "EC", crv: "P-256", x, y }, private: pair.privateKey };
}

function octets(text: string): Octets {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Unreadable("no base64url");
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}

function words(...numbers: number[]): Octets {
  const all = new Uint8Array(4 * numbers.length);
  numbers.forEach((number, i) => new DataView(all.buffer).setUint32(4 * i, number));
  return all;
}

function join(...parts: Octets[]): Octets {
  const all = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}

const ascii = (text: string) => new TextEncoder().encode(text);

/** RFC 7518, 4.6.2, without names of parties: one round gives the 256 bits that are needed. */
async function derive(shared: Octets): Promise<Octets> {
  const name = ascii(enc);
  const info = join(words(1), shared, words(name.length), name, words(0, 0, 16 * half));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", info));
}

async function contentKey(own: PageKey, header: Record<string, unknown>): Promise<Octets> {
  const epk = header["epk"] as JsonWebKey | undefined;
  if (header["alg"] !== "ECDH-ES" || header["enc"] !== enc || epk === undefined || "apu" in header || "apv" in header)
    throw new Unreadable("another algorithm");
  const { x, y } = epk;
  if (x === undefined || y === undefined) throw new Unreadable("no point");
  const other = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, curve, false, []);
  return derive(new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own.private, 256)));
}

/** The MAC is over the header, too, and is looked at before anything is decrypted. */
async function checkMac(key: Octets, parts: readonly string[], cipher: Octets, iv: Octets): Promise<void> {
  const aad = ascii(parts[0] ?? "");
  const over = join(aad, iv, cipher, words(0, 8 * aad.length));
  const mac = await crypto.subtle.importKey("raw", key.slice(0, half), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const made = new Uint8Array(await crypto.subtle.sign("HMAC", mac, over)).slice(0, half);
  const tag = octets(parts[4] ?? "");
  if (tag.length !== half || !made.every((one, i) => one === tag[i])) throw new Unreadable("changed, or another's");
}

/** Unreadable, whatever is wrong with it. */
export async function unseal(own: PageKey, compact: string): Promise<Record<string, unknown>> {
  const parts = compact.split(".");
  if (parts.length !== 5 || parts[1] !== "") throw new Unreadable("no such JWE");
  try {
    const header = JSON.parse(new TextDecoder().decode(octets(parts[0] ?? ""))) as Record<string, unknown>;
    const [iv, cipher] = [octets(parts[2] ?? ""), octets(parts[3] ?? "")];
    const key = await contentKey(own, header);
    await checkMac(key, parts, cipher, iv);
    const aes = await crypto.subtle.importKey("raw", key.slice(half), "AES-CBC", false, ["decrypt"]);
    const plain = await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, cipher);
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain)) as Record<string, unknown>;
  } catch (thrown) {
    throw thrown instanceof Unreadable ? thrown : new Unreadable(String(thrown));
  }
}
