// SPDX-License-Identifier: Apache-2.0
// What is held about oneself: what there is to ask for, what was asked, and what came.
import { useEffect, useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Content } from "../../shared/components/content";
import { FailureNote } from "../../shared/components/failure";
import { Choice, Tick, TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Chip, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { go, href } from "../../shared/router";
import { acting, saveActing } from "../acting";
import { Again } from "../again";
import { askAs, Failure, GET, POST } from "../api";
import { useWords } from "../speak";

async function fetchCatalogue() {
  return askAs(GET("/v1/self-information/catalogue"));
}

async function fetchOne(id: string) {
  return askAs(GET("/v1/self-information/{id}", { params: { path: { id } } }));
}

type Catalogue = Awaited<ReturnType<typeof fetchCatalogue>>;
type Request = Awaited<ReturnType<typeof fetchOne>>;
type Standing = Request["items"][number];
type Stored = NonNullable<Standing["records"]>[number];

const most = 40; // names in a request
const interval = 2000; // ms from one look to the next
const looks = 60; // then somebody has to want to see more

const moods: Record<Standing["state"], Mood> = {
  requested: "wait", waiting: "wait", ready: "good", nothing: "plain", unsupported: "plain", "over-capacity": "bad",
  "rate-limited": "wait", maintenance: "wait", expired: "bad",
};

/** In the language that is spoken. */
function useName() {
  const { language } = useWords();
  return (one: { name: string; name_en: string }) => (language === "ja" ? one.name : one.name_en);
}

function Group(props: { title: string; infos: Catalogue["infos"]; chosen: readonly string[]; set: (infos: readonly string[]) => void }) {
  const name = useName();
  return (
    <fieldset>
      <legend>{props.title}</legend>
      {props.infos.map((one) => (
        <Tick key={one.info} label={name(one)} value={props.chosen.includes(one.info)} onChange={(yes) => props.set(
          yes ? [...props.chosen, one.info] : props.chosen.filter((other) => other !== one.info))} />
      ))}
    </fieldset>
  );
}

function Wish({ of }: { of: Catalogue }) {
  const { t, word } = useWords();
  const name = useName();
  const places = of.bodies.filter((one) => one.kind === "municipality" && one.area !== null);
  const groups = [...new Set(of.infos.map((one) => one.group))];
  const [area, setArea] = useState("");
  const [year, setYear] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const send = useAct(async () => {
    const body = { infos: [...chosen], area, ...(year === "" ? {} : { year: Number(year) }) };
    go("information", (await askAs(POST("/v1/self-information", { body }))).id);
  });
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void send.run();
    }}>
      <div class="row">
        <Choice label={t("information.area")} value={area} values={places.map((one) => one.area ?? "")} onChange={setArea}
          choose={t("information.choose")} name={(one) => {
            const body = places.find((place) => place.area === one)!;
            return body.connected ? name(body) : t("information.unconnected", { name: name(body) });
          }} />
        <TextField type="number" label={t("information.year")} hint={t("information.year_hint")} value={year} max={4}
          onChange={setYear} />
      </div>
      {groups.map((group) => (
        <Group key={group} title={word("group", group)} infos={of.infos.filter((one) => one.group === group)} chosen={chosen}
          set={setChosen} />
      ))}
      <Again failure={send.failure} page="information" />
      <p class="soft">{t("information.chosen", { count: chosen.length, most })}</p>
      <button type="submit" class="main" disabled={send.busy || chosen.length === 0 || chosen.length > most}>
        {t("information.ask")}</button>
    </form>
  );
}

const named = 2; // of the names in a request, in the list of all

/** What was asked for, as far as there is room. */
function Names({ of }: { of: Pick<Request, "items"> }) {
  const { t, language } = useWords();
  const name = useName();
  const rest = of.items.length - named;
  return <>{format.list(of.items.slice(0, named).map(name), language)}{rest > 0 && t("information.more", { count: rest })}</>;
}

export function InformationPage() {
  const { t } = useWords();
  const [catalogue, again] = useLoad(fetchCatalogue, []);
  const [asked, askedAgain] = useLoad(() => askAs(GET("/v1/self-information")), []);
  return (
    <>
      <p>{t("information.lead")}</p>
      <Part id="asked" title={t("information.asked")}>
        <Wait on={asked} again={askedAgain}>{({ requests }) => (
          <Table caption={t("information.asked")} rows={requests} id={(row) => row.id} empty={t("information.empty")} columns={[
            { name: t("information.made"), of: (row) => (
              <a href={href("information", row.id)}><When at={row.made_at} /></a>) },
            { name: t("information.what"), of: (row) => <Names of={row} /> },
            { name: t("information.progress"), of: (row) => t("information.done_of", { done: row.done, total: row.total }) },
            { name: t("information.year"), of: (row) => row.year === null ? t("information.all_years") : t("information.year_is", { year: row.year }) },
          ]} />
        )}</Wait>
      </Part>
      <Part id="wish" title={t("information.new")}>
        <Wait on={catalogue} again={again}>{(found) => <Wish of={found} />}</Wait>
      </Part>
    </>
  );
}

