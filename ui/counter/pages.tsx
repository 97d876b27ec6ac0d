// SPDX-License-Identifier: Apache-2.0
// All pages of the counter, in the order of its menu.
import type { ComponentChildren } from "preact";
import { CardPage } from "./pages/card";
import { FilingPage, InboxPage } from "./pages/filings";
import { FindPage } from "./pages/find";
import { ResidentPage } from "./pages/resident";
import type { Role } from "./session";
import type { words } from "./words";

export interface PageRow {
  path: string;
  title: keyof typeof words;
  roles: readonly Role[] | null; // whom it is shown; the register decides
  show?: () => ComponentChildren; // missing: it is not in the menu
  one?: (id: string) => ComponentChildren;
}

const atCounter: readonly Role[] = ["registrar", "issuer", "loss-line"];

export const pages: readonly PageRow[] = [
  { path: "find", title: "nav.find", roles: atCounter, show: () => <FindPage /> },
  { path: "filings", title: "nav.filings", roles: null, show: () => <InboxPage />,
    one: (id) => <FilingPage key={id} id={id} /> },
  { path: "residents", title: "resident.title", roles: atCounter, one: (id) => <ResidentPage key={id} id={id} /> },
  { path: "cards", title: "card.title", roles: atCounter, one: (id) => <CardPage key={id} serial={id} /> },
];
