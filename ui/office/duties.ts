// SPDX-License-Identifier: Apache-2.0
// For which municipality somebody works who has logged in, and as what.
import { store } from "../shared/store";
import { askAs, GET, POST } from "./api";

async function fetchDuties() {
  return (await askAs(GET("/v1/municipality/duties"))).duties;
}

export type Duty = Awaited<ReturnType<typeof fetchDuties>>[number];

/** Null until they were asked for. */
export const duties = store<readonly Duty[] | null>(null);

export async function learnDuties(): Promise<void> {
  duties.set(await fetchDuties());
}

export async function takeDuty(invitation: string): Promise<void> {
  duties.set((await askAs(POST("/v1/municipality/duties", { body: { invitation } }))).duties);
}

/** Where a browser sets out to log in, to come back to that page; to the first one where its name is none that may be led to. */
export function loginAddress(page: string): string {
  return `/login?page=${encodeURIComponent(/^[a-z0-9/-]{1,50}$/.test(page) ? `office/${page}` : "office/start")}`;
}
