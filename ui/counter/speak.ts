// SPDX-License-Identifier: Apache-2.0
import { explaining } from "../shared/components/failure";
import { say, speaker } from "../shared/i18n/translate";
import { refusedAs } from "./sentences";
import { words } from "./words";

export const useWords = speaker(words);

/** The register's own sentences are English; one that has no words here is shown as it came, and as English. */
explaining.set({ explain: (failure, language) => ({
  detail: refusedAs(failure.problem?.detail ?? "", (key, values) => say(words, language, key, values)) ?? undefined,
}) });
