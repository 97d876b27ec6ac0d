// SPDX-License-Identifier: Apache-2.0
// Lists that come a page at a time: what is there stays, and more is put behind it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAct } from "../api/use";
import { useSharedWords } from "../i18n/shared";
import { FailureNote } from "./failure";

export interface Page<R> {
  rows: readonly R[];
  next: string | null; // what to ask for the next one with
}

export function Pages<R>(props: {
  load: (from: string | null) => Promise<Page<R>>;
  on: readonly unknown[];
  children: (rows: readonly R[]) => ComponentChildren;
}) {
  const { t } = useSharedWords();
  const [rows, setRows] = useState<readonly R[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const asked = useRef(0);
  const more = useAct(async (from: string | null) => {
    const own = asked.current;
    const page = await props.load(from);
    if (own !== asked.current) return;
    setRows((before) => (from === null || before === null ? page.rows : [...before, ...page.rows]));
    setNext(page.next);
  });
  useEffect(() => {
    asked.current++;
    setRows(null);
    void more.run(null);
  }, [...props.on]);
  return (
    <>
      {rows === null && more.busy && <p class="soft" role="status">{t("load.loading")}</p>}
      {rows !== null && props.children(rows)}
      <FailureNote failure={more.failure} again={() => void more.run(rows === null ? null : next)} />
      {rows !== null && rows.length > 0 && more.failure === null && (next === null
        ? <p class="soft">{t("pager.all")}</p>
        : <button type="button" disabled={more.busy} onClick={() => void more.run(next)}>{t("pager.more")}</button>)}
    </>
  );
}
