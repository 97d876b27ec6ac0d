// SPDX-License-Identifier: Apache-2.0
// The register's counter: a clerk logs in with a card, and what is done is signed by it.
import "../shared/theme/base.css";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { FailureNote } from "../shared/components/failure";
import { Notice } from "../shared/components/notice";
import { Shell } from "../shared/components/shell";
import { useSharedWords } from "../shared/i18n/shared";
import { moved } from "../shared/notice";
import { place } from "../shared/router";
import { useStore } from "../shared/store";
import { useDeed, Refused } from "./act";
import { type PageRow, pages } from "./pages";
import { ApplyPage } from "./pages/apply";
import { LoginPage } from "./pages/login";
import { hasRole, logOut, resume, session } from "./session";
import { useWords } from "./speak";

function Who() {
  const { t } = useWords();
  const now = useStore(session);
  const out = useDeed(logOut);
  if (now.state !== "open") return null;
  return (
    <div class="row">
      <span><span lang="ja">{now.clerk.name}</span> ({now.clerk.counter})</span>
      <button type="button" disabled={out.busy} onClick={() => void out.run()}>{t("login.logout")}</button>
      <Refused why={out.why} />
    </div>
  );
}

function Body({ page, path }: { page: PageRow | undefined; path: readonly string[] }) {
  const { t } = useWords();
  const shared = useSharedWords();
  const now = useStore(session);
  if (now.state === "unknown") return <p role="status">{shared.t("load.loading")}</p>;
  if (now.state === "failed") return <FailureNote failure={now.failure} again={() => void resume()} />;
  if (now.state !== "open" && path[0] === "apply") return <ApplyPage />;
  if (now.state === "none") return <LoginPage ended={false} stays={false} />;
  if (now.clerk === null) return <LoginPage ended stays={false} />;
  return (
    <>
      {now.state === "ended" && <LoginPage ended stays />}
      <div key={now.clerk.clerk} hidden={now.state === "ended"}>
        {page === undefined ? <p>{t("page.absent_text")}</p>
          : page.roles !== null && !hasRole(now.clerk, page.roles) ? <p class="note bad" role="alert">{t("role.refused")}</p>
            : path.length > 1 ? page.one?.(path[1]!) : page.show?.()}
      </div>
    </>
  );
}

/** Whoever has logged in again goes on at the heading of the page, as he left it. */
function useBack(state: string) {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === "ended" && state === "open") document.querySelector<HTMLElement>("main h1")?.focus();
    before.current = state;
  }, [state]);
}

function App() {
  const { t } = useWords();
  const now = useStore(session);
  const { path } = useStore(place);
  // the menu has what this clerk may do; its first page is where work begins
  const shown = now.state !== "open" ? []
    : pages.filter((one) => one.show !== undefined && (one.roles === null || hasRole(now.clerk, one.roles)));
  const name = path[0] ?? (shown[0] ?? pages[0]!).path;
  const page = pages.find((one) => one.path === name && (path.length > 1 ? one.one : one.show) !== undefined);
  const where = path.join("/");
  useEffect(() => moved, [where]);
  useBack(now.state);
  return (
    <Shell product={t("app.name")} aside={<Who />}
      title={t(now.state !== "open" ? (name === "apply" ? "apply.title" : "login.title") : page === undefined ? "page.absent" : page.title)}
      entries={shown.map((one) => ({ path: one.path, name: t(one.title) }))}>
      <Notice />
      <Body page={page} path={path} />
    </Shell>
  );
}

void resume();
const root = document.getElementById("app")!;
root.replaceChildren();
render(<App />, root);
