// SPDX-License-Identifier: Apache-2.0
// Which clerk is logged in. The cookie is the browser's business; no script can read it.
import { store } from "../shared/store";
import { answerLogin } from "./agent";
import { ask, askAs, DELETE, Failure, GET, POST, showToken, whenEnded } from "./api";

async function fetchOwn() {
  return ask(GET("/v1/sessions/own"));
}

export type Clerk = Awaited<ReturnType<typeof fetchOwn>>;
export type Role = Clerk["roles"][number];
export type Session = { state: "unknown" | "none" | "ended" } | { state: "open"; clerk: Clerk } | { state: "failed"; failure: Failure };

export const session = store<Session>({ state: "unknown" });

function leave(state: "none" | "ended"): void {
  showToken("");
  session.set({ state });
}

whenEnded(() => leave("ended"), async () => {
  const own = await GET("/v1/sessions/own").catch(() => null);
  return own === null || own.response.status !== 403;
});

function open(clerk: Clerk): void {
  showToken(clerk.csrf ?? "");
  session.set({ state: "open", clerk });
}

export async function resume(): Promise<void> {
  try {
    open(await fetchOwn());
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (thrown.status === 403) leave("none");
    else session.set({ state: "failed", failure: thrown });
  }
}

/** The register's challenge, answered by the card at this computer. */
export async function logIn(counter: string): Promise<void> {
  const challenge = await ask(POST("/v1/challenges", { body: { counter } }));
  const proof = await answerLogin(challenge);
  open(await ask(POST("/v1/sessions", { body: { session: challenge.session, ...proof } })));
}

export async function logOut(): Promise<void> {
  await askAs(DELETE("/v1/sessions/own"));
  leave("none");
}

export function hasRole(clerk: Clerk, roles: readonly Role[]): boolean {
  return roles.some((role) => clerk.roles.includes(role));
}
