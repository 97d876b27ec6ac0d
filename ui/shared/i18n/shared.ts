// SPDX-License-Identifier: Apache-2.0
import { speaker } from "./translate";
import { sharedWords } from "./words";

export const useSharedWords = speaker(sharedWords);
