// SPDX-License-Identifier: Apache-2.0
// A resident as the register has them, their cards, and what may happen to them.
import { useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { Wait } from "../../shared/components/loading";
import { Facts, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { date } from "../../shared/format";
import { href } from "../../shared/router";
import { askAs, GET } from "../api";
import { useWords } from "../speak";
import type { words } from "../words";
import { ResidentActs } from "./resident_acts";

async function fetchOne(id: string) {
  const [resident, { cards }] = await Promise.all([
    askAs(GET("/v1/residents/{id}", { params: { path: { id } } })),
    askAs(GET("/v1/residents/{id}/cards", { params: { path: { id } } }))]);
  return { resident, cards };
}

type One = Awaited<ReturnType<typeof fetchOne>>;
export type Resident = One["resident"];

function Shown({ one }: { one: One }) {
  const { t, word, language } = useWords();
  const { resident, cards } = one;
  /** What not everybody has. */
  const told = (name: keyof typeof words, value: string | undefined) =>
    value === undefined || value === "" ? [] : [[t(name), <span lang="ja">{value}</span>] as const];
  return (
    <>
      <section>
        <Facts rows={[
          [t("resident.name"), <span lang="ja">{resident.name}</span>],
          ...told("resident.registered_name", resident.registered_name),
          ...told("resident.former_name", resident.former_name),
          ...told("resident.kana", resident.kana),
          [t("resident.birth"), date(resident.birth_date, language)],
          [t("resident.sex"), word("sex", resident.sex)],
          [t("resident.address"), <span lang="ja">{resident.address}</span>],
          ...told("resident.registered_address", resident.registered_address),
          [t("resident.municipality"), resident.municipality],
          [t("resident.standing"), word("standing", resident.standing)],
          ...(resident.stay_until === undefined || resident.stay_until === "" ? []
            : [[t("resident.stay_until"), date(resident.stay_until, language)] as const]),
        ]} />
        <p class="soft">{t("resident.no_number")}</p>
      </section>
      <Part id="cards" title={t("resident.cards")}>
        <Table caption={t("resident.cards")} rows={cards} id={(row) => row.serial} empty={t("resident.no_cards")} columns={[
          { name: t("card.serial"), of: (row) => <a href={href("cards", row.serial)}>{row.serial}</a> },
          { name: t("card.state"), of: (row) => word("card_state", row.state) },
          { name: t("card.expires"), of: (row) => row.expires_on !== undefined && date(row.expires_on, language) },
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
      {last !== null && <ResidentActs of={last.resident} again={again} />}
    </>
  );
}
