// SPDX-License-Identifier: Apache-2.0
// For the platform's operator: its tenants, how far each has come, and what each may ask.
import { useState } from "preact/hooks";
import { askAs, GET, PATCH, POST } from "../api";
import { useAct, useLoad } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Choice, TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Pages } from "../../shared/components/pages";
import { Chip, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { href } from "../../shared/router";
import { say } from "../../shared/notice";
import { useWords } from "../speak";

const moods: Record<string, Mood> = { applied: "wait", certified: "wait", notified: "good", ended: "bad" };
const steps = ["apply", "certify", "notify", "end"] as const;
const referenceMax = 64;

async function list(after: string | null) {
  return askAs(GET("/v1/operator/tenants", { params: { query: after === null ? {} : { after } } }));
}

async function show(client: string) {
  return askAs(GET("/v1/operator/tenants/{client}", { params: { path: { client } } }));
}

type Tenant = Awaited<ReturnType<typeof show>>;

function State({ of }: { of: string }) {
  const { word } = useWords();
  return <Chip mood={moods[of] ?? "plain"}>{word("onboarding", of)}</Chip>;
}

export function TenantsPage() {
  const { t, word, language } = useWords();
  return (
    <section>
      <Pages on={[]} load={async (from) => {
        const page = await list(from);
        return { rows: page.tenants, next: page.more ? page.tenants.at(-1)?.client_id ?? null : null };
      }}>{(rows) => (
        <Table caption={t("nav.tenants")} rows={rows} id={(row) => row.client_id} empty={t("tenant.empty")} columns={[
          { name: t("overview.name"), of: (row) => <a href={href("tenants", row.client_id)} lang="ja">{row.name}</a> },
          { name: t("overview.client_id"), of: (row) => <code>{row.client_id}</code> },
          { name: t("tenant.state"), of: (row) => <State of={row.state} /> },
          { name: t("overview.environment"), of: (row) => word("environment", row.environment) },
          { name: t("tenant.used"), number: true, of: (row) => format.number(row.used, language) },
          { name: t("overview.quota"), number: true,
            of: (row) => (row.quota === undefined ? t("overview.no_quota") : format.number(row.quota, language)) },
        ]} />
      )}</Pages>
    </section>
  );
}

function Rules({ of, done }: { of: Tenant; done: () => void }) {
  const { t } = useWords();
  const [rate, setRate] = useState(String(of.rate));
  const [quota, setQuota] = useState(String(of.quota ?? 0));
  const [sources, setSources] = useState(of.sources);
  const act = useAct(async () => {
    const body = { rate: Number(rate), quota: Number(quota), sources };
    await askAs(PATCH("/v1/operator/tenants/{client}", { params: { path: { client: of.client_id } }, body }));
    say(t("tenant.set"));
    done();
  });
  return (
    <Part id="rules" title={t("tenant.rules")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void act.run();
      }}>
        <TextField type="number" label={t("overview.rate")} value={rate} required onChange={setRate} />
        <TextField type="number" label={t("overview.quota")} hint={t("tenant.quota_hint")} value={quota} required onChange={setQuota} />
        <TextField label={t("tenant.sources")} hint={t("tenant.sources_hint")} value={sources} onChange={setSources} />
        <FailureNote failure={act.failure} />
        <button type="submit" class="main" disabled={act.busy}>{t("tenant.save")}</button>
      </form>
    </Part>
  );
}

function Steps({ of, done }: { of: Tenant; done: () => void }) {
  const { t, word } = useWords();
  const [step, setStep] = useState<(typeof steps)[number]>("apply");
  const [reference, setReference] = useState("");
  const act = useAct(async () => {
    const body = { step, ...(reference === "" ? {} : { reference }) };
    await askAs(POST("/v1/operator/tenants/{client}/steps", { params: { path: { client: of.client_id } }, body }));
    setReference("");
    done();
  });
  return (
    <Part id="steps" title={t("tenant.steps")}>
      <Table caption={t("tenant.steps")} rows={of.steps} id={(row) => `${row.step} ${row.at}`} empty={t("tenant.steps_empty")} columns={[
        { name: t("tenant.step"), of: (row) => word("step", row.step) },
        { name: t("event.at"), of: (row) => <When at={row.at} /> },
        { name: t("tenant.reference"), of: (row) => row.reference ?? "" },
      ]} />
      <form onSubmit={(event) => {
        event.preventDefault();
        void act.run();
      }}>
        <Choice label={t("tenant.next")} value={step} values={steps} name={(one) => word("step", one)} onChange={setStep} />
        <TextField label={t("tenant.reference")} hint={t("tenant.reference_hint")} value={reference} max={referenceMax} onChange={setReference} />
        <FailureNote failure={act.failure} />
        <button type="submit" disabled={act.busy}>{t("tenant.take")}</button>
      </form>
    </Part>
  );
}

export function TenantPage({ client }: { client: string }) {
  const { t, word, language } = useWords();
  const [found, again] = useLoad(() => show(client), [client]);
  return (
    <Wait on={found} again={again}>{(one) => (
      <>
        <section>
          <Facts rows={[
            [t("overview.name"), <span lang="ja">{one.name}</span>],
            [t("overview.client_id"), <code>{one.client_id}</code>],
            [t("overview.origin"), <code>{one.origin}</code>],
            [t("tenant.state"), <State of={one.state} />],
            [t("overview.environment"), word("environment", one.environment)],
            [t("overview.used", { month: one.month }), format.number(one.used, language)],
          ]} />
        </section>
        <Steps of={one} done={again} />
        <Rules of={one} done={again} />
      </>
    )}</Wait>
  );
}
