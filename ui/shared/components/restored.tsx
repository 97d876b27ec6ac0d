// SPDX-License-Identifier: Apache-2.0
// That what somebody had typed is there again, and the way to be rid of it.
import { useSharedWords } from "../i18n/shared";

export function Restored({ discard }: { discard: () => void }) {
  const { t } = useSharedWords();
  return (
    <div class="note wait" role="status">
      <p>{t("typed.restored")}</p>
      <p class="buttons"><button type="button" class="small" onClick={discard}>{t("typed.discard")}</button></p>
    </div>
  );
}
