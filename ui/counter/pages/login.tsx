// SPDX-License-Identifier: Apache-2.0
// Logging in with a clerk's card, which jpki agent has at this computer.
import { useState } from "preact/hooks";
import { TextField } from "../../shared/components/field";
import { href } from "../../shared/router";
import { remembered } from "../../shared/store";
import { Refused, useDeed } from "../act";
import { logIn } from "../session";
import { useWords } from "../speak";

const key = "openjpki.counter";

export function LoginPage({ ended }: { ended: boolean }) {
  const { t } = useWords();
  const [counter, setCounter] = useState(remembered(key) ?? "");
  const login = useDeed(async () => {
    await logIn(counter.trim());
    remembered(key, counter.trim());
  });
  return (
    <section>
      {ended && <p class="note wait" role="status">{t("login.ended")}</p>}
      <p>{t("login.lead")}</p>
      <form onSubmit={(event) => {
        event.preventDefault();
        void login.run();
      }}>
        <TextField label={t("login.counter")} hint={t("login.counter_hint")} value={counter} max={9} required
          pattern="[0-9]{5}[0-9A-Z]{4}" onChange={setCounter} />
        <Refused why={login.why} />
        {login.busy && <p class="note wait" role="status">{t("login.look")}</p>}
        <button type="submit" class="main" disabled={login.busy}>{t("login.with_card")}</button>
      </form>
      <p><a href={href("apply")}>{t("apply.title")}</a></p>
    </section>
  );
}
