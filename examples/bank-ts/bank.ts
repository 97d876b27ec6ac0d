// SPDX-License-Identifier: Apache-2.0
// A fictional bank that opens accounts by card, as a provider would: the customer logs in at
// jpki-authappd and shows the four attributes, signs the contract in a sign transaction, and the
// platform verifies that signature. Later the bank hears by webhook that data may be newer, and asks.
// It is examples/bank-c in another language; docs/tutorial.md goes through all of it.
//
//   npm install && npx tsc && eval "$(jpki-sandbox env)" && node bank.js PORT KEY.jwk
//
// What a bank never sees: a PIN, a certificate, a serial number, when or why something was revoked.
// To be read, not to be run by a bank: customers are in memory.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Client, Issuer, TokenSet, generators } from 'openid-client';
import { type Json, type Page, ask, serve, tell } from './kit.js';

const BANK = '見本銀行（試験用）';
const CONTRACT = '普通預金口座開設申込書';
const CLIENT = 'sample-bank';
const SERVICE = 'accounts';

interface Customer {
  state: string; // of the login; another one when it has come back
  nonce: string;
  verifier: string;
  person?: string; // what the card has shown
  contract?: string; // what is signed
  transaction?: string;
  holder?: string; // the person, between platform and bank
  number?: number; // of the account
}

const [port, keyFile] = process.argv.slice(2);
const { JPKI_AUTHAPP: authapp, JPKI_PLATFORM: platform, JPKI_TENANT_KEY_FILE: tenantFile } = process.env;
const callback = `http://127.0.0.1:${port}/callback`;
const customers = new Map<string, Customer>(); // by the browser's cookie
let accounts = 0;
let client: Client;
let tenant: string; // our key at the platform
let hookSecret: string;

// ---- the login: the profile demands state, nonce, PKCE and private_key_jwt ----

// What comes back has to fit what is kept here under the browser's cookie.
async function begin(): Promise<Page> {
  const session = randomBytes(32).toString('base64url');
  const customer = { state: generators.state(), nonce: generators.nonce(), verifier: generators.codeVerifier() };
  customers.set(session, customer);
  const location = client.authorizationUrl({
    scope: 'openid name address birthdate gender', acr_values: 'aal3 crl', state: customer.state, nonce: customer.nonce,
    code_challenge: generators.codeChallenge(customer.verifier), code_challenge_method: 'S256',
    ui_locales: 'ja', // as our pages are
  });
  return { status: 303, location, session };
}

// The four attributes as lines: alike, however the two sides spell birth date and sex.
function describe(name = '', address = '', birth = '', sex = ''): string {
  const word = ({ 1: '男', male: '男', 2: '女', female: '女' } as Json)[sex] ?? '不明';
  return `氏名 ${name}\n住所 ${address}\n生年月日 ${birth.replaceAll('-', '')}\n性別 ${word}`;
}

const describeAttributes = (said: Json): string => {
  const { name, address, birth_date, sex } = said.attributes ?? {};
  return describe(name, address, birth_date, sex);
};

async function comeBack(request: IncomingMessage, customer?: Customer): Promise<Page> {
  const params = client.callbackParams(request);
  // Of another browser's login, a second time, or from another provider (RFC 9207)?
  if (customer === undefined || params.state !== customer.state || params.iss !== client.issuer.metadata.issuer) {
    return { status: 400, text: 'このログインは受け付けられません' };
  }
  const { state, nonce, verifier } = customer;
  customer.state = generators.state();
  let tokens: TokenSet;
  let person: Json;
  try {
    tokens = await client.callback(callback, params, { state, nonce, code_verifier: verifier, response_type: 'code' });
    person = await client.userinfo(tokens);
  } catch (error: any) {
    return { status: 403, text: `ログインできませんでした: ${error.error ?? 'ID token'}` };
  }
  customer.person = describe(person.name, person.address?.formatted, person.birthdate, person.gender);
  const opened = await askSignature(customer);
  return opened === undefined ? { status: 502, text: '署名を頼めませんでした' } : {
    status: 200,
    text: `${customer.person}\n\n署名してください\njpki sign ${opened.address} --code ${opened.code}`,
  };
}

// ---- the contract: signed by the card, verified by the platform ----

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64');

const ownToken = async (): Promise<string> =>
  (await client.grant({ grant_type: 'client_credentials', scope: 'sign' })).access_token!;

// Where the card has to answer, and the code to be shown with it.
async function askSignature(customer: Customer): Promise<Json | undefined> {
  customer.contract = `${CONTRACT}\n${customer.person}`;
  const opened = await tell(201, `${authapp}/api/sign-transactions`, await ownToken(), {
    client_id: CLIENT, title: CONTRACT, hash: digestOf(customer.contract),
    document: Buffer.from(customer.contract).toString('base64'),
  });
  customer.transaction = opened?.sign_transaction_id;
  return opened;
}

