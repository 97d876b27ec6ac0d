// SPDX-License-Identifier: Apache-2.0
// Before a session ends because nothing was asked for a while: told as long as there is time to go on.
import { useEffect, useState } from "preact/hooks";
import { lastHeard } from "../shared/api/client";
import { useAct } from "../shared/api/use";
import { EndingNote } from "../shared/components/ending";
import { useStore } from "../shared/store";
import { resume, session } from "./session";

const ahead = 180; // s; the portal counts in minutes, so it may come one earlier
const interval = 10000; // ms from one look at the clock to the next

/** How many seconds there are, once they are few; null: enough, or there is no session. */
function useLeft(): number | null {
  const now = useStore(session);
  const idle = now.state === "open" ? now.me.idle_seconds : null;
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    if (idle === null) return setLeft(null);
    const look = () => {
      const rest = idle - (Date.now() - lastHeard()) / 1000;
      setLeft(rest > 0 && rest <= ahead ? rest : null);
    };
    look();
    const timer = setInterval(look, interval);
    return () => clearInterval(timer);
  }, [idle, now]);
  return left;
}

export function Ending() {
  const left = useLeft();
  const stay = useAct(resume);
  return left === null ? null : <EndingNote left={left} stay={stay} />;
}
