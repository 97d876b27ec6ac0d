// SPDX-License-Identifier: Apache-2.0
// Registering somebody whom no register knew: a child, or who comes to live in Japan for the first time.
import { useState } from "preact/hooks";
import { Choice, TextField, Tick } from "../../shared/components/field";
import { href } from "../../shared/router";
import { ActForm } from "../act";
import { answerOf, type Filed } from "../filing";
import { type Clerk, useClerk } from "../session";
import { useWords } from "../speak";
import type { words } from "../words";

const reasons = ["birth", "from-abroad"] as const;
const sexes = ["female", "male", "unknown"] as const;

interface Person {
  name: string;
  kana: string;
  registered_name: string;
  birth_date: string;
  address: string;
  registered_address: string;
  municipality: string;
  since: string;
  stay_until: string;
  mynumber: string;
}

const nobody: Person = { name: "", kana: "", registered_name: "", birth_date: "", address: "", registered_address: "",
  municipality: "", since: "", stay_until: "", mynumber: "" };

/** The municipality of the counter, unless the office serves all of them. */
function placeOf(clerk: Clerk): string {
  const code = clerk.counter.slice(0, 5);
  return code === "00000" ? "" : code;
}

function Form({ clerk, next }: { clerk: Clerk; next: () => void }) {
  const { t, word } = useWords();
  const [reason, setReason] = useState<(typeof reasons)[number]>("birth");
  const [sex, setSex] = useState<(typeof sexes)[number]>("female");
  const [person, setPerson] = useState<Person>({ ...nobody, municipality: placeOf(clerk) });
  const [isOther, setOther] = useState(false);
  const [id, setId] = useState("");
  const field = (name: keyof Person, label: keyof typeof words, more: { max?: number; type?: "date"; hint?: string;
    required?: boolean; pattern?: string } = {}) => (
    <TextField label={t(label)} value={person[name]} {...more} onChange={(text) => setPerson({ ...person, [name]: text })} />
  );
  const isFromAbroad = reason === "from-abroad";
  const body = (act: string) => ({
    ...Object.fromEntries(Object.entries(person).map(([key, text]) => [key, text.trim()] as const)
      .filter(([key, text]) => text !== "" && (isFromAbroad || !["since", "stay_until", "mynumber"].includes(key)))),
    sex, reason, request_id: act, ...(isOther ? { is_somebody_else: true } : {}) });
  const done = (filed: Filed) => {
    const told = answerOf(filed.answer)["id"];
    setId(typeof told === "string" ? told : "");
    setPerson({ ...person, mynumber: "" }); // it is nowhere longer than it is needed
  };
  return (
    <>
      <ActForm name={t("nav.arrive")} alone button={t("act.sign")} then={done}
        wish={(act) => ({ path: "/v1/residents", body: body(act) })}>
        <Choice label={t("arrive.reason")} value={reason} values={reasons} name={(one) => word("reason", one)} onChange={setReason} />
        {field("name", "resident.name", { max: 50, hint: t("act.name_hint"), required: true })}
        {field("kana", "resident.kana", { max: 50, required: true })}
        {field("registered_name", "resident.registered_name", { max: 50, hint: t("act.registered_hint") })}
        {field("birth_date", "resident.birth", { type: "date", required: true })}
        <Choice label={t("resident.sex")} value={sex} values={sexes} name={(one) => word("sex", one)} onChange={setSex} />
        {field("municipality", "resident.municipality", { max: 5, required: true, pattern: "[0-9]{5}" })}
        {field("address", "resident.address", { max: 200, hint: t("arrive.address_hint"), required: true })}
        {field("registered_address", "resident.registered_address", { max: 200, hint: t("act.registered_hint") })}
        {isFromAbroad && field("since", "arrive.since", { type: "date", required: true })}
        {isFromAbroad && field("stay_until", "resident.stay_until", { type: "date", hint: t("arrive.stay_hint") })}
        {isFromAbroad && field("mynumber", "arrive.number", { max: 12, hint: t("arrive.number_hint"), pattern: "[0-9]{12}" })}
        <Tick label={t("arrive.somebody_else")} value={isOther} onChange={setOther} />
      </ActForm>
      {id !== "" && (
        <p class="buttons">
          <a class="button" href={href("residents", id)}>{t("arrive.see")}</a>
          <button type="button" onClick={next}>{t("arrive.next")}</button>
        </p>
      )}
    </>
  );
}

export function ArrivePage() {
  const { t } = useWords();
  const clerk = useClerk();
  const [turn, setTurn] = useState(0);
  if (clerk === null) return null;
  return (
    <section>
      <p>{t("arrive.lead")}</p>
      <p class="soft">{t("arrive.known")}</p>
      <Form key={turn} clerk={clerk} next={() => setTurn(turn + 1)} />
    </section>
  );
}
