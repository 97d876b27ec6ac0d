// SPDX-License-Identifier: Apache-2.0
// What is around every page: what this is not, where one can go, language and colours.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { languages, speak } from "../i18n/language";
import { useSharedWords } from "../i18n/shared";
import { href, place } from "../router";
import { useStore } from "../store";
import { detail } from "../title";
import { choose, scheme, schemes } from "../theme/theme";
import { Choice } from "./field";

export interface Entry {
  path: string;
  name: string;
}

function Languages() {
  const { t, language } = useSharedWords();
  return (
    <div class="languages" role="group" aria-label={t("shell.language")}>
      {languages.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={one === language} onClick={() => speak(one)}>
          {one === "ja" ? "日本語" : "English"}
        </button>
      ))}
    </div>
  );
}

function Navigation({ entries, now }: { entries: readonly Entry[]; now: string }) {
  const { t } = useSharedWords();
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [now]);
  return (
    <nav aria-label={t("shell.navigation")} class={open ? "open" : ""}>
      <button type="button" class="menu" aria-expanded={open} aria-controls="pages" onClick={() => setOpen(!open)}>
        {t("shell.menu")}
      </button>
      <ul id="pages">
        {entries.map((entry) => (
          <li key={entry.path}>
            <a href={href(entry.path)} aria-current={entry.path === now ? "page" : undefined}>{entry.name}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** title is the page's own; whoever goes to a page begins to read it at its heading. */
export function Shell(props: {
  product: string;
  entries: readonly Entry[];
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const { t } = useSharedWords();
  const at = useStore(place);
  const chosen = useStore(scheme);
  const one = useStore(detail);
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  const where = at.path.join("/");
  useEffect(() => {
    document.title = [one, props.title, props.product].filter((part) => part !== "").join(" – ");
  }, [one, props.title, props.product]);
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [where]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault(); // the address says which page this is
        heading.current?.focus();
      }}>{t("shell.skip")}</a>
      <header>
        <div class="banner"><strong>{t("shell.banner")}</strong></div>
        <div class="top">
        <p class="product"><span class="mark" lang="en">OpenJPKI</span> {props.product}</p>
        <div class="tools">
          <Languages />
          <Choice label={t("shell.scheme")} value={chosen} values={schemes} name={(one) => t(`scheme.${one}`)}
            onChange={choose} />
          {props.aside}
        </div>
        </div>
      </header>
      <div class="body">
        {props.entries.length > 0 && <Navigation entries={props.entries} now={at.path[0] ?? props.entries[0]!.path} />}
        <main id="main">
          <h1 ref={heading} tabIndex={-1}>{props.title}</h1>
          {props.children}
        </main>
      </div>
    </>
  );
}
