// SPDX-License-Identifier: Apache-2.0
// jpki agent on this computer, which has the clerk's card (docs/card-protocol.md). It shows what it is asked and
// asks for the PIN itself: no PIN is ever in a page.
const address = "http://127.0.0.1:25754";

export type Outcome = "answered" | "declined" | "busy" | "too_many" | "failed" | "absent";

/** The card did not answer, and why. */
export class Unanswered extends Error {
  constructor(readonly outcome: Outcome) {
    super(outcome);
  }
}

const outcomes: readonly Outcome[] = ["answered", "declined", "busy", "too_many", "failed"];

async function askAgent(path: string, body: object): Promise<Record<string, unknown>> {
  let answer: Record<string, unknown>;
  try {
    const response = await fetch(`${address}${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "omit" });
    answer = (await response.json()) as Record<string, unknown>;
  } catch {
    throw new Unanswered("absent");
  }
  const outcome = outcomes.find((one) => one === answer["outcome"]) ?? "failed";
  if (outcome !== "answered") throw new Unanswered(outcome);
  return answer;
}

export interface Challenge {
  origin: string;
  counter: string;
  session: string;
  nonce: string;
  expires_at: number;
  issuers: string[];
}

export async function answerLogin(challenge: Challenge): Promise<{ certificate: string; signature: string }> {
  return (await askAgent("/v1/clerk/logins", challenge))["proof"] as { certificate: string; signature: string };
}

/** That somebody is to become a clerk, or a clerk has another card: what administrators take. */
export async function signApplication(wish: { origin: string; name: string; municipality: string; window?: string }):
  Promise<{ application: string; signature: string }> {
  return (await askAgent("/v1/clerk/applications", wish))["application"] as { application: string; signature: string };
}

export interface Order {
  origin: string;
  counter: string;
  session: string;
  request_id: string;
  path: string;
  body?: string;
}

export async function signOrder(order: Order): Promise<{ request: string; signature: string }> {
  return (await askAgent("/v1/clerk/filings", order))["filing"] as { request: string; signature: string };
}
