// SPDX-License-Identifier: Apache-2.0
// A resident as the register has them, their cards, and what may happen to them.
import { useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Facts, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { href } from "../../shared/router";
import { useStore } from "../../shared/store";
import { ActForm } from "../act";
import { askAs, GET } from "../api";
import { hasRole, session } from "../session";
import { useWords } from "../speak";

async function fetchOne(id: string) {
  const [resident, { cards }] = await Promise.all([
    askAs(GET("/v1/residents/{id}", { params: { path: { id } } })),
    askAs(GET("/v1/residents/{id}/cards", { params: { path: { id } } }))]);
  return { resident, cards };
}

type One = Awaited<ReturnType<typeof fetchOne>>;
type Resident = One["resident"];

function Move({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const [address, setAddress] = useState("");
  const [municipality, setMunicipality] = useState(of.municipality);
  return (
    <ActForm name={t("act.move")} button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/residents/${of.id}/moves`, body: { request_id: act, address: address.trim(), municipality } })}>
      <TextField label={t("act.new_address")} value={address} max={200} required onChange={setAddress} />
      <TextField label={t("act.municipality")} value={municipality} max={5} required pattern="[0-9]{5}" onChange={setMunicipality} />
    </ActForm>
  );
}

function MoveOut({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const [date, setDate] = useState("");
  return (
    <ActForm name={t("act.move-out")} button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/residents/${of.id}/acts`, body: { request_id: act, act: "move-out", date } })}>
      <TextField label={t("act.date_out")} type="date" value={date} required onChange={setDate} />
    </ActForm>
  );
}

function MoveIn({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const [date, setDate] = useState("");
  const [address, setAddress] = useState("");
  const [municipality, setMunicipality] = useState("");
  return (
    <ActForm name={t("act.move-in")} button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/residents/${of.id}/acts`,
        body: { request_id: act, act: "move-in", date, address: address.trim(), municipality } })}>
      <TextField label={t("act.date_in")} type="date" value={date} required onChange={setDate} />
      <TextField label={t("act.address_in")} value={address} max={200} required onChange={setAddress} />
      <TextField label={t("act.municipality_in")} value={municipality} max={5} required pattern="[0-9]{5}" onChange={setMunicipality} />
    </ActForm>
  );
}

function Name({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const [name, setName] = useState("");
  const [kana, setKana] = useState("");
  return (
    <ActForm name={t("act.name")} button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/residents/${of.id}/acts`, body: { request_id: act, act: "name", name: name.trim(),
        ...(kana.trim() === "" ? {} : { kana: kana.trim() }) } })}>
      <TextField label={t("act.new_name")} hint={t("act.name_hint")} value={name} max={50} required onChange={setName} />
      <TextField label={t("act.new_kana")} value={kana} max={50} onChange={setKana} />
    </ActForm>
  );
}

function Death({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  return (
    <ActForm name={t("act.death")} button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/residents/${of.id}/acts`, body: { request_id: act, act: "death" } })}>
      <p>{t("act.death_text")}</p>
    </ActForm>
  );
}

function Assign({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const [serial, setSerial] = useState("");
  return (
    <ActForm name={t("issue.assign")} button={t("act.sign")} then={again}
      wish={() => ({ path: "/v1/cards", body: { resident: of.id, serial: serial.trim() } })}>
      <TextField label={t("issue.serial")} hint={t("issue.serial_hint")} value={serial} max={16} required
        pattern="[A-Za-z0-9\-]{1,16}" onChange={setSerial} />
    </ActForm>
  );
}

function Acts({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const now = useStore(session);
  if (now.state !== "open") return null;
  return (
    <>
      {hasRole(now.clerk, ["issuer"]) && <Part id="issue" title={t("issue.title")}><Assign of={of} again={again} /></Part>}
      {hasRole(now.clerk, ["registrar"]) && (
        <Part id="acts" title={t("resident.acts")}>
          <p class="soft">{t("act.lead")}</p>
          <Move of={of} again={again} />
          {of.standing === "here" && <MoveOut of={of} again={again} />}
          {of.standing !== "here" && <MoveIn of={of} again={again} />}
          <Name of={of} again={again} />
          <Death of={of} again={again} />
        </Part>
      )}
    </>
  );
}

function Shown({ one }: { one: One }) {
  const { t, word } = useWords();
  const { resident, cards } = one;
  return (
    <>
      <section>
        <Facts rows={[
          [t("resident.name"), <span lang="ja">{resident.name}</span>],
          [t("resident.kana"), <span lang="ja">{resident.kana ?? ""}</span>],
          [t("resident.birth"), resident.birth_date],
          [t("resident.sex"), word("sex", resident.sex)],
          [t("resident.address"), <span lang="ja">{resident.address}</span>],
          [t("resident.municipality"), resident.municipality],
          [t("resident.standing"), word("standing", resident.standing)],
        ]} />
        <p class="soft">{t("resident.no_number")}</p>
      </section>
      <Part id="cards" title={t("resident.cards")}>
        <Table caption={t("resident.cards")} rows={cards} id={(row) => row.serial} empty={t("resident.no_cards")} columns={[
          { name: t("card.serial"), of: (row) => <a href={href("cards", row.serial)}>{row.serial}</a> },
          { name: t("card.state"), of: (row) => word("card_state", row.state) },
          { name: t("card.expires"), of: (row) => row.expires_on ?? "" },
        ]} />
      </Part>
    </>
  );
}

export function ResidentPage({ id }: { id: string }) {
  const [loaded, again] = useLoad(() => fetchOne(id), [id]);
  const [last, setLast] = useState<One | null>(null);
  if (loaded.state === "ready" && loaded.value !== last) setLast(loaded.value);
  // what was there stays while it is read again: the record of an act is below it
  return (
    <>
      {last === null ? <Wait on={loaded} again={again}>{() => null}</Wait> : <Shown one={last} />}
      {last !== null && <Acts of={last.resident} again={again} />}
    </>
  );
}
