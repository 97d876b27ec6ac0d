// SPDX-License-Identifier: Apache-2.0
// The desk of a municipality: applications that came in, and what it offers. Whoever works here has logged in at
// the portal with a card and was invited; what the portal would refuse is not in the menu.
import "../shared/theme/base.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { useAct } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { Notice } from "../shared/components/notice";
import { Shell } from "../shared/components/shell";
import { useSharedWords } from "../shared/i18n/shared";
import { moved } from "../shared/notice";
import { place } from "../shared/router";
import { useStore } from "../shared/store";
import { Ending } from "../portal/ending";
import { LoginButton, LoginNeeded } from "../portal/login";
import { logout, resume, session } from "../portal/session";
import { type Duty, duties, learnDuties, loginAddress } from "./duties";
import { type PageRow, pages } from "./pages";
import { useWords } from "./speak";

function Who({ page }: { page: string }) {
  const { t } = useWords();
  const own = useStore(duties);
  const leave = async () => {
    await logout();
    duties.set(null);
  };
  return (
    <div class="row">
      {own?.[0] !== undefined && <span lang="ja">{own[0].prefecture}{own[0].place} {own[0].name}</span>}
      <LoginButton t={t} address={loginAddress(page)} leave={leave} />
    </div>
  );
}

function mayOpen(page: PageRow, own: readonly Duty[]): boolean {
  return page.role === null || own.some((duty) => duty.role === page.role);
}

function Body({ page, path }: { page: PageRow | undefined; path: readonly string[] }) {
  const { t } = useWords();
  const shared = useSharedWords();
  const now = useStore(session);
  const own = useStore(duties);
  const learn = useAct(learnDuties);
  useEffect(() => {
    if (now.state === "open" && own === null) void learn.run();
  }, [now.state, own === null]);
  if (page === undefined) return <p>{t("page.absent_text")}</p>;
  if (now.state !== "open") return <LoginNeeded t={t} address={loginAddress(path.join("/"))} lost={t("login.ended_typed")} />;
  if (learn.failure !== null) return <FailureNote failure={learn.failure} again={() => void learn.run()} />;
  if (own === null) return <p role="status">{shared.t("load.loading")}</p>;
  if (!mayOpen(page, own)) return <p class="note bad" role="alert">{t("duty.refused")}</p>;
  return <>{path.length > 1 ? page.one?.show(path[1]!) : page.show()}</>;
}

function App() {
  const { t } = useWords();
  const { path } = useStore(place);
  const own = useStore(duties) ?? [];
  const name = path[0] ?? pages[0]!.path;
  const page = pages.find((one) => one.path === name && (path.length < 2 || one.one !== undefined));
  const where = path.join("/");
  useEffect(() => moved, [where]);
  const title = page === undefined ? "page.absent" : path.length > 1 && page.one !== undefined ? page.one.title : page.title;
  return (
    <Shell product={t("app.name")} title={t(title)} aside={<Who page={page === undefined ? "start" : path.join("/")} />}
      entries={pages.filter((one) => mayOpen(one, own)).map((one) => ({ path: one.path, name: t(one.title) }))}>
      <Ending />
      <Notice />
      <Body page={page} path={path} />
    </Shell>
  );
}

void resume();
const root = document.getElementById("app")!;
root.replaceChildren();
render(<App />, root);
