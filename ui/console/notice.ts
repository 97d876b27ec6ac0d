// SPDX-License-Identifier: Apache-2.0
// What was just done, told once above the page and read aloud.
import { store } from "../shared/store";

export const notice = store("");

export function say(text: string): void {
  notice.set(text);
}
