// SPDX-License-Identifier: Apache-2.0
// Clerks, for those who administer them: who there are, what they may do, by which card they are known.
import { useId, useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { Tick } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Chip, Facts, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { href } from "../../shared/router";
import { ActForm } from "../act";
import { type Application, readApplication } from "../application";
import { askAs, GET } from "../api";
import { Moment } from "../moment";
import { type Role, useClerk } from "../session";
import { useWords } from "../speak";

const roles: readonly Role[] = ["registrar", "issuer", "approver", "loss-line", "administrator"];

async function fetchAll() {
  return (await askAs(GET("/v1/clerks"))).clerks;
}

type Clerk = Awaited<ReturnType<typeof fetchAll>>[number];

async function fetchOne(id: string) {
  const [clerks, { steps }] = await Promise.all([
    fetchAll(), askAs(GET("/v1/clerks/{id}/history", { params: { path: { id } } }))]);
  const clerk = clerks.find((one) => one.id === id);
  if (clerk === undefined) throw new Error("a clerk with a history is in the list");
  return { clerk, clerks, steps };
}

type One = Awaited<ReturnType<typeof fetchOne>>;

function Roles({ value, set }: { value: readonly Role[]; set: (roles: Role[]) => void }) {
  const { t, word } = useWords();
  return (
    <fieldset>
      <legend>{t("clerk.roles")}</legend>
      {roles.map((role) => (
        <Tick key={role} label={`${word("role", role)}: ${word("role_text", role)}`} value={value.includes(role)}
          onChange={(has) => set(roles.filter((one) => (one === role ? has : value.includes(one))))} />
      ))}
    </fieldset>
  );
}

/** What an applicant has signed, shown before anybody believes it; the register checks the signature. */
function TakeApplication({ onRead }: { onRead: (application: Application | null) => void }) {
  const { t } = useWords();
  const id = useId();
  const [shown, setShown] = useState<Application | null>(null);
  const [wrong, setWrong] = useState(false);
  const take = (application: Application | null, isWrong: boolean) => {
    setShown(application);
    setWrong(isWrong);
    onRead(application);
  };
  return (
    <>
      <div class="field">
        <label for={id}>{t("clerk.application")}</label>
        <p class="soft" id={`${id}-hint`}>{t("clerk.application_hint")}</p>
        <input id={id} type="file" required aria-describedby={`${id}-hint`} onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file === undefined) return take(null, false);
          void file.text().then((text) => {
            const read = readApplication(text);
            take(read, read === null);
          });
        }} />
      </div>
      {wrong && <p class="note bad" role="alert">{t("clerk.application_wrong")}</p>}
      {shown !== null && (
        <Facts rows={[
          [t("clerk.name"), <span lang="ja">{shown.name}</span>],
          [t("resident.municipality"), shown.municipality],
          [t("clerk.window"), shown.window === "" ? t("clerk.any_window") : shown.window],
          [t("clerk.signed_at"), <Moment at={new Date(shown.at * 1000).toISOString()} />],
        ]} />
      )}
    </>
  );
}

function Add({ again }: { again: () => void }) {
  const { t } = useWords();
  const [application, setApplication] = useState<Application | null>(null);
  const [given, setGiven] = useState<Role[]>([]);
  return (
    <Part id="add" title={t("clerk.add")}>
      <p>{t("clerk.add_text")}</p>
      <ActForm name={t("clerk.add")} alone button={t("act.sign")} then={again}
        wish={() => ({ path: "/v1/clerks", body: { ...application?.message, roles: given } })}>
        <TakeApplication onRead={setApplication} />
        <Roles value={given} set={setGiven} />
      </ActForm>
    </Part>
  );
}

function useRoleNames() {
  const { word, language } = useWords();
  return (of: Clerk) => format.list(roles.filter((role) => of.roles.includes(role)).map((role) => word("role", role)), language);
}

