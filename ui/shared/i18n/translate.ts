// SPDX-License-Identifier: Apache-2.0
// Words out of a table: [Japanese, English], with {name} where a value goes.
import { useStore } from "../store";
import { language, type Language } from "./language";

export type Table = Readonly<Record<string, readonly [string, string]>>;
export type Values = Readonly<Record<string, string | number>>;

export function fill(text: string, values: Values): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

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
