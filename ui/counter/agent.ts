// SPDX-License-Identifier: Apache-2.0
// What jpki agent --clerk on this computer, which has the clerk's card, is asked (docs/card-protocol.md).
import { askAgent } from "../shared/agent";

export { Unanswered } from "../shared/agent";

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
