// SPDX-License-Identifier: Apache-2.0
// Which language is spoken: that which somebody has chosen here, else that of the site he comes from, else the
// browser's. Japanese is first: whoever asks for no language that is here gets it.
import { read } from "../router";
import { remembered, store } from "../store";

export const languages = ["ja", "en"] as const;
export type Language = (typeof languages)[number];

const key = "openjpki.language";

/** Of the site that sent somebody here ("#/...?ui_locales=en"): it counts in this tab, also behind a login. */
function ofSite(): string | null {
  const asked = read(location.hash).query.get("ui_locales");
  try {
    if (asked === "ja" || asked === "en") sessionStorage.setItem(key, asked);
    return sessionStorage.getItem(key);
  } catch {
    return asked; // this browser keeps nothing
  }
}

function preferred(): Language {
  const known = remembered(key) ?? ofSite();
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
