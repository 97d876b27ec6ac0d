// SPDX-License-Identifier: Apache-2.0
// Words in the language that is spoken, and in plain ones for whoever wants them.
import { speaker } from "../shared/i18n/translate";
import { remembered, store, useStore } from "../shared/store";
import { plainWords } from "./plain";
import { words } from "./words";

const key = "openjpki.plain";

export const isPlain = store<boolean>(remembered(key) === "yes");

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
