// SPDX-License-Identifier: Apache-2.0
import { speaker } from "../shared/i18n/translate";
import { words } from "./words";

export const useWords = speaker(words);
