// SPDX-License-Identifier: Apache-2.0
// What the applications at the portal show around a login: instead of a page that is somebody's own, and the
// button that ends or begins one.
import { useAct } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { useSharedWords } from "../shared/i18n/shared";
import { useStore } from "../shared/store";
import { resume, session } from "./session";

type Key = "login.ended" | "login.needed" | "login.with_card" | "login.login" | "login.logout";
/** The application's own words, and where its login begins. */
interface Login {
  t: (key: Key) => string;
  address: string;
}

export function LoginNeeded({ t, address }: Login) {
  const shared = useSharedWords();
  const now = useStore(session);
  if (now.state === "unknown") return <p role="status">{shared.t("load.loading")}</p>;
  if (now.state === "failed") return <FailureNote failure={now.failure} again={() => void resume()} />;
  return (
    <section>
      {now.state === "ended" && <p class="note wait" role="status">{t("login.ended")}</p>}
      <p>{t("login.needed")}</p>
      <p><a class="button main" href={address}>{t("login.with_card")}</a></p>
    </section>
  );
}

export function LoginButton({ t, address, leave }: Login & { leave: () => Promise<void> }) {
  const now = useStore(session);
  const out = useAct(leave);
  return (
    <>
      {now.state === "open"
        ? <button type="button" disabled={out.busy} onClick={() => void out.run()}>{t("login.logout")}</button>
        : <a class="button" href={address}>{t("login.login")}</a>}
      <FailureNote failure={out.failure} />
    </>
  );
}
