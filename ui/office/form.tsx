// SPDX-License-Identifier: Apache-2.0
// The form of a text: its questions as they are edited, and as somebody who applies will see them.
import { Area, Choice, TextField, Tick } from "../shared/components/field";
import { Part } from "../shared/components/small";
import type { Draft } from "./draft";
import { useWords } from "./speak";

export type Form = NonNullable<Draft["form"]>;
export type Field = Form["fields"][number];
type File = NonNullable<Form["attachments"]>[number];

const types = ["text", "lines", "integer", "date", "choice", "flag"] as const;
const documents = ["", "other", "card-front", "resident-record"] as const;
const fileTypes = ["pdf", "jpeg", "png"] as const;

/** A line for each option: "value label". */
function optionsOf(text: string): NonNullable<Field["options"]> {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => {
    const [value = "", ...label] = line.split(/[ \u3000]+/);
    return { value, label: label.join(" ") };
  });
}

function textOf(options: Field["options"]): string {
  return (options ?? []).map((option) => `${option.value} ${option.label}`).join("\n");
}

/** The same question as another type: what only the one before could have is left out. */
function withType(field: Field, type: Field["type"]): Field {
  const { options, form, max_length, min, max, ...rest } = field;
  return { ...rest, type, ...(type === "choice" ? { options: options ?? [] } : {}),
    ...(type === "text" && form !== undefined ? { form } : {}),
    ...((type === "text" || type === "lines") && max_length !== undefined ? { max_length } : {}),
    ...(type === "integer" && min !== undefined ? { min } : {}), ...(type === "integer" && max !== undefined ? { max } : {}) };
}

function Question(props: { field: Field; number: number; onChange: (field: Field) => void; onRemove: () => void }) {
  const { t, word } = useWords();
  const { field, number, onChange } = props;
  return (
    <fieldset>
      <legend>{t("form.question", { number })}</legend>
      <TextField label={t("form.label")} value={field.label} max={200} required onChange={(label) => onChange({ ...field, label })} />
      <TextField label={t("form.name")} hint={t("form.name_hint")} value={field.name} max={40} required pattern="[a-z][a-z0-9_]*"
        onChange={(name) => onChange({ ...field, name })} />
      <div class="row">
        <Choice label={t("form.type")} value={field.type} values={types} name={(one) => word("type", one)}
          onChange={(type) => onChange(withType(field, type))} />
        <Tick label={t("form.required")} value={field.is_required === true}
          onChange={(is_required) => onChange({ ...field, is_required })} />
      </div>
      {field.type === "choice" && (
        <Area label={t("form.options")} hint={t("form.options_hint")} value={textOf(field.options)}
          onChange={(text) => onChange({ ...field, options: optionsOf(text) })} />
      )}
      <p class="buttons"><button type="button" class="small" onClick={props.onRemove}>{t("form.remove", { number })}</button></p>
    </fieldset>
  );
}

function Attachment(props: { file: File; number: number; onChange: (file: File) => void; onRemove: () => void }) {
  const { t, word } = useWords();
  const { file, number, onChange } = props;
  const { document, ...rest } = file;
  return (
    <fieldset>
      <legend>{t("form.file", { number })}</legend>
      <TextField label={t("form.file_label")} value={file.label} max={200} required onChange={(label) => onChange({ ...file, label })} />
      <TextField label={t("form.file_name")} hint={t("form.name_hint")} value={file.name} max={40} required pattern="[a-z][a-z0-9_]*"
        onChange={(name) => onChange({ ...file, name })} />
      <Choice label={t("form.document")} value={documents.find((one) => one === document) ?? ""} values={documents}
        name={(one) => word("document", one === "" ? "any" : one)}
        onChange={(one) => onChange(one === "" ? rest : { ...rest, document: one })} />
      <div class="row">
        {fileTypes.map((type) => (
          <Tick key={type} label={type.toUpperCase()} value={file.types.includes(type)}
            onChange={(yes) => onChange({ ...file, types: fileTypes.filter((one) => (one === type ? yes : file.types.includes(one))) })} />))}
        <Tick label={t("form.required")} value={file.is_required === true}
          onChange={(is_required) => onChange({ ...file, is_required })} />
      </div>
      <p class="buttons"><button type="button" class="small" onClick={props.onRemove}>{t("form.remove_file", { number })}</button></p>
    </fieldset>
  );
}

function without<V>(list: readonly V[], at: number): V[] {
  return list.filter((_, i) => i !== at);
}

function put<V>(list: readonly V[], at: number, value: V): V[] {
  return list.map((one, i) => (i === at ? value : one));
}

export function FormEditor({ form, onChange }: { form: Form; onChange: (form: Form) => void }) {
  const { t } = useWords();
  const files = form.attachments ?? [];
  return (
    <>
      <Tick label={t("form.needs_signature")} value={form.needs_signature}
        onChange={(needs_signature) => onChange({ ...form, needs_signature })} />
      {form.fields.map((field, i) => (
        <Question key={i} field={field} number={i + 1} onChange={(one) => onChange({ ...form, fields: put(form.fields, i, one) })}
          onRemove={() => onChange({ ...form, fields: without(form.fields, i) })} />))}
      <p><button type="button" onClick={() => onChange({ ...form, fields: [...form.fields,
        { name: `q${form.fields.length + 1}`, label: "", type: "text" }] })}>{t("form.add")}</button></p>
      {files.map((file, i) => (
        <Attachment key={i} file={file} number={i + 1} onChange={(one) => onChange({ ...form, attachments: put(files, i, one) })}
          onRemove={() => onChange({ ...form, attachments: without(files, i) })} />))}
      <p><button type="button" onClick={() => onChange({ ...form, attachments: [...files,
        { name: `file${files.length + 1}`, label: "", types: ["pdf"] }] })}>{t("form.add_file")}</button></p>
    </>
  );
}

function Drawn({ field }: { field: Field }) {
  const { t } = useWords();
  const nothing = () => undefined;
  const label = `${field.label}${field.is_required === true ? ` (${t("form.required")})` : ""}`;
  if (field.type === "lines") return <Area label={label} value="" onChange={nothing} />;
  if (field.type === "flag") return <Tick label={label} value={false} onChange={nothing} />;
  if (field.type === "choice") {
    const options = field.options ?? [];
    return <Choice label={label} value="" values={["", ...options.map((one) => one.value)]}
      name={(value) => options.find((one) => one.value === value)?.label ?? t("form.choose")} onChange={nothing} />;
  }
  return <TextField label={label} value="" type={field.type === "date" ? "date" : field.type === "integer" ? "number" : "text"}
    onChange={nothing} {...(field.help === undefined ? {} : { hint: field.help })} />;
}

/** As it will look: nothing that is entered here is kept. */
export function Preview({ form }: { form: Form }) {
  const { t } = useWords();
  return (
    <Part id="preview" title={t("form.preview")}>
      <p class="soft">{t("form.preview_text")}</p>
      <div lang="ja">{form.fields.map((field, i) => <Drawn key={i} field={field} />)}
        {(form.attachments ?? []).length > 0 && (
          <ul class="dots">{(form.attachments ?? []).map((file, i) => (
            <li key={i}>{file.label} ({file.types.join(", ").toUpperCase()})</li>))}</ul>
        )}</div>
    </Part>
  );
}
