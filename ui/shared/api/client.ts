// SPDX-License-Identifier: Apache-2.0
// Asking the daemon that a page came from, typed by the document of its API: a route, parameter or member that
// it does not have does not compile.
import createClient from "openapi-fetch";
import type { components } from "@api/platform";

/** The same of all daemons. */
export type Problem = components["schemas"]["problem"];

/** What went wrong, as the daemon says, or null where nobody answered. */
export class Failure extends Error {
  constructor(readonly status: number, readonly problem: Problem | null) {
    super(problem?.title ?? "no answer");
  }
}

/** Shown with every change: no page of another origin can read it. */
let token = "";
let isKnown: () => Promise<boolean> = async () => true;
let ended: () => unknown = () => undefined;

/** When the daemon last answered whoever is logged in, in ms: from then on it counts how long nothing is asked. */
let heard = 0;
export const lastHeard = () => heard;
export function hearNow(): void {
  heard = Date.now();
}

export function showToken(value: string): void {
  token = value;
}

/** then is called when the daemon no longer knows who asks; known says whether it does. */
export function whenEnded(then: () => unknown, known: () => Promise<boolean>): void {
  ended = then;
  isKnown = known;
}

/** A client of the daemon whose document has these paths. */
export function connect<P extends {}>() {
  const client = createClient<P>({ baseUrl: location.origin, credentials: "same-origin", redirect: "error" });
  client.use({
    onRequest({ request }) {
      if (request.method !== "GET" && token !== "") request.headers.set("X-CSRF-Token", token);
      return request;
    },
  });
  return client;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value && "request_id" in value;
}

/** What an answer that is no success says. */
export async function failureOf(response: Response): Promise<Failure> {
  const body: unknown = await response.json().catch(() => null);
  return new Failure(response.status, isProblem(body) ? body : null);
}

/** The body of an answer; anything but success is a Failure. */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch {
    throw new Failure(0, null);
  }
  if (answer.response.ok) return answer.data as T;
  throw new Failure(answer.response.status, isProblem(answer.error) ? answer.error : null);
}

/** The same in a session: somebody whose session is over is asked to log in again, and only he. */
export async function askAs<T>(asked: Promise<Answer<T>>): Promise<T> {
  try {
    const answer = await ask(asked);
    hearNow();
    return answer;
  } catch (failure) {
    if (failure instanceof Failure && failure.status === 403 && !(await isKnown())) ended();
    throw failure;
  }
}
