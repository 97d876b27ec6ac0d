// SPDX-License-Identifier: Apache-2.0
// What a municipality says: in English where English is spoken and it says it so, else in Japanese.
import { useSharedWords } from "../i18n/shared";

type Text = Readonly<{ text: string; lang: "ja" | "en" }>;

export function useSaid() {
  const { language } = useSharedWords();
  return (japanese: string, english: string | undefined): Text =>
    (language === "en" && english !== undefined ? { text: english, lang: "en" } : { text: japanese, lang: "ja" });
}

export function Said({ ja, en }: { ja: string; en: string | undefined }) {
  const { text, lang } = useSaid()(ja, en);
  return <span lang={lang}>{text}</span>;
}
