// SPDX-License-Identifier: Apache-2.0
// For the platform's operator: how the authority's bill is split, and whether the audit log is whole.
import { useState } from "preact/hooks";
import { askAs, GET } from "../api";
import { useAct, useLoad } from "../../shared/api/use";
import { check, type Verdict } from "../../shared/audit";
import { FailureNote } from "../../shared/components/failure";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Pages } from "../../shared/components/pages";
import { Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { csv, download } from "../../shared/csv";
import * as format from "../../shared/format";
import { useWords } from "../speak";

async function statements(month: string) {
  return askAs(GET("/v1/statements", { params: { query: { month } } }));
}

type Statements = Awaited<ReturnType<typeof statements>>;

interface Line {
  whose: string;
  item: string;
  count: number;
  yen_each: number;
  yen: number;
}

function Bill({ of }: { of: Statements }) {
  const { t, word, language } = useWords();
  const lines: Line[] = [
    ...of.statements.flatMap((one) => one.lines.map((line) => ({ whose: one.client_id, ...line }))),
    ...of.rest.lines.map((line) => ({ whose: t("fee.rest"), ...line })),
  ];
  const heads = [t("fee.whose"), t("fee.item"), t("fee.count"), t("fee.each"), t("fee.yen")];
  const save = () => download(`openjpki-statements-${of.month}.csv`, "text/csv;charset=utf-8", csv(heads, [
    ...lines.map((line) => [line.whose, word("fee_item", line.item), line.count, line.yen_each, line.yen]),
    [t("fee.authority"), "", "", "", of.authority.yen],
  ]));
  return (
    <>
      <Table caption={t("fee.caption", { month: of.month })} rows={lines} id={(row) => `${row.whose} ${row.item} ${row.yen_each}`}
        empty={t("fee.empty")} columns={[
          { name: t("fee.whose"), of: (row) => row.whose },
          { name: t("fee.item"), of: (row) => word("fee_item", row.item) },
          { name: t("fee.count"), number: true, of: (row) => format.number(row.count, language) },
          { name: t("fee.each"), number: true, of: (row) => format.yen(row.yen_each, language) },
          { name: t("fee.yen"), number: true, of: (row) => format.yen(row.yen, language) },
        ]} />
      <p><strong>{t("fee.authority")}: {format.yen(of.authority.yen, language)}</strong></p>
      <p><button type="button" onClick={save}>{t("fee.csv")}</button></p>
    </>
  );
}

export function StatementsPage() {
  const { t } = useWords();
  const [month, setMonth] = useState(format.month(Date.now() / 1000));
  const [found, again] = useLoad(() => statements(month), [month]);
  return (
    <section>
      <TextField type="month" label={t("fee.month")} value={month} required
        onChange={(value) => /^\d{4}-\d{2}$/.test(value) && setMonth(value)} />
      <Wait on={found} again={again}>{(one) => <Bill of={one} />}</Wait>
    </section>
  );
}

const source = {
  records: async (since: number) => askAs(GET("/v1/audit", { params: { query: { since } } })),
  root: async (size: number) => askAs(GET("/v1/audit/tree", { params: { query: { size } } })),
};

function Found({ verdict }: { verdict: Verdict }) {
  const { t } = useWords();
  if (verdict.state === "whole")
    return (
      <div class="note good" role="status">
        <p>{t("audit.whole", { size: verdict.size })}</p>
        <p>{t("audit.root")}: <code>{verdict.root}</code></p>
      </div>
    );
  return (
    <p class="note bad" role="alert">
      {verdict.state === "broken" ? t("audit.broken", { at: verdict.at }) : t("audit.other_root", { size: verdict.size })}
    </p>
  );
}

function Check() {
  const { t } = useWords();
  const [count, setCount] = useState(0);
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const act = useAct(async () => {
    setVerdict(null);
    setCount(0);
    setVerdict(await check(source, setCount));
  });
  return (
    <Part id="check" title={t("audit.check")}>
      <p>{t("audit.lead")}</p>
      <p><button type="button" class="main" disabled={act.busy} onClick={() => void act.run()}>{t("audit.check")}</button></p>
      {act.busy && <p class="soft" role="status">{t("audit.reading", { count })}</p>}
      <FailureNote failure={act.failure} />
      {verdict !== null && <Found verdict={verdict} />}
    </Part>
  );
}

export function AuditPage() {
  const { t } = useWords();
  return (
    <>
      <Check />
      <section aria-label={t("audit.records")}>
        <Pages on={[]} load={async (from) => {
          const page = await source.records(from === null ? 0 : Number(from));
          return { rows: page.records, next: page.more ? String(page.last) : null };
        }}>{(rows) => (
          <Table caption={t("audit.records")} rows={rows} id={(row) => String(row.seq)} empty={t("audit.empty")} columns={[
            { name: t("audit.seq"), number: true, of: (row) => row.seq },
            { name: t("event.at"), of: (row) => <When at={row.at} /> },
            { name: t("audit.actor"), of: (row) => <code>{row.actor}</code> },
            { name: t("audit.act"), of: (row) => <code>{row.act}</code> },
            { name: t("audit.outcome"), of: (row) => (row.outcome === null ? "" : <span lang="en">{row.outcome}</span>) },
          ]} />
        )}</Pages>
      </section>
    </>
  );
}
