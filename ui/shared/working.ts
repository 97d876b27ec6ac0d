// SPDX-License-Identifier: Apache-2.0
// Whether something that somebody asked for takes so long that he would ask himself whether it was heard.
import { store } from "./store";

const patience = 2000; // ms

export const isSlow = store<boolean>(false);
let slow = 0; // how many are

/** To be called at the beginning; what comes back is called at the end. */
export function working(): () => void {
  let counts = false;
  const timer = setTimeout(() => {
    counts = true;
    isSlow.set(++slow > 0);
  }, patience);
  return () => {
    clearTimeout(timer);
    if (counts) isSlow.set(--slow > 0);
  };
}
