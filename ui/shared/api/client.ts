// SPDX-License-Identifier: Apache-2.0
// Asking the platform, typed by the document of its API: a route, parameter or member that it does not have
// does not compile.
import createClient from "openapi-fetch";
import type { components, paths } from "@api/platform";

export type Problem = components["schemas"]["problem"];

/** What went wrong, as the platform says, or null where nobody answered. */
export class Failure extends Error {
  constructor(readonly status: number, readonly problem: Problem | null) {
    super(problem?.title ?? "no answer");
  }
}

/** Shown with every change: no page of another origin can read it. */
let token = "";
let ended: () => void = () => undefined;

export function showToken(value: string): void {
  token = value;
}

/** Called when the platform no longer knows who asks. */
export function whenEnded(then: () => void): void {
  ended = then;
}

const client = createClient<paths>({ baseUrl: location.origin, credentials: "same-origin", redirect: "error" });

client.use({
  onRequest({ request }) {
    if (request.method !== "GET" && token !== "") request.headers.set("X-CSRF-Token", token);
    return request;
  },
});

export const { GET, POST, PUT, PATCH, DELETE } = client;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value && "request_id" in value;
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
    return await ask(asked);
  } catch (failure) {
    if (failure instanceof Failure && failure.status === 403) {
      const me = await client.GET("/v1/console/me").catch(() => null);
      if (me !== null && me.response.status === 403) ended();
    }
    throw failure;
  }
}
