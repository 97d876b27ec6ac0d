// SPDX-License-Identifier: Apache-2.0
// What any small provider needs beside its business: JSON from others, and pages for browsers.
import * as http from 'node:http';

const BODY_MAX = 1 << 20;

export type Json = Record<string, any>;

export interface Page {
  status: number;
  text?: string;
  location?: string;
  session?: string; // a cookie to be set
}

// The JSON that somebody answers, or undefined with another status than the one expected.
export async function ask(status: number, method: string, url: string, bearer: string, body?: string): Promise<Json | undefined> {
  const headers = { Authorization: `Bearer ${bearer}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
  const answer = await fetch(url, { method, headers, body, redirect: 'error', signal: AbortSignal.timeout(30_000) });
  const text = await answer.text();
  return answer.status !== status ? undefined : text === '' ? {} : JSON.parse(text);
}

export const tell = (status: number, url: string, bearer: string, body: Json) => ask(status, 'POST', url, bearer, JSON.stringify(body));

// A page on which nothing is markup.
function reply(response: http.ServerResponse, heading: string, page: Page): void {
  const escaped = (page.text ?? '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  response.writeHead(page.status, {
    'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    ...(page.location === undefined ? {} : { Location: page.location }),
    // Lax, because the browser comes back from where the login is; Secure with https.
    ...(page.session === undefined ? {} : { 'Set-Cookie': `bank=${page.session}; Path=/; HttpOnly; SameSite=Lax` }),
  });
  response.end(page.text === undefined ? '' : `<!doctype html>\n<meta charset="utf-8">\n<h1>${heading}</h1>\n<pre>\n${escaped}\n</pre>\n`);
}

// Serve on 127.0.0.1 what handle makes of a request and its body; heading stands on each page.
export function serve(port: number, heading: string, handle: (request: http.IncomingMessage, body: string) => Promise<Page>): http.Server {
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    try {
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of request) {
        size += piece.length;
        if (size > BODY_MAX) return reply(response, heading, { status: 413 });
        pieces.push(piece);
      }
      reply(response, heading, await handle(request, Buffer.concat(pieces).toString()));
    } catch {
      reply(response, heading, { status: 502, text: 'しばらくお待ちください' });
    }
  };
  return http.createServer(answer).listen(port, '127.0.0.1');
}
