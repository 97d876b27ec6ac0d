// SPDX-License-Identifier: Apache-2.0
// All words of the portal, a file for each subject: [Japanese, English].
import { frameWords } from "./words/frame";
import { historyWords } from "./words/history";
import { informationWords } from "./words/information";
import { loginWords } from "./words/login";
import { noticesWords } from "./words/notices";
import { proceduresWords } from "./words/procedures";
import { sessionsWords } from "./words/sessions";
import { startWords } from "./words/start";

export const words = {
  ...frameWords,
  ...loginWords,
  ...startWords,
  ...proceduresWords,
  ...informationWords,
  ...historyWords,
  ...noticesWords,
  ...sessionsWords,
} as const;
