// SPDX-License-Identifier: Apache-2.0
// Comma-separated values (RFC 4180) that a spreadsheet opens as they are: no cell of text becomes a formula.

export type Cell = string | number;

/*
 * A spreadsheet takes a text that begins so for a formula, which may read other files or ask other
 * servers (OWASP, CSV injection); an apostrophe before it makes it a text. Blanks, line ends and
 * characters of full width before it do not help.
 */
const formula = /^[\s\u00a0\u3000\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n|%]/;

export function cell(value: Cell): string {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError("no number");
    return String(value);
  }
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** With the mark by which spreadsheets know UTF-8. */
export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(cell).join(","));
  return `\ufeff${lines.join("\r\n")}\r\n`;
}

/** Hand a file to the person. */
export function download(name: string, type: string, text: BlobPart): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
