// SPDX-License-Identifier: Apache-2.0
// Which clerk is logged in. The cookie is the browser's business; no script can read it.
import { store, useStore } from "../shared/store";
import { answerLogin } from "./agent";
import { ask, askAs, DELETE, Failure, GET, POST, showToken, whenEnded } from "./api";

async function fetchOwn() {
  return ask(GET("/v1/sessions/own"));
}

export type Clerk = Awaited<ReturnType<typeof fetchOwn>>;
export type Role = Clerk["roles"][number];
/** Whose session is over may come back to the page as he has left it; after a while it is nobody's any more. */
export type Session = { state: "unknown" } | { state: "none" } | { state: "ended"; clerk: Clerk | null } | { state: "open"; clerk: Clerk }
  | { state: "failed"; failure: Failure };

export const session = store<Session>({ state: "unknown" });

const patience = 30 * 60 * 1000; // ms in which a clerk logs in again

function leave(): void {
  showToken("");
  session.set({ state: "none" });
}

function end(): void {
  const now = session.get();
  showToken("");
  session.set({ state: "ended", clerk: "clerk" in now ? now.clerk : null });
  const over = session.get();
  setTimeout(() => session.get() === over && session.set({ state: "ended", clerk: null }), patience);
}

/** Who works here, or who did until his session was over. */
export function useClerk(): Clerk | null {
  const now = useStore(session);
  return "clerk" in now ? now.clerk : null;
}

/** Asked before the card is: a signature in a session that is over would be for nothing. */
export async function stillOpen(): Promise<void> {
  await askAs(GET("/v1/sessions/own"));
}

whenEnded(end, async () => {
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
    if (thrown.status === 403) leave();
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
  leave();
}

export function hasRole(clerk: Clerk, roles: readonly Role[]): boolean {
  return roles.some((role) => clerk.roles.includes(role));
}
