// SPDX-License-Identifier: Apache-2.0
// A service asks for something: who, what for, and single items to tick, or notices as one thing. The
// request is the query that the service sent the browser with; it outlives a login in this tab alone.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Choice, Tick } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Chip, Facts } from "../../shared/components/small";
import { place } from "../../shared/router";
import { useStore } from "../../shared/store";
import { type Acting, acting } from "../acting";
import { Again } from "../again";
import { askAs, GET, POST } from "../api";
import { loginAddress, session } from "../session";
import { useWords } from "../speak";

const key = "openjpki.consent-request";

async function fetchRequest(request: string) {
  return askAs(GET("/v1/consent-request", { params: { query: { request } } }));
}

/** Whom items can be asked of; notices come from nobody that is asked. */
async function fetchPlaces(of: Asked) {
  if (of.infos.length === 0) return [];
  const { bodies } = await askAs(GET("/v1/self-information/catalogue"));
  return bodies.filter((one) => one.kind === "municipality" && one.area !== null && one.connected);
}

type Asked = Awaited<ReturnType<typeof fetchRequest>>;
type Places = Awaited<ReturnType<typeof fetchPlaces>>;
type Info = Asked["infos"][number];

/** The query in the address, or the one that was there before a login. */
function useRequest(): string {
  const { query } = useStore(place);
  const now = query.toString();
  if (now !== "") sessionStorage.setItem(key, now);
  return now !== "" ? now : sessionStorage.getItem(key) ?? "";
}

/** Whether it wants to write, not to read. */
const isSending = (of: Asked) => of.api === "notice-sending";
const isPreparing = (of: Asked) => of.api === "e-application";

/** In the language that is spoken. */
function useName() {
  const { language } = useWords();
  return (one: { name: string; name_en: string }) => (language === "ja" ? one.name : one.name_en);
}

function Group({ of, chosen, set }: { of: Info; chosen: readonly string[]; set: (codes: readonly string[]) => void }) {
  const { t } = useWords();
  const name = useName();
  const own = of.items.map((item) => item.code);
  const without = chosen.filter((code) => !own.includes(code));
  return (
    <fieldset>
      <legend>{name(of)}</legend>
      <Tick label={t("consent.all", { name: name(of) })} value={own.every((code) => chosen.includes(code))}
        onChange={(yes) => set(yes ? [...without, ...own] : without)} />
      {of.items.map((item) => (
        <Tick key={item.code} label={name(item)} value={chosen.includes(item.code)}
          onChange={(yes) => set(yes ? [...chosen, item.code] : chosen.filter((code) => code !== item.code))} />
      ))}
    </fieldset>
  );
}

function Facing({ of }: { of: Asked }) {
  const { t, language } = useWords();
  const name = useName();
  const ja = language === "ja";
  const lead = of.infos.length > 0 ? "consent.lead" : isSending(of) ? "consent.lead_sending"
    : isPreparing(of) ? "consent.lead_preparing" : "consent.lead_notices";
  return (
    <>
      <p>{t(lead, { name: ja ? of.client_name : of.client_name_en })}</p>
      <Facts rows={[
        [t("consent.service"), <>{ja ? of.client_name : of.client_name_en} <span class="soft">{of.client_id}</span>{" "}
          {of.environment === "test" && <Chip mood="wait">{t("consent.test")}</Chip>}</>],
        [t("consent.purpose"), ja ? of.purpose : of.purpose_en],
        [t("consent.api"), ja ? of.api_name : of.api_name_en],
        [t("consent.how_long"), of.period_days === 0 ? t("consent.once") : t("consent.days", { days: of.period_days })],
        ...(of.kinds.length > 0 ? [[t("consent.kinds"),
          <ul>{of.kinds.map((kind) => <li key={kind.topic}>{name(kind)}</li>)}</ul>] as const] : []),
      ]} />
    </>
  );
}

/** For whom somebody may consent here, besides himself: by whose mandates. */
async function fetchOthers(of: Asked): Promise<readonly Acting[]> {
  if (!of.is_for_proxies) return [];
  const { mandates } = await askAs(GET("/v1/mandates"));
  return mandates.filter((one) => one.side === "proxy" && one.state === "active" && one.scopes.includes("information"))
    .map((one) => ({ id: one.id, name: one.other, scopes: one.scopes }));
}

function Whose({ others }: { others: readonly Acting[] }) {
  const { t } = useWords();
  const now = useStore(acting);
  if (others.length === 0) return null;
  const nameOf = (id: string) => others.find((one) => one.id === id)?.name ?? t("consent.own");
  return (
    <>
      <Choice label={t("consent.whose")} value={now?.id ?? ""} values={["", ...others.map((one) => one.id)]} name={nameOf}
        onChange={(id) => acting.set(others.find((one) => one.id === id) ?? null)} />
      {now !== null && <p class="soft">{t("consent.with_mandate")}</p>}
    </>
  );
}

function Decision({ of, places, others, request }: { of: Asked; places: Places; others: readonly Acting[]; request: string }) {
  const { t } = useWords();
  const name = useName();
  const [area, setArea] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const leave = (address: string) => {
    sessionStorage.removeItem(key);
    location.assign(address);
  };
  const give = useAct(async () => {
    const body = of.infos.length === 0 ? { request } : { request, area, items: [...chosen] };
    leave((await askAs(POST("/v1/consents", { body }))).address);
  });
  const needed = of.infos.length > 0;
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void give.run();
    }}>
      <Facing of={of} />
      <Whose others={others} />
      {needed && <Choice label={t("consent.area")} value={area} values={places.map((one) => one.area ?? "")} onChange={setArea}
        choose={t("consent.choose")} name={(one) => name(places.find((other) => other.area === one)!)} />}
      {of.infos.map((info) => <Group key={info.info} of={info} chosen={chosen} set={setChosen} />)}
      <Again failure={give.failure} page="consent" />
      {needed && <p class="soft" role="status">{t("consent.chosen", { count: chosen.length })}</p>}
      <p class="buttons">
        <button type="submit" class="main" disabled={give.busy || (needed && chosen.length === 0)}>
          {t(needed ? "consent.give" : isSending(of) ? "consent.give_sending"
            : isPreparing(of) ? "consent.give_preparing" : "consent.give_notices")}</button>
        <button type="button" onClick={() => leave(of.refusal_address)}>{t("consent.not")}</button>
      </p>
    </form>
  );
}

function Asking({ request }: { request: string }) {
  const [found, again] = useLoad(async () => {
    const of = await fetchRequest(request);
    return { of, places: await fetchPlaces(of), others: await fetchOthers(of) };
  }, [request]);
  return <Wait on={found} again={again}>{({ of, places, others }) => (
    <Decision of={of} places={places} others={others} request={request} />)}</Wait>;
}

export function ConsentPage() {
  const { t } = useWords();
  const request = useRequest();
  const now = useStore(session);
  if (request === "") return <p>{t("consent.none")}</p>;
  if (now.state === "open") return <section><Asking request={request} /></section>;
  return (
    <section>
      <p>{t("consent.login")}</p>
      <p><a class="button main" href={loginAddress("consent")}>{t("login.with_card")}</a></p>
    </section>
  );
}

/** Where nobody may be led back to. */
export function ConsentRefusedPage() {
  const { t } = useWords();
  return <p class="note bad" role="alert">{t("consent.refused")}</p>;
}
