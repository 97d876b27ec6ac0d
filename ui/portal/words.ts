// SPDX-License-Identifier: Apache-2.0
// All words of the portal, a file for each subject: [Japanese, English].
import { consentWords } from "./words/consent";
import { eligibilityWords } from "./words/eligibility";
import { applyWords } from "./words/apply";
import { frameWords } from "./words/frame";
import { historyWords } from "./words/history";
import { informationWords } from "./words/information";
import { linkageWords } from "./words/linkage";
import { loginWords } from "./words/login";
import { mandatesWords } from "./words/mandates";
import { noticesWords } from "./words/notices";
import { proceduresWords } from "./words/procedures";
import { sessionsWords } from "./words/sessions";
import { startWords } from "./words/start";

export const words = {
  ...frameWords,
  ...loginWords,
  ...startWords,
  ...proceduresWords,
  ...applyWords,
  ...informationWords,
  ...historyWords,
  ...linkageWords,
  ...mandatesWords,
  ...eligibilityWords,
  ...noticesWords,
  ...sessionsWords,
  ...consentWords,
} as const;
