// SPDX-License-Identifier: Apache-2.0
// The editor of a text: saved as versions that nobody else sees, published, then offered.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Area, Choice, TextField, Tick } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Restored } from "../../shared/components/restored";
import { Chip, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { say } from "../../shared/notice";
import { useTyped } from "../../shared/typed";
import { askAs, POST, PUT } from "../api";
import { type Content, type Draft, loadDraft, paragraphsOf, sections, settled, withParagraphs, withText } from "../draft";
import { type Form, FormEditor, Preview } from "../form";
import { useWords } from "../speak";

const events = ["pregnancy", "birth", "childcare", "schooling", "marriage", "divorce", "moving", "work", "illness",
  "disability", "eldercare", "disaster", "death", "leisure"] as const;
const categories = ["childcare", "eldercare", "disaster", "other"] as const;

/** In English only those that there are in Japanese. */
function Sections({ content, language, onChange }: {
  content: Content;
  language: "ja" | "en";
  onChange: (content: Content) => void;
}) {
  const { t, word } = useWords();
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  return <>{sections.map((section) => {
    const at = language === "en" ? `${section}_en` as const : section;
    const name = language === "en" ? t("draft.english", { name: word("section", section) }) : word("section", section);
    const kept = paragraphsOf(content, at);
    if (language === "en" && content[section] === undefined) return null;
    return kept === null ? <p key={at} class="soft">{t("draft.kept", { section: name })}</p>
      : <Area key={at} label={name} hint={t("draft.paragraphs")} value={texts[at] ?? kept} onChange={(text) => {
        setTexts({ ...texts, [at]: text });
        onChange(withParagraphs(content, at, text));
      }} />;
  })}</>;
}

/** Names, summary and sections once more, for people who read no Japanese. */
function English({ content, onChange }: { content: Content; onChange: (content: Content) => void }) {
  const { t } = useWords();
  return (
    <fieldset>
      <legend>{t("draft.in_english")}</legend>
      <p class="soft">{t("draft.english_text")}</p>
      <TextField label={t("draft.english", { name: t("draft.name") })} value={content.name_en ?? ""} max={160}
        onChange={(text) => onChange(withText(content, "name_en", text))} />
      <TextField label={t("draft.english", { name: t("draft.summary") })} value={content.summary_en ?? ""} max={600}
        onChange={(text) => onChange(withText(content, "summary_en", text))} />
      <Sections content={content} language="en" onChange={onChange} />
    </fieldset>
  );
}

function Says({ content, onChange }: { content: Content; onChange: (content: Content) => void }) {
  const { t, word } = useWords();
  return (
    <>
      <TextField label={t("draft.name")} value={content.name} max={100} required onChange={(name) => onChange({ ...content, name })} />
      <TextField label={t("draft.summary")} value={content.summary} max={300} required
        onChange={(summary) => onChange({ ...content, summary })} />
      <Choice label={t("draft.category")} value={content.category} values={categories} name={(one) => word("category", one)}
        onChange={(category) => onChange({ ...content, category })} />
      <fieldset>
        <legend>{t("draft.events")}</legend>
        <div class="row">{events.map((event) => (
          <Tick key={event} label={word("event", event)} value={content.events.includes(event)}
            onChange={(yes) => onChange({ ...content, events: events.filter((one) => (one === event ? yes : content.events.includes(one))) })} />
        ))}</div>
      </fieldset>
      <Sections content={content} language="ja" onChange={onChange} />
      <English content={content} onChange={onChange} />
    </>
  );
}

function Versions(props: { draft: Draft; busy: boolean; publish: (version: number) => void; open: (version: number) => void }) {
  const { t } = useWords();
  const published = props.draft.versions.reduce((last, one) => (one.published_at > last.published_at ? one : last),
    { version: 0, published_at: 0 }).version;
  return (
    <Part id="versions" title={t("draft.versions")}>
      <Table caption={t("draft.versions")} rows={props.draft.versions} id={(row) => String(row.version)} empty={t("draft.no_versions")}
        columns={[
          { name: t("draft.version"), of: (row) => row.version, number: true },
          { name: t("draft.saved_at"), of: (row) => <When at={row.saved_at} /> },
          { name: t("draft.saved_by"), of: (row) => <span lang="ja">{row.saved_by}</span> },
          { name: t("draft.state"), of: (row) => row.version === published && <Chip mood="good">{t("draft.published")}</Chip> },
          { name: t("draft.use"), of: (row) => (
            <span class="row">
              <button type="button" class="small" aria-label={t("draft.open_one", { version: row.version })}
                onClick={() => props.open(row.version)}>{t("draft.open")}</button>
              <button type="button" class="small" disabled={props.busy} aria-label={t("draft.publish_one", { version: row.version })}
                onClick={() => props.publish(row.version)}>{t("draft.publish")}</button>
            </span>) },
        ]} />
    </Part>
  );
}

/** How the published text is offered. */
function Offer({ text, canApply }: { text: number; canApply: boolean }) {
  const { t } = useWords();
  const [wish, setWish] = useState({ department: "", english: "", phone: "", from: "", until: "", online: canApply });
  const [psid, setPsid] = useState("");
  const set = (part: Partial<typeof wish>) => setWish({ ...wish, ...part });
  const offer = useAct(async () => {
    const made = await askAs(PUT("/v1/municipality/offerings", { body: { text, is_online: wish.online, department: wish.department.trim(),
      ...(wish.english.trim() === "" ? {} : { department_en: wish.english.trim() }),
      ...(wish.from === "" ? {} : { from: wish.from }), ...(wish.until === "" ? {} : { until: wish.until }),
      contact: wish.phone.trim() === "" ? {} : { phone: wish.phone.trim() } } }));
    setPsid(made.psid);
    say(t("offer.done"));
  });
  return (
    <Part id="offer" title={t("offer.how")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void offer.run();
      }}>
        <TextField label={t("offer.department")} value={wish.department} max={100} required onChange={(department) => set({ department })} />
        <TextField label={t("offer.department_en")} value={wish.english} max={160} onChange={(english) => set({ english })} />
        <TextField label={t("offer.phone")} value={wish.phone} max={40} onChange={(phone) => set({ phone })} />
        <div class="row">
          <TextField label={t("offer.from")} type="date" value={wish.from} onChange={(from) => set({ from })} />
          <TextField label={t("offer.until")} type="date" value={wish.until} onChange={(until) => set({ until })} />
        </div>
        <Tick label={t("offer.online")} value={wish.online} onChange={(online) => set({ online })} />
        <FailureNote failure={offer.failure} />
        <button type="submit" class="main" disabled={offer.busy}>{t("offer.offer")}</button>
      </form>
      {psid !== "" && <p><a href={`/#/procedures/${psid}`}>{t("offer.see", { psid })}</a></p>}
    </Part>
  );
}

