// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from "preact";
import type { Loaded } from "../api/use";
import { useSharedWords } from "../i18n/shared";
import { FailureNote } from "./failure";

/** What is shown while something is waited for, when it failed, and when it is there. */
export function Wait<T>(props: { on: Loaded<T>; again: () => void; children: (value: T) => ComponentChildren }) {
  const { t } = useSharedWords();
  const { on } = props;
  if (on.state === "loading") return <p class="soft" role="status">{t("load.loading")}</p>;
  if (on.state === "failed") return <FailureNote failure={on.failure} again={props.again} />;
  return <>{props.children(on.value)}</>;
}
