// SPDX-License-Identifier: Apache-2.0
// Whom somebody works for here; whoever was invited enters what he was given.
import { useState } from "preact/hooks";
import { useAct } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { TextField } from "../../shared/components/field";
import { Part } from "../../shared/components/small";
import { say } from "../../shared/notice";
import { href, place } from "../../shared/router";
import { useStore } from "../../shared/store";
import { duties, takeDuty } from "../duties";
import { useWords } from "../speak";

/** Where the work of each duty is. */
const homes = { clerk: "inbox", editor: "procedures" } as const;

function Invitation() {
  const { t } = useWords();
  const { query } = useStore(place);
  const [text, setText] = useState(query.get("invitation") ?? "");
  const take = useAct(async () => {
    await takeDuty(text.trim());
    setText("");
    say(t("duty.taken"));
  });
  return (
    <Part id="invitation" title={t("duty.invited")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void take.run();
      }}>
        <TextField label={t("duty.invitation")} hint={t("duty.invitation_hint")} value={text} max={43} required
          onChange={setText} />
        {take.failure?.status === 403 ? <p class="note bad" role="alert">{t("duty.no_invitation")}</p>
          : <FailureNote failure={take.failure} />}
        <button type="submit" class="main" disabled={take.busy}>{t("duty.take")}</button>
      </form>
    </Part>
  );
}

export function StartPage() {
  const { t, word } = useWords();
  const own = useStore(duties) ?? [];
  return (
    <>
      <section>
        <p>{t("start.lead")}</p>
        {own.length === 0 ? <p>{t("duty.none")}</p> : (
          <ul class="dots">{own.map((duty) => (
            <li key={duty.role}><span lang="ja">{duty.prefecture}{duty.place}</span>:{" "}
              <a href={href(homes[duty.role])}>{word("role", duty.role)}</a></li>))}</ul>
        )}
      </section>
      <Invitation />
    </>
  );
}
