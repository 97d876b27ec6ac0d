// SPDX-License-Identifier: Apache-2.0
// A failure in words: ours by its kind, the platform's own sentence as it came, and the number to ask about.
import type { Failure } from "../api/client";
import { useSharedWords } from "../i18n/shared";
import { sharedWords } from "../i18n/words";

export function failureKey(failure: Failure): keyof typeof sharedWords {
  if (failure.problem === null) return navigator.onLine ? "failure.none" : "failure.offline";
  if (failure.status === 429) return "failure.too_many";
  const key = `failure.${failure.problem.kind}`;
  return key in sharedWords ? (key as keyof typeof sharedWords) : "failure.system";
}

export function FailureNote({ failure, again }: { failure: Failure | null; again?: () => void }) {
  const { t } = useSharedWords();
  if (failure === null) return null;
  return (
    <div class="note bad" role="alert">
      <p>{t(failureKey(failure))}</p>
      {failure.problem?.detail !== undefined && (
        <p class="soft">{t("failure.detail")}<span lang="en">{failure.problem.detail}</span></p>
      )}
      {failure.problem !== null && (
        <p class="soft">{t("failure.request")}<code>{failure.problem.request_id}</code></p>
      )}
      {again !== undefined && <button type="button" onClick={again}>{t("load.again")}</button>}
    </div>
  );
}
