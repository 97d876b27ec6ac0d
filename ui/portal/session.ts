// SPDX-License-Identifier: Apache-2.0
// Who is logged in. The cookie is the browser's business; no script can read it.
import { language } from "../shared/i18n/language";
import { store } from "../shared/store";
import { keepTypedOf } from "../shared/typed";
import { acting } from "./acting";
import { forgetAnswers } from "./keeping";
import { takePlace } from "./return";
import { ask, askAs, Failure, GET, hearNow, POST, showToken, whenEnded } from "./api";

/** Null: nobody is logged in. That is no failure, so nothing of it is in the browser's console. */
async function fetchMe() {
  return (await ask(GET("/v1/session"))).me;
}

export type Me = NonNullable<Awaited<ReturnType<typeof fetchMe>>>;
/** "unknown" until the portal was asked; "ended": there was one, and it is over. */
export type Session = { state: "unknown" | "none" | "ended" } | { state: "open"; me: Me } | { state: "failed"; failure: Failure };

export const session = store<Session>({ state: "unknown" });

export function leave(state: "none" | "ended"): void {
  showToken("");
  acting.set(null);
  if (state === "none") {
    forgetAnswers();
    keepTypedOf("");
  }
  session.set({ state });
}

whenEnded(() => session.get().state === "open" && leave("ended"), async () => {
  const found = await GET("/v1/session").catch(() => null);
  return found?.data?.me !== null; // who cannot be asked does not say that it is over
});

/** Ask whose session this is. */
export async function resume(): Promise<void> {
  try {
    const me = await fetchMe();
    if (me === null) {
      if (session.get().state === "open") leave("ended");
      else session.set({ state: "none" });
      return;
    }
    showToken(me.csrf);
    hearNow();
    keepTypedOf(me.account);
    session.set({ state: "open", me });
    const back = takePlace(location.hash);
    if (back !== null) location.replace(back);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    session.set({ state: "failed", failure: thrown });
  }
}

/** Out here, and by the address that the portal gives, out where the card was shown as well. */
export async function logout(): Promise<void> {
  const { address } = await askAs(POST("/v1/logout"));
  leave("none");
  if (address === null) location.hash = "#/start";
  else location.assign(address);
}

/** Where a browser sets out to log in, in the language of this page, to come back to that one. */
export function loginAddress(page: string): string {
  return `/login?page=${encodeURIComponent(page)}&ui_locales=${language.get()}`;
}
