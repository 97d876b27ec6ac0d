// SPDX-License-Identifier: Apache-2.0
// Orders: signed by the clerk's card, sent to the register, kept there as they came.
import { signOrder } from "./agent";
import { askAs, GET, POST } from "./api";
import { type Clerk, stillOpen } from "./session";

export type Filed = Awaited<ReturnType<typeof send>>;
export type Filing = Awaited<ReturnType<typeof fetchFiling>>;

async function send(message: { request: string; signature: string }) {
  return askAs(POST("/v1/filings", { body: message }));
}

export async function fetchFiling(id: string) {
  return askAs(GET("/v1/filings/{id}", { params: { path: { id } } }));
}

/** 32 hexadecimal digits that nobody else has: what an act is known by, however often it is sent. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

export interface Wish {
  path: string;
  body?: object;
}

/** Sign and send. id is the order's: the same one is done once. */
export async function file(clerk: Clerk, id: string, wish: Wish): Promise<Filed> {
  await stillOpen();
  const message = await signOrder({
    origin: clerk.origin, counter: clerk.counter, session: clerk.session, request_id: id, path: wish.path,
    ...(wish.body === undefined ? {} : { body: JSON.stringify(wish.body) }) });
  return send(message);
}

/** SHA-256 of what the first clerk signed, of the octets that are shown here. */
export async function digestOf(request: string): Promise<string> {
  const octets = Uint8Array.from(atob(request), (letter) => letter.charCodeAt(0));
  const digest = await crypto.subtle.digest("SHA-256", octets);
  return [...new Uint8Array(digest)].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

function read(request: string): unknown {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(request), (letter) => letter.charCodeAt(0))));
}

/** What was signed, as lines to read. */
export function linesOf(request: string): string {
  return JSON.stringify(read(request), null, 2);
}

/** The act that it asks for, by its name; null for what is no act. */
export function actOf(request: string): string | null {
  const { body } = read(request) as { body?: { act?: unknown } };
  return typeof body?.act === "string" ? body.act : null;
}

/** What the order itself answered: the register sends it as a text. */
export function answerOf(answer: string | undefined): Readonly<Record<string, unknown>> {
  return answer === undefined || answer === "" ? {} : (JSON.parse(answer) as Record<string, unknown>);
}

export async function fetchPending() {
  return (await askAs(GET("/v1/filings"))).filings;
}

