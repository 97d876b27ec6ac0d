// SPDX-License-Identifier: Apache-2.0
// Back to where one was before a login. Its address has room for the name of a page alone, so this tab remembers
// the rest of the place, and only for a login that set out for that page.
const key = "openjpki.place";

/** Somebody leaves to log in, and shall come back to that page. */
export function rememberPlace(page: string): void {
  try {
    sessionStorage.setItem(key, JSON.stringify([page, location.hash]));
  } catch {
    // this browser keeps nothing: he comes back to the page, and not into it
  }
}

/** The place that belongs to the page where a login led to, once; null: there is none. */
export function takePlace(hash: string): string | null {
  try {
    const [page, place] = JSON.parse(sessionStorage.getItem(key) ?? "[]") as [string?, string?];
    sessionStorage.removeItem(key);
    return page !== undefined && place !== undefined && hash === `#/${page}` && place !== hash ? place : null;
  } catch {
    return null;
  }
}
