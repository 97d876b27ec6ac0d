// SPDX-License-Identifier: Apache-2.0
// What somebody has signed who is to become a clerk, or whose card was renewed (man jpki-registerd).

export interface Application {
  name: string;
  municipality: string;
  window: string;
  at: number; // UTC seconds
  message: { application: string; signature: string }; // as the register takes it
}

function textOf(object: Record<string, unknown>, key: string): string | null {
  const value = object[key];
  return typeof value === "string" ? value : null;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function octets(base64: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** null: it is none. Whether it was signed, and by whom, the register finds out. */
export function readApplication(text: string): Application | null {
  const message = parse(text);
  const application = message === null ? null : textOf(message, "application");
  const signature = message === null ? null : textOf(message, "signature");
  if (application === null || signature === null) return null;
  const signed = octets(application);
  const told = signed === null ? null : parse(signed);
  if (told === null) return null;
  const [name, municipality, window] = [textOf(told, "name"), textOf(told, "municipality"), textOf(told, "window")];
  const at = told["at"];
  if (name === null || municipality === null || window === null || typeof at !== "number" || !Number.isSafeInteger(at)) return null;
  return { name, municipality, window, at, message: { application, signature } };
}
