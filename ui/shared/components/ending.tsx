// SPDX-License-Identifier: Apache-2.0
// That a session ends soon because nothing was asked for a while, and the way to go on.
import type { Act } from "../api/use";
import { useSharedWords } from "../i18n/shared";

export function EndingNote({ left, stay }: { left: number; stay: Act<[]> }) {
  const { t } = useSharedWords();
  return (
    <div class="note wait" role="alert">
      <p>{t("session.ending", { minutes: Math.ceil(left / 60) })}</p>
      <p><button type="button" disabled={stay.busy} onClick={() => void stay.run()}>{t("session.stay")}</button></p>
    </div>
  );
}
