// SPDX-License-Identifier: Apache-2.0
// Which clinics looked up one's health insurance, and what each may read: seen, and withdrawn.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Chip, Facts, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { time } from "../../shared/format";
import { useSharedWords } from "../../shared/i18n/shared";
import { say } from "../../shared/notice";
import { Again } from "../again";
import { askAs, GET, POST } from "../api";
import { useWords } from "../speak";

async function list(before: number | undefined) {
  const query = before === undefined ? {} : { before: String(before) };
  return askAs(GET("/v1/me/eligibility", { params: { query } }));
}

type Page = Awaited<ReturnType<typeof list>>;
type Lookup = Page["lookups"][number];
type Consent = Lookup["consents"][number];

const isOver = (consent: Consent) => consent.withdrawn_at !== 0 || consent.expires_at * 1000 <= Date.now();

function State({ consent }: { consent: Consent }) {
  const { t, language } = useWords();
  if (consent.withdrawn_at !== 0) return <Chip mood="plain">{t("eligibility.withdrawn")}</Chip>;
  if (isOver(consent)) return <Chip mood="plain">{t("eligibility.over")}</Chip>;
  return <Chip mood="good">{t("eligibility.until", { time: time(consent.expires_at, language) })}</Chip>;
}

function Consents({ lookup, clinic, ask }: { lookup: Lookup; clinic: string; ask: (consent: Consent) => void }) {
  const { t, word } = useWords();
  if (lookup.consents.length === 0) return <p class="soft">{t("eligibility.no_consent")}</p>;
  return (
    <Table caption={t("eligibility.consents")} rows={lookup.consents} id={(row) => row.id} empty="" columns={[
      { name: t("eligibility.kind"), of: (row) => word("eligibility_kind", row.kind) },
      { name: t("eligibility.state"), of: (row) => <State consent={row} /> },
      { name: t("eligibility.readings"), of: (row) => String(row.readings) },
      { name: t("eligibility.withdraw"), of: (row) => isOver(row) ? <span aria-hidden="true">–</span> : (
        <button type="button" class="small" onClick={() => ask(row)}
          aria-label={t("eligibility.withdraw_one", { clinic, kind: word("eligibility_kind", row.kind) })}>
          {t("eligibility.withdraw")}</button>) },
    ]} />
  );
}

function Entry({ lookup, ask }: { lookup: Lookup; ask: (consent: Consent) => void }) {
  const { t, word, language } = useWords();
  const clinic = language === "ja" ? lookup.clinic_name : lookup.clinic_name_en;
  return (
    <li>
      <h2>{clinic}</h2>
      <Facts rows={[
        [t("eligibility.at"), <When at={lookup.checked_at} />],
        [t("eligibility.method"), word("eligibility_method", lookup.method)],
        ...(lookup.operator === "" ? [] : [[t("eligibility.by"), <span lang="ja">{lookup.operator}</span>] as const]),
      ]} />
      <Consents lookup={lookup} clinic={clinic} ask={ask} />
    </li>
  );
}

/** Further pages come behind those that are shown. */
function Entries({ first, again }: { first: Page; again: () => void }) {
  const { t } = useWords();
  const [more, setMore] = useState<readonly Page[]>([]);
  const [asked, setAsked] = useState<Consent | null>(null);
  const pages = [first, ...more];
  const next = pages[pages.length - 1]?.next;
  const older = useAct(async () => setMore([...more, await list(next)]));
  const withdraw = useAct(async (consent: Consent) => {
    await askAs(POST("/v1/me/eligibility/consents/{id}/withdraw", { params: { path: { id: consent.id } } }));
    setAsked(null);
    setMore([]);
    say(t("eligibility.withdrawn_now"));
    again();
  });
  const rows = pages.flatMap((page) => page.lookups);
  if (rows.length === 0) return <p class="empty">{t("eligibility.empty")}</p>;
  return (
    <>
      <ul class="cards">{rows.map((one) => <Entry key={`${one.clinic}-${one.checked_at}-${one.consents[0]?.id ?? ""}`}
        lookup={one} ask={setAsked} />)}</ul>
      <FailureNote failure={older.failure} />
      {next !== undefined && <p><button type="button" disabled={older.busy} onClick={() => void older.run()}>
        {t("eligibility.older")}</button></p>}
      {asked !== null && (
        <Confirm title={t("eligibility.withdraw")} text={<p>{t("eligibility.withdraw_text")}</p>}
          yes={t("eligibility.withdraw")} busy={withdraw.busy} failure={withdraw.failure}
          onYes={() => void withdraw.run(asked)} onClose={() => setAsked(null)} />
      )}
    </>
  );
}

export function EligibilityPage() {
  const { t } = useWords();
  const shared = useSharedWords();
  const [found, again] = useLoad(() => list(undefined), []);
  return (
    <section>
      <p>{t("eligibility.lead")}</p>
      {found.state === "loading" && <p class="soft" role="status">{shared.t("load.loading")}</p>}
      {found.state === "failed" && <Again failure={found.failure} page="eligibility" />}
      {found.state === "ready" && <Entries first={found.value} again={again} />}
    </section>
  );
}
