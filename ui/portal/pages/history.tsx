// SPDX-License-Identifier: Apache-2.0
// Who gave what about oneself to whom, when and why; and what proves that the log has it.
import { useEffect, useRef } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Choice, TextField } from "../../shared/components/field";
import { Said } from "../../shared/components/said";
import { Chip, Facts, type Mood, Part, When } from "../../shared/components/small";
import { download } from "../../shared/csv";
import { startOf } from "../../shared/format";
import { useSharedWords } from "../../shared/i18n/shared";
import { goAsking, href, place } from "../../shared/router";
import { useStore } from "../../shared/store";
import { Again } from "../again";
import { askAs, GET } from "../api";
import { historyCsv } from "../history_csv";
import { useWords } from "../speak";

const whats = ["", "given", "nothing", "refused", "pulled", "login", "identity-check", "eligibility", "printed",
  "asserted", "acted", "notified", "mandated", "consent-ended", "prepared"] as const;
const rowsOfPage = 20;
const rowsOfFile = 1000; // the most that one request gives
const daySeconds = 86400;
const disclosure = "保有個人情報の開示"; // what the procedure is called, in each municipality

interface Filter {
  from: string;
  until: string;
  body: string;
  what: (typeof whats)[number];
}

/** What is filtered for, and from which record on: it stands in the address, so that one can come back to it. */
function wishOf(query: URLSearchParams): { filter: Filter; offset: number } {
  const day = (name: string) => /^\d{4}-\d{2}-\d{2}$/.exec(query.get(name) ?? "")?.[0] ?? "";
  return {
    filter: { from: day("from"), until: day("until"), body: query.get("body") ?? "",
      what: whats.find((one) => one === query.get("what")) ?? "" },
    offset: Number(/^\d{1,9}$/.exec(query.get("offset") ?? "")?.[0] ?? 0),
  };
}

async function list(filter: Filter, offset: number, limit = rowsOfPage) {
  const query = {
    offset: String(offset),
    limit: String(limit),
    ...(filter.from === "" ? {} : { from: String(startOf(filter.from)) }),
    ...(filter.until === "" ? {} : { until: String(startOf(filter.until) + daySeconds - 1) }),
    ...(filter.body === "" ? {} : { body: filter.body }),
    ...(filter.what === "" ? {} : { what: filter.what }),
  };
  return askAs(GET("/v1/history", { params: { query } }));
}

type Log = Awaited<ReturnType<typeof list>>;
/** All pages of what is filtered for. */
async function listAll(filter: Filter): Promise<Log[]> {
  const pages = [await list(filter, 0, rowsOfFile)];
  for (let last = pages[0]; last !== undefined && last.offset + last.records.length < last.total && last.records.length > 0;
    last = pages[pages.length - 1])
    pages.push(await list(filter, last.offset + last.records.length, rowsOfFile));
  return pages;
}

type Entry = Log["records"][number];

const moods: Record<Entry["what"], Mood> = {
  given: "plain", nothing: "plain", refused: "bad", pulled: "good", login: "plain", "identity-check": "plain",
  eligibility: "plain", printed: "plain", asserted: "plain", acted: "plain", notified: "plain", mandated: "plain",
  "consent-ended": "plain", prepared: "plain",
};

/** In English; undefined where the log has but one text for both languages, which is Japanese. */
const other = (ja: string, en: string | undefined) => (en === ja ? undefined : en);

function Record({ entry, words }: { entry: Entry; words: Log["words"] }) {
  const { t, word, language, plain } = useWords();
  const isJapanese = language === "ja";
  const receiver = isJapanese ? entry.receiver_name : entry.receiver_name_en;
  const why = isJapanese ? entry.why : entry.why_en;
  const { items } = entry;
  const body = (code: string) => {
    const found = words.bodies.find((one) => one.body === code);
    return found === undefined ? code : isJapanese ? found.name : found.name_en;
  };
  const duty = words.duties.find((one) => one.duty === entry.duty);
  const procedure = words.procedures.find((one) => one.procedure === entry.procedure);
  const prove = useAct(async () => {
    const proof = await askAs(GET("/v1/history/{id}/proof", { params: { path: { id: String(entry.id) } } }));
    download(`openjpki-proof-${entry.id}.json`, "application/json", `${JSON.stringify(proof, null, 2)}\n`);
  });
  const action = isJapanese ? entry.action : entry.action_en;
  return (
    <li>
      <h3>{action}</h3>
      <p><When at={entry.at} /> <Chip mood={moods[entry.what]}>{word("what", entry.what)}</Chip></p>
      <Facts rows={[
        [t("history.receiver"), `${receiver}${plain || entry.receiver_system === "" ? "" : ` (${entry.receiver_system})`}`],
        ...(entry.giver === undefined ? [] : [[t("history.giver"), body(entry.giver)] as const]),
        ...(items === undefined ? [] : [[t("history.items"), <Said ja={items} en={other(items, entry.items_en)} />] as const]),
        ...(entry.channel === undefined ? [] : [[t("history.channel"), word("channel", entry.channel)] as const]),
        ...(why === undefined ? [] : [[t("history.why"), why] as const]),
        ...(duty === undefined ? [] : [
          [t("history.why"), isJapanese ? duty.why : duty.why_en] as const,
          ...(plain ? [] : [[t("history.duty"), isJapanese ? duty.name : duty.name_en] as const,
            [t("history.basis"), isJapanese ? duty.basis : duty.basis_en] as const])]),
        ...(procedure === undefined ? [] : [[t("history.procedure"), isJapanese ? procedure.name : procedure.name_en] as const]),
      ]} />
      <FailureNote failure={prove.failure} />
      <p><button type="button" class="small" disabled={prove.busy} aria-label={t("history.prove_one", { action })}
        onClick={() => void prove.run()}>{t("history.prove")}</button></p>
    </li>
  );
}

