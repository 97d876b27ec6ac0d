// SPDX-License-Identifier: Apache-2.0
// What somebody lets services have, and how they take it back.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Wait } from "../../shared/components/loading";
import { Chip, Facts, type Mood, Part, When } from "../../shared/components/small";
import { time } from "../../shared/format";
import { say } from "../../shared/notice";
import { askAs, DELETE, GET } from "../api";
import { useWords } from "../speak";

async function list(after: string) {
  return askAs(GET("/v1/consents", { params: { query: after === "" ? {} : { after } } }));
}

type Page = Awaited<ReturnType<typeof list>>;
type Consent = Page["consents"][number];
type Client = Page["clients"][number];

const moods: Record<Consent["state"], Mood> = { open: "good", ended: "plain", over: "plain" };

function One({ of, by, again }: { of: Consent; by: Client; again: () => void }) {
  const { t, word, language } = useWords();
  const ja = language === "ja";
  const name = ja ? by.client_name : by.client_name_en;
  const end = useAct(async () => {
    await askAs(DELETE("/v1/consents/{id}", { params: { path: { id: of.id } } }));
    say(t("consents.withdrawn"));
    again();
  });
  const items = of.infos.map((info) => `${ja ? info.name : info.name_en}: ${
    info.items.map((item) => (ja ? item.name : item.name_en)).join(ja ? "、" : ", ")}`);
  const kinds = of.kinds.map((kind) => (ja ? kind.name : kind.name_en)).join(ja ? "、" : ", ");
  const title = t("consents.one", { name, api: ja ? of.api_name : of.api_name_en, at: time(of.made_at, language) });
  return (
    <Part id={of.id} title={title}>
      <p><Chip mood={moods[of.state]}>{word("consent_state", of.state)}</Chip></p>
      <Facts rows={[
        [t("consent.purpose"), ja ? by.purpose : by.purpose_en],
        [t("consent.api"), ja ? of.api_name : of.api_name_en],
        ...(kinds !== "" ? [[t("consent.kinds"), kinds] as const] : []),
        ...(items.length > 0 ? [[t("consents.items"), items.map((text) => <span key={text}>{text} </span>)] as const] : []),
        [t("consents.made"), <When at={of.made_at} />],
        ...(of.by_proxy ? [[t("consents.by"), of.proxy_name === null ? t("consents.by_proxy")
          : t("consents.by_named", { name: of.proxy_name })] as const] : []),
        [t("consents.ends"), <When at={of.ended_at ?? of.ends_at} />],
        [t("consents.used"), of.used_at === null ? t("consents.unused") : <When at={of.used_at} />],
      ]} />
      <FailureNote failure={end.failure} />
      {of.state === "open" && (
        <p><button type="button" class="danger" disabled={end.busy} onClick={() => void end.run()}
          aria-label={t("consents.withdraw_one", { name })}>{t("consents.withdraw")}</button></p>)}
    </Part>
  );
}

export function ConsentsPage() {
  const { t } = useWords();
  const [after, setAfter] = useState("");
  const [found, again] = useLoad(() => list(after), [after]);
  return (
    <>
      <p>{t("consents.lead")}</p>
      <Wait on={found} again={again}>{({ consents, clients, next }) => (
        <>
          {consents.length === 0 && <p>{t("consents.empty")}</p>}
          {consents.map((one) => (
            <One key={one.id} of={one} by={clients.find((client) => client.client_id === one.client_id)!} again={again} />
          ))}
          {next !== null && <p><button type="button" onClick={() => setAfter(next)}>{t("consents.more")}</button></p>}
        </>
      )}</Wait>
    </>
  );
}
