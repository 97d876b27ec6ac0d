// SPDX-License-Identifier: Apache-2.0
// Becoming a clerk: signed with one's own card, saved as a file, taken by an administrator. Nobody is logged in here.
import { useState } from "preact/hooks";
import { TextField } from "../../shared/components/field";
import { download } from "../../shared/csv";
import { href } from "../../shared/router";
import { Refused, useDeed } from "../act";
import { signApplication } from "../agent";
import { useWords } from "../speak";

export function ApplyPage() {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [municipality, setMunicipality] = useState("");
  const [window, setWindow] = useState("");
  const [signed, setSigned] = useState<string | null>(null);
  const apply = useDeed(async () => {
    const application = await signApplication({ origin: location.origin, name: name.trim(), municipality,
      ...(window === "" ? {} : { window }) });
    setSigned(JSON.stringify(application));
  });
  return (
    <section>
      <p>{t("apply.lead")}</p>
      <form onSubmit={(event) => {
        event.preventDefault();
        void apply.run();
      }}>
        <TextField label={t("apply.name")} hint={t("act.name_hint")} value={name} max={50} required onChange={setName} />
        <TextField label={t("resident.municipality")} hint={t("apply.municipality_hint")} value={municipality} max={5} required
          pattern="[0-9]{5}" onChange={setMunicipality} />
        <TextField label={t("clerk.window")} hint={t("apply.window_hint")} value={window} max={4} pattern="[0-9A-Z]{4}"
          onChange={setWindow} />
        <Refused why={apply.why} />
        {apply.busy && <p class="note wait" role="status">{t("act.look")}</p>}
        <button type="submit" class="main" disabled={apply.busy}>{t("apply.sign")}</button>
      </form>
      {signed !== null && (
        <div class="note good" role="status">
          <p>{t("apply.signed")}</p>
          <p class="buttons"><button type="button" onClick={() => download("clerk-application.json", "application/json", signed)}>
            {t("apply.save")}</button></p>
        </div>
      )}
      <p><a href={href("find")}>{t("login.title")}</a></p>
    </section>
  );
}
