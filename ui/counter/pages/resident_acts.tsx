// SPDX-License-Identifier: Apache-2.0
// What may be notified of a resident, one thing at a time: only what fits how they stand to the register.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Choice, TextField } from "../../shared/components/field";
import { Part } from "../../shared/components/small";
import { ActForm } from "../act";
import { hasRole, useClerk } from "../session";
import { useWords } from "../speak";
import type { words } from "../words";
import type { Resident } from "./resident";

type Act = "move" | "move-out" | "move-in" | "name" | "naturalisation" | "sex" | "birth" | "stay" | "abroad" | "death";
type Standing = Resident["standing"];
type Texts = Readonly<Record<string, string>>;

interface Field {
  name: string;
  label: keyof typeof words;
  hint?: keyof typeof words;
  type?: "date";
  max?: number;
  optional?: boolean;
  pattern?: string;
}

const name: Field = { name: "name", label: "act.new_name", hint: "act.name_hint", max: 50 };
const kana: Field = { name: "kana", label: "act.new_kana", max: 50, optional: true };
const registeredName: Field = { name: "registered_name", label: "resident.registered_name", hint: "act.registered_hint", max: 50,
  optional: true };
const registeredAddress: Field = { name: "registered_address", label: "resident.registered_address",
  hint: "act.registered_hint", max: 200, optional: true };
const code = { max: 5, pattern: "[0-9]{5}" };

/** Which act, of whom, and what is told with it: as the register's own table (man jpki-registerd). */
const acts: readonly { act: Act; standings: readonly Standing[]; fields: readonly Field[]; text?: keyof typeof words }[] = [
  { act: "move", standings: ["here"], fields: [
    { name: "address", label: "act.new_address", max: 200 }, registeredAddress,
    { name: "municipality", label: "act.municipality", ...code }] },
  { act: "move-out", standings: ["here"], fields: [{ name: "date", label: "act.date_out", type: "date" }] },
  { act: "move-in", standings: ["leaving", "abroad"], fields: [
    { name: "date", label: "act.date_in", type: "date" }, { name: "address", label: "act.address_in", max: 200 },
    registeredAddress, { name: "municipality", label: "act.municipality_in", ...code }] },
  { act: "name", standings: ["here", "leaving"], text: "act.name_text", fields: [name, kana, registeredName,
    { name: "former_name", label: "resident.former_name", max: 50, optional: true }] },
  { act: "naturalisation", standings: ["here", "leaving"], text: "act.naturalisation_text", fields: [name, kana, registeredName] },
  { act: "birth", standings: ["here", "leaving"], text: "act.birth_text",
    fields: [{ name: "birth_date", label: "act.right_birth", type: "date" }] },
  { act: "sex", standings: ["here", "leaving"], fields: [] },
  { act: "stay", standings: ["here", "leaving"], text: "act.stay_text",
    fields: [{ name: "stay_until", label: "resident.stay_until", type: "date" }] },
  { act: "abroad", standings: ["here", "leaving"], text: "act.abroad_text", fields: [] },
  { act: "death", standings: ["here", "leaving", "abroad"], text: "act.death_text", fields: [] },
];

type Row = (typeof acts)[number];

function told(row: Row, texts: Texts): Texts {
  const known = row.fields.map((field) => [field.name, (texts[field.name] ?? "").trim()] as const);
  return Object.fromEntries(known.filter(([, text]) => text !== ""));
}

function Fields(props: { row: Row; texts: Texts; set: (name: string, text: string) => void }) {
  const { t } = useWords();
  return (
    <>
      {props.row.fields.map((field) => (
        <TextField key={field.name} label={t(field.label)} value={props.texts[field.name] ?? ""} required={field.optional !== true}
          {...(field.hint === undefined ? {} : { hint: t(field.hint) })} {...(field.type === undefined ? {} : { type: field.type })}
          {...(field.max === undefined ? {} : { max: field.max })} {...(field.pattern === undefined ? {} : { pattern: field.pattern })}
          onChange={(text) => props.set(field.name, text)} />
      ))}
    </>
  );
}

const sexes = ["female", "male", "unknown"] as const;

function One({ row, of, again }: { row: Row; of: Resident; again: () => void }) {
  const { t, word } = useWords();
  const [texts, setTexts] = useState<Texts>(row.act === "move" ? { municipality: of.municipality } : {});
  const [sex, setSex] = useState<(typeof sexes)[number]>(of.sex === "female" ? "male" : "female");
  const body = (act: string) => ({ request_id: act, ...(row.act === "move" ? {} : { act: row.act }), ...told(row, texts),
    ...(row.act === "sex" ? { sex } : {}) });
  const sexField: ComponentChildren = row.act !== "sex" ? null
    : <Choice label={t("act.new_sex")} value={sex} values={sexes} name={(one) => word("sex", one)} onChange={setSex} />;
  return (
    <ActForm name={t(`act.${row.act}`)} alone button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/residents/${of.id}/${row.act === "move" ? "moves" : "acts"}`, body: body(act) })}>
      {row.text !== undefined && <p class="soft">{t(row.text)}</p>}
      <Fields row={row} texts={texts} set={(field, text) => setTexts({ ...texts, [field]: text })} />
      {sexField}
    </ActForm>
  );
}

function Notify({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<Act | null>(null);
  const possible = acts.filter((row) => row.standings.includes(of.standing));
  // what was just signed stays, with its record, though it may be possible no longer
  const row = acts.find((one) => one.act === chosen) ?? possible[0];
  if (row === undefined) return <p>{t("resident.no_acts")}</p>;
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

export function ResidentActs({ of, again }: { of: Resident; again: () => void }) {
  const { t } = useWords();
  const clerk = useClerk();
  if (clerk === null) return null;
  return (
    <>
      {hasRole(clerk, ["issuer"]) && of.standing === "here" && (
        <Part id="issue" title={t("issue.title")}><Assign of={of} again={again} /></Part>
      )}
      {hasRole(clerk, ["registrar"]) && <Part id="acts" title={t("resident.acts")}><Notify of={of} again={again} /></Part>}
    </>
  );
}