function Handed({ record, name }: { record: Stored; name: string }) {
  const { t, language } = useWords();
  const nameOf = useName();
  const day = format.date(record.day, language);
  return (
    <>
      <h3>{t("information.day", { day })}</h3>
      <Table caption={`${name} ${day}`} rows={record.items.map((item, at) => ({ ...item, at }))} id={(row) => String(row.at)}
        empty={t("information.nothing")} columns={[
          { name: t("information.item"), of: (row) => <span class={row.level > 0 ? "below" : undefined}>{nameOf(row)}</span> },
          { name: t("information.content"), of: (row) => <Content of={row} /> },
        ]} />
    </>
  );
}

function Item({ of }: { of: Standing }) {
  const { t, word, language } = useWords();
  const name = useName();
  const provider = (language === "ja" ? of.provider_name : of.provider_name_en) ?? of.provider;
  return (
    <Part id={of.info} title={name(of)}>
      <p><Chip mood={moods[of.state]}>{word("state", of.state)}</Chip> {word("state_means", of.state)}</p>
      <Facts rows={[
        [t("information.provider"), provider],
        [t("information.answered"), <When at={of.answered_at} />],
        ...(of.again_at === null ? [] : [[t("information.again"), <When at={of.again_at} />] as const]),
      ]} />
      {(of.records ?? []).map((record, at) => <Handed key={at} record={record} name={name(of)} />)}
    </Part>
  );
}

/** A request that is looked at again while something is still to come. */
function Progress({ first }: { first: Request }) {
  const { t, language } = useWords();
  const [now, setNow] = useState(first);
  const [looked, setLooked] = useState(0);
  const [failure, setFailure] = useState<Failure | null>(null);
  const isOver = now.done === now.total;
  const file = `/v1/self-information/${encodeURIComponent(first.id)}`;
  const paper = `paper?language=${language}`;
  const save = useAct((kind: string, ending: string) => saveActing(`${file}/${kind}`, `self-information-${first.id}.${ending}`));
  useEffect(() => {
    if (isOver || looked >= looks) return undefined;
    let stopped = false;
    const timer = setTimeout(() => {
      fetchOne(first.id).then((found) => {
        if (stopped) return;
        setNow(found);
        setFailure(null);
      }, (thrown: unknown) => {
        if (!(thrown instanceof Failure)) throw thrown;
        if (!stopped) setFailure(thrown);
      }).finally(() => !stopped && setLooked(looked + 1));
    }, interval);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [looked, isOver]);
  return (
    <>
      <section>
        <p role="status">{t("information.done_of", { done: now.done, total: now.total })}
          {isOver ? t("information.over") : t("information.coming")}</p>
        <progress max={now.total} value={now.done} aria-label={t("information.progress")} />
        <FailureNote failure={failure} />
        {!isOver && looked >= looks && <p><button type="button" onClick={() => setLooked(0)}>{t("information.look")}</button></p>}
        {now.done === 0 ? null : acting.get() === null ? (
          <p><a class="button" href={`${file}/download`} download>{t("information.download")}</a>{" "}
            <a class="button" href={`${file}/${paper}`} download>{t("information.paper")}</a></p>
        ) : (
          <p><button type="button" onClick={() => void save.run("download", "json")}>{t("information.download")}</button>{" "}
            <button type="button" onClick={() => void save.run(paper, "pdf")}>{t("information.paper")}</button></p>
        )}
        <FailureNote failure={save.failure} />
        {now.done > 0 && <p class="soft">{t("information.download_text")}</p>}
        {isOver && <p>{t("information.log")} <a href={href("history")}>{t("nav.history")}</a></p>}
      </section>
      {now.items.map((item) => <Item key={item.info} of={item} />)}
    </>
  );
}

export function RequestPage({ id }: { id: string }) {
  const { t } = useWords();
  const [found, again] = useLoad(() => fetchOne(id), [id]);
  return (
    <>
      <p class="back"><a href={href("information")}>{t("information.back")}</a></p>
      <Wait on={found} again={again}>{(one) => <Progress first={one} />}</Wait>
    </>
  );
}
