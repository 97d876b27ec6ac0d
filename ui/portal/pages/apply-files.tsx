// SPDX-License-Identifier: Apache-2.0
// What goes with an application: attached, seen and taken away again.
import { useRef, useState } from "preact/hooks";
import { useAct } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Said } from "../../shared/components/said";
import { Part } from "../../shared/components/small";
import * as format from "../../shared/format";
import { attach, detach, documents, fileOf, isLinked, saveFile, type Application, type Document, type FileKind, type Problem } from "../application";
import { useWords } from "../speak";
import { idOf, useProblem } from "./apply-field";

const fileMax = 1000; // KiB, as the portal takes them
const media = { pdf: "application/pdf", jpeg: "image/jpeg", png: "image/png" } as const;

type Attachment = Application["attachments"][number];

/** Its name, by which it is opened: whoever attached it. */
export function FileName({ one, id }: { one: Attachment; id: string }) {
  const save = useAct(() => saveFile(id, one.number, one.name));
  if (isLinked(id)) return <a lang="ja" href={fileOf(id, one.number)} download={one.name}>{one.name}</a>;
  return (
    <>
      <button type="button" class="small" lang="ja" disabled={save.busy} onClick={() => void save.run()}>{one.name}</button>
      <FailureNote failure={save.failure} />
    </>
  );
}

function Attached({ one, id, changed }: { one: Attachment; id: string; changed: () => void }) {
  const { t, language } = useWords();
  const away = useAct(async () => {
    await detach(id, one.number);
    changed();
  });
  return (
    <li>
      <span class="row"><FileName one={one} id={id} />{" "}
        <span class="soft">{format.number(Math.ceil(one.size / 1024), language)} KiB</span>
        <button type="button" class="small" disabled={away.busy} aria-label={t("apply.detach_one", { name: one.name })}
          onClick={() => void away.run()}>{t("apply.detach")}</button></span>
      <FailureNote failure={away.failure} />
    </li>
  );
}

/** Chosen before the file, by whoever attaches it: what bears an individual number is refused here already. */
function What({ id, of, value, onChange }: { id: string; of: FileKind; value: Document | "";
  onChange: (value: Document | "") => void }) {
  const { t, word } = useWords();
  const refused = value !== "" && documents[value];
  return (
    <>
      <label for={id}>{t("apply.document")}: <Said ja={of.label} en={of.label_en} /></label>
      <p class="soft" id={`${id}-hint`}>{t("apply.document_hint")}</p>
      {refused && <p class="wrong" id={`${id}-error`} role="alert">{t("apply.document_refused")}</p>}
      <select id={id} value={value} aria-describedby={refused ? `${id}-hint ${id}-error` : `${id}-hint`}
        {...(refused ? { "aria-invalid": true as const } : {})}
        onChange={(event) => onChange(event.currentTarget.value as Document | "")}>
        <option value="">{t("apply.choose")}</option>
        {(Object.keys(documents) as Document[]).map((one) => <option key={one} value={one}>{word("document", one)}</option>)}
      </select>
    </>
  );
}

type Keep = () => Promise<void>; // the answers, on which it depends what is asked for

function Add(props: { kind: FileKind; id: string; keep: Keep; changed: () => void; problem: Problem | undefined }) {
  const { kind, id, problem } = props;
  const { t } = useWords();
  const tell = useProblem();
  const [wrong, setWrong] = useState<"apply.document_first" | "apply.too_large" | null>(null);
  const [shows, setShows] = useState<Document | "">("");
  const input = useRef<HTMLInputElement>(null);
  const own = idOf(kind.name);
  const send = useAct(async (what: Document, file: File) => {
    await props.keep();
    await attach(id, kind.name, what, file);
    if (input.current !== null) input.current.value = "";
    setShows("");
    props.changed();
  });
  const said = wrong !== null ? t(wrong, { count: fileMax }) : problem === undefined ? "" : tell(problem, kind);
  const take = (file: File) => {
    if (shows === "") return "apply.document_first";
    if (file.size > fileMax * 1024) return "apply.too_large";
    void send.run(shows, file);
    return null;
  };
  return (
    <div class="field">
      <What id={`${own}-document`} of={kind} value={shows} onChange={(value) => {
        setShows(value);
        setWrong(null);
      }} />
      <label for={own}>{t("apply.attach")}: <Said ja={kind.label} en={kind.label_en} /></label>
      <p class="soft" id={`${own}-hint`}>{t("apply.file_hint", { types: kind.types.map((one) => one.toUpperCase()).join(", "),
        size: fileMax, count: kind.max_files ?? 1 })}</p>
      {said !== "" && <p class="wrong" id={`${own}-error`} role="alert">{said}</p>}
      <input id={own} ref={input} type="file" accept={kind.types.map((one) => media[one]).join(",")}
        disabled={send.busy || (shows !== "" && documents[shows])}
        aria-describedby={said === "" ? `${own}-hint` : `${own}-hint ${own}-error`} onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file === undefined) return;
          const refusal = take(file);
          setWrong(refusal);
          if (refusal !== null) event.currentTarget.value = ""; // the same one may be chosen again
        }} />
      {send.failure?.problem?.kind === "input" && <p class="wrong">{t("apply.file_refused")}</p>}
      <FailureNote failure={send.failure} />
    </div>
  );
}

export function Files(props: { of: Application; kinds: readonly FileKind[]; problems: readonly Problem[];
  keep: Keep; changed: () => void }) {
  const { t } = useWords();
  if (props.kinds.length === 0) return null;
  return (
    <Part id="files" title={t("procedure.attachments")}>
      {props.kinds.map((kind) => {
        const there = props.of.attachments.filter((one) => one.kind === kind.name);
        return (
          <div key={kind.name}>
            <h3><Said ja={kind.label} en={kind.label_en} />{kind.is_required === true && <span class="soft"> ({t("procedure.needed")})</span>}</h3>
            {there.length > 0 && <ul class="cards">{there.map((one) => (
              <Attached key={one.number} one={one} id={props.of.id} changed={props.changed} />))}</ul>}
            {there.length < (kind.max_files ?? 1) && <Add kind={kind} id={props.of.id} keep={props.keep}
              changed={props.changed} problem={props.problems.find((one) => one.field === kind.name)} />}
          </div>
        );
      })}
    </Part>
  );
}
