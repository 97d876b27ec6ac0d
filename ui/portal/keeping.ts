// SPDX-License-Identifier: Apache-2.0
// What is typed into a form goes to the portal a moment later; where that fails, as when the network is cut or the
// session is over, it stays in this tab until it does.
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../shared/api/client";

type Answers = Readonly<Record<string, string>>;
export type Kept = "not-yet" | "kept" | "failed";

const prefix = "openjpki.answers.";
const pause = 1500; // ms without a key
const retry = 10000; // ms after which what failed is tried again
let isForgotten = false; // somebody has logged out: nothing of his stays here

/** What the portal does not have yet. */
export function restOf(id: string): Answers | null {
  try {
    const text = sessionStorage.getItem(prefix + id);
    return text === null ? null : (JSON.parse(text) as Answers);
  } catch {
    return null;
  }
}

function keepHere(id: string, answers: Answers | null): void {
  try {
    if (answers === null) sessionStorage.removeItem(prefix + id);
    else if (!isForgotten) sessionStorage.setItem(prefix + id, JSON.stringify(answers));
  } catch {
    // this browser keeps nothing
  }
}

export function forgetAnswers(): void {
  isForgotten = true;
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(prefix)) sessionStorage.removeItem(key);
  } catch {
    // there is nothing then
  }
}

/**
 * put sends answers to the portal; known are those that it has. keep sends what there is now, the last one last.
 * gone is called when somebody has left the form and the rest of it was sent.
 */
export function useKeeping(id: string, known: Answers, answers: Answers, put: (answers: Answers) => Promise<unknown>,
  gone: () => void): { keep: () => Promise<void>; kept: Kept } {
  const [kept, setKept] = useState<Kept>("not-yet");
  const there = useRef(known);
  const now = useRef({ answers, put, gone });
  const line = useRef<Promise<unknown>>(Promise.resolve());
  now.current = { answers, put, gone };
  const send = async () => {
    const own = now.current.answers;
    try {
      await now.current.put(own);
      there.current = own;
      keepHere(id, null);
      setKept("kept");
    } catch (thrown) {
      keepHere(id, own);
      setKept("failed");
      throw thrown;
    }
  };
  const keep = (): Promise<void> => {
    const sent = line.current.then(send);
    line.current = sent.catch(() => undefined);
    return sent;
  };
  const quietly = async (): Promise<boolean> => {
    try {
      await keep();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      return false;
    }
  };
  const isRest = () => now.current.answers !== there.current;
  useEffect(() => {
    if (!isRest()) return undefined;
    const timer = setTimeout(() => void quietly(), pause);
    return () => clearTimeout(timer);
  }, [answers]);
  useEffect(() => {
    if (kept !== "failed") return undefined;
    const again = () => void quietly();
    const timer = setInterval(again, retry);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      removeEventListener("online", again);
    };
  }, [kept]);
  useEffect(() => {
    const hide = () => isRest() && keepHere(id, now.current.answers);
    addEventListener("pagehide", hide);
    return () => {
      removeEventListener("pagehide", hide);
      if (isRest()) void quietly().then((isKept) => isKept && now.current.gone());
    };
  }, []);
  return { keep, kept };
}
