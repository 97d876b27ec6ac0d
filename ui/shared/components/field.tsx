// SPDX-License-Identifier: Apache-2.0
import { useId } from "preact/hooks";
import { useSharedWords } from "../i18n/shared";

export function TextField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  required?: boolean;
  max?: number;
  type?: "text" | "url" | "email" | "month" | "date" | "number";
  pattern?: string;
  autocomplete?: "email"; // what a browser knows of the one who types
}) {
  const { t } = useSharedWords();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}{props.required === true && <span class="soft"> ({t("field.required")})</span>}</label>
      {props.hint !== undefined && <p class="soft" id={`${id}-hint`}>{props.hint}</p>}
      <input id={id} type={props.type ?? "text"} value={props.value} required={props.required ?? false}
        autocomplete={props.autocomplete ?? "off"} spellcheck={false} {...(props.max === undefined ? {} : { maxLength: props.max })}
        {...(props.pattern === undefined ? {} : { pattern: props.pattern })}
        {...(props.hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
        onInput={(event) => props.onChange(event.currentTarget.value)} />
    </div>
  );
}

/** Several lines. */
export function Area(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  max?: number;
  rows?: number;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.hint !== undefined && <p class="soft" id={`${id}-hint`}>{props.hint}</p>}
      <textarea id={id} rows={props.rows ?? 4} value={props.value} {...(props.max === undefined ? {} : { maxLength: props.max })}
        {...(props.hint === undefined ? {} : { "aria-describedby": `${id}-hint` })}
        onInput={(event) => props.onChange(event.currentTarget.value)} />
    </div>
  );
}

export function Choice<V extends string>(props: {
  label: string;
  value: V;
  values: readonly V[];
  name: (value: V) => string;
  lang?: (value: V) => string | undefined; // of a name that is in another language than the page
  onChange: (value: V) => void;
  /** Stands there while nothing, "", is chosen: nobody has chosen what merely came first. */
  choose?: string;
}) {
  const { t } = useSharedWords();
  const id = useId();
  const asks = props.choose !== undefined;
  return (
    <div class="field">
      <label for={id}>{props.label}{asks && <span class="soft"> ({t("field.required")})</span>}</label>
      <select id={id} value={props.value} required={asks} onChange={(event) => props.onChange(event.currentTarget.value as V)}>
        {asks && <option value="">{props.choose}</option>}
        {props.values.map((value) => <option key={value} value={value} lang={props.lang?.(value)}>{props.name(value)}</option>)}
      </select>
    </div>
  );
}

/** Yes or no. */
export function Tick(props: { label: string; value: boolean; onChange: (value: boolean) => void }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={props.value} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span>{props.label}</span>
    </label>
  );
}
