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

const loading = { state: "loading" } as const;
const areSame = (some: readonly unknown[], others: readonly unknown[]) => some.every((one, i) => Object.is(one, others[i]));

/**
 * Ask when the page is shown and when one of what it depends on changes; an older answer is dropped, and nothing is shown
 * as the answer to what was not asked. What is asked once more stays shown until the new answer is there: nothing
 * flickers, and the keyboard stays where it is.
 */
export function useLoad<T>(load: () => Promise<T>, on: readonly unknown[]): [Loaded<T>, () => void] {
  const [held, hold] = useState<{ on: readonly unknown[]; loaded: Loaded<T> }>({ on, loaded: loading });
  const [times, again] = useState(0);
  const last = useRef(0);
  useEffect(() => {
    const own = ++last.current;
    const tell = (loaded: Loaded<T>) => own === last.current && hold({ on, loaded });
    hold((now) => (areSame(now.on, on) && now.loaded.state === "ready" ? now : { on, loaded: loading }));
    load().then((value) => tell({ state: "ready", value }), (thrown: unknown) => tell({ state: "failed", failure: failureOf(thrown) }));
    return () => {
      last.current++;
    };
  }, [...on, times]);
  return [areSame(held.on, on) ? held.loaded : loading, useCallback(() => again((n) => n + 1), [])];
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
