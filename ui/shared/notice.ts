// SPDX-License-Identifier: Apache-2.0
// What was just done, told once above the page and read aloud. It goes when the person goes on.
import { language, type Language } from "./i18n/language";
import { store } from "./store";

type Notice = Readonly<{ text: string; lang: Language; moves: number }>;

export const notice = store<Notice>({ text: "", lang: language.get(), moves: 0 });

/** In the language that is spoken now. moves: how many pages further it is still told, where the page itself goes on. */
export function say(text: string, moves = 0): void {
  notice.set({ text, lang: language.get(), moves });
}

/** Another page is shown. */
export function moved(): void {
  const { text, lang, moves } = notice.get();
  if (moves > 0) notice.set({ text, lang, moves: moves - 1 });
  else if (text !== "") say("");
}
