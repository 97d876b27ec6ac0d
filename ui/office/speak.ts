// SPDX-License-Identifier: Apache-2.0
import { inJapanese } from "../portal/refusing";
import { explaining } from "../shared/components/failure";
import { speaker } from "../shared/i18n/translate";
import { teller } from "../shared/refusing";
import { refusals } from "./refusals";
import { words } from "./words";

export const useWords = speaker(words);

const told = teller(refusals);

/** The portal's own sentences are English; one that has no words here is shown as it came, and as English. */
explaining.set({ explain: (failure, language) => {
  const sentence = failure.problem?.detail;
  return language === "en" || sentence === undefined ? {} : { detail: told(sentence) ?? inJapanese(sentence, false) };
} });
