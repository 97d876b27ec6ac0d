// SPDX-License-Identifier: Apache-2.0
// Logging in with a clerk's card, which jpki agent has at this computer.
import { useEffect, useRef, useState } from "preact/hooks";
import { TextField } from "../../shared/components/field";
import { href } from "../../shared/router";
import { remembered } from "../../shared/store";
import { Refused, useDeed } from "../act";
import { logIn } from "../session";
import { useWords } from "../speak";

const key = "openjpki.counter";

/** stays: what was typed is still there for the same clerk. */
export function LoginPage({ ended, stays }: { ended: boolean; stays: boolean }) {
  const { t } = useWords();
  const [counter, setCounter] = useState(remembered(key) ?? "");
  const login = useDeed(async () => {
    await logIn(counter.trim());
    remembered(key, counter.trim());
  }, true);
  const note = useRef<HTMLParagraphElement>(null);
  useEffect(() => note.current?.focus(), []); // where the form was is the way back to it
  return (
    <section>
      {ended && <p class="note wait" role="alert" ref={note} tabIndex={-1}>{t(stays ? "login.ended_typed" : "login.ended")}</p>}
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
