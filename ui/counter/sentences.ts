// SPDX-License-Identifier: Apache-2.0
// The register's sentences about what a clerk has entered, in the words of this page: by what they begin with, or
// have in them. One that is not here is shown as it came.
import type { Values } from "../shared/i18n/translate";
import { words } from "./words";

type Key = keyof typeof words;

/** The members that sentences begin with, as the forms call them. */
const members: Readonly<Record<string, Key>> = {
  name: "resident.name", address: "resident.address", kana: "resident.kana", registered_name: "resident.registered_name",
  registered_address: "resident.registered_address", former_name: "resident.former_name",
};

const rows: readonly (readonly [RegExp, Key])[] = [
  [/^(?<what>\w+) has at position (?<at>\d+) a character that certificates cannot carry/, "said.character"],
  [/^(?<what>\w+) has not as many characters as it is registered with/, "said.count"],
  [/^(?<what>\w+) replaces at position (?<at>\d+) a character that certificates can carry/, "said.replaced"],
  [/^(?:registered: )?(?<what>\w+) (?:begins with a space|ends with a space)/, "said.space"],
  [/^(?:registered: )?(?<what>\w+) has a character that prints nothing/, "said.invisible"],
  [/^(?<what>\w+) is (?:longer than|too long)/, "said.long"],
  [/^kana has something that is no katakana/, "said.kana"],
  [/^address does not begin with the municipality's prefecture/, "said.prefecture"],
  [/^there is no municipality with the code/, "said.municipality"],
  [/^birth_date is/, "said.birth"],
  [/^since is/, "said.since"],
  [/^stay_until is a day that is over/, "said.stay"],
  [/individual number.*(?:wrong|test numbers only)/, "said.number"],
  [/^this individual number is another resident's/, "said.number_taken"],
  [/^nobody has moved in on a day to come/, "said.move_in"],
  [/^it is recorded like this already/, "said.same"],
  [/^a certificate that would end is being issued/, "said.issuing"],
  [/^this resident has another card/, "said.has_card"],
  [/^the card with this serial is another resident's/, "said.card_taken"],
  [/^no sign certificate is issued to somebody under/, "said.young"],
  [/^the card has no period that could run out/, "said.no_period"],
  [/^the holder has not moved in yet/, "said.not_moved_in"],
  [/^(?:the card was not brought in time|the card has expired)/, "said.over"],
  [/^(?:no certificate of the card ends within three months|new certificates are issued before)/, "said.not_renewed"],
];

/** null: no sentence that is known here. */
export function sentenceOf(detail: string, t: (key: Key, values?: Values) => string): string | null {
  for (const [pattern, key] of rows) {
    const found = pattern.exec(detail);
    if (found === null) continue;
    const { what = "", at = "" } = found.groups ?? {};
    const member = members[what];
    return t(key, { what: member === undefined ? what : t(member), at });
  }
  return null;
}

/** The words of a refusal: by the register's own name for it ("clerk-blocked: ..."), or by its sentence; null: none. */
export function refusedAs(detail: string, t: (key: Key, values?: Values) => string): string | null {
  const name = `refusal.${/^([a-z-]+): /.exec(detail)?.[1] ?? ""}`;
  return name in words ? t(name as Key) : sentenceOf(detail, t);
}