// Why there is no account, if there is none. The certificate passes through here encrypted to the platform.
async function verify(customer: Customer, result: Json): Promise<string | undefined> {
  const said = await tell(201, `${platform}/v1/verifications`, tenant, {
    digest: { alg: 'SHA-256', value: digestOf(customer.contract!) }, form: 'hash', signature: result.signature,
    certificate: result.certificate,
  });
  if (said?.verdict !== 'valid') return `署名は有効ではありません: ${said?.reasons}`;
  if (describeAttributes(said) !== customer.person) return 'ログインした人の署名ではありません';
  customer.holder = said.holder;
  customer.number ??= 1_000_001 + accounts++;
  return undefined;
}

async function showAccount(customer?: Customer): Promise<Page> {
  if (customer?.transaction === undefined) return { status: 200, text: '口座の開設は /open から' };
  let refused: string | undefined;
  let state = 'signed';
  if (customer.number === undefined) {
    const url = `${authapp}/api/sign-transactions/${customer.transaction}/result`;
    const result = (await ask(200, 'GET', url, await ownToken())) ?? {};
    state = result.status;
    if (state === 'signed') refused = await verify(customer, result);
  }
  if (customer.number !== undefined) return { status: 200, text: `口座番号 ${customer.number}\n${customer.person}` };
  return refused === undefined ? { status: 202, text: `署名: ${state}` } : { status: 403, text: refused };
}

// ---- the latest attributes ----

// The customer hands over what 'jpki consent give' has made; it goes on to the platform as it is.
async function takeConsent(body: string, customer?: Customer): Promise<Page> {
  const consent = customer?.number === undefined ? undefined : await ask(201, 'POST', `${platform}/v1/consents`, tenant, body);
  if (consent === undefined || consent.holder !== customer?.holder) return { status: 403, text: '同意を受け付けられません' };
  return { status: 200, text: `同意を受け付けました: ${consent.state}` };
}

// Each change is told once, so it is for every account of the person.
async function askLatest(holder: string): Promise<void> {
  const url = `${platform}/v1/holders/${encodeURIComponent(holder)}/latest`;
  const said = await tell(200, url, tenant, { service: SERVICE });
  for (const customer of customers.values()) {
    if (said !== undefined && customer.number !== undefined && customer.holder === holder) customer.person = describeAttributes(said);
  }
}

// Standard Webhooks. One that is repeated later does no harm here: the bank asks again, in vain.
async function takeCall(request: IncomingMessage, body: string): Promise<Page> {
  const covered = `${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.${body}`;
  const mac = createHmac('sha256', Buffer.from(hookSecret.replace('whsec_', ''), 'base64')).update(covered);
  const due = Buffer.from(`v1,${mac.digest('base64')}`);
  const sent = Buffer.from(String(request.headers['webhook-signature']));
  if (due.length !== sent.length || !timingSafeEqual(due, sent)) return { status: 401 };
  const event = JSON.parse(body);
  if (event.type === 'holder.data_may_have_changed') await askLatest(event.data.holder);
  return { status: 204 };
}

// ----

async function handle(request: IncomingMessage, body: string): Promise<Page> {
  const cookie = /(?:^|; )bank=([\w-]+)/.exec(request.headers.cookie ?? '');
  const customer = customers.get(cookie?.[1] ?? '');
  switch (`${request.method} ${new URL(request.url!, callback).pathname}`) {
    case 'GET /': return showAccount(customer);
    case 'GET /open': return begin();
    case 'GET /callback': return comeBack(request, customer);
    case 'POST /consent': return takeConsent(body, customer);
    case 'POST /hook': return takeCall(request, body);
    default: return { status: 404 };
  }
}

// Have the platform call here; what an earlier run had asked for is over.
async function haveWebhook(): Promise<string> {
  const url = `http://127.0.0.1:${port}/hook`;
  for (const old of (await ask(200, 'GET', `${platform}/v1/webhooks`, tenant))?.webhooks ?? []) {
    if (old.url === url) await ask(204, 'DELETE', `${platform}/v1/webhooks/${old.webhook}`, tenant);
  }
  return (await tell(201, `${platform}/v1/webhooks`, tenant, { url }))!.secret;
}

async function main(): Promise<void> {
  if (keyFile === undefined || authapp === undefined || platform === undefined || tenantFile === undefined) {
    console.error('usage: node bank.js PORT KEY.jwk, after eval "$(jpki-sandbox env)"');
    process.exit(2);
  }
  tenant = readFileSync(tenantFile, 'utf8').trim();
  const issuer = await Issuer.discover(`${authapp}/api/realms/main`);
  client = new issuer.Client({
    client_id: CLIENT, redirect_uris: [callback], response_types: ['code'], id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256',
  }, { keys: [JSON.parse(readFileSync(keyFile, 'utf8'))] });
  hookSecret = await haveWebhook();
  serve(Number(port), BANK, handle).on('listening', () => console.log(`${BANK} http://127.0.0.1:${port}/`));
}

main().catch((error) => {
  console.error(`bank: ${error.message}`);
  process.exit(5);
});