export function ClerksPage() {
  const { t } = useWords();
  const names = useRoleNames();
  const [loaded, again] = useLoad(fetchAll, []);
  const [last, setLast] = useState<readonly Clerk[] | null>(null);
  if (loaded.state === "ready" && loaded.value !== last) setLast(loaded.value);
  return (
    <>
      <section>
        <p>{t("clerk.lead")}</p>
        {last === null ? <Wait on={loaded} again={again}>{() => null}</Wait> : (
          <Table caption={t("nav.clerks")} rows={last} id={(row) => row.id} empty="" columns={[
            { name: t("clerk.name"), of: (row) => <a href={href("clerks", row.id)} lang="ja">{row.name}</a> },
            { name: t("resident.municipality"), of: (row) => `${row.municipality}${row.window}` },
            { name: t("clerk.roles"), of: names },
            { name: t("clerk.state"), of: (row) => (
              <Chip mood={row.blocked ? "bad" : "good"}>{t(row.blocked ? "clerk.blocked" : "clerk.works")}</Chip>) },
          ]} />
        )}
      </section>
      {last !== null && <Add again={again} />}
    </>
  );
}

function SetRoles({ of, again }: { of: Clerk; again: () => void }) {
  const { t } = useWords();
  const [given, setGiven] = useState<Role[]>(roles.filter((role) => of.roles.includes(role)));
  return (
    <ActForm name={t("operation.setClerkRoles")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/clerks/${of.id}/roles`, body: { roles: given } })}>
      <p class="soft">{t("clerk.roles_text")}</p>
      <Roles value={given} set={setGiven} />
    </ActForm>
  );
}

function Block({ of, again }: { of: Clerk; again: () => void }) {
  const { t } = useWords();
  const [blocks] = useState(!of.blocked); // as it was when the form was drawn
  return (
    <ActForm name={t(blocks ? "clerk.block" : "clerk.unblock")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/clerks/${of.id}/block`, body: { blocked: blocks } })}>
      <p class="soft">{t(blocks ? "clerk.block_text" : "clerk.unblock_text")}</p>
    </ActForm>
  );
}

function BindCard({ of, again }: { of: Clerk; again: () => void }) {
  const { t } = useWords();
  const [application, setApplication] = useState<Application | null>(null);
  return (
    <ActForm name={t("operation.bindClerkCard")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/clerks/${of.id}/card`, body: { ...application?.message } })}>
      <p class="soft">{t("clerk.bind_text")}</p>
      <TakeApplication onRead={setApplication} />
    </ActForm>
  );
}

function Shown({ one }: { one: One }) {
  const { t, word } = useWords();
  const names = useRoleNames();
  const { clerk, steps } = one;
  const by = (actor: string) => one.clerks.find((other) => actor === `clerk:${other.id}`)?.name ?? actor;
  return (
    <>
      <section>
        <Facts rows={[
          [t("clerk.name"), <span lang="ja">{clerk.name}</span>],
          [t("resident.municipality"), clerk.municipality],
          [t("clerk.window"), clerk.window === "" ? t("clerk.any_window") : clerk.window],
          [t("clerk.roles"), names(clerk)],
          [t("clerk.state"), <Chip mood={clerk.blocked ? "bad" : "good"}>{t(clerk.blocked ? "clerk.blocked" : "clerk.works")}</Chip>],
          [t("clerk.card"), <>{clerk.serial} <code>{clerk.issuer.slice(0, 8)}…</code></>],
        ]} />
      </section>
      <Part id="history" title={t("clerk.history")}>
        <Table caption={t("clerk.history")} rows={steps.map((step, i) => ({ ...step, i }))} id={(step) => String(step.i)} empty=""
          columns={[
            { name: t("card.when"), of: (step) => <Moment at={step.at} /> },
            { name: t("clerk.what"), of: (step) => `${word("clerk_step", step.what)} ${step.detail === "" ? "" : word("role", step.detail)}` },
            { name: t("clerk.who"), of: (step) => <span lang="ja">{by(step.actor)}</span> },
          ]} />
      </Part>
    </>
  );
}

export function ClerkPage({ id }: { id: string }) {
  const { t } = useWords();
  const own = useClerk();
  const [loaded, again] = useLoad(() => fetchOne(id), [id]);
  const [last, setLast] = useState<One | null>(null);
  if (loaded.state === "ready" && loaded.value !== last) setLast(loaded.value);
  if (last === null || own === null) return <Wait on={loaded} again={again}>{() => null}</Wait>;
  if (id === own.clerk)
    return (
      <>
        <Shown one={last} />
        <p class="note wait">{t("clerk.self")}</p>
      </>
    );
  return (
    <>
      <Shown one={last} />
      <Part id="administer" title={t("clerk.administer")}>
        <p class="soft">{t("act.lead")}</p>
        <SetRoles of={last.clerk} again={again} />
        <Block of={last.clerk} again={again} />
        <BindCard of={last.clerk} again={again} />
      </Part>
    </>
  );
}
