// SPDX-License-Identifier: Apache-2.0
// What the applications at the portal show around a login: the way to it, what stands there instead of a page that
// is somebody's own, and the button that ends or begins one.
import { useAct } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { useSharedWords } from "../shared/i18n/shared";
import { useStore } from "../shared/store";
import { rememberPlace } from "./return";
import { resume, session } from "./session";

type Key = "login.ended" | "login.needed" | "login.with_card" | "login.login" | "login.logout";
/** Where a login begins, and the page that it leads back to where what is shown of it is to be found again. */
export interface Way {
  address: string;
  page?: string;
}
/** The application's own words, and the way. */
type Login = Way & { t: (key: Key) => string };

export function LoginLink({ address, page, text, isMain }: Way & { text: string; isMain?: boolean }) {
  return (
    <a class={isMain === true ? "button main" : "button"} href={address}
      onClick={() => page !== undefined && rememberPlace(page)}>{text}</a>
  );
}

/** lost: what is said besides where a login has ended. */
export function LoginNeeded({ t, lost, ...way }: Login & { lost?: string | undefined }) {
  const shared = useSharedWords();
  const now = useStore(session);
  if (now.state === "unknown") return <p role="status">{shared.t("load.loading")}</p>;
  if (now.state === "failed") return <FailureNote failure={now.failure} again={() => void resume()} />;
  return (
    <section>
      {now.state === "ended" && <p class="note wait" role="status">{t("login.ended")}{lost}</p>}
      <p>{t("login.needed")}</p>
      <p><LoginLink {...way} text={t("login.with_card")} isMain /></p>
    </section>
  );
}

export function LoginButton({ t, leave, ...way }: Login & { leave: () => Promise<void> }) {
  const now = useStore(session);
  const out = useAct(leave);
  return (
    <>
      {now.state === "open"
        ? <button type="button" disabled={out.busy} onClick={() => void out.run()}>{t("login.logout")}</button>
        : <LoginLink {...way} text={t("login.login")} />}
      <FailureNote failure={out.failure} />
    </>
  );
}
