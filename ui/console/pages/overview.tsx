// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "preact/hooks";
import { askAs, GET } from "../../shared/api/client";
import { useLoad } from "../../shared/api/use";
import { Chart } from "../../shared/components/chart";
import { Wait } from "../../shared/components/loading";
import { Facts, Part } from "../../shared/components/small";
import * as format from "../../shared/format";
import { href } from "../../shared/router";
import { useWords } from "../speak";
import { everything, listVerifications, type Verification, VerificationTable } from "./verifications";

const days = 30;
const pages = 10;
const perPage = 100;

/** Of the last days, the newest first, as far as so many pages reach. */
async function recent(): Promise<{ rows: Verification[]; whole: boolean }> {
  const since = format.day(Date.now() / 1000 - (days - 1) * 86400);
  const rows: Verification[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < pages; page++) {
    const found: Awaited<ReturnType<typeof listVerifications>> =
      await listVerifications({ ...everything, since }, cursor, perPage);
    rows.push(...found.verifications);
    if (found.next === undefined) return { rows, whole: true };
    cursor = found.next;
  }
  return { rows, whole: false };
}

function Days({ rows, whole }: { rows: readonly Verification[]; whole: boolean }) {
  const { t, word, language } = useWords();
  const { names, series } = useMemo(() => {
    const now = Date.now() / 1000;
    const list = Array.from({ length: days }, (_, i) => format.day(now - (days - 1 - i) * 86400));
    const counts = (verdict: string) =>
      list.map((day) => rows.filter((row) => row.verdict === verdict && format.day(row.verified_at) === day).length);
    return {
      names: list,
      series: ["valid", "invalid", "indeterminate"].map((verdict) => ({ name: word("verdict", verdict), values: counts(verdict) })),
    };
  }, [rows, language]);
  return (
    <>
      <Chart title={t("overview.chart")} day={t("overview.day")} days={names} series={series} />
      {!whole && <p class="soft">{t("overview.chart_part", { count: rows.length })}</p>}
    </>
  );
}

function TenantFacts() {
  const { t, word, language } = useWords();
  const [tenant, again] = useLoad(() => askAs(GET("/v1/tenant")), []);
  return (
    <Part id="tenant" title={t("overview.tenant")}>
      <Wait on={tenant} again={again}>{(one) => (
        <Facts rows={[
          [t("overview.name"), one.name],
          [t("overview.client_id"), <code>{one.client_id}</code>],
          [t("overview.origin"), <code>{one.origin}</code>],
          [t("overview.environment"), word("environment", one.environment)],
          [t("overview.rate"), format.number(one.rate, language)],
          [t("overview.quota"), one.quota === undefined ? t("overview.no_quota") : format.number(one.quota, language)],
          [t("overview.used", { month: one.month }), format.number(one.used, language)],
        ]} />
      )}</Wait>
    </Part>
  );
}

function Recent() {
  const { t } = useWords();
  const [found, again] = useLoad(recent, []);
  return (
    <>
      <section aria-label={t("overview.chart")}>
        <Wait on={found} again={again}>{(value) => <Days {...value} />}</Wait>
      </section>
      <Part id="latest" title={t("overview.latest")}>
        <Wait on={found} again={again}>{(value) => (
          <>
            <VerificationTable rows={value.rows.slice(0, 5)} />
            <p><a href={href("verifications")}>{t("overview.all")}</a></p>
          </>
        )}</Wait>
      </Part>
    </>
  );
}

export function OverviewPage({ mayRead }: { mayRead: boolean }) {
  return <>{mayRead && <Recent />}<TenantFacts /></>;
}
