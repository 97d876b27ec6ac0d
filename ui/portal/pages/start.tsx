// SPDX-License-Identifier: Apache-2.0
// What this is, what can be done here, and the way in.
import { Part, When } from "../../shared/components/small";
import { href } from "../../shared/router";
import { useStore } from "../../shared/store";
import { loginAddress, session } from "../session";
import { useWords } from "../speak";

const places = ["procedures", "applications", "notices", "information", "history", "sessions"] as const;

function Way() {
  const { t } = useWords();
  const now = useStore(session);
  if (now.state === "open")
    return <Part id="way" title={t("start.inside")}><p>{t("start.since")}<When at={now.me.since} /></p></Part>;
  return (
    <Part id="way" title={t("login.with_card")}>
      <p>{t("start.login_text")}</p>
      <ol class="dots">
        <li>{t("start.login_go")}</li>
        <li>{t("start.login_card")}</li>
        <li>{t("start.login_back")}</li>
      </ol>
      <p><a class="button main" href={loginAddress("start")}>{t("login.with_card")}</a></p>
      <p class="soft">{t("start.login_kept")}</p>
    </Part>
  );
}

export function StartPage() {
  const { t, word } = useWords();
  return (
    <>
      <p>{t("start.lead")}</p>
      <Way />
      <Part id="what" title={t("start.what")}>
        <ul class="cards">
          {places.map((one) => (
            <li key={one}>
              <h3><a href={href(one)}>{word("nav", one)}</a></h3>
              <p>{word("start_about", one)}</p>
            </li>
          ))}
        </ul>
      </Part>
    </>
  );
}
