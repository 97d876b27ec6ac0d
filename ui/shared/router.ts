// SPDX-License-Identifier: Apache-2.0
// Where one is in an application: what stands behind # in the address, "#/keys" or "#/webhooks/whk_1?x=1".
import { store } from "./store";

export interface Place {
  path: readonly string[];
  query: URLSearchParams;
}

export function read(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter((part) => part !== "").map(decode), query: new URLSearchParams(query) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function href(...path: string[]): string {
  return `#/${path.map(encodeURIComponent).join("/")}`;
}

export const place = store<Place>(read(location.hash));

addEventListener("hashchange", () => place.set(read(location.hash)));

export function go(...path: string[]): void {
  location.hash = href(...path);
}

/** The same place, asked for something: what is empty is left out. */
export function goAsking(path: string, query: Readonly<Record<string, string>>): void {
  const kept = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  location.hash = kept === "" ? href(path) : `${href(path)}?${kept}`;
}
