// SPDX-License-Identifier: Apache-2.0
// Finding who stands at the counter: by day of birth and name; by the individual number only for a purpose in law.
import { useState } from "preact/hooks";
import { Choice, TextField, Tick } from "../../shared/components/field";
import { Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { date } from "../../shared/format";
import { href } from "../../shared/router";
import { Refused, useDeed } from "../act";
import { askAs, GET, POST } from "../api";
import { hasRole, useClerk } from "../session";
import { useWords } from "../speak";

async function search(birth: string, name: string) {
  const query = { birth_date: birth, ...(name === "" ? {} : { name }) };
  return (await askAs(GET("/v1/residents", { params: { query } }))).residents;
}

type Found = Awaited<ReturnType<typeof search>>[number];
const purposes = ["social-security", "tax", "disaster"] as const;

function Results({ rows }: { rows: readonly Found[] }) {
  const { t, word, language } = useWords();
  return (
    <Table caption={t("find.found")} rows={rows} id={(row) => row.id} empty={t("find.empty")} columns={[
      { name: t("resident.name"), of: (row) => <a href={href("residents", row.id)} lang="ja">{row.name}</a> },
      { name: t("resident.kana"), of: (row) => <span lang="ja">{row.kana}</span> },
      { name: t("resident.birth"), of: (row) => <span class="nowrap">{date(row.birth_date, language)}</span> },
      { name: t("resident.address"), of: (row) => <span lang="ja">{row.address}</span> },
      { name: t("resident.standing"), of: (row) => word("standing", row.standing) },
    ]} />
  );
}

function ByNumber({ show }: { show: (rows: readonly Found[]) => void }) {
  const { t, word } = useWords();
  const [number, setNumber] = useState("");
  const [purpose, setPurpose] = useState<(typeof purposes)[number]>("social-security");
  const [identified, setIdentified] = useState(false);
  const find = useDeed(async () => {
    const found = await askAs(POST("/v1/residents/by-number", { body: { mynumber: number, purpose, is_identified: identified } }));
    setNumber(""); // it is nowhere longer than it is needed
    show([found]);
  });
  return (
    <Part id="by-number" title={t("number.title")}>
      <p class="soft">{t("number.lead")}</p>
      <form onSubmit={(event) => {
        event.preventDefault();
        void find.run();
      }}>
        <TextField label={t("number.number")} value={number} max={12} required pattern="[0-9]{12}" onChange={setNumber} />
        <Choice label={t("number.purpose")} value={purpose} values={purposes} name={(one) => word("purpose", one)} onChange={setPurpose} />
        <Tick label={t("number.identified")} value={identified} onChange={setIdentified} />
        <Refused why={find.why} />
        <button type="submit" disabled={find.busy}>{t("number.find")}</button>
      </form>
    </Part>
  );
}

export function FindPage() {
  const { t } = useWords();
  const clerk = useClerk();
  const [birth, setBirth] = useState("");
  const [name, setName] = useState("");
  const [rows, setRows] = useState<readonly Found[] | null>(null);
  const find = useDeed(async () => setRows(await search(birth, name.trim())));
  return (
    <>
      <section>
        <p>{t("find.lead")}</p>
        <form role="search" onSubmit={(event) => {
          event.preventDefault();
          void find.run();
        }}>
          <TextField label={t("resident.birth")} type="date" value={birth} required onChange={setBirth} />
          <TextField label={t("find.name")} hint={t("find.name_hint")} value={name} max={50} onChange={setName} />
          <Refused why={find.why} />
          <button type="submit" class="main" disabled={find.busy}>{t("find.find")}</button>
        </form>
      </section>
      {rows !== null && <Part id="found" title={t("find.found")}><Results rows={rows} /></Part>}
      {clerk !== null && hasRole(clerk, ["registrar"]) && <ByNumber show={setRows} />}
    </>
  );
}
