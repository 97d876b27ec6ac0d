// SPDX-License-Identifier: Apache-2.0
// jpki agent on this computer, which has the card (docs/card-protocol.md). It shows what it is asked and asks for the
// PIN itself: no PIN is ever in a page.
const address = "http://127.0.0.1:25754";

export type Outcome = "answered" | "declined" | "busy" | "too_many" | "failed" | "absent";

/** The card did not answer, and why. */
export class Unanswered extends Error {
  constructor(readonly outcome: Outcome) {
    super(outcome);
  }
}

const outcomes: readonly Outcome[] = ["answered", "declined", "busy", "too_many", "failed"];

export async function askAgent(path: string, body: object): Promise<Record<string, unknown>> {
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

/** What waits at an address for a card, with the code that goes with it; why not, if it was not answered. */
export async function answerAt(kind: "readings" | "signings", at: { address: string; code: string }): Promise<Outcome> {
  try {
    await askAgent(`/v1/${kind}?address=${encodeURIComponent(at.address)}`, { code: at.code });
    return "answered";
  } catch (thrown) {
    if (thrown instanceof Unanswered) return thrown.outcome;
    throw thrown;
  }
}
