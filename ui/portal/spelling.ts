// SPDX-License-Identifier: Apache-2.0
// What somebody typed, as the form of its field wants it: letters of another width and other hyphens are no mistake.
import type { Field } from "./application";

const wide = /[\uff01-\uff5e]+/g; // digits, letters and signs of full width
const narrow = /[\uff61-\uff9f]+/g; // katakana of half width
const hyphens = /[\u2010-\u2015\u2212\u30fc\uff70]/g;

export function spelled({ type, form }: Pick<Field, "type" | "form">, value: string): string {
  if (form === "kana") return value.replace(narrow, (found) => found.normalize("NFKC"));
  if (form === undefined && type !== "integer") return value;
  const plain = value.replace(wide, (found) => found.normalize("NFKC")).trim();
  if (form === "phone") return plain.replace(hyphens, "-");
  if (form === "postal-code") return plain.replace(hyphens, "-").replace(/^(\d{3})(\d{4})$/, "$1-$2");
  return plain;
}
