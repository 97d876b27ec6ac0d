// SPDX-License-Identifier: Apache-2.0
// The name of the one thing that a page shows, for the window's title: of ten open tabs each says what is in it.
import { useEffect } from "preact/hooks";
import { store } from "./store";

export const detail = store<string>("");

export function useTitle(name: string): void {
  useEffect(() => {
    detail.set(name);
    return () => detail.set("");
  }, [name]);
}