function Editor({ code, draft, again }: { code: string; draft: Draft; again: (version?: number) => void }) {
  const { t } = useWords();
  const newest = draft.versions[0]?.version ?? 0;
  // what was typed belongs to the version that it changes: nobody's newer one is overwritten by it
  const typed = useTyped(`drafts/${code}/${newest}/${draft.version}`, { content: draft.content, form: draft.form ?? null });
  const { content } = typed.value;
  const form = typed.value.form ?? undefined;
  const setContent = (next: Content) => typed.set({ ...typed.value, content: next });
  const setForm = (next: Form | undefined) => typed.set({ ...typed.value, form: next ?? null });
  const [text, setText] = useState<number | null>(null);
  const save = useAct(async () => {
    await askAs(PUT("/v1/municipality/drafts/{code}", { params: { path: { code } },
      body: { based_on: newest, content: settled(content), ...(form === undefined ? {} : { form }) } }));
    typed.forget();
    say(t("draft.saved"));
    again();
  });
  const publish = useAct(async (version: number) => {
    setText((await askAs(POST("/v1/municipality/drafts/{code}/publication", {
      params: { path: { code } }, body: { version } }))).text);
    say(t("draft.was_published"));
  });
  return (
    <>
      <section>
        <p><code>{code}</code> {draft.version > 0 && t("draft.version_is", { version: draft.version })}</p>
        {typed.isRestored && <Restored discard={() => {
          typed.forget();
          again(draft.version === 0 ? undefined : draft.version); // its fields are drawn anew
        }} />}
        <form inert={save.busy /* it is read anew, without what would be typed now */} onSubmit={(event) => {
          event.preventDefault();
          void save.run();
        }}>
          <Says content={content} onChange={setContent} />
          <h2>{t("form.title")}</h2>
          <Tick label={t("form.has")} value={form !== undefined}
            onChange={(yes) => setForm(yes ? { needs_signature: true, fields: [{ name: "q1", label: "", type: "text" }] } : undefined)} />
          {form !== undefined && <FormEditor form={form} onChange={setForm} />}
          <FailureNote failure={save.failure} />
          <button type="submit" class="main" disabled={save.busy}>{t("draft.save")}</button>
        </form>
      </section>
      {form !== undefined && <Preview form={form} />}
      <FailureNote failure={publish.failure} />
      <Versions draft={draft} busy={publish.busy} open={(version) => again(version)} publish={(version) => void publish.run(version)} />
      {text !== null && <Offer text={text} canApply={draft.form !== undefined} />}
    </>
  );
}

export function DraftPage({ code }: { code: string }) {
  const [version, setVersion] = useState<number | undefined>(undefined);
  const [times, setTimes] = useState(0);
  const [loaded, again] = useLoad(() => loadDraft(code, version), [code, version, times]);
  return (
    <Wait on={loaded} again={again}>{(draft) => (
      <Editor key={`${draft.version}-${times}`} code={code} draft={draft} again={(one) => {
        setVersion(one);
        setTimes(times + 1);
      }} />
    )}</Wait>
  );
}
