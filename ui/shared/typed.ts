// SPDX-License-Identifier: Apache-2.0
// What somebody has typed and not sent yet, kept in this tab: a reload, the way back and a session that is over take
// nothing of it. It is its owner's alone, and gone when he logs out or somebody else logs in.
import { useState } from "preact/hooks";

const prefix = "openjpki.typed.";
let owner = "";

function keys(): string[] {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return []; // this browser keeps nothing
  }
}

/** Nobody's but this one's is kept from now on; "": nobody's. */
export function keepTypedOf(account: string): void {
  owner = account;
  for (const key of keys())
    if (account === "" || !key.startsWith(`${prefix}${account}.`)) sessionStorage.removeItem(key);
}

function read<T>(key: string): T | null {
  try {
    const text = sessionStorage.getItem(key);
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

function write(key: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, text);
  } catch {
    // it stays on the page
  }
}

export interface Typed<T> {
  value: T;
  isRestored: boolean; // it is from before this page was drawn
  set: (value: T) => void;
  forget: () => void; // it was sent, or is not wanted
}

/** As useState, for what is typed at a place of that name. */
export function useTyped<T>(place: string, first: T): Typed<T> {
  const [key] = useState(() => `${prefix}${owner}.${place}`);
  const [before] = useState(() => (owner === "" ? null : read<T>(key)));
  const [value, setValue] = useState<T>(before ?? first);
  const [isRestored, setRestored] = useState(before !== null);
  return {
    value, isRestored,
    set(next) {
      setValue(next);
      const text = JSON.stringify(next);
      if (owner !== "") write(key, text === JSON.stringify(first) ? null : text);
    },
    forget() {
      setValue(first);
      setRestored(false);
      write(key, null);
    },
  };
}
