// SPDX-License-Identifier: Apache-2.0
// A card: what it is, how it is made and handed over, and what happens to it.
import { useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { Choice } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Facts, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { date } from "../../shared/format";
import { href } from "../../shared/router";
import { ActForm } from "../act";
import { askAs, GET } from "../api";
import { Octets } from "../octets";
import { Moment } from "../moment";
import { hasRole, type Role, useClerk } from "../session";
import { useWords } from "../speak";

async function fetchOne(serial: string) {
  const path = { id: serial };
  const [card, { steps }] = await Promise.all([
    askAs(GET("/v1/cards/{id}", { params: { path } })), askAs(GET("/v1/cards/{id}/history", { params: { path } }))]);
  const holder = await askAs(GET("/v1/residents/{id}", { params: { path: { id: card.resident } } }));
  return { card, steps, holder };
}

type One = Awaited<ReturnType<typeof fetchOne>>;
type Card = One["card"];

type State = Card["state"];

/** Which act, of a card in which state, by whom: as the register's own table (man jpki-registerd). */
const acts = [
  { act: "loss", states: ["active"], role: "registrar" },
  { act: "pin-reset", states: ["active"], role: "issuer" },
  { act: "keep", states: ["active"], role: "registrar" },
  { act: "renew", states: ["active"], role: "registrar" },
  { act: "reissue", states: ["active", "suspended"], role: "registrar" },
  { act: "return", states: ["active", "suspended"], role: "registrar" },
  { act: "revoke-sign", states: ["active"], role: "registrar" },
  { act: "revoke", states: ["active"], role: "registrar" },
  { act: "leak", states: ["active", "suspended"], role: "registrar" },
  { act: "found", states: ["suspended"], role: "registrar" },
  { act: "destroy", states: ["stock", "issued"], role: "registrar" },
] as const satisfies readonly { act: string; states: readonly State[]; role: Role }[];

type Row = (typeof acts)[number];
const pins = ["auth", "sign", "text", "juki"] as const;

function One({ row, of, again }: { row: Row; of: Card; again: () => void }) {
  const { t, word } = useWords();
  const [pin, setPin] = useState<(typeof pins)[number]>("auth");
  const isReset = row.act === "pin-reset";
  return (
    <ActForm name={t(`act.${row.act}`)} alone button={t("act.sign")} then={again}
      wish={(id) => ({ path: `/v1/cards/${of.serial}/acts`, body: { request_id: id, act: row.act, ...(isReset ? { pin } : {}) } })}>
      <p class="soft">{t(`act_text.${row.act}`)}</p>
      {isReset && <Choice label={t("act.which_pin")} value={pin} values={pins} name={(one) => word("pin", one)} onChange={setPin} />}
    </ActForm>
  );
}

function Notify({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  const clerk = useClerk();
  const [chosen, setChosen] = useState<Row["act"] | null>(null);
  if (clerk === null) return null;
  const possible: readonly Row[] = acts.filter((row) => (row.states as readonly State[]).includes(of.state) && hasRole(clerk, [row.role]));
  // what was just signed stays, with its record, though it may be possible no longer
  const row = acts.find((one) => one.act === chosen) ?? possible[0];
  if (row === undefined) return <p>{t("card.no_acts")}</p>;
  const offered = possible.includes(row) ? possible : [row, ...possible];
  return (
    <>
      <p class="soft">{t("act.lead")}</p>
      <Choice label={t("act.which")} value={row.act} values={offered.map((one) => one.act)} name={(one) => t(`act.${one}`)}
        onChange={setChosen} />
      <One key={row.act} row={row} of={of} again={() => {
        setChosen(row.act);
        again();
      }} />
    </>
  );
}

function Certificates({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  const [auth, setAuth] = useState("");
  const [sign, setSign] = useState("");
  return (
    <ActForm name={t("issue.certificates")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/cards/${of.serial}/certificates`, body: { requests: { auth, ...(sign === "" ? {} : { sign }) } } })}>
      <p class="soft">{t("issue.certificates_text")}</p>
      <Octets label={t("issue.auth_request")} required onRead={setAuth} />
      <Octets label={t("issue.sign_request")} onRead={setSign} />
    </ActForm>
  );
}

function HandOver({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  return (
    <ActForm name={t("issue.hand_over")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/cards/${of.serial}/activation` })}>
      <p class="soft">{t("issue.hand_over_text")}</p>
    </ActForm>
  );
}

/** What a card in this state may still need to be made and handed over. */
function Making({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  const [drawn] = useState(of.state); // a form stays with its record when it has changed the state
  const isMade = [of.state, drawn].some((state) => state === "issued");
  return (
    <Part id="issue" title={t("issue.title")}>
      <Certificates of={of} again={again} />
      {isMade && <HandOver of={of} again={again} />}
      {of.state === "stock" && <p class="soft">{t("issue.not_yet")}</p>}
    </Part>
  );
}

function Acts({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  const clerk = useClerk();
  if (clerk === null) return null;
  return (
    <>
      {hasRole(clerk, ["issuer"]) && ["stock", "issued", "active"].includes(of.state) && <Making of={of} again={again} />}
      <Part id="acts" title={t("card.acts")}><Notify of={of} again={again} /></Part>
    </>
  );
}

function Shown({ one }: { one: One }) {
  const { t, word, language } = useWords();
  const { card, steps, holder } = one;
  return (
    <>
      <section>
        <Facts rows={[
          [t("card.serial"), card.serial],
          [t("card.holder"), <a href={href("residents", card.resident)} lang="ja">{holder.name}</a>],
          [t("card.state"), word("card_state", card.state)],
          [t("card.expires"), date(card.expires_on, language)],
          ...(card.lapses_after === undefined ? [] : [[t("card.lapses_after"), date(card.lapses_after, language)] as const]),
          [t("card.sign"), word("certificate", card.certificates.sign)],
          [t("card.auth"), word("certificate", card.certificates.auth)],
        ]} />
      </section>
      <Part id="history" title={t("card.history")}>
        <Table caption={t("card.history")} rows={steps.map((step, i) => ({ ...step, i }))} id={(step) => String(step.i)} empty=""
          columns={[
            { name: t("card.when"), of: (step) => <Moment at={step.at} /> },
            { name: t("card.state"), of: (step) => word("card_state", step.state) },
            { name: t("card.clerk"), of: (step) => <span lang="ja">{step.clerk_name ?? ""}</span> },
          ]} />
      </Part>
    </>
  );
}

export function CardPage({ serial }: { serial: string }) {
  const [loaded, again] = useLoad(() => fetchOne(serial), [serial]);
  const [last, setLast] = useState<One | null>(null);
  if (loaded.state === "ready" && loaded.value !== last) setLast(loaded.value);
  return (
    <>
      {last === null ? <Wait on={loaded} again={again}>{() => null}</Wait> : <Shown one={last} />}
      {last !== null && <Acts of={last.card} again={again} />}
    </>
  );
}
