// SPDX-License-Identifier: Apache-2.0
// All pages of the counter, in the order of its menu.
import type { ComponentChildren } from "preact";
import { ArrivePage } from "./pages/arrive";
import { CardPage } from "./pages/card";
import { ClerkPage, ClerksPage } from "./pages/clerks";
import { FilingPage, InboxPage } from "./pages/filings";
import { FindPage } from "./pages/find";
import { LossPage } from "./pages/loss";
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

const atCounter: readonly Role[] = ["registrar", "issuer"];
const reading: readonly Role[] = [...atCounter, "approver"];

export const pages: readonly PageRow[] = [
  { path: "find", title: "nav.find", roles: atCounter, show: () => <FindPage /> },
  { path: "arrive", title: "nav.arrive", roles: ["registrar"], show: () => <ArrivePage /> },
  { path: "loss", title: "nav.loss", roles: ["loss-line"], show: () => <LossPage /> },
  { path: "filings", title: "nav.filings", roles: null, show: () => <InboxPage />,
    one: (id) => <FilingPage key={id} id={id} /> },
  { path: "clerks", title: "nav.clerks", roles: ["administrator"], show: () => <ClerksPage />,
    one: (id) => <ClerkPage key={id} id={id} /> },
  { path: "residents", title: "resident.title", roles: reading, one: (id) => <ResidentPage key={id} id={id} /> },
  { path: "cards", title: "card.title", roles: reading, one: (id) => <CardPage key={id} serial={id} /> },
];
