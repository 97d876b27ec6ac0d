// SPDX-License-Identifier: Apache-2.0
// How many notices are unread, for the menu: asked again when somebody logs in, goes to a page, and comes back
// to this one.
import { useEffect } from "preact/hooks";
import { useReturned } from "../shared/returned";
import { store, useStore } from "../shared/store";
import { GET } from "./api";
import { session } from "./session";

export const unread = store<number>(0);
let last = 0; // question: an older answer tells of what was

/** What fails here fails on the page of notices as well, and is told there. */
export async function countUnread(): Promise<void> {
  const own = ++last;
  const answer = await GET("/v1/notices/count").catch(() => null);
  if (own === last && answer?.data !== undefined) unread.set(answer.data.unread);
}

export function useUnread(where: string): number {
  const now = useStore(session);
  const isOpen = now.state === "open";
  useEffect(() => {
    if (isOpen) void countUnread();
    else {
      last++;
      unread.set(0);
    }
  }, [isOpen, where]);
  useReturned(() => isOpen && void countUnread());
  return useStore(unread);
}
