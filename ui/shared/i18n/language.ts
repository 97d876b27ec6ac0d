// SPDX-License-Identifier: Apache-2.0
// Which language is spoken. Japanese is first: whoever asks for no language that is here gets it.
import { remembered, store } from "../store";

export const languages = ["ja", "en"] as const;
export type Language = (typeof languages)[number];

const key = "openjpki.language";

function preferred(): Language {
  const known = remembered(key);
  if (known === "ja" || known === "en") return known;
  const first = (navigator.languages[0] ?? "ja").toLowerCase();
  return first === "ja" || first.startsWith("ja-") ? "ja" : first.startsWith("en") ? "en" : "ja";
}

export const language = store<Language>(preferred(), (value) => {
  document.documentElement.lang = value;
});

export function speak(value: Language): void {
  remembered(key, value);
  language.set(value);
}
