// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "preact/hooks";
import { askAs, GET } from "../api";
import { useLoad } from "../../shared/api/use";
import { Chart } from "../../shared/components/chart";
import { Wait } from "../../shared/components/loading";
import { Facts, Part } from "../../shared/components/small";
import * as format from "../../shared/format";
import { href } from "../../shared/router";
import { useWords } from "../speak";
import { everything, listVerifications, VerificationTable } from "./verifications";

const days = 30;
const latest = 5;

/** What was counted on each of the last days on which there was anything. */
async function counted() {
  const since = format.day(Date.now() / 1000 - (days - 1) * 86400);
  return (await askAs(GET("/v1/usage", { params: { query: { since, limit: days + 1 } } }))).days;
}

type Day = Awaited<ReturnType<typeof counted>>[number];

/** How many verifications of a day had that verdict; who only logged in is not counted here. */
function verified(day: Day, verdict: string): number {
  return day.judgements.filter((one) => one.verdict === verdict && one.purpose !== "authentication")
    .reduce((sum, one) => sum + one.count, 0);
}

function authenticated(day: Day): number {
  return day.judgements.filter((one) => one.purpose === "authentication").reduce((sum, one) => sum + one.count, 0);
}

function Days({ of }: { of: readonly Day[] }) {
  const { t, word, language } = useWords();
  const { names, verdicts, others } = useMemo(() => {
    const now = Date.now() / 1000;
    const list = Array.from({ length: days }, (_, i) => format.day(now - (days - 1 - i) * 86400));
    const by = new Map(of.map((day) => [day.day, day]));
    const values = (number: (day: Day) => number) => list.map((name) => (by.has(name) ? number(by.get(name)!) : 0));
    return {
      names: list,
      verdicts: ["valid", "invalid", "indeterminate"].map((verdict) => (
        { name: word("verdict", verdict), values: values((day) => verified(day, verdict)) })),
      others: [
        { name: t("overview.authentications"), values: values(authenticated) },
        { name: t("overview.delivered"), values: values((day) => day.webhooks.delivered) },
        { name: t("overview.not_delivered"), values: values((day) => day.webhooks.failed) },
      ],
    };
  }, [of, language]);
  return (
    <>
      <Chart title={t("overview.chart")} day={t("overview.day")} days={names} series={verdicts} />
      <Chart title={t("overview.chart_others")} day={t("overview.day")} days={names} series={others} />
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
          [t("overview.name"), <span lang="ja">{one.name}</span>],
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

function Charts() {
  const { t } = useWords();
  const [found, again] = useLoad(counted, []);
  return (
    <section aria-label={t("overview.chart")}>
      <Wait on={found} again={again}>{(value) => <Days of={value} />}</Wait>
    </section>
  );
}

function Latest() {
  const { t } = useWords();
  const [found, again] = useLoad(() => listVerifications(everything, null, latest), []);
  return (
    <Part id="latest" title={t("overview.latest")}>
      <Wait on={found} again={again}>{(value) => (
        <>
          <VerificationTable rows={value.verifications} />
          <p><a href={href("verifications")}>{t("overview.all")}</a></p>
        </>
      )}</Wait>
    </Part>
  );
}

export function OverviewPage({ mayRead }: { mayRead: boolean }) {
  return <><Charts />{mayRead && <Latest />}<TenantFacts /></>;
}
