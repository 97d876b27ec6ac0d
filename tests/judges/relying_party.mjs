// SPDX-License-Identifier: Apache-2.0
// A relying party made of openid-client and jose, and the browser of somebody who logs in at it.
// For tests alone: says on standard output, one JSON object a line, where a card has to answer and
// with which code, and at the end what it got. Arguments: a JSON object, see the first lines.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { readFileSync } from 'node:fs';
import { Issuer, generators, custom } from 'openid-client';
import * as jose from 'jose';

const asked = JSON.parse(process.argv[2]); // issuer, client, key or secret, scope, port

const say = (object) => process.stdout.write(JSON.stringify(object) + '\n');

// One exchange of a browser that follows nothing by itself and keeps cookies.
const cookies = new Map();
function browse(url, form) {
  return new Promise((resolve, reject) => {
    const headers = { 'Accept-Language': 'en', Cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') };
    if (form !== undefined) headers['Content-Type'] = 'application/x-www-form-urlencoded';
    const request = http.request(url, { method: form === undefined ? 'GET' : 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (more) => { text += more; });
      answer.on('end', () => {
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [pair] = line.split(';');
          cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        resolve({ status: answer.statusCode, headers: answer.headers, text });
      });
    });
    request.on('error', reject);
    request.end(form);
  });
}

const part = (text, pattern) => (pattern.exec(text) ?? [])[1]?.replaceAll('&amp;', '&');

// From the relying party to the provider's page, until a card has answered; where that leads.
async function logIn(address) {
  const opened = await browse(address);
  if (opened.status !== 303) throw new Error(`the authorization endpoint said ${opened.status}`);
  if (opened.headers.location.startsWith(asked.redirect)) return opened.headers.location;
  let page = await browse(opened.headers.location);
  let shown;
  while (page.status === 200) {
    const address = part(page.text, /<dd>(http[^<]*\/v1\/(?:logins|signings)\/[^<]*)<\/dd>/);
    if (address !== shown) {
      say({
        address, code: part(page.text, /class="code">(\d{6})</), policy: page.headers['content-security-policy'],
      });
    }
    shown = address;
    page = await browse(new URL(part(page.text, /content="1;url=([^"]*)"/), opened.headers.location));
  }
  if (page.status !== 303) throw new Error(`the login page said ${page.status}`);
  return page.headers.location;
}

// What is to be signed, by the relying party's own credentials; its sign_transaction_id.
async function openSigning(client, issuer) {
  const own = await client.grant({ grant_type: 'client_credentials', scope: 'sign' });
  const document = Buffer.from(asked.document);
  const answer = await client.requestResource(new URL('/api/sign-transactions', issuer), own.access_token, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_id: asked.client, hash: createHash('sha256').update(document).digest('base64'), title: 'judged',
      document: document.toString('base64'),
    }),
  });
  return JSON.parse(answer.body).sign_transaction_id;
}

// The result, by the token of the person who was sent to sign.
async function fetchResult(client, issuer, id, token) {
  const answer = await client.requestResource(new URL(`/api/sign-transactions/${id}/result`, issuer), token);
  return JSON.parse(answer.body);
}

// The same browser again, as the relying party wishes: the claims, or the error.
async function comeAgain(client, more) {
  const checks = { nonce: generators.nonce(), state: generators.state(), response_type: 'code', max_age: more.max_age };
  const answer = await browse(client.authorizationUrl({
    scope: 'openid', state: checks.state, nonce: checks.nonce, ...more,
  }));
  if (!answer.headers.location.startsWith(asked.redirect)) return { shown: answer.headers.location };
  try {
    return (await client.callback(asked.redirect, client.callbackParams(answer.headers.location), checks)).claims();
  } catch (error) {
    return { error: error.error ?? error.message };
  }
}

