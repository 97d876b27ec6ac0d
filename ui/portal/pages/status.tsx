// SPDX-License-Identifier: Apache-2.0
// Which interfaces for services are in service, and what is announced; for everybody.
import { useLoad } from "../../shared/api/use";
import { Wait } from "../../shared/components/loading";
import { Chip, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { askAs, GET } from "../api";
import { useWords } from "../speak";

async function fetchStatus() {
  return askAs(GET("/v1/status"));
}

type Status = Awaited<ReturnType<typeof fetchStatus>>;

const moods: Record<Status["apis"][number]["state"], Mood> = {
  open: "good", closed: "wait", outage: "bad", maintenance: "wait", absent: "plain",
};

function Found({ of }: { of: Status }) {
  const { t, word, language } = useWords();
  const ja = language === "ja";
  const nameOf = (api: string) => {
    const row = of.apis.find((one) => one.api === api);
    return row === undefined ? t("status.everything") : ja ? row.name : row.name_en;
  };
  const hours = of.exchange_hours;
  return (
    <>
      <Part id="apis" title={t("status.apis")}>
        <Table caption={t("status.apis")} rows={of.apis} id={(row) => row.api} empty={t("status.empty")} columns={[
          { name: t("status.api"), of: (row) => (ja ? row.name : row.name_en) },
          { name: t("status.state"), of: (row) => <Chip mood={moods[row.state]}>{word("api_state", row.state)}</Chip> },
          { name: t("status.until"), of: (row) => (row.until === null ? "" : <When at={row.until} />) },
          { name: t("status.since"), of: (row) => format.monthOf(row.since, language) },
        ]} />
        {hours !== undefined && <p class="soft">{t("status.hours", { opens: hours.opens, closes: hours.closes })}</p>}
      </Part>
      <Part id="outages" title={t("status.outages")}>
        <Table caption={t("status.outages")} rows={of.outages} id={(row) => String(row.id)} empty={t("status.empty")} columns={[
          { name: t("status.api"), of: (row) => nameOf(row.api) },
          { name: t("status.state"), of: (row) => word("api_state", row.kind) },
          { name: t("status.what"), of: (row) => (ja ? row.text : row.text_en) },
          { name: t("status.begins"), of: (row) => <When at={row.begins} /> },
          { name: t("status.ends"), of: (row) => (row.ends === null ? t("status.unknown") : <When at={row.ends} />) },
        ]} />
      </Part>
      {of.exchange_outages !== undefined && of.exchange_outages.length > 0 && (
        <Part id="planned" title={t("status.planned")}>
          <Table caption={t("status.planned")} rows={of.exchange_outages} id={(row) => `${row.body} ${row.begins} ${row.ends}`}
            empty={t("status.empty")} columns={[
              { name: t("status.body"), of: (row) => (ja ? row.name : row.name_en) ?? t("status.whole_exchange") },
              { name: t("status.begins"), of: (row) => <When at={row.begins} /> },
              { name: t("status.ends"), of: (row) => <When at={row.ends} /> },
            ]} />
        </Part>
      )}
    </>
  );
}

export function StatusPage() {
  const { t } = useWords();
  const [found, again] = useLoad(fetchStatus, []);
  return (
    <>
      <p>{t("status.lead")}</p>
      <Wait on={found} again={again}>{(of) => <Found of={of} />}</Wait>
    </>
  );
}
