// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { askAs, DELETE, GET } from "../api";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Choice, TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Pages } from "../../shared/components/pages";
import { Chip, Copyable, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { download } from "../../shared/csv";
import { list, startOf } from "../../shared/format";
import { go, href } from "../../shared/router";
import { say } from "../../shared/notice";
import { useWords } from "../speak";

const verdicts = ["", "valid", "invalid", "indeterminate"] as const;
const purposes = ["", "signature", "liveness"] as const;
const moods: Record<string, Mood> = { valid: "good", invalid: "bad", indeterminate: "wait" };
const daySeconds = 86400;

interface Filter {
  verdict: (typeof verdicts)[number];
  purpose: (typeof purposes)[number];
  since: string;
  until: string;
}

export async function listVerifications(filter: Filter, cursor: string | null, limit: number) {
  const query = {
    limit,
    ...(cursor === null ? {} : { cursor }),
    ...(filter.verdict === "" ? {} : { verdict: filter.verdict }),
    ...(filter.purpose === "" ? {} : { purpose: filter.purpose }),
    ...(filter.since === "" ? {} : { since: startOf(filter.since) }),
    ...(filter.until === "" ? {} : { until: startOf(filter.until) + daySeconds - 1 }),
  };
  return askAs(GET("/v1/verifications", { params: { query } }));
}

type Verification = Awaited<ReturnType<typeof listVerifications>>["verifications"][number];
export const everything: Filter = { verdict: "", purpose: "", since: "", until: "" };

function Reasons({ of }: { of: Verification }) {
  const { word, language } = useWords();
  return <>{list(of.reasons.map((reason) => word("reason", reason)), language)}</>;
}

export function Verdict({ of }: { of: Verification }) {
  const { word } = useWords();
  return <Chip mood={moods[of.verdict] ?? "plain"}>{word("verdict", of.verdict)}</Chip>;
}

export function VerificationTable({ rows }: { rows: readonly Verification[] }) {
  const { t, word } = useWords();
  return (
    <Table caption={t("nav.verifications")} rows={rows} id={(row) => row.id} empty={t("verification.empty")} columns={[
      { name: t("verification.at"), of: (row) => <When at={row.verified_at} /> },
      { name: t("verification.verdict"), of: (row) => <Verdict of={row} /> },
      { name: t("verification.reasons"), of: (row) => <Reasons of={row} /> },
      { name: t("verification.purpose"), of: (row) => word("purpose", row.purpose) },
      { name: t("verification.id"), of: (row) => <a href={href("verifications", row.id)}><code>{row.id}</code></a> },
    ]} />
  );
}

export function VerificationsPage() {
  const { t, word } = useWords();
  const [filter, setFilter] = useState<Filter>(everything);
  const set = (part: Partial<Filter>) => setFilter({ ...filter, ...part });
  return (
    <>
      <Part id="filter" title={t("verification.filter")}>
        <div class="row">
          <Choice label={t("verification.verdict")} value={filter.verdict} values={verdicts}
            name={(one) => (one === "" ? t("verification.any") : word("verdict", one))} onChange={(verdict) => set({ verdict })} />
          <Choice label={t("verification.purpose")} value={filter.purpose} values={purposes}
            name={(one) => (one === "" ? t("verification.any") : word("purpose", one))} onChange={(purpose) => set({ purpose })} />
          <TextField type="date" label={t("verification.since")} value={filter.since} onChange={(since) => set({ since })} />
          <TextField type="date" label={t("verification.until")} value={filter.until} onChange={(until) => set({ until })} />
        </div>
      </Part>
      <section>
        <Pages on={[filter]} load={async (from) => {
          const page = await listVerifications(filter, from, 50);
          return { rows: page.verifications, next: page.next ?? null };
        }}>{(rows) => <VerificationTable rows={rows} />}</Pages>
      </section>
    </>
  );
}

export function VerificationPage({ id, mayDelete }: { id: string; mayDelete: boolean }) {
  const { t, word } = useWords();
  const [asking, setAsking] = useState(false);
  const path = { params: { path: { id } } };
  const [found, again] = useLoad(() => askAs(GET("/v1/verifications/{id}", path)), [id]);
  const report = useAct(async () => {
    const made = await askAs(GET("/v1/verifications/{id}/report", path));
    download(`openjpki-report-${id}.jws`, "application/jose", made.report);
  });
  const forget = useAct(async () => {
    await askAs(DELETE("/v1/verifications/{id}", path));
    say(t("verification.deleted"), 1);
    go("verifications");
  });
  return (
    <section>
      <Wait on={found} again={again}>{(one) => (
        <>
          <Facts rows={[
            [t("verification.id"), <Copyable text={one.id} what={t("verification.id")} />],
            [t("verification.verdict"), <Verdict of={one} />],
            [t("verification.reasons"), <Reasons of={one} />],
            [t("verification.purpose"), word("purpose", one.purpose)],
            [t("verification.at"), <When at={one.verified_at} />],
          ]} />
          <p class="note">{t("verification.once")}</p>
          <FailureNote failure={report.failure} />
          <p class="soft">{t("verification.report_text")}</p>
          <p><button type="button" disabled={report.busy} onClick={() => void report.run()}>{t("verification.report")}</button></p>
          {mayDelete && <button type="button" class="danger" onClick={() => setAsking(true)}>{t("verification.delete")}</button>}
        </>
      )}</Wait>
      {asking && <Confirm title={t("verification.delete")} text={t("verification.delete_text")} yes={t("verification.delete")}
        busy={forget.busy} failure={forget.failure} onYes={() => void forget.run()} onClose={() => setAsking(false)} />}
    </section>
  );
}
