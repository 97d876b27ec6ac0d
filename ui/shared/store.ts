// SPDX-License-Identifier: Apache-2.0
// A value that the page looks at: whoever uses it is drawn again when it changes.
import { useEffect, useState } from "preact/hooks";

export interface Store<T> {
  get(): T;
  set(value: T): void;
  listen(listener: () => void): () => void;
}

/** apply is called with each value, also the first. */
export function store<T>(first: T, apply: (value: T) => void = () => undefined): Store<T> {
  const listeners = new Set<() => void>();
  let value = first;
  apply(value);
  return {
    get: () => value,
    set(next) {
      value = next;
      apply(value);
      for (const listener of [...listeners]) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(from: Store<T>): T {
  const [value, set] = useState<T>(from.get());
  useEffect(() => {
    set(() => from.get());
    return from.listen(() => set(() => from.get()));
  }, [from]);
  return value;
}

/** What this browser keeps for the person; where it keeps nothing, nothing is remembered. */
export function remembered(key: string, value?: string): string | null {
  try {
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
