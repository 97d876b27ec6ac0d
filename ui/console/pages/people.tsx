// SPDX-License-Identifier: Apache-2.0
// Holders by their pseudonym, and their consents.
import { useState } from "preact/hooks";
import { askAs, GET } from "../api";
import { useLoad } from "../../shared/api/use";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Pages } from "../../shared/components/pages";
import { Chip, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { list } from "../../shared/format";
import { go, href } from "../../shared/router";
import { useWords } from "../speak";

const consentMoods: Record<string, Mood> = { given: "wait", "in-force": "good", expired: "plain", withdrawn: "bad" };

export function HoldersPage() {
  const { t } = useWords();
  const [name, setName] = useState("");
  return (
    <section>
      <p>{t("holder.lead")}</p>
      <form onSubmit={(event) => {
        event.preventDefault();
        go("holders", name.trim());
      }}>
        <TextField label={t("holder.pseudonym")} hint={t("holder.hint")} value={name} required max={43}
          pattern="[A-Za-z0-9_\-]{43}" onChange={setName} />
        <button type="submit" class="main">{t("holder.look")}</button>
      </form>
    </section>
  );
}

function Told({ holder }: { holder: string }) {
  const { t, word, language } = useWords();
  const [told, again] = useLoad(() => askAs(GET("/v1/holders/{holder}/told", { params: { path: { holder } } })), [holder]);
  return (
    <Part id="told" title={t("holder.told")}>
      <Wait on={told} again={again}>{(found) => (
        <Table caption={t("holder.told")} rows={found.told} id={(row) => `${row.told_at} ${row.service}`} empty={t("holder.told_empty")}
          columns={[
            { name: t("holder.told_at"), of: (row) => <When at={row.told_at} /> },
            { name: t("holder.told_service"), of: (row) => row.service },
            { name: t("holder.told_attributes"), of: (row) => list(row.attributes.map((one) => word("attribute", one)), language) },
          ]} />
      )}</Wait>
    </Part>
  );
}

export function HolderPage({ holder }: { holder: string }) {
  const { t, word } = useWords();
  const [found, again] = useLoad(() => askAs(GET("/v1/holders/{holder}", { params: { path: { holder } } })), [holder]);
  return (
    <>
      <section>
        <Wait on={found} again={again}>{(one) => (
          <Facts rows={[
            [t("holder.pseudonym"), <code>{one.holder}</code>],
            [t("holder.state"), <Chip mood={one.state === "active" ? "good" : "plain"}>{word("holder_state", one.state)}</Chip>],
            [t("holder.newer"), one.newer_since === null ? t("holder.newer_none")
              : <>{t("holder.newer_since")}<When at={one.newer_since} /></>],
          ]} />
        )}</Wait>
      </section>
      {found.state === "ready" && <Told holder={holder} />}
    </>
  );
}

export function ConsentsPage() {
  const { t, word, language } = useWords();
  return (
    <section>
      <Pages on={[]} load={async (from) => {
        const page = await askAs(GET("/v1/consents", { params: { query: from === null ? {} : { cursor: from } } }));
        return { rows: page.consents, next: page.next };
      }}>{(rows) => (
        <Table caption={t("nav.consents")} rows={rows} id={(row) => row.consent} empty={t("consent.empty")} columns={[
          { name: t("consent.state"), of: (row) => (
            <Chip mood={consentMoods[row.state] ?? "plain"}>{word("consent_state", row.state)}</Chip>) },
          { name: t("holder.told_service"), of: (row) => row.service },
          { name: t("holder.told_attributes"), of: (row) => list(row.attributes.map((one) => word("attribute", one)), language) },
          { name: t("consent.from"), of: (row) => <When at={row.valid_from} /> },
          { name: t("consent.until"), of: (row) => <When at={row.valid_until} /> },
          { name: t("holder.pseudonym"), of: (row) => <a href={href("holders", row.holder)}><code>{row.holder}</code></a> },
          { name: t("consent.id"), of: (row) => <code>{row.consent}</code> },
        ]} />
      )}</Pages>
    </section>
  );
}
