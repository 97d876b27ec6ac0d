// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import * as format from "../format";
import { useSharedWords } from "../i18n/shared";

export function When({ at }: { at: number | null | undefined }) {
  const { language } = useSharedWords();
  if (at === null || at === undefined) return <span aria-hidden="true">–</span>;
  return <time class="nowrap" dateTime={new Date(at * 1000).toISOString()}>{format.time(at, language)}</time>;
}

export type Mood = "good" | "wait" | "bad" | "plain";

/** Told by its word; the colour only repeats it. */
export function Chip({ mood, children }: { mood: Mood; children: ComponentChildren }) {
  return <span class={`chip ${mood}`}>{children}</span>;
}

/** A name that machines gave: shown whole, and to be copied. */
export function Copyable({ text, what }: { text: string; what: string }) {
  const { t } = useSharedWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <span class="copyable">
      <code>{text}</code>{" "}
      <button type="button" class="small" aria-label={`${t("copy.copy")}: ${what}`} onClick={() => void copy()}>
        {t("copy.copy")}
      </button>
      <span role="status" class="soft">{copied ? t("copy.copied") : ""}</span>
    </span>
  );
}

/** The third is the language of a name that is not in the page's. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren, ("ja" | "en")?])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value, lang]) => <div key={name}><dt lang={lang}>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

/** A part of a page under a heading of its own. */
export function Part(props: { title: string; id: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={props.id}>
      <h2 id={props.id}>{props.title}</h2>
      {props.children}
    </section>
  );
}
