// SPDX-License-Identifier: Apache-2.0
// The portal of citizens: which page is shown, and who is asked to log in for it.
import "../shared/theme/base.css";
import { Fragment, render } from "preact";
import { useEffect } from "preact/hooks";
import { Notice } from "../shared/components/notice";
import { Shell } from "../shared/components/shell";
import { moved } from "../shared/notice";
import { place } from "../shared/router";
import { useStore } from "../shared/store";
import { acting } from "./acting";
import { Ending } from "./ending";
import { LoginButton, LoginNeeded } from "./login";
import { type PageRow, pages } from "./pages";
import { loginAddress, logout, resume, session } from "./session";
import { speakPlainly, useWords } from "./speak";
import { useUnread } from "./unread";

function Who({ page }: { page: string }) {
  const { t, plain } = useWords();
  return (
    <div class="row">
      <button type="button" aria-pressed={plain} onClick={() => speakPlainly(!plain)}>{t("plain.switch")}</button>
      <LoginButton t={t} address={loginAddress(page)} page={page} leave={logout} />
    </div>
  );
}

function find(path: readonly string[]): PageRow | undefined {
  const name = path[0] ?? pages[0]!.path;
  return pages.find((page) => page.path === name && (path.length > 1 ? page.one !== undefined : page.show !== undefined));
}

/** For whom things are done here, on each page, as long as it is not oneself. */
function ActingFor() {
  const { t } = useWords();
  const other = useStore(acting);
  if (other === null) return null;
  return (
    <div class="note wait acting" role="status">
      <p><strong>{t("acting.for", { name: other.name })}</strong></p>
      <button type="button" class="small" onClick={() => acting.set(null)}>{t("acting.stop")}</button>
    </div>
  );
}

function Body({ page, path }: { page: PageRow | undefined; path: readonly string[] }) {
  const { t } = useWords();
  const now = useStore(session);
  const other = useStore(acting);
  if (page === undefined) return <p>{t("page.absent_text")}</p>;
  if (now.state !== "open" && (page.access === "citizen" || (now.state === "ended" && page.isOwn?.(path[1]!) === true))) {
    const back = page.show === undefined ? "start" : page.path;
    return (
      <LoginNeeded t={t} address={loginAddress(back)} page={back}
        lost={page.isOwn === undefined ? undefined : t("login.ended_form")} />
    );
  }
  if (other !== null && page.scope !== undefined && !other.scopes.includes(page.scope))
    return <p class="note">{t("acting.no_scope", { name: other.name })}</p>;
  return (
    <Fragment key={other?.id ?? "oneself"}>
      {other !== null && page.scope === undefined && page.access === "citizen" && <p class="note">{t("acting.own")}</p>}
      {path.length > 1 ? page.one?.show(path[1]!) : page.show?.()}
    </Fragment>
  );
}

function App() {
  const { t } = useWords();
  const { path } = useStore(place);
  const page = find(path);
  const where = path.join("/");
  const unread = useUnread(where);
  const nameOf = (one: PageRow) =>
    one.path === "notices" && unread > 0 ? t("nav.notices_unread", { count: unread }) : t(one.title);
  useEffect(() => moved, [where]);
  const title = page === undefined ? "page.absent" : path.length > 1 && page.one !== undefined ? page.one.title : page.title;
  const back = page?.show === undefined ? "start" : page.path;
  return (
    <Shell product={t("app.name")} title={t(title)} aside={<Who page={back} />}
      entries={pages.filter((one) => one.show !== undefined && !one.isHidden).map((one) => ({ path: one.path, name: nameOf(one) }))}>
      <ActingFor />
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
