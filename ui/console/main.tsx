// SPDX-License-Identifier: Apache-2.0
// The console of a platform's tenants and its operator: which page is shown to whom.
import "../shared/theme/base.css";
import { type ComponentChildren, render } from "preact";
import { useEffect } from "preact/hooks";
import { useAct } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { Notice } from "../shared/components/notice";
import { Shell } from "../shared/components/shell";
import { useSharedWords } from "../shared/i18n/shared";
import { place } from "../shared/router";
import { useStore } from "../shared/store";
import { moved } from "../shared/notice";
import { EventsPage } from "./pages/events";
import { FeesPage } from "./pages/fees";
import { KeysPage } from "./pages/keys";
import { LoginPage } from "./pages/login";
import { MembersPage } from "./pages/members";
import { OverviewPage } from "./pages/overview";
import { AuditPage, StatementsPage } from "./pages/operator";
import { ConsentsPage, HolderPage, HoldersPage } from "./pages/people";
import { SettingsPage } from "./pages/settings";
import { TenantPage, TenantsPage } from "./pages/tenants";
import { VerificationPage, VerificationsPage } from "./pages/verifications";
import { WebhookPage, WebhooksPage } from "./pages/webhooks";
import { logout, type Me, resume, session } from "./session";
import { useWords } from "./speak";
import type { words } from "./words";

type Role = Me["member"]["role"];
type Key = keyof typeof words;

interface PageRow {
  path: string;
  title: Key;
  roles: readonly Role[];
  show: (me: Me) => ComponentChildren;
  one?: { title: Key; show: (id: string, me: Me) => ComponentChildren }; // of what is listed there
}

const all: readonly Role[] = ["owner", "developer", "auditor", "billing"];
const workers: readonly Role[] = ["owner", "developer"];
const readers: readonly Role[] = ["owner", "developer", "auditor"];
const owners: readonly Role[] = ["owner"];
const may = (roles: readonly Role[], me: Me) => roles.includes(me.member.role);

/** As the platform's own rules of access; it decides, this only leaves out what would be refused. */
const pages: readonly PageRow[] = [
  { path: "overview", title: "nav.overview", roles: all, show: (me) => <OverviewPage mayRead={may(readers, me)} /> },
  { path: "verifications", title: "nav.verifications", roles: readers, show: () => <VerificationsPage />,
    one: { title: "verification.one", show: (id, me) => <VerificationPage id={id} mayDelete={may(workers, me)} /> } },
  { path: "holders", title: "nav.holders", roles: workers, show: () => <HoldersPage />,
    one: { title: "nav.holders", show: (id) => <HolderPage holder={id} /> } },
  { path: "consents", title: "nav.consents", roles: workers, show: () => <ConsentsPage /> },
  { path: "events", title: "nav.events", roles: workers, show: () => <EventsPage /> },
  { path: "webhooks", title: "nav.webhooks", roles: workers, show: () => <WebhooksPage />,
    one: { title: "webhook.one", show: (id) => <WebhookPage id={id} /> } },
  { path: "keys", title: "nav.keys", roles: owners, show: () => <KeysPage /> },
  { path: "members", title: "nav.members", roles: owners, show: () => <MembersPage /> },
  { path: "fees", title: "nav.fees", roles: all, show: () => <FeesPage /> },
  { path: "tenants", title: "nav.tenants", roles: ["operator"], show: () => <TenantsPage />,
    one: { title: "overview.tenant", show: (id) => <TenantPage client={id} /> } },
  { path: "statements", title: "nav.statements", roles: ["operator"], show: () => <StatementsPage /> },
  { path: "audit", title: "nav.audit", roles: ["operator"], show: () => <AuditPage /> },
  { path: "settings", title: "nav.settings", roles: [...all, "operator"], show: (me) => <SettingsPage me={me} /> },
];

function Who({ me }: { me: Me }) {
  const { t, word } = useWords();
  const out = useAct(logout);
  return (
    <div>
      <span class="soft">{t("login.as", { name: me.member.name, role: word("role", me.member.role) })}</span>{" "}
      <button type="button" disabled={out.busy} onClick={() => void out.run()}>{t("login.logout")}</button>
      <FailureNote failure={out.failure} />
    </div>
  );
}

function find(list: readonly PageRow[], path: readonly string[]): PageRow | undefined {
  return list.find((page) => page.path === (path[0] ?? list[0]?.path) && (path.length < 2 || page.one !== undefined));
}

function Inside({ me }: { me: Me }) {
  const { t } = useWords();
  const { path } = useStore(place);
  const list = pages.filter((page) => may(page.roles, me));
  const asked = path[0] === "login" ? [] : path;
  const page = find(list, asked);
  const where = path.join("/");
  useEffect(() => moved, [where]);
  const title = page === undefined ? t("page.absent") : t(asked.length > 1 ? page.one!.title : page.title);
  return (
    <Shell product={t("app.name")} title={title} aside={<Who me={me} />}
      entries={list.map((one) => ({ path: one.path, name: t(one.title) }))}>
      <Notice />
      {page === undefined ? <p>{t("page.absent_text")}</p>
        : asked.length > 1 ? page.one!.show(asked[1]!, me) : page.show(me)}
    </Shell>
  );
}

function App() {
  const { t } = useWords();
  const shared = useSharedWords();
  const now = useStore(session);
  if (now.state === "open") return <Inside me={now.me} />;
  return (
    <Shell product={t("app.name")} title={t("login.title")} entries={[]}>
      {now.state === "unknown" ? <p role="status">{shared.t("load.loading")}</p>
        : now.state === "failed" ? <FailureNote failure={now.failure} again={() => void resume()} />
          : <LoginPage ended={now.state === "ended"} />}
    </Shell>
  );
}

void resume();
const root = document.getElementById("app")!;
root.replaceChildren();
render(<App />, root);
