// SPDX-License-Identifier: Apache-2.0
// A site of the portal made of openid-client and jose: says where a browser has to go, is told where it came
// back to, and says what it got. For tests alone. Arguments: a JSON object, see the first lines.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { Issuer, generators, custom } from 'openid-client';
import * as jose from 'jose';

const asked = JSON.parse(process.argv[2]); // issuer, client, key, redirect
const say = (object) => process.stdout.write(JSON.stringify(object) + '\n');

async function main() {
  custom.setHttpOptionsDefaults({ timeout: 60000 });
  const issuer = await Issuer.discover(asked.issuer);
  const client = new issuer.Client({
    client_id: asked.client, redirect_uris: [asked.redirect], response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256',
    id_token_signed_response_alg: 'ES256',
  }, { keys: [JSON.parse(readFileSync(asked.key, 'utf8'))] });
  const verifier = generators.codeVerifier();
  const checks = { state: generators.state(), nonce: generators.nonce(), code_verifier: verifier, response_type: 'code' };
  const languages = issuer.metadata.ui_locales_supported;
  say({
    languages,
    address: client.authorizationUrl({
      scope: 'openid', state: checks.state, nonce: checks.nonce, ui_locales: languages.at(-1),
      code_challenge: generators.codeChallenge(verifier), code_challenge_method: 'S256',
    }),
  });
  for await (const back of createInterface({ input: process.stdin })) {
    const parameters = client.callbackParams(back);
    const tokens = await client.callback(asked.redirect, parameters, checks);
    const userinfo = await client.userinfo(tokens);
    const keys = jose.createRemoteJWKSet(new URL(issuer.metadata.jwks_uri));
    const { payload } = await jose.jwtVerify(tokens.id_token, keys,
      { issuer: issuer.metadata.issuer, audience: asked.client });
    let replayed = 'accepted';
    try { await client.callback(asked.redirect, parameters, checks); } catch (error) { replayed = error.error; }
    say({ claims: tokens.claims(), payload, userinfo, replayed });
    break;
  }
}

main().catch((error) => { say({ failure: error.message, error: error.error }); process.exitCode = 1; });
