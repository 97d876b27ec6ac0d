// SPDX-License-Identifier: Apache-2.0
// Lists that come a page at a time: what is there stays, and more is put behind it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../api/use";
import { useSharedWords } from "../i18n/shared";
import { FailureNote } from "./failure";
import { Wait } from "./loading";

export interface Page<R> {
  rows: readonly R[];
  next: string | null; // what to ask for the next one with
}

function Leaves<P extends Page<unknown>>(props: {
  first: P;
  load: (from: string) => Promise<P>;
  children: (rows: P["rows"], first: P) => ComponentChildren;
}) {
  const { t } = useSharedWords();
  const { first } = props;
  const [more, setMore] = useState<{ behind: P; rows: P["rows"]; next: string | null }>({ behind: first, rows: [], next: first.next });
  const { rows, next } = more.behind === first ? more : { rows: [], next: first.next };
  const turn = useAct(async (from: string) => {
    const page = await props.load(from);
    setMore({ behind: first, rows: [...rows, ...page.rows], next: page.next });
  });
  const all = [...first.rows, ...rows];
  return (
    <>
      {props.children(all, first)}
      <FailureNote failure={turn.failure} again={() => next !== null && void turn.run(next)} />
      {all.length > 0 && turn.failure === null && (next === null
        ? <p class="soft">{t("pager.all")}</p>
        : <button type="button" disabled={turn.busy} onClick={() => void turn.run(next)}>{t("pager.more")}</button>)}
    </>
  );
}

/** children are told the first page as well, of which there may be more to say than its rows. */
export function Pages<P extends Page<unknown>>(props: {
  load: (from: string | null) => Promise<P>;
  on: readonly unknown[];
  children: (rows: P["rows"], first: P) => ComponentChildren;
}) {
  const [first, again] = useLoad(() => props.load(null), props.on);
  return <Wait on={first} again={again}>{(page) => <Leaves first={page} load={props.load}>{props.children}</Leaves>}</Wait>;
}