function Turn({ log, turn }: { log: Log; turn: (offset: number) => void }) {
  const { t } = useWords();
  const last = log.offset + log.records.length;
  return (
    <p class="buttons">
      <button type="button" disabled={log.offset === 0} onClick={() => turn(Math.max(0, log.offset - rowsOfPage))}>
        {t("history.newer")}</button>
      <button type="button" disabled={last >= log.total} onClick={() => turn(last)}>{t("history.older")}</button>
    </p>
  );
}

function Save({ filter }: { filter: Filter }) {
  const { t, language } = useWords();
  const save = useAct(async () => {
    const head = [t("history.number"), t("history.at"), t("history.what"), t("history.receiver"), t("history.system"),
      t("history.giver"), t("history.why"), t("history.items")];
    download("openjpki-history.csv", "text/csv", historyCsv(head, await listAll(filter), language));
  });
  return (
    <>
      <FailureNote failure={save.failure} />
      <p><button type="button" disabled={save.busy} onClick={() => void save.run()}>{t("history.save")}</button></p>
    </>
  );
}

function Log({ log, filter, turn }: { log: Log; filter: Filter; turn: (offset: number) => void }) {
  const { t } = useWords();
  return (
    <>
      <p role="status" class="count">{t("history.count", { total: log.total })}
        {log.total > 0 && t("history.shown", { from: log.offset + 1, until: log.offset + log.records.length })}</p>
      {log.hidden > 0 && <p>{t("history.hidden", { count: log.hidden })}</p>}
      {log.first_at !== null && <p class="soft">{t("history.since")}<When at={log.first_at} /></p>}
      {log.total === 0 ? <p class="empty">{t("history.empty")}</p>
        : <ul class="cards">{log.records.map((one) => <Record key={one.id} entry={one} words={log.words} />)}</ul>}
      {log.total > 0 && <Save filter={filter} />}
      {log.total > rowsOfPage && <Turn log={log} turn={turn} />}
    </>
  );
}

type Names = ReadonlyMap<string, readonly [string, string]>;

/** Bodies that can be asked, and whoever received something already: services, clinics, kiosks and sites too. */
async function listParties(): Promise<Names> {
  const [catalogue, log] = await Promise.all([
    askAs(GET("/v1/self-information/catalogue")).then(({ bodies }) => bodies, () => []),
    list({ from: "", until: "", body: "", what: "" }, 0, rowsOfFile),
  ]);
  return new Map([
    ...log.records.map((one) => [one.receiver, [one.receiver_name, one.receiver_name_en]] as const),
    ...[...log.words.bodies, ...catalogue].map((one) => [one.body, [one.name, one.name_en]] as const),
  ]);
}

/** Whoever gives or receives; where that cannot be learned, there is no choice, and the log is there all the same. */
function Bodies({ value, onChange }: { value: string; onChange: (body: string) => void }) {
  const { t, language } = useWords();
  const [found] = useLoad(listParties, []);
  if (found.state !== "ready") return null;
  const parties = found.value;
  const name = (code: string) => parties.get(code)?.[language === "ja" ? 0 : 1] ?? (code === "" ? t("history.any") : code);
  const codes = [...parties.keys()].sort((a, b) => name(a).localeCompare(name(b), language));
  return <Choice label={t("history.body")} value={value} name={name} onChange={onChange}
    values={["", ...codes, ...(value === "" || parties.has(value) ? [] : [value])]} />;
}

/** Whoever turns a leaf goes on to read at the top of it. */
function useLeafFocus(offset: number): void {
  const first = useRef(true);
  useEffect(() => {
    const top = first.current ? null : document.getElementById("log");
    first.current = false;
    top?.setAttribute("tabindex", "-1");
    top?.focus();
  }, [offset]);
}

export function HistoryPage() {
  const { t, word } = useWords();
  const shared = useSharedWords();
  const { query } = useStore(place);
  const { filter, offset } = wishOf(query);
  useLeafFocus(offset);
  const [found, again] = useLoad(() => list(filter, offset), [query.toString()]);
  const ask = (wish: Filter, from: number) => goAsking("history", { ...wish, offset: from === 0 ? "" : String(from) });
  const set = (part: Partial<Filter>) => ask({ ...filter, ...part }, 0);
  return (
    <>
      <p>{t("history.lead")}</p>
      <Part id="filter" title={t("history.filter")}>
        <div class="row">
          <TextField type="date" label={t("history.from")} value={filter.from} onChange={(from) => set({ from })} />
          <TextField type="date" label={t("history.until")} value={filter.until} onChange={(until) => set({ until })} />
          <Choice label={t("history.what")} value={filter.what} values={whats}
            name={(one) => (one === "" ? t("history.any") : word("what", one))} onChange={(what) => set({ what })} />
          <Bodies value={filter.body} onChange={(body) => set({ body })} />
        </div>
      </Part>
      <Part id="log" title={t("nav.history")}>
        {found.state === "loading" && <p class="soft" role="status">{shared.t("load.loading")}</p>}
        {found.state === "failed" && (found.failure.status === 409 ? <Again failure={found.failure} page="history" />
          : <FailureNote failure={found.failure} again={again} />)}
        {found.state === "ready" && <p class="soft">{t("history.right")}{" "}
          <a href={`${href("procedures")}?${new URLSearchParams({ words: disclosure })}`}>{t("history.claim")}</a></p>}
        {found.state === "ready" && <Log log={found.value} filter={filter} turn={(from) => ask(filter, from)} />}
      </Part>
    </>
  );
}
