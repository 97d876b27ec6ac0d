// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { askAs, DELETE, GET, POST } from "../api";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Choice, TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Copyable, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { startOf } from "../../shared/format";
import { say } from "../../shared/notice";
import { useWords } from "../speak";

const roles = ["developer", "owner", "auditor", "billing"] as const;
export type Role = (typeof roles)[number];
const daySeconds = 86400;
const nameMax = 64;

async function list() {
  return (await askAs(GET("/v1/tenant/keys"))).keys;
}

type Key = Awaited<ReturnType<typeof list>>[number];

export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t, word } = useWords();
  return <Choice label={t("key.role")} value={value} values={roles} name={(one) => word("role", one)} onChange={onChange} />;
}

function Make({ done }: { done: () => void }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("developer");
  const [until, setUntil] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const make = useAct(async () => {
    const expires = until === "" ? {} : { expires: startOf(until) + daySeconds - 1 };
    setSecret((await askAs(POST("/v1/tenant/keys", { body: { name, role, ...expires } }))).key);
    setName("");
    done();
  });
  if (secret !== null)
    return (
      <Part id="made" title={t("key.secret")}>
        <div class="note good" role="status">
          <p>{t("key.once")}</p>
          <Copyable text={secret} what={t("key.secret")} />
          <p class="buttons"><button type="button" onClick={() => setSecret(null)}>{t("key.done")}</button></p>
        </div>
      </Part>
    );
  return (
    <Part id="make" title={t("key.add")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void make.run();
      }}>
        <TextField label={t("key.name")} hint={t("key.name_hint")} value={name} required max={nameMax} onChange={setName} />
        <RoleChoice value={role} onChange={setRole} />
        <TextField type="date" label={t("key.expires")} hint={t("key.expires_hint")} value={until} onChange={setUntil} />
        <FailureNote failure={make.failure} />
        <button type="submit" class="main" disabled={make.busy}>{t("key.add")}</button>
      </form>
    </Part>
  );
}

function Revoke({ target, close, done }: { target: Key; close: () => void; done: () => void }) {
  const { t } = useWords();
  const act = useAct(async () => {
    await askAs(DELETE("/v1/tenant/keys/{id}", { params: { path: { id: target.id } } }));
    say(t("key.revoked", { name: target.name }));
    close();
    done();
  });
  return <Confirm title={t("key.revoke_title", { name: target.name })} text={t("key.revoke_text")} yes={t("key.revoke")}
    busy={act.busy} failure={act.failure} onYes={() => void act.run()} onClose={close} />;
}

export function KeysPage() {
  const { t, word } = useWords();
  const [keys, again] = useLoad(list, []);
  const [target, setTarget] = useState<Key | null>(null);
  return (
    <>
      <section>
        <Wait on={keys} again={again}>{(rows) => (
          <Table caption={t("nav.keys")} rows={rows} id={(row) => row.id} empty={t("key.empty")} columns={[
            { name: t("key.name"), of: (row) => <span lang="ja">{row.name}</span> },
            { name: t("key.role"), of: (row) => word("role", row.role) },
            { name: t("key.made"), of: (row) => <When at={row.made} /> },
            { name: t("key.used"), of: (row) => (row.used === undefined ? t("key.never") : <When at={row.used} />) },
            { name: t("key.expires"), of: (row) => (row.expires === undefined ? t("key.never") : <When at={row.expires} />) },
            { name: t("key.revoke"), of: (row) => (
              <button type="button" class="small danger" aria-label={t("key.revoke_one", { name: row.name })}
                onClick={() => setTarget(row)}>{t("key.revoke")}</button>) },
          ]} />
        )}</Wait>
      </section>
      <Make done={again} />
      {target !== null && <Revoke target={target} close={() => setTarget(null)} done={again} />}
    </>
  );
}
