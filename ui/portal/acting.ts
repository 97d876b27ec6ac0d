// SPDX-License-Identifier: Apache-2.0
// For whom somebody does things here: for himself, or by a mandate for another. Each request says so itself,
// so this page alone is about the other one, and no other page that is open.
import { Failure, failureOf } from "../shared/api/client";
import { download } from "../shared/csv";
import { store } from "../shared/store";

/** What names the mandate in a request. */
export const actingField = "X-JPKI-Acting-For";

export type Scope = "information" | "procedures" | "notices" | "history";

export interface Acting {
  id: string; // of the mandate
  name: string; // what the other one is called
  scopes: readonly string[];
}

export const acting = store<Acting | null>(null);

const scopes: readonly (readonly [string, Scope])[] = [
  ["/v1/self-information", "information"],
  ["/v1/consents", "information"],
  ["/v1/applications", "procedures"],
  ["/v1/notices", "notices"],
  ["/v1/history", "history"],
];

/** The mandate that a request for this path is made by; null: it is about oneself. */
export function mandateFor(path: string): string | null {
  const now = acting.get();
  const found = scopes.find(([start]) => path === start || path.startsWith(`${start}/`));
  return now !== null && found !== undefined && now.scopes.includes(found[1]) ? now.id : null;
}

/** A file about the one who is acted for: no link of a page can say by which mandate, or show a ticket. */
export async function saveActing(path: string, name: string, headers?: Record<string, string>): Promise<void> {
  const answer = await fetch(path, { headers: headers ?? { [actingField]: mandateFor(path) ?? "" } }).catch(() => null);
  if (answer === null) throw new Failure(0, null);
  if (!answer.ok) throw await failureOf(answer);
  download(name, answer.headers.get("Content-Type") ?? "", await answer.blob());
}
