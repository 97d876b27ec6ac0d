// SPDX-License-Identifier: Apache-2.0
// What kind of failure it is, as a key of the words that all applications share.
import type { Failure } from "./api/client";
import { sharedWords } from "./i18n/words";

export function failureKey(failure: Failure, isOnline: boolean = navigator.onLine): keyof typeof sharedWords {
  if (failure.status === 429) return "failure.too_many";
  if (failure.problem === null) {
    if (failure.status === 0) return isOnline ? "failure.none" : "failure.offline";
    return failure.status === 413 ? "failure.input" : "failure.away"; // whatever stands before the daemon answered
  }
  const key = `failure.${failure.problem.kind}`;
  return key in sharedWords ? (key as keyof typeof sharedWords) : "failure.system";
}
