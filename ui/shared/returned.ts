// SPDX-License-Identifier: Apache-2.0
// Somebody comes back to a page that was out of sight: what it shows may be old by then. Nothing is asked while
// nobody looks, so a page that is left open keeps no session alive.
import { useEffect } from "preact/hooks";

export function useReturned(act: () => void): void {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") act();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  });
}
