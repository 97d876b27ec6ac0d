// SPDX-License-Identifier: Apache-2.0
// What a municipality offers, and the texts of its own that are being written.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Said, useSaid } from "../../shared/components/said";
import { Chip, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { say } from "../../shared/notice";
import { go, href } from "../../shared/router";
import { askAs, DELETE, GET } from "../api";
import { useWords } from "../speak";

async function fetchAll() {
  const [{ drafts }, { texts }] = await Promise.all([
    askAs(GET("/v1/municipality/drafts")), askAs(GET("/v1/municipality/texts"))]);
  return { drafts, texts };
}

type All = Awaited<ReturnType<typeof fetchAll>>;

function New() {
  const { t } = useWords();
  const [code, setCode] = useState("");
  return (
    <Part id="new" title={t("draft.new")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        go("procedures", code);
      }}>
        <TextField label={t("draft.code")} hint={t("draft.code_hint")} value={code} max={64} required pattern="[a-z0-9\-]+"
          onChange={setCode} />
        <button type="submit" class="main">{t("draft.write")}</button>
      </form>
    </Part>
  );
}

function Offered({ texts, again }: { texts: All["texts"]; again: () => void }) {
  const { t } = useWords();
  const said = useSaid();
  const [asking, setAsking] = useState<All["texts"][number] | null>(null);
  const nameOf = (row: All["texts"][number]) => said(row.name, row.name_en).text;
  const withdraw = useAct(async (psid: string) => {
    await askAs(DELETE("/v1/municipality/offerings/{psid}", { params: { path: { psid } } }));
    setAsking(null);
    say(t("offer.withdrawn"));
    again();
  });
  return (
    <Part id="offered" title={t("offer.title")}>
      <Table caption={t("offer.title")} rows={texts} id={(row) => String(row.text)} empty={t("offer.none")} columns={[
        { name: t("draft.name"), of: (row) => <Said ja={row.name} en={row.name_en} /> },
        { name: t("offer.whose"), of: (row) => t(row.is_own ? "offer.own" : "offer.of_all") },
        { name: t("offer.psid"), of: (row) => (row.psid === undefined ? "–"
          : <a href={`/#/procedures/${row.psid}`}>{row.psid}</a>) },
        { name: t("offer.stop"), of: (row) => row.psid !== undefined && (
          <button type="button" class="small" aria-label={t("offer.stop_one", { name: nameOf(row) })}
            onClick={() => setAsking(row)}>{t("offer.stop")}</button>) },
      ]} />
      {asking !== null && (
        <Confirm title={t("offer.stop")} text={<p>{t("offer.stop_text", { name: nameOf(asking) })}</p>} yes={t("offer.stop")}
          busy={withdraw.busy} failure={withdraw.failure} onYes={() => void withdraw.run(asking.psid!)}
          onClose={() => setAsking(null)} />
      )}
    </Part>
  );
}

export function ProceduresPage() {
  const { t } = useWords();
  const [loaded, again] = useLoad(fetchAll, []);
  return (
    <>
      <section><p>{t("draft.lead")}</p></section>
      <New />
      <Wait on={loaded} again={again}>{({ drafts, texts }) => (
        <>
          <Part id="drafts" title={t("draft.title")}>
            <Table caption={t("draft.title")} rows={drafts} id={(row) => row.code} empty={t("draft.none")} columns={[
              { name: t("draft.name"), of: (row) => <a href={href("procedures", row.code)} lang="ja">{row.name}</a> },
              { name: t("draft.code"), of: (row) => <code>{row.code}</code> },
              { name: t("draft.version"), of: (row) => row.version, number: true },
              { name: t("draft.state"), of: (row) => (row.published === 0 ? <Chip mood="wait">{t("draft.unpublished")}</Chip>
                : row.published === row.version ? <Chip mood="good">{t("draft.published")}</Chip>
                  : <Chip mood="plain">{t("draft.published_is", { version: row.published })}</Chip>) },
              { name: t("draft.saved_at"), of: (row) => <When at={row.saved_at} /> },
            ]} />
          </Part>
          <Offered texts={texts} again={again} />
        </>
      )}</Wait>
    </>
  );
}
