// SPDX-License-Identifier: Apache-2.0
// All pages of the portal, in the order of its menu.
import type { ComponentChildren } from "preact";
import { ConsentPage, ConsentRefusedPage } from "./pages/consent";
import { ConsentsPage } from "./pages/consents";
import { EligibilityPage } from "./pages/eligibility";
import { ApplicationsPage } from "./pages/applications";
import { ApplyPage } from "./pages/apply";
import { HistoryPage } from "./pages/history";
import { InformationPage, RequestPage } from "./pages/information";
import { LinkagePage, SitePage } from "./pages/linkage";
import { MandatesPage } from "./pages/mandates";
import { NoticesPage } from "./pages/notices";
import { ProcedurePage, ProceduresPage } from "./pages/procedures";
import { RefusalPage } from "./pages/refusal";
import { SessionsPage } from "./pages/sessions";
import { StartPage } from "./pages/start";
import type { Scope } from "./acting";
import { ticketOf } from "./application";
import { StatusPage } from "./pages/status";
import type { words } from "./words";

export interface PageRow {
  path: string;
  title: keyof typeof words;
  access: "anyone" | "citizen"; // the portal decides; this asks for a login before it would refuse
  scope?: Scope; // of a mandate, that somebody else sees it with; missing: it is about oneself
  show?: () => ComponentChildren; // missing: it is not in the menu
  isOwn?: (id: string) => boolean; // one that was begun in a session, and goes on in the next one
  isHidden?: boolean; // nor is this: it is led to from outside
  one?: { title: keyof typeof words; show: (id: string) => ComponentChildren }; // of what is listed there
}

export const pages: readonly PageRow[] = [
  { path: "start", title: "nav.start", access: "anyone", show: () => <StartPage /> },
  { path: "procedures", title: "nav.procedures", access: "anyone", show: () => <ProceduresPage />,
    one: { title: "procedure.one", show: (id) => <ProcedurePage key={id} psid={id} /> } },
  { path: "applications", title: "nav.applications", access: "citizen", scope: "procedures", show: () => <ApplicationsPage /> },
  { path: "notices", title: "nav.notices", access: "citizen", scope: "notices", show: () => <NoticesPage /> },
  { path: "information", title: "nav.information", access: "citizen", scope: "information", show: () => <InformationPage />,
    one: { title: "information.one", show: (id) => <RequestPage key={id} id={id} /> } },
  { path: "history", title: "nav.history", access: "citizen", scope: "history", show: () => <HistoryPage /> },
  { path: "eligibility", title: "nav.eligibility", access: "citizen", show: () => <EligibilityPage /> },
  { path: "consents", title: "nav.consents", access: "citizen", scope: "information", show: () => <ConsentsPage /> },
  { path: "linkage", title: "nav.linkage", access: "citizen", show: () => <LinkagePage />,
    one: { title: "nav.linkage", show: (id) => <SitePage key={id} id={id} /> } },
  { path: "mandates", title: "nav.mandates", access: "citizen", show: () => <MandatesPage /> },
  { path: "sessions", title: "nav.sessions", access: "citizen", show: () => <SessionsPage /> },
  { path: "status", title: "nav.status", access: "anyone", show: () => <StatusPage /> },
  { path: "apply", title: "apply.one", access: "anyone", scope: "procedures", isOwn: (id) => ticketOf(id) === null,
    one: { title: "apply.one", show: (id) => <ApplyPage key={id} id={id} /> } },
  { path: "consent", title: "consent.title", access: "anyone", show: () => <ConsentPage />, isHidden: true,
    one: { title: "consent.title", show: () => <ConsentRefusedPage /> } },
  { path: "login", title: "refusal.title", access: "anyone",
    one: { title: "refusal.title", show: (id) => <RefusalPage why={id} /> } },
];
