// SPDX-License-Identifier: Apache-2.0
// What was just done, told once above the page and read aloud. It goes when the person goes on.
import { store } from "./store";

export const notice = store({ text: "", moves: 0 });

/** moves: how many pages further it is still told, where the page itself goes on. */
export function say(text: string, moves = 0): void {
  notice.set({ text, moves });
}

/** Another page is shown. */
export function moved(): void {
  const { text, moves } = notice.get();
  if (moves > 0) say(text, moves - 1);
  else if (text !== "") say("");
}
