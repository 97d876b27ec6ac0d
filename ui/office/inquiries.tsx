// SPDX-License-Identifier: Apache-2.0
// What the municipality asks other bodies for an application, and what they have answered.
import { useAct, useLoad } from "../shared/api/use";
import { Content } from "../shared/components/content";
import { FailureNote } from "../shared/components/failure";
import { Wait } from "../shared/components/loading";
import { Chip, type Mood, Part, When } from "../shared/components/small";
import { Table } from "../shared/components/table";
import { date } from "../shared/format";
import { say } from "../shared/notice";
import { askAs, GET, POST } from "./api";
import { useWords } from "./speak";

const moods: Readonly<Record<string, Mood>> = { ready: "good", nothing: "plain", requested: "wait", waiting: "wait", maintenance: "wait" };

function fetchAll(receipt: string) {
  return askAs(GET("/v1/municipality/applications/{receipt}/inquiries", { params: { path: { receipt } } }));
}

type All = Awaited<ReturnType<typeof fetchAll>>;
type Inquiry = All["inquiries"][number];

/** What has a name in both languages. */
function useName() {
  const { language } = useWords();
  return (of: { name: string; name_en: string }) => (language === "ja" ? of.name : of.name_en);
}

function Permitted({ of, receipt, isOpen, again }: { of: All; receipt: string; isOpen: boolean; again: () => void }) {
  const { t, language } = useWords();
  const name = useName();
  const ask = useAct(async (info: string) => {
    await askAs(POST("/v1/municipality/applications/{receipt}/inquiries", { params: { path: { receipt } }, body: { info } }));
    say(t("inquiry.asked"));
    again();
  });
  if (of.procedure === null || of.may_ask.length === 0) return <p class="empty">{t("inquiry.nothing")}</p>;
  if (!of.is_known) return <p class="empty">{t("inquiry.unknown")}</p>;
  return (
    <>
      <p>{t("inquiry.lead", { procedure: name(of.procedure) })}</p>
      {!isOpen && <p class="soft">{t("inquiry.take")}</p>}
      <FailureNote failure={ask.failure} again={again} />
      <Table caption={t("inquiry.title")} rows={of.may_ask} id={(row) => row.info} empty="" columns={[
        { name: t("inquiry.info"), of: (row) => name(row) },
        { name: t("inquiry.provider"), of: (row) => (language === "ja" ? row.provider_name : row.provider_name_en) },
        { name: t("inquiry.use"), of: (row) => (
          <button type="button" class="small" disabled={!isOpen || ask.busy} aria-label={t("inquiry.ask_one", { name: name(row) })}
            onClick={() => void ask.run(row.info)}>{t("inquiry.ask")}</button>) },
      ]} />
    </>
  );
}

function Answer({ of }: { of: Inquiry }) {
  const { t, language } = useWords();
  const name = useName();
  const title = (day: string) => `${name(of)} (${t("inquiry.day", { day: date(day, language) })})`;
  return (
    <>
      {(of.records ?? []).map((record, at) => (
        <div key={at}>
        <h3>{title(record.day)}</h3>
        <Table caption={title(record.day)}
          rows={record.items.map((item, i) => ({ ...item, i }))} id={(row) => String(row.i)} empty="" columns={[
            { name: t("inquiry.item"), of: (row) => name(row) },
            { name: t("inquiry.content"), of: (row) => <Content of={row} /> },
          ]} />
        </div>
      ))}
    </>
  );
}

function Asked({ of, again }: { of: All; again: () => void }) {
  const { t, word, language } = useWords();
  const name = useName();
  if (of.inquiries.length === 0) return null;
  return (
    <>
      <Table caption={t("inquiry.made")} rows={of.inquiries.map((one, i) => ({ ...one, i }))} id={(row) => String(row.i)}
        empty={t("inquiry.none")} columns={[
          { name: t("inquiry.info"), of: (row) => name(row) },
          { name: t("inquiry.provider"), of: (row) => (language === "ja" ? row.provider_name : row.provider_name_en) ?? row.provider },
          { name: t("inquiry.state"), of: (row) => <Chip mood={moods[row.state] ?? "plain"}>{word("answer", row.state)}</Chip> },
          { name: t("inquiry.asked_at"), of: (row) => <When at={row.asked_at} /> },
        ]} />
      <p class="buttons"><button type="button" onClick={again}>{t("inquiry.again")}</button></p>
      {of.inquiries.map((one, at) => <Answer key={at} of={one} />)}
    </>
  );
}

/** Asked while the application is worked on; what was asked stays to be seen. */
export function Inquiries({ receipt, isOpen }: { receipt: string; isOpen: boolean }) {
  const { t } = useWords();
  const [loaded, again] = useLoad(() => fetchAll(receipt), [receipt]);
  return (
    <Part id="inquiries" title={t("inquiry.title")}>
      <Wait on={loaded} again={again}>{(all) => (
        <>
          <Permitted of={all} receipt={receipt} isOpen={isOpen} again={again} />
          <Asked of={all} again={again} />
        </>
      )}</Wait>
    </Part>
  );
}
