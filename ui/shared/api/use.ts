// SPDX-License-Identifier: Apache-2.0
// What a page waits for, and what became of it.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { working } from "../working";
import { Failure } from "./client";

export type Loaded<T> = { state: "loading" } | { state: "failed"; failure: Failure } | { state: "ready"; value: T };

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  throw thrown;
}

/**
 * Ask when the page is shown and when one of what it depends on changes; an older answer is dropped. What is asked
 * once more stays shown until the new answer is there: nothing flickers, and the keyboard stays where it is.
 */
export function useLoad<T>(load: () => Promise<T>, on: readonly unknown[]): [Loaded<T>, () => void] {
  const [loaded, set] = useState<Loaded<T>>({ state: "loading" });
  const [times, again] = useState(0);
  const last = useRef(0);
  const before = useRef(on);
  useEffect(() => {
    const own = ++last.current;
    const isSame = before.current.every((one, i) => Object.is(one, on[i]));
    before.current = on;
    set((now) => (isSame && now.state === "ready" ? now : { state: "loading" }));
    load().then(
      (value) => own === last.current && set({ state: "ready", value }),
      (thrown: unknown) => own === last.current && set({ state: "failed", failure: failureOf(thrown) }),
    );
    return () => {
      last.current++;
    };
  }, [...on, times]);
  return [loaded, useCallback(() => again((n) => n + 1), [])];
}

export interface Act<A extends unknown[]> {
  run: (...with_: A) => Promise<boolean>;
  busy: boolean;
  failure: Failure | null;
}

/** Something that changes what is there: once at a time. False: it failed, and failure says why. */
export function useAct<A extends unknown[]>(act: (...with_: A) => Promise<void>): Act<A> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const running = useRef(false);
  const run = async (...with_: A): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(true);
    setFailure(null);
    const done = working();
    try {
      await act(...with_);
      return true;
    } catch (thrown) {
      setFailure(failureOf(thrown));
      return false;
    } finally {
      done();
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy, failure };
}
