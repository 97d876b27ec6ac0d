// SPDX-License-Identifier: Apache-2.0
// Who acts for whom by law: a parent for a child, a guardian for somebody. Both stand in the municipality's own
// register, where the clerk finds them by what their papers say; the portal tells no more than that they are there.
import { useState } from "preact/hooks";
import { useAct } from "../../shared/api/use";
import { Choice, TextField, Tick } from "../../shared/components/field";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Pages } from "../../shared/components/pages";
import { Chip, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { say } from "../../shared/notice";
import { useTyped } from "../../shared/typed";
import { askAs, DELETE, GET, POST } from "../api";
import { useWords } from "../speak";

const kinds = ["parent", "guardian"] as const;
type Kind = (typeof kinds)[number];
const scopes = ["information", "procedures", "notices", "history"] as const;
type Scope = (typeof scopes)[number];

interface Who {
  name: string;
  birth_date: string;
}
const nobody: Who = { name: "", birth_date: "" };

async function list(after: string | null) {
  const query = after === null ? {} : { after };
  const { mandates, next } = await askAs(GET("/v1/municipality/mandates", { params: { query } }));
  return { rows: mandates, next };
}

type Mandate = Awaited<ReturnType<typeof list>>["rows"][number];

/** What the municipality knows somebody by. */
async function find(who: Who): Promise<string> {
  return (await askAs(POST("/v1/municipality/residents/search", { body: { ...who, name: who.name.trim() } }))).code;
}

function Person(props: { legend: string; who: Who; set: (who: Who) => void }) {
  const { t } = useWords();
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      <TextField label={`${props.legend}: ${t("legal.name")}`} value={props.who.name} required max={40}
        hint={t("legal.name_hint")} onChange={(name) => props.set({ ...props.who, name })} />
      <TextField label={`${props.legend}: ${t("legal.birth")}`} value={props.who.birth_date} required type="date"
        onChange={(birth_date) => props.set({ ...props.who, birth_date })} />
    </fieldset>
  );
}

function Recording({ again }: { again: () => void }) {
  const { t, word } = useWords();
  const [kind, setKind] = useState<Kind>("parent");
  const { value: { mandator, proxy }, set, forget } = useTyped("mandates", { mandator: nobody, proxy: nobody });
  const [until, setUntil] = useState("");
  const [chosen, setChosen] = useState<readonly Scope[]>(scopes);
  const record = useAct(async () => {
    const [from, to] = [await find(mandator), await find(proxy)];
    await askAs(POST("/v1/municipality/mandates", { body: {
      kind, mandator: from, proxy: to, scopes: [...chosen], mandator_name: mandator.name.trim(), proxy_name: proxy.name.trim(),
      ...(kind === "parent" ? { birth_date: mandator.birth_date } : { until }) } }));
    forget();
    say(t("legal.recorded"));
    again();
  });
  const status = record.failure?.status;
  return (
    <Part id="record" title={t("legal.record")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void record.run();
      }}>
        <Choice label={t("legal.ground")} value={kind} values={kinds} name={(one) => word("ground", one)} onChange={setKind} />
        <Person legend={t("legal.mandator")} who={mandator} set={(who) => set({ mandator: who, proxy })} />
        <Person legend={t("legal.proxy")} who={proxy} set={(who) => set({ mandator, proxy: who })} />
        {kind === "parent" ? <p class="soft">{t("legal.until_fifteen")}</p>
          : <TextField label={t("legal.until")} value={until} required type="date" onChange={setUntil} />}
        <fieldset>
          <legend>{t("legal.scopes")}</legend>
          {scopes.map((scope) => (
            <Tick key={scope} label={word("scope", scope)} value={chosen.includes(scope)}
              onChange={(is) => setChosen(scopes.filter((one) => (one === scope ? is : chosen.includes(one))))} />
          ))}
        </fieldset>
        {status === 404 ? <p class="note bad" role="alert">{t("legal.nobody")}</p> : <FailureNote failure={record.failure} />}
        <p><button type="submit" class="main" disabled={record.busy || chosen.length === 0}>{t("legal.do")}</button></p>
      </form>
    </Part>
  );
}

function Ending({ row, again }: { row: Mandate; again: () => void }) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const names = { child: row.mandator_name, parent: row.proxy_name };
  const end = useAct(async () => {
    await askAs(DELETE("/v1/municipality/mandates/{id}", { params: { path: { id: row.id } } }));
    setAsking(false);
    say(t("legal.ended"));
    again();
  });
  if (row.ended_at !== null || row.ends_at * 1000 <= Date.now()) return <Chip mood="plain">{t("legal.over")}</Chip>;
  return (
    <>
      <button type="button" class="small danger" aria-label={t("legal.end_one", names)} onClick={() => setAsking(true)}>
        {t("legal.end")}</button>
      {asking && (
        <Confirm title={t("legal.end_title")} text={<p>{t("legal.end_one", names)}</p>} yes={t("legal.end")} busy={end.busy}
          failure={end.failure} onYes={() => void end.run()} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

export function MandatesPage() {
  const { t, word, language } = useWords();
  const [round, setRound] = useState(0);
  const again = () => setRound((before) => before + 1);
  const lastDay = (ends: number) => format.date(format.day(ends - 1), language);
  return (
    <>
      <p>{t("legal.lead")}</p>
      <Recording again={again} />
      <Part id="recorded" title={t("legal.list")}>
        <Pages on={[round]} load={list}>{(rows) => (
          <Table caption={t("legal.list")} rows={rows} id={(row) => row.id} empty={t("legal.none")} columns={[
            { name: t("legal.mandator"), of: (row) => <span lang="ja">{row.mandator_name}</span> },
            { name: t("legal.proxy"), of: (row) => <span lang="ja">{row.proxy_name}</span> },
            { name: t("legal.ground"), of: (row) => word("ground", row.kind) },
            { name: t("legal.scopes"), of: (row) => row.scopes.map((scope) => word("scope", scope)).join(" / ") },
            { name: t("legal.until"), of: (row) => lastDay(row.ended_at ?? row.ends_at) },
            { name: t("legal.end"), of: (row) => <Ending row={row} again={again} /> },
          ]} />
        )}</Pages>
      </Part>
    </>
  );
}
