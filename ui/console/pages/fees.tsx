// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { askAs, GET } from "../api";
import { useLoad } from "../../shared/api/use";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Table } from "../../shared/components/table";
import { csv, download } from "../../shared/csv";
import * as format from "../../shared/format";
import { useWords } from "../speak";

async function statement(month: string) {
  return askAs(GET("/v1/fees", { params: { query: { month } } }));
}

type Statement = Awaited<ReturnType<typeof statement>>;

function Lines({ of }: { of: Statement }) {
  const { t, word, language } = useWords();
  const heads = [t("fee.item"), t("fee.count"), t("fee.each"), t("fee.yen")];
  const save = () => download(`openjpki-fees-${of.month}.csv`, "text/csv;charset=utf-8", csv(heads, [
    ...of.lines.map((line) => [word("fee_item", line.item), line.count, line.yen_each, line.yen]),
    [t("fee.sum"), "", "", of.yen],
  ]));
  return (
    <>
      <Table caption={t("fee.caption", { month: of.month })} rows={of.lines} id={(row) => `${row.item} ${row.yen_each}`}
        empty={t("fee.empty")} columns={[
          { name: t("fee.item"), of: (row) => word("fee_item", row.item) },
          { name: t("fee.count"), number: true, of: (row) => format.number(row.count, language) },
          { name: t("fee.each"), number: true, of: (row) => format.yen(row.yen_each, language) },
          { name: t("fee.yen"), number: true, of: (row) => format.yen(row.yen, language) },
        ]} />
      <p><strong>{t("fee.sum")}: {format.yen(of.yen, language)}</strong></p>
      <p><button type="button" onClick={save}>{t("fee.csv")}</button></p>
    </>
  );
}

export function FeesPage() {
  const { t } = useWords();
  const [month, setMonth] = useState(format.month(Date.now() / 1000));
  const [found, again] = useLoad(() => statement(month), [month]);
  return (
    <section>
      <TextField type="month" label={t("fee.month")} value={month} required
        onChange={(value) => /^\d{4}-\d{2}$/.test(value) && setMonth(value)} />
      <Wait on={found} again={again}>{(one) => <Lines of={one} />}</Wait>
    </section>
  );
}
