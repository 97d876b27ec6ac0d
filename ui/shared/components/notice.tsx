// SPDX-License-Identifier: Apache-2.0
import { useSharedWords } from "../i18n/shared";
import { notice } from "../notice";
import { useStore } from "../store";
import { isSlow } from "../working";

/** What is being done, if that takes a while. */
function Working() {
  const { t } = useSharedWords();
  return useStore(isSlow) ? <p class="note wait working">{t("load.working")}</p> : null;
}

/** What was just done. */
export function Notice() {
  const { text, lang } = useStore(notice);
  return <div role="status">{text !== "" && <p class="note good" lang={lang}>{text}</p>}<Working /></div>;
}
