// SPDX-License-Identifier: Apache-2.0
// Words out of a table: [Japanese, English].
import { useStore } from "../store";
import { fill, type Values } from "./fill";
import { language, type Language } from "./language";

export type { Values } from "./fill";

export type Table = Readonly<Record<string, readonly [string, string]>>;
export function say<T extends Table>(table: T, to: Language, key: keyof T, values: Values = {}): string {
  const entry = table[key];
  return entry === undefined ? String(key) : fill(entry[to === "ja" ? 0 : 1], values);
}

/** For an application: its own table, in the language that is spoken now. */
export function speaker<T extends Table>(table: T) {
  return function useWords() {
    const now = useStore(language);
    const t = (key: keyof T, values: Values = {}): string => say(table, now, key, values);
    /** A word of the interface by its own name, "verdict.valid"; one that is not in the table stays as it is. */
    const word = (group: string, name: string): string => {
      const key = `${group}.${name}`;
      return key in table ? t(key as keyof T) : name;
    };
    return { t, word, language: now };
  };
}
