// SPDX-License-Identifier: Apache-2.0
// Light or dark: as the system asks for, or as the person has said here.
import { remembered, store } from "../store";

export const schemes = ["auto", "light", "dark"] as const;
export type Scheme = (typeof schemes)[number];

const key = "openjpki.scheme";
const known = remembered(key);

export const scheme = store<Scheme>(known === "light" || known === "dark" ? known : "auto", (value) => {
  if (value === "auto") delete document.documentElement.dataset["scheme"];
  else document.documentElement.dataset["scheme"] = value;
});

export function choose(value: Scheme): void {
  remembered(key, value);
  scheme.set(value);
}
