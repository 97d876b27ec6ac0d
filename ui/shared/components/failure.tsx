// SPDX-License-Identifier: Apache-2.0
// A failure in words: ours by its kind, the daemon's own sentence as it came, and the number to ask about.
import type { Failure } from "../api/client";
import { failureKey } from "../failing";
import type { Language } from "../i18n/language";
import { useSharedWords } from "../i18n/shared";
import { type Store, store, useStore } from "../store";

/** What an application says instead of the usual words of a kind, and of the daemon's English sentence. */
type Explain = (failure: Failure, language: Language) => { kind?: string | undefined; detail?: string | undefined };
export const explaining: Store<{ explain: Explain }> = store<{ explain: Explain }>({ explain: () => ({}) });

export function FailureNote({ failure, again }: { failure: Failure | null; again?: () => void }) {
  const { t, language } = useSharedWords();
  const { explain } = useStore(explaining);
  if (failure === null) return null;
  const said = explain(failure, language);
  const sentence = failure.problem?.detail;
  return (
    <div class="note bad" role="alert">
      <p>{said.kind ?? t(failureKey(failure))}</p>
      {sentence !== undefined && (
        <p class="soft">{t("failure.detail")}{said.detail ?? <span lang="en">{sentence}</span>}</p>
      )}
      {failure.problem !== null && (
        <p class="soft">{t("failure.request")}<code>{failure.problem.request_id}</code></p>
      )}
      {again !== undefined && <button type="button" onClick={again}>{t("load.again")}</button>}
    </div>
  );
}