// The provider's keys change while the relying party holds those of before: its refresh, and a login by
// the browser's session with a hint of before. By both judges' key sets of before, and by one that is
// fetched now, tokens of both keys have to hold; the key of each, by its name. Both fetch a set again
// for an unknown key, openid-client once a minute at most: that minute passes for them here.
async function acrossRotation(client, issuer, tokens, before) {
  say({ rotate: jose.decodeProtectedHeader(tokens.id_token).kid });
  await once(process.stdin, 'data');
  const clock = Date.now;
  Date.now = () => clock() + 61_000;
  const now = jose.createRemoteJWKSet(new URL(issuer.metadata.jwks_uri));
  const refreshed = await client.refresh(tokens.refresh_token);
  const verify = async (token, keys) => (await jose.jwtVerify(token, keys,
    { issuer: issuer.metadata.issuer, audience: asked.client })).protectedHeader.kid;
  return {
    refreshed,
    old: [await verify(tokens.id_token, before), await verify(tokens.id_token, now)],
    fresh: [await verify(refreshed.id_token, before), await verify(refreshed.id_token, now)],
    again: await comeAgain(client, { prompt: 'none', id_token_hint: tokens.id_token }),
  };
}

async function main() {
  custom.setHttpOptionsDefaults({ timeout: 60000 });
  const issuer = await Issuer.discover(asked.issuer);
  const metadata = { client_id: asked.client, redirect_uris: [asked.redirect], response_types: ['code'] };
  let client;
  if (asked.key !== undefined) {
    const jwk = JSON.parse(readFileSync(asked.key, 'utf8'));
    client = new issuer.Client({
      ...metadata, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256',
      id_token_signed_response_alg: 'ES256',
    }, { keys: [jwk] });
  } else {
    client = new issuer.Client({ ...metadata, client_secret: readFileSync(asked.secret, 'utf8').trim() });
  }
  const verifier = generators.codeVerifier();
  const checks = { state: generators.state(), nonce: generators.nonce(), code_verifier: verifier, response_type: 'code' };
  const transaction = asked.document === undefined ? undefined : await openSigning(client, asked.issuer);
  const address = client.authorizationUrl({
    sign_transaction_id: transaction, scope: asked.scope, state: checks.state, nonce: checks.nonce,
    code_challenge: generators.codeChallenge(verifier), code_challenge_method: 'S256', acr_values: 'aal3 crl',
  });
  const back = await logIn(address);
  const tokens = await client.callback(asked.redirect, client.callbackParams(back), checks);
  const userinfo = await client.userinfo(tokens);
  // The other judge: the ID token by the published keys.
  const keys = jose.createRemoteJWKSet(new URL(issuer.metadata.jwks_uri));
  const { protectedHeader, payload } = await jose.jwtVerify(tokens.id_token, keys,
    { issuer: issuer.metadata.issuer, audience: asked.client });
  const result = transaction === undefined ? undefined
    : await fetchResult(client, asked.issuer, transaction, tokens.access_token);
  const again = [];
  for (const more of asked.again ?? []) {
    again.push(await comeAgain(client, more.hint ? { prompt: 'none', id_token_hint: tokens.id_token } : more));
  }
  const rotated = asked.rotate === undefined ? undefined : await acrossRotation(client, issuer, tokens, keys);
  const refreshed = rotated?.refreshed ?? await client.refresh(tokens.refresh_token);
  let replayed = 'accepted';
  try { await client.refresh(tokens.refresh_token); } catch (error) { replayed = error.error; }
  let ended = 'accepted';
  try { await client.userinfo(refreshed.access_token); } catch (error) { ended = error.error; }
  const out = await browse(client.endSessionUrl({
    id_token_hint: tokens.id_token, post_logout_redirect_uri: asked.logged_out, state: 'bye',
  }));
  const gone = asked.again === undefined ? undefined : await comeAgain(client, { prompt: 'none' });
  say({
    result, again, gone, rotated, claims: tokens.claims(), userinfo, header: protectedHeader, payload, refreshed: refreshed.claims(),
    replayed, ended, logout: { status: out.status, location: out.headers.location },
    session_state: client.callbackParams(back).session_state,
  });
}

main().catch((error) => { say({ failure: error.message, error: error.error }); process.exitCode = 1; });
