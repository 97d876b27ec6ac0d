// SPDX-License-Identifier: Apache-2.0
// jose as one side of an agreement on a key (ECDH-ES): "make" a private key, "seal" to a public one
// what comes on standard input, or "open" it with a private one. Keys are JWK, in the second argument.
import { readFileSync } from 'node:fs';
import * as jose from 'jose';

const [what, text] = process.argv.slice(2);
const jwk = text === undefined ? undefined : JSON.parse(text);

async function make() {
  const { publicKey, privateKey } = await jose.generateKeyPair('ECDH-ES', { crv: 'P-256', extractable: true });
  const open = { ...await jose.exportJWK(publicKey), use: 'enc', alg: 'ECDH-ES' };
  open.kid = await jose.calculateJwkThumbprint(open);
  return JSON.stringify({ public: open, private: await jose.exportJWK(privateKey) });
}

async function seal() {
  const header = { alg: 'ECDH-ES', enc: 'A128CBC-HS256', kid: await jose.calculateJwkThumbprint(jwk) };
  return new jose.CompactEncrypt(readFileSync(0)).setProtectedHeader(header)
    .encrypt(await jose.importJWK(jwk, 'ECDH-ES'));
}

async function open() {
  const key = await jose.importJWK(jwk, 'ECDH-ES');
  const { plaintext, protectedHeader } = await jose.compactDecrypt(readFileSync(0, 'utf8'), key);
  return JSON.stringify({ header: protectedHeader, plain: Buffer.from(plaintext).toString('base64') });
}

process.stdout.write(await { make, seal, open }[what]());
