// SPDX-License-Identifier: Apache-2.0
// A question of a form: label, hint and limit above it, and what is wrong beside it.
import type { ComponentChildren } from "preact";
import { Said, useSaid } from "../../shared/components/said";
import * as format from "../../shared/format";
import type { Field, FileKind, Problem } from "../application";
import { useWords } from "../speak";
import { spelled } from "../spelling";

/** The id of what is typed into, for the summary of what is wrong. */
export function idOf(field: string): string {
  return `answer-${field}`;
}

/** Optional, whatever the form says: the answer comes by another way as well. isOwn: nobody fills it in for another. */
type Asked = { field: Field; optional?: boolean | undefined; isOwn: boolean; value: string; problem: Problem | undefined; onChange: (value: string) => void };

/** What is wrong, in words for whoever is asked this: the summary and the question say the same. */
export function useProblem() {
  const { t, word } = useWords();
  return (problem: Problem, asked: Field | FileKind | undefined): string => {
    if (asked === undefined) return word("problem", problem.problem);
    if ("types" in asked) return problem.problem === "missing" ? t("problem.missing_file") : word("problem", problem.problem);
    const { type, max_length = "", min = "", max = "" } = asked;
    switch (problem.problem) {
      case "missing": return t(type === "date" ? "problem.missing_date"
        : type === "choice" || type === "flag" ? "problem.missing_choice" : "problem.missing");
      case "too-long": return t("problem.too-long", { max_length });
      case "too-small": return t("problem.too-small", { min });
      case "too-large": return t("problem.too-large", { max });
      default: return word("problem", problem.problem);
    }
  };
}

/** What helps, and how much may be said; null: nothing. */
type Hint = { help: ComponentChildren; rest: string } | null;

function useHint(field: Field): Hint {
  const { t, word } = useWords();
  const parts = [
    field.form === undefined ? "" : word("spelling", field.form),
    field.max_length === undefined ? "" : t("apply.up_to", { count: field.max_length }),
    field.min === undefined ? "" : t("apply.at_least", { count: field.min }),
    field.max === undefined ? "" : t("apply.at_most", { count: field.max }),
  ];
  const rest = parts.filter((part) => part !== "").join(" ");
  const help = field.help === undefined ? null : <Said ja={field.help} en={field.help_en} />;
  return help === null && rest === "" ? null : { help, rest };
}

function Label({ field, optional }: Pick<Asked, "field" | "optional">) {
  const { t } = useWords();
  return <><Said ja={field.label} en={field.label_en} />{field.is_required === true && optional !== true && <span class="soft"> ({t("procedure.needed")})</span>}</>;
}

function describedBy(id: string, hint: Hint, problem: Problem | undefined) {
  const ids = [hint === null ? "" : `${id}-hint`, problem === undefined ? "" : `${id}-error`].filter((one) => one !== "");
  return {
    ...(ids.length === 0 ? {} : { "aria-describedby": ids.join(" ") }),
    ...(problem === undefined ? {} : { "aria-invalid": true as const }),
  };
}

function Around(props: { field: Field; hint: Hint; problem: Problem | undefined; children: ComponentChildren }) {
  const tell = useProblem();
  const id = idOf(props.field.name);
  return (
    <>
      {props.hint !== null && <p class="soft" id={`${id}-hint`}>{props.hint.help}{" "}{props.hint.rest}</p>}
      {props.problem !== undefined && <p class="wrong" id={`${id}-error`}>{tell(props.problem, props.field)}</p>}
      {props.children}
    </>
  );
}

const kinds = { text: "text", lines: "text", integer: "text", date: "date" } as const;

/** What browsers know of the one who types, where it is him that is asked about. */
function ofOneself({ prefill }: Field, isOwn: boolean): string {
  if (!isOwn) return "off";
  return prefill === "name" ? "name" : prefill === "birth_date" ? "bday" : "off";
}

/** The keys that a telephone shows. */
function keys({ type, form }: Field): { inputMode?: "numeric" | "email" } {
  if (type === "integer" || form === "digits" || form === "postal-code") return { inputMode: "numeric" };
  return form === "email" ? { inputMode: "email" } : {};
}

function Line({ field, optional, isOwn, value, problem, onChange }: Asked) {
  const hint = useHint(field);
  const id = idOf(field.name);
  const common = { id, value, ...(field.max_length === undefined ? {} : { maxLength: field.max_length }),
    ...describedBy(id, hint, problem) };
  return (
    <div class="field">
      <label for={id}><Label field={field} optional={optional} /></label>
      <Around field={field} hint={hint} problem={problem}>
        {field.type === "lines"
          ? <textarea {...common} rows={4} onInput={(event) => onChange(event.currentTarget.value)} />
          : <input {...common} type={field.form === "phone" ? "tel" : kinds[field.type as keyof typeof kinds]}
            autocomplete={ofOneself(field, isOwn)} {...keys(field)}
            onInput={(event) => onChange(event.currentTarget.value)}
            onBlur={() => spelled(field, value) !== value && onChange(spelled(field, value))} />}
      </Around>
    </div>
  );
}

function Select({ field, optional, value, problem, onChange }: Asked) {
  const { t } = useWords();
  const said = useSaid();
  const hint = useHint(field);
  const id = idOf(field.name);
  const options = (field.options ?? []).map((one) => ({ value: one.value, ...said(one.label, one.label_en) }));
  return (
    <div class="field">
      <label for={id}><Label field={field} optional={optional} /></label>
      <Around field={field} hint={hint} problem={problem}>
        <select id={id} value={value} {...describedBy(id, hint, problem)} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{t("apply.choose")}</option>
          {options.map((one) => <option key={one.value} value={one.value} lang={one.lang}>{one.text}</option>)}
        </select>
      </Around>
    </div>
  );
}

function YesNo({ field, optional, value, problem, onChange }: Asked) {
  const { t } = useWords();
  const hint = useHint(field);
  const id = idOf(field.name);
  return (
    <fieldset {...(problem === undefined && hint === null ? {} : { "aria-describedby": describedBy(id, hint, problem)["aria-describedby"] })}>
      <legend><Label field={field} optional={optional} /></legend>
      <Around field={field} hint={hint} problem={problem}>
        {(["yes", "no"] as const).map((one) => (
          <label key={one} class="tick">
            <input type="radio" id={one === "yes" ? id : `${id}-no`} name={id} value={one} checked={value === one}
              onChange={() => onChange(one)} />
            <span>{t(`apply.${one}`)}</span>
          </label>
        ))}
      </Around>
    </fieldset>
  );
}

export function Question(asked: Asked) {
  if (asked.field.type === "choice") return <Select {...asked} />;
  if (asked.field.type === "flag") return <YesNo {...asked} />;
  return <Line {...asked} />;
}

/** Fields by their labels. */
export function Told({ rows }: { rows: readonly (readonly [Field, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([field, value]) => <div key={field.name}><dt><Said ja={field.label} en={field.label_en} /></dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** An answer as people read it. */
export function useAnswer() {
  const { t, language } = useWords();
  return (field: Field, value: string | undefined): ComponentChildren => {
    if (value === undefined || value === "") return <span class="soft">{t("apply.unanswered")}</span>;
    if (field.type === "flag") return t(value === "yes" ? "apply.yes" : "apply.no");
    if (field.type === "date") return format.date(value, language);
    const option = field.options?.find((one) => one.value === value);
    if (option !== undefined) return <Said ja={option.label} en={option.label_en} />;
    return <span lang="ja" class="lines">{value}</span>;
  };
}
