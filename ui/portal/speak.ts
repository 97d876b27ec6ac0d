// SPDX-License-Identifier: Apache-2.0
// Words in the language that is spoken, and in plain ones for whoever wants them.
import { explaining } from "../shared/components/failure";
import { failureKey } from "../shared/failing";
import { say, speaker, type Table } from "../shared/i18n/translate";
import { remembered, store, useStore } from "../shared/store";
import { plainWords } from "./plain";
import { inJapanese, plainFailures } from "./refusing";
import { words } from "./words";

const key = "openjpki.plain";

const plainKinds: Table = plainFailures;

/** From now on failures are told plainly, or as usual; the portal's own sentences are English. */
function tellFailures(plainly: boolean): void {
  explaining.set({ explain: (failure, language) => {
    const sentence = failure.problem?.detail;
    return {
      kind: plainly ? say(plainKinds, language, failureKey(failure)) : undefined,
      detail: language === "ja" && sentence !== undefined ? inJapanese(sentence, plainly) : undefined,
    };
  } });
}

export const isPlain = store<boolean>(remembered(key) === "yes", tellFailures);

export function speakPlainly(value: boolean): void {
  remembered(key, value ? "yes" : "no");
  isPlain.set(value);
}

const useUsual = speaker(words);
const usePlain = speaker({ ...words, ...plainWords });

export function useWords() {
  const plain = useStore(isPlain);
  const usual = useUsual();
  const easy = usePlain();
  return { ...(plain ? easy : usual), plain };
}
