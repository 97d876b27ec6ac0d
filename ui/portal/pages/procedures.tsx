// SPDX-License-Identifier: Apache-2.0
// Procedures for everybody: a search, and one of them.
import { useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { Choice, Tick, TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Pages } from "../../shared/components/pages";
import { type Place, PlaceChoice } from "../../shared/components/place";
import { Said, useSaid } from "../../shared/components/said";
import { Chip, Facts, Part, When } from "../../shared/components/small";
import * as format from "../../shared/format";
import { goAsking, href, place } from "../../shared/router";
import { useStore } from "../../shared/store";
import { ask, GET } from "../api";
import { useTitle } from "../../shared/title";
import { PlaceName, usePlaces } from "../place";
import { Asked, Blocks, fetchProcedure, type Procedure } from "../procedure";
import { useWords } from "../speak";

const events = ["", "pregnancy", "birth", "childcare", "schooling", "marriage", "divorce", "moving", "work", "illness",
  "disability", "eldercare", "disaster", "death", "leisure"] as const;
const categories = ["", "childcare", "eldercare", "disaster", "other"] as const;
const sections = ["body", "target", "eligible", "allowance", "money", "goods", "fee", "method", "requirements"] as const;

type Filter = Readonly<Record<"words" | "municipality" | "event" | "category" | "online", string>>;

function filterOf(query: URLSearchParams): Filter {
  const get = (name: keyof Filter) => query.get(name) ?? "";
  return { words: get("words"), municipality: get("municipality"), event: get("event"), category: get("category"),
    online: get("online") };
}

function oneOf<V extends string>(values: readonly V[], value: string): V | undefined {
  return values.find((one) => one === value && one !== "");
}

async function search(filter: Filter, after: string | null) {
  const event = oneOf(events, filter.event);
  const category = oneOf(categories, filter.category);
  const query = {
    ...(after === null ? {} : { after }),
    ...(filter.words === "" ? {} : { words: filter.words }),
    ...(filter.municipality === "" ? {} : { municipality: filter.municipality }),
    ...(event === undefined || event === "" ? {} : { event }),
    ...(category === undefined || category === "" ? {} : { category }),
    ...(filter.online === "" ? {} : { online: "yes" as const }),
  };
  return ask(GET("/v1/procedures", { params: { query } }));
}

async function listPlaces() {
  return ask(GET("/v1/municipalities"));
}

type Item = Awaited<ReturnType<typeof search>>["procedures"][number];

function Search({ places, filter }: { places: readonly Place[]; filter: Filter }) {
  const { t, word } = useWords();
  const [wish, setWish] = useState(filter);
  const set = (part: Partial<Filter>) => setWish({ ...wish, ...part });
  return (
    <form role="search" onSubmit={(event) => {
      event.preventDefault();
      goAsking("procedures", { ...wish, words: wish.words.trim() });
    }}>
      <TextField label={t("procedure.words")} hint={t("procedure.words_hint")} value={wish.words} max={100}
        onChange={(words) => set({ words })} />
      <PlaceChoice label={t("procedure.place")} value={wish.municipality} places={places} any={t("procedure.any")}
        onChange={(municipality) => set({ municipality })} />
      <div class="row">
        <Choice label={t("procedure.event")} value={wish.event} values={events}
          name={(one) => (one === "" ? t("procedure.any") : word("event", one))} onChange={(event) => set({ event })} />
        <Choice label={t("procedure.category")} value={wish.category} values={categories}
          name={(one) => (one === "" ? t("procedure.any") : word("category", one))} onChange={(category) => set({ category })} />
      </div>
      <Tick label={t("procedure.online_only")} value={wish.online !== ""} onChange={(yes) => set({ online: yes ? "yes" : "" })} />
      <button type="submit" class="main">{t("procedure.search")}</button>
    </form>
  );
}

type Named = Readonly<{ name: string; alias?: string; name_en?: string; alias_en?: string }>;

/** What people call it, in either language; the official name where they call it that. */
function usualName(of: Named): readonly [string, string | undefined] {
  return [of.alias ?? of.name, of.alias_en ?? of.name_en];
}

function Found({ item, places }: { item: Item; places: readonly Place[] }) {
  const { t, word } = useWords();
  const [ja, en] = usualName(item);
  const place = usePlaces(places)(item.municipality);
  return (
    <li>
      <h3><a href={href("procedures", item.psid)}><Said ja={ja} en={en} /></a></h3>
      {item.alias !== undefined && <p class="soft"><Said ja={item.name} en={item.name_en} /></p>}
      <p><Said ja={item.summary} en={item.summary_en} /></p>
      <p><span lang={place.lang}>{place.text}</span> <Chip mood="plain">{word("category", item.category)}</Chip>{" "}
        {item.is_online && <Chip mood="good">{t("procedure.online")}</Chip>}</p>
    </li>
  );
}

function Results({ places, filter, on }: { places: readonly Place[]; filter: Filter; on: string }) {
  const { t } = useWords();
  return (
    <Part id="found" title={t("procedure.found")}>
      <Pages on={[on]} load={async (from) => {
        const page = await search(filter, from);
        return { rows: page.procedures, next: page.next ?? null, hits: page.hits };
      }}>{(rows, { hits }) => (
        <>
          {hits !== undefined && rows.length > 0 && <p role="status">{t("procedure.hits", { count: hits })}</p>}
          {rows.length === 0 ? <p class="empty" role="status">{t("procedure.empty")}</p>
            : <ul class="cards">{rows.map((row) => <Found key={row.psid} item={row} places={places} />)}</ul>}
        </>
      )}</Pages>
    </Part>
  );
}

export function ProceduresPage() {
  const { t } = useWords();
  const { query } = useStore(place);
  const [places, again] = useLoad(listPlaces, []);
  const filter = filterOf(query);
  const on = query.toString();
  return (
    <>
      <p>{t("procedure.lead")}</p>
      <Wait on={places} again={again}>{({ municipalities }) => (
        <>
          <section>
            {municipalities.length === 0 && <p class="note wait">{t("procedure.no_places")}</p>}
            <Search key={on} places={municipalities} filter={filter} />
          </section>
          <Results places={municipalities} filter={filter} on={on} />
        </>
      )}</Wait>
    </>
  );
}

function Age({ age }: { age: NonNullable<Procedure["content"]["age"]> }) {
  const { t } = useWords();
  const span = (years: number | undefined, months: number | undefined) =>
    t(months === undefined || months === 0 ? "procedure.age_years" : "procedure.age_is", { years: years ?? 0, months: months ?? 0 });
  const rows: [string, string][] = [];
  if (age.from_years !== undefined || age.from_months !== undefined)
    rows.push([t("procedure.age_from"), span(age.from_years, age.from_months)]);
  if (age.to_years !== undefined || age.to_months !== undefined)
    rows.push([t("procedure.age_to"), span(age.to_years, age.to_months)]);
  return (
    <Part id="age" title={t("procedure.age")}>
      <Facts rows={rows} />
      {age.condition !== undefined && <p><Said ja={age.condition} en={age.condition_en} /></p>}
    </Part>
  );
}

function Contact({ of }: { of: Procedure }) {
  const { t } = useWords();
  const { contact } = of;
  const rows = [
    [t("procedure.department"), of.department, of.department_en],
    [t("contact.name"), contact.name, contact.name_en],
    [t("contact.phone"), contact.phone],
    [t("contact.email"), contact.email],
    [t("contact.form_url"), contact.form_url],
    [t("contact.address"), contact.address, contact.address_en],
    [t("contact.notes"), contact.notes, contact.notes_en],
  ] as const;
  return (
    <Part id="contact" title={t("procedure.contact")}>
      <Facts rows={rows.flatMap(([name, ja, en]) => (ja === undefined ? [] : [[name, <Said ja={ja} en={en} />] as const]))} />
    </Part>
  );
}

function Links({ of }: { of: Procedure }) {
  const { t, word } = useWords();
  const links = of.content.links ?? [];
  if (links.length === 0) return null;
  return (
    <Part id="links" title={t("procedure.links")}>
      <ul class="dots">{links.map((link) => (
        <li key={link.url}>{word("link", link.kind)}{": "}
          <a href={link.url} rel="noopener noreferrer"><Said ja={link.title} en={link.title_en} /></a></li>
      ))}</ul>
    </Part>
  );
}

/** Whether all that is said of it is said in English, too. */
function isAllEnglish({ content }: Procedure): boolean {
  return content.name_en !== undefined && content.summary_en !== undefined
    && (content.age?.condition === undefined || content.age.condition_en !== undefined)
    && sections.every((one) => content[one] === undefined || content[`${one}_en`] !== undefined);
}

function Detail({ of }: { of: Procedure }) {
  const { t, word, language } = useWords();
  const { content } = of;
  useTitle(useSaid()(...usualName(of)).text);
  const isEnglish = language === "en" && of.name_en !== undefined;
  const days = ([["procedure.days_from", of.from], ["procedure.days_until", of.until]] as const).flatMap(
    ([key, day]) => (day === undefined ? [] : [t(key, { day: format.date(day, language) })]));
  return (
    <>
      <section>
        <h2><Said ja={of.name} en={of.name_en} /></h2>
        {of.alias !== undefined && <p><Said ja={of.alias} en={of.alias_en} /></p>}
        {isEnglish && <p class="soft">{t("procedure.official")} <span lang="ja">{of.name}</span></p>}
        <p><Said ja={of.summary} en={of.summary_en} /></p>
        <Facts rows={[
          [t("procedure.place"), <PlaceName of={of.place} />],
          [t("procedure.category"), word("category", of.category)],
          [t("procedure.days"), days.length === 0 ? t("procedure.any_day") : format.list(days, language)],
          [t("procedure.updated"), <When at={of.updated_at} />],
        ]} />
        {language === "en" && !isAllEnglish(of) && <p class="note">{t("procedure.no_english")}</p>}
        <p class="soft">{t("procedure.texts")}</p>
      </section>
      {sections.map((one) => {
        const blocks = content[one];
        return blocks !== undefined
          && <Part key={one} id={one} title={word("section", one)}><Blocks ja={blocks} en={content[`${one}_en`]} name={word("section", one)} /></Part>;
      })}
      {content.age !== undefined && <Age age={content.age} />}
      <Asked psid={of.psid} form={of.form} />
      <Contact of={of} />
      <Links of={of} />
    </>
  );
}

export function ProcedurePage({ psid }: { psid: string }) {
  const { t } = useWords();
  const [found, again] = useLoad(() => fetchProcedure(psid), [psid]);
  return (
    <>
      <p class="back"><a href={href("procedures")}>{t("procedure.back")}</a></p>
      <Wait on={found} again={again}>{(one) => <Detail of={one} />}</Wait>
    </>
  );
}
