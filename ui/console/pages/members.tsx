// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { askAs, DELETE, GET, POST } from "../api";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Chip, Copyable, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { say } from "../../shared/notice";
import { useWords } from "../speak";
import { type Role, RoleChoice } from "./keys";

const nameMax = 64;

async function list() {
  return (await askAs(GET("/v1/tenant/members"))).members;
}

type Member = Awaited<ReturnType<typeof list>>[number];

/** Behind #, so that no server's log has the code. */
function linkOf(invitation: string): string {
  return `${location.origin}${location.pathname}#/login?invitation=${encodeURIComponent(invitation)}`;
}

function Invite({ done }: { done: () => void }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const [link, setLink] = useState<string | null>(null);
  const act = useAct(async () => {
    setLink(linkOf((await askAs(POST("/v1/tenant/members", { body: { name, role } }))).invitation));
    setName("");
    done();
  });
  return (
    <Part id="invite" title={t("member.add")}>
      {link !== null && (
        <div class="note good" role="status">
          <p>{t("member.once")}</p>
          <Copyable text={link} what={t("member.link")} />
        </div>
      )}
      <form onSubmit={(event) => {
        event.preventDefault();
        void act.run();
      }}>
        <TextField label={t("member.name")} value={name} required max={nameMax} onChange={setName} />
        <RoleChoice value={role} onChange={setRole} />
        <FailureNote failure={act.failure} />
        <button type="submit" class="main" disabled={act.busy}>{t("member.add")}</button>
      </form>
    </Part>
  );
}

function Remove({ target, close, done }: { target: Member; close: () => void; done: () => void }) {
  const { t } = useWords();
  const act = useAct(async () => {
    await askAs(DELETE("/v1/tenant/members/{id}", { params: { path: { id: target.id } } }));
    say(t("member.removed", { name: target.name }));
    close();
    done();
  });
  return <Confirm title={t("member.remove_title", { name: target.name })} text={t("member.remove_text")} yes={t("member.remove")}
    busy={act.busy} failure={act.failure} onYes={() => void act.run()} onClose={close} />;
}

function Standing({ of }: { of: Member }) {
  const { t } = useWords();
  if (of.bound !== undefined) return <Chip mood="good">{t("member.bound")}</Chip>;
  const over = of.expires !== undefined && of.expires < Date.now() / 1000;
  return <Chip mood={over ? "bad" : "wait"}>{over ? t("member.expired") : t("member.invited")}</Chip>;
}

export function MembersPage() {
  const { t, word } = useWords();
  const [members, again] = useLoad(list, []);
  const [target, setTarget] = useState<Member | null>(null);
  return (
    <>
      <section>
        <Wait on={members} again={again}>{(rows) => (
          <Table caption={t("nav.members")} rows={rows} id={(row) => row.id} empty={t("member.empty")} columns={[
            { name: t("member.name"), of: (row) => <span lang="ja">{row.name}</span> },
            { name: t("member.role"), of: (row) => word("role", row.role) },
            { name: t("member.state"), of: (row) => <Standing of={row} /> },
            { name: t("member.used"), of: (row) => (row.used === undefined ? t("key.never") : <When at={row.used} />) },
            { name: t("member.until"), of: (row) => <When at={row.expires} /> },
            { name: t("member.remove"), of: (row) => (
              <button type="button" class="small danger" aria-label={t("member.remove_one", { name: row.name })}
                onClick={() => setTarget(row)}>{t("member.remove")}</button>) },
          ]} />
        )}</Wait>
      </section>
      <Invite done={again} />
      {target !== null && <Remove target={target} close={() => setTarget(null)} done={again} />}
    </>
  );
}
