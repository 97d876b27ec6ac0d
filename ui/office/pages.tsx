// SPDX-License-Identifier: Apache-2.0
// All pages of a municipality's desk, in the order of its menu.
import type { ComponentChildren } from "preact";
import type { Duty } from "./duties";
import { DraftPage } from "./pages/draft";
import { MandatesPage } from "./pages/mandates";
import { InboxPage, ReceivedPage } from "./pages/inbox";
import { ProceduresPage } from "./pages/procedures";
import { StartPage } from "./pages/start";
import type { words } from "./words";

export interface PageRow {
  path: string;
  title: keyof typeof words;
  role: Duty["role"] | null; // null: whoever has logged in
  show: () => ComponentChildren;
  one?: { title: keyof typeof words; show: (id: string) => ComponentChildren };
}

export const pages: readonly PageRow[] = [
  { path: "start", title: "nav.start", role: null, show: () => <StartPage /> },
  { path: "inbox", title: "nav.inbox", role: "clerk", show: () => <InboxPage />,
    one: { title: "inbox.one", show: (id) => <ReceivedPage key={id} receipt={id} /> } },
  { path: "mandates", title: "nav.mandates", role: "clerk", show: () => <MandatesPage /> },
  { path: "procedures", title: "nav.procedures", role: "editor", show: () => <ProceduresPage />,
    one: { title: "draft.one", show: (id) => <DraftPage key={id} code={id} /> } },
];
