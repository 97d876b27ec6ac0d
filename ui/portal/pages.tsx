// SPDX-License-Identifier: Apache-2.0
// All pages of the portal, in the order of its menu.
import type { ComponentChildren } from "preact";
import { HistoryPage } from "./pages/history";
import { InformationPage, RequestPage } from "./pages/information";
import { LinkagePage, SitePage } from "./pages/linkage";
import { MandatesPage } from "./pages/mandates";
import { ProcedurePage, ProceduresPage } from "./pages/procedures";
import { RefusalPage } from "./pages/refusal";
import { SessionsPage } from "./pages/sessions";
import { StartPage } from "./pages/start";
import type { Scope } from "./acting";
import type { words } from "./words";

export interface PageRow {
  path: string;
  title: keyof typeof words;
  access: "anyone" | "citizen"; // the portal decides; this asks for a login before it would refuse
  scope?: Scope; // of a mandate, that somebody else sees it with; missing: it is about oneself
  show?: () => ComponentChildren; // missing: it is not in the menu
  one?: { title: keyof typeof words; show: (id: string) => ComponentChildren }; // of what is listed there
}

export const pages: readonly PageRow[] = [
  { path: "start", title: "nav.start", access: "anyone", show: () => <StartPage /> },
  { path: "procedures", title: "nav.procedures", access: "anyone", show: () => <ProceduresPage />,
    one: { title: "procedure.one", show: (id) => <ProcedurePage key={id} psid={id} /> } },
  { path: "information", title: "nav.information", access: "citizen", scope: "information", show: () => <InformationPage />,
    one: { title: "information.one", show: (id) => <RequestPage key={id} id={id} /> } },
  { path: "history", title: "nav.history", access: "citizen", scope: "history", show: () => <HistoryPage /> },
  { path: "linkage", title: "nav.linkage", access: "citizen", show: () => <LinkagePage />,
    one: { title: "nav.linkage", show: (id) => <SitePage key={id} id={id} /> } },
  { path: "mandates", title: "nav.mandates", access: "citizen", show: () => <MandatesPage /> },
  { path: "sessions", title: "nav.sessions", access: "citizen", show: () => <SessionsPage /> },
  { path: "login", title: "refusal.title", access: "anyone",
    one: { title: "refusal.title", show: (id) => <RefusalPage why={id} /> } },
];
