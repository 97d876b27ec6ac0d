// SPDX-License-Identifier: Apache-2.0
// Who is logged in. The cookie is the browser's business; no script can read it.
import { ask, askAs, Failure, GET, POST, showToken, whenEnded } from "./api";
import { store } from "../shared/store";

async function fetchMe() {
  return ask(GET("/v1/console/me"));
}

export type Me = Awaited<ReturnType<typeof fetchMe>>;
/** "unknown" until the platform was asked; "ended": there was one, and it is over. */
export type Session = { state: "unknown" | "none" | "ended" } | { state: "open"; me: Me } | { state: "failed"; failure: Failure };

export const session = store<Session>({ state: "unknown" });

whenEnded(() => {
  showToken("");
  session.set({ state: "ended" });
}, async () => {
  const me = await GET("/v1/console/me").catch(() => null);
  return me === null || me.response.status !== 403;
});

/** Ask whose session this is. */
export async function resume(): Promise<void> {
  try {
    const me = await fetchMe();
    showToken(me.csrf);
    session.set({ state: "open", me });
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    session.set(thrown.status === 403 ? { state: "none" } : { state: "failed", failure: thrown });
  }
}

export async function logout(): Promise<void> {
  await askAs(POST("/v1/console/logout"));
  showToken("");
  session.set({ state: "none" });
}
