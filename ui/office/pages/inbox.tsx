// SPDX-License-Identifier: Apache-2.0
// Applications that came in: which there are, what one says, and how far it is.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Area, Choice } from "../../shared/components/field";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Wait } from "../../shared/components/loading";
import { Pages } from "../../shared/components/pages";
import { Said, useSaid } from "../../shared/components/said";
import { Chip, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { say } from "../../shared/notice";
import { useTitle } from "../../shared/title";
import { useTyped } from "../../shared/typed";
import { goAsking, href, place } from "../../shared/router";
import { useStore } from "../../shared/store";
import { askAs, GET, PUT } from "../api";
import { Inquiries } from "../inquiries";
import { useWords } from "../speak";

const states = ["", "submitted", "received", "returned", "completed", "rejected", "withdrawn"] as const;
type State = (typeof states)[number];
const page = 100; // as many as the portal tells at once

const moods: Readonly<Record<string, Mood>> = {
  submitted: "wait", received: "wait", returned: "plain", completed: "good", rejected: "bad", withdrawn: "plain",
};

async function list(state: State, after: string | null) {
  const query = { ...(state === "" ? {} : { state }), ...(after === null ? {} : { after }) };
  const { applications } = await askAs(GET("/v1/municipality/applications", { params: { query } }));
  const last = applications[applications.length - 1];
  return { rows: applications, next: applications.length < page ? null : last?.receipt ?? null };
}

function StateChip({ state }: { state: string }) {
  const { word } = useWords();
  return <Chip mood={moods[state] ?? "plain"}>{word("state", state)}</Chip>;
}

export function InboxPage() {
  const { t, word } = useWords();
  const { query } = useStore(place);
  const state = states.find((one) => one === query.get("state")) ?? "";
  return (
    <section>
      <p>{t("inbox.lead")}</p>
      <Choice label={t("inbox.state")} value={state} values={states}
        name={(one) => (one === "" ? t("inbox.any") : word("state", one))}
        onChange={(one) => goAsking("inbox", { state: one })} />
      <Pages on={[state]} load={(from) => list(state, from)}>{(rows) => (
        <Table caption={t("nav.inbox")} rows={rows} id={(row) => row.receipt ?? row.id} empty={t("inbox.empty")} columns={[
          { name: t("inbox.receipt"), of: (row) => <a href={href("inbox", row.receipt ?? "")}>{row.receipt}</a> },
          { name: t("inbox.procedure"), of: (row) => (
            <><Said ja={row.name} en={row.name_en} />{row.proxy !== undefined && <> <Chip mood="plain">{t("inbox.proxy")}</Chip></>}</>) },
          { name: t("inbox.state"), of: (row) => <StateChip state={row.state} /> },
          { name: t("inbox.changed"), of: (row) => <When at={row.changed_at} /> },
        ]} />
      )}</Pages>
    </section>
  );
}

async function fetchOne(receipt: string) {
  return askAs(GET("/v1/municipality/applications/{receipt}", { params: { path: { receipt } } }));
}

type Received = Awaited<ReturnType<typeof fetchOne>>;
type Next = "received" | "returned" | "completed" | "rejected";
const ways: Readonly<Record<string, readonly Next[]>> = { submitted: ["received"], received: ["completed", "returned", "rejected"] };
const needNote: readonly Next[] = ["returned", "rejected"];

/** What may be done with it now. One press is one change: what is no longer so is refused as a conflict. */
function Decide({ of, again }: { of: Received; again: () => void }) {
  const { t, word } = useWords();
  const { value: note, set: setNote, forget } = useTyped(`inbox/${of.receipt}`, "");
  const [asking, setAsking] = useState<Next | null>(null);
  const move = useAct(async (state: Next) => {
    await askAs(PUT("/v1/municipality/applications/{receipt}/state", {
      params: { path: { receipt: of.receipt ?? "" } }, body: { state, ...(note.trim() === "" ? {} : { note: note.trim() }) } }));
    setAsking(null);
    forget();
    say(t("inbox.moved", { state: word("state", state) }));
    again();
  });
  const open = ways[of.state] ?? [];
  if (open.length === 0) return null;
  return (
    <Part id="decide" title={t("inbox.decide")}>
      {open.some((one) => needNote.includes(one))
        && <Area label={t("inbox.note")} hint={t("inbox.note_hint")} value={note} max={1000} onChange={setNote} />}
      {asking === null && <FailureNote failure={move.failure} again={again} />}
      <p class="buttons">{open.map((one) => (
        <button key={one} type="button" class={one === "received" ? "main" : ""}
          disabled={move.busy || (needNote.includes(one) && note.trim() === "")}
          onClick={() => (one === "received" ? void move.run(one) : setAsking(one))}>{word("do", one)}</button>))}</p>
      {asking !== null && (
        <Confirm title={word("do", asking)} text={<p>{t("inbox.sure")}</p>} yes={word("do", asking)} busy={move.busy}
          failure={move.failure} onYes={() => void move.run(asking)} onClose={() => setAsking(null)} />
      )}
    </Part>
  );
}

function isSigned(of: Received): boolean {
  return of.applicant !== undefined || of.signer !== undefined;
}

/** Each answer under the question that was asked, as the applicant saw both, whatever the procedure asks today. */
function Answers({ of }: { of: Received }) {
  const { t, language } = useWords();
  const said = useSaid();
  const fieldOf = (name: string) => of.form.fields.find((one) => one.name === name);
  const read = (answer: Received["answers"][number]) => {
    const field = fieldOf(answer.field);
    if (field?.type === "flag") return t(answer.value === "yes" ? "inbox.yes" : "inbox.no");
    if (field?.type === "date") return format.date(answer.value, language);
    const option = field?.options?.find((one) => one.value === answer.value);
    return option === undefined ? <span lang="ja" class="lines">{answer.value}</span> : <Said ja={option.label} en={option.label_en} />;
  };
  const label = (name: string) => {
    const field = fieldOf(name);
    return said(field?.label ?? name, field === undefined ? name : field.label_en);
  };
  return (
    <Part id="answers" title={t("inbox.answers")}>
      <Facts rows={of.answers.map((answer) => {
        const { text, lang } = label(answer.field);
        return [text, read(answer), lang] as const;
      })} />
    </Part>
  );
}

function Files({ of }: { of: Received }) {
  const { t } = useWords();
  const base = `/v1/municipality/applications/${encodeURIComponent(of.receipt ?? "")}`;
  return (
    <Part id="files" title={t("inbox.files")}>
      <ul class="dots">
        {of.attachments.map((file) => (
          <li key={file.number}><a href={`${base}/files/${file.number}`} download={file.name} lang="ja">{file.name}</a></li>))}
        {isSigned(of)
          && <li><a href={`${base}/document`} download={`${of.receipt}.xml`}>{t("inbox.document")}</a></li>}
      </ul>
      {of.attachments.length === 0 && !isSigned(of) && <p class="empty">{t("inbox.no_files")}</p>}
    </Part>
  );
}

function Steps({ of }: { of: Received }) {
  const { t } = useWords();
  return (
    <Part id="steps" title={t("inbox.steps")}>
      <Table caption={t("inbox.steps")} rows={of.steps.map((step, i) => ({ ...step, i }))} id={(step) => String(step.i)} empty=""
        columns={[
          { name: t("inbox.when"), of: (step) => <When at={step.at} /> },
          { name: t("inbox.state"), of: (step) => <StateChip state={step.state} /> },
          { name: t("inbox.said"), of: (step) => step.note !== undefined && <span lang="ja" class="lines">{step.note}</span> },
        ]} />
    </Part>
  );
}

/** What the certificate says, and whose it is: a proxy's says nothing of the applicant. */
function useSignedBy() {
  const { t, word, language } = useWords();
  return ({ applicant, proxy, signer }: Received) => [
    ...(proxy === undefined ? [] : [
      [t("inbox.proxy"), word("proxy", proxy.kind)] as const, [t("inbox.mandate"), <code>{proxy.mandate}</code>] as const]),
    ...(signer === undefined ? [] : [
      [t("inbox.signer"), <span lang="ja">{signer.name}</span>] as const,
      [t("inbox.signer_address"), <span lang="ja">{signer.address}</span>] as const,
      [t("inbox.signer_birth"), format.date(signer.birth_date, language)] as const]),
    ...(applicant === undefined ? [] : [
      [t("inbox.applicant"), <span lang="ja">{applicant.name}</span>] as const,
      [t("inbox.address"), <span lang="ja">{applicant.address}</span>] as const,
      [t("inbox.birth"), format.date(applicant.birth_date, language)] as const]),
    ...(applicant ?? signer ? [] : [[t("inbox.applicant"), t("inbox.unsigned")] as const]),
  ];
}

export function ReceivedPage({ receipt }: { receipt: string }) {
  const { t } = useWords();
  const signedBy = useSignedBy();
  useTitle(receipt);
  const [loaded, again] = useLoad(() => fetchOne(receipt), [receipt]);
  return (
    <Wait on={loaded} again={again}>{(one) => (
      <>
        <section>
          <h2><Said ja={one.name} en={one.name_en} /></h2>
          <Facts rows={[
            [t("inbox.receipt"), one.receipt],
            [t("inbox.state"), <StateChip state={one.state} />],
            [t("inbox.round"), String(one.round)],
            ...signedBy(one),
          ]} />
        </section>
        <Decide of={one} again={again} />
        <Answers of={one} />
        <Inquiries receipt={receipt} isOpen={one.state === "received"} />
        <Files of={one} />
        <Steps of={one} />
      </>
    )}</Wait>
  );
}
