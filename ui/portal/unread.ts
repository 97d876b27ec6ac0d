// SPDX-License-Identifier: Apache-2.0
// How many notices are unread, for the menu: asked again when somebody logs in, goes to a page, and comes back
// to this one.
import { useEffect } from "preact/hooks";
import { useReturned } from "../shared/returned";
import { store, useStore } from "../shared/store";
import { GET } from "./api";
import { session } from "./session";

export const unread = store<number>(0);

/** What fails here fails on the page of notices as well, and is told there. */
export async function countUnread(): Promise<void> {
  const answer = await GET("/v1/notices/count").catch(() => null);
  if (answer?.data !== undefined) unread.set(answer.data.unread);
}

export function useUnread(where: string): number {
  const now = useStore(session);
  const isOpen = now.state === "open";
  useEffect(() => {
    if (isOpen) void countUnread();
    else unread.set(0);
  }, [isOpen, where]);
  useReturned(() => isOpen && void countUnread());
  return useStore(unread);
}
