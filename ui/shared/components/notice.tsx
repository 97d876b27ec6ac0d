// SPDX-License-Identifier: Apache-2.0
import { notice } from "../notice";
import { useStore } from "../store";

/** What was just done. */
export function Notice() {
  const { text } = useStore(notice);
  return <div role="status">{text !== "" && <p class="note good">{text}</p>}</div>;
}
