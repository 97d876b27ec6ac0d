// SPDX-License-Identifier: Apache-2.0
// What one has applied for: all of it, and how far each is.
import { useState } from "preact/hooks";
import { useAct } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Pages } from "../../shared/components/pages";
import { Said, useSaid } from "../../shared/components/said";
import { Chip, Copyable, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { href } from "../../shared/router";
import { useTitle } from "../../shared/title";
import { acting, saveActing } from "../acting";
import { askAs, GET } from "../api";
import { ticketOf, withdraw, type Application, type State } from "../application";
import { useWords } from "../speak";
import { Municipality, Sent } from "./apply";

export const moods: Record<State, Mood> = {
  draft: "plain", submitted: "wait", received: "wait", returned: "bad", completed: "good", rejected: "bad", withdrawn: "plain",
};

async function list(after: string | null) {
  const page = await askAs(GET("/v1/applications", { params: { query: after === null ? {} : { after } } }));
  return { rows: page.applications, next: page.next ?? null };
}

/** Who applied: the applicant, or by which kind of mandate another one did. */
function Who({ proxy }: { proxy: Application["proxy"] }) {
  const { t, word } = useWords();
  return <>{proxy === undefined ? t("applications.self") : `${t("applications.proxy")}: ${word("mandate_kind", proxy.kind)}`}</>;
}

/** The service that filled it in, and whether it did not want that any more. */
function Prepared({ by }: { by: Application["prepared_by"] }) {
  const { t, language } = useWords();
  if (by === undefined) return null;
  const name = language === "ja" ? by.client_name : by.client_name_en;
  return <span class="soft">{t(by.taken_back_at === undefined ? "applications.prepared" : "applications.taken_back", { name })}</span>;
}

function TakenBack({ by }: { by: Application["prepared_by"] }) {
  const { t, language } = useWords();
  if (by?.taken_back_at === undefined) return null;
  return <p class="note">{t("applications.taken_back_text", { name: language === "ja" ? by.client_name : by.client_name_en })}</p>;
}

export function ApplicationsPage() {
  const { t, word } = useWords();
  return (
    <>
      <p>{t("applications.lead")}</p>
      <Pages on={[]} load={list}>{(rows) => (
        <Table caption={t("nav.applications")} rows={rows} id={(row) => row.id} empty={t("applications.empty")} columns={[
          { name: t("apply.procedure"), of: (row) => <><a href={href("apply", row.id)}><Said ja={row.name} en={row.name_en} /></a> <Prepared by={row.prepared_by} /></> },
          { name: t("applications.state"), of: (row) => <Chip mood={moods[row.state]}>{word("application", row.state)}</Chip> },
          { name: t("applications.receipt"), of: (row) => row.receipt ?? "–" },
          { name: t("applications.who"), of: (row) => <Who proxy={row.proxy} /> },
          { name: t("applications.changed"), of: (row) => <When at={row.changed_at} /> },
        ]} />
      )}</Pages>
    </>
  );
}

/** An application is taken back, a draft thrown away. */
export function Withdraw({ of, again }: { of: Application; again: () => void }) {
  const { t } = useWords();
  const [asks, setAsks] = useState(false);
  const isDraft = of.state === "draft";
  const name = t(isDraft ? "applications.discard" : "applications.withdraw");
  const end = useAct(async () => {
    await withdraw(of.id);
    setAsks(false);
    again();
  });
  return (
    <p class="buttons">
      <button type="button" class="danger" onClick={() => setAsks(true)}>{name}</button>
      {asks && <Confirm title={name} text={<p>{t(isDraft ? "applications.discard_text" : "applications.withdraw_text")}</p>}
        yes={isDraft ? name : t("applications.withdraw_yes")} busy={end.busy} failure={end.failure} onYes={() => void end.run()}
        onClose={() => setAsks(false)} />}
    </p>
  );
}

/** What became of it, the last first. */
function History({ of }: { of: Application }) {
  const { t, word } = useWords();
  return (
    <Part id="steps" title={t("applications.history")}>
      <Table caption={t("applications.history")} rows={of.steps.map((one, at) => ({ ...one, at_step: at })).reverse()}
        id={(row) => String(row.at_step)} empty="" columns={[
          { name: t("applications.when"), of: (row) => <When at={row.at} /> },
          { name: t("applications.state"), of: (row) => word("application", row.state) },
          { name: t("applications.note"), of: (row) => row.note !== undefined && <span lang="ja" class="lines">{row.note}</span> },
        ]} />
    </Part>
  );
}

/** What is kept of it: by a link, or for whoever acts for another with what no link can say. */
function Papers({ of }: { of: Application }) {
  const { t, language } = useWords();
  const one = `/v1/applications/${encodeURIComponent(of.id)}`;
  const save = useAct((kind: string, name: string) => saveActing(`${one}/${kind}`, name));
  const papers = [
    [`receipt?language=${language}`, t("applications.paper"), `receipt-${of.receipt}.pdf`],
    ...(of.form.needs_signature ? [["document", t("applications.document"), `${of.receipt}.xml`]] : []),
  ] as const;
  return (
    <>
      <p class="buttons">{papers.map(([kind, text, name]) => (acting.get() === null
        ? <a key={kind} class="button" href={`${one}/${kind}`} download>{text}</a>
        : <button key={kind} type="button" onClick={() => void save.run(kind!, name!)}>{text}</button>))}</p>
      <FailureNote failure={save.failure} />
    </>
  );
}

/** One that was sent: its number, how far it is, what was in it. */
export function Standing({ of, again }: { of: Application; again: () => void }) {
  const { t, word } = useWords();
  const sent = [...of.steps].reverse().find((one) => one.state === "submitted")?.at;
  useTitle(useSaid()(of.name, of.name_en).text);
  const isGoingOn = of.state === "submitted" || of.state === "received";
  const last = of.steps[of.steps.length - 1]?.note;
  return (
    <>
      <section>
        <h2><Said ja={of.name} en={of.name_en} /></h2>
        <p role="status"><Chip mood={moods[of.state]}>{word("application", of.state)}</Chip> {word("application_means", of.state)}</p>
        <TakenBack by={of.prepared_by} />
        {last !== undefined && <p lang="ja" class="note lines">{last}</p>}
        <Facts rows={[
          ...(of.receipt === undefined ? [] : [[t("applications.receipt"),
            <Copyable text={of.receipt} what={t("applications.receipt")} />] as const]),
          [t("applications.sent"), <When at={sent} />],
          [t("procedure.place"), <Municipality code={of.municipality} />],
          ...(of.proxy === undefined ? [] : [
            [t("applications.who"), <Who proxy={of.proxy} />] as const,
            [t("applications.mandate"), <code>{of.proxy.mandate}</code>] as const,
          ]),
        ]} />
        {of.receipt !== undefined && <p class="soft">{t(ticketOf(of.id) === null ? "applications.note_number" : "applications.note_ticket")}</p>}
        {of.receipt !== undefined && ticketOf(of.id) === null && <Papers of={of} />}
        {isGoingOn && ticketOf(of.id) === null && (
          <p>{t("applications.next")} <a href={href("notices")}>{t("nav.notices")}</a></p>)}
        {of.applicant !== undefined && <p>{t("applications.log")} <a href={href("history")}>{t("nav.history")}</a></p>}
        {isGoingOn && <Withdraw of={of} again={again} />}
      </section>
      <History of={of} />
      <Part id="sent" title={t("applications.what")}><Sent of={of} /></Part>
    </>
  );
}
