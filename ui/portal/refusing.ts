// SPDX-License-Identifier: Apache-2.0
// What the portal did not do, in the words of whoever reads it: its own sentences are English.
import type { Table } from "../shared/i18n/translate";
import { teller } from "../shared/refusing";
import { refusals } from "./words/refusals";

/** Kinds of failures in plain words: [Japanese, English]. */
export const plainFailures = {
  "failure.none": ["サイトから返事がありません。インターネットにつながっているか、見てください。", "The site does not answer. Are you online?"],
  "failure.away": ["いまは使えません。つながってはいます。少したってから、やり直してください。", "It does not work now. You are online. Try again later."],
  "failure.offline": ["インターネットにつながっていません。つながったら、やり直してください。", "You are not online. Try again when you are."],
  "failure.input": ["書いたことが、うまく伝わりませんでした。直して、やり直してください。", "Something you wrote did not work. Change it and try again."],
  "failure.denied": ["これは、あなたにはできません。", "You cannot do this."],
  "failure.absent": ["見つかりません。もうないか、ほかの人のものです。", "It is not here. It is gone, or it is not yours."],
  "failure.conflict": ["ほかで変わったので、できませんでした。このページを開き直してください。", "Something changed. Open this page again."],
  "failure.untrusted": ["みとめられませんでした。はじめからやり直してください。", "This did not count. Please begin again."],
  "failure.remote": ["いまは使えません。こちらの都合です。少したってから、やり直してください。", "It does not work now. It is not your fault. Try again later."],
  "failure.nomem": ["いま、こんでいます。少したってから、やり直してください。", "Many people are here now. Try again later."],
  "failure.system": ["こちらのまちがいです。あなたのせいではありません。このサイトの人に、下の番号を教えてください。",
    "It is our mistake, not yours. Tell the people of this site the number below."],
  "failure.usage": ["こちらのまちがいです。このサイトの人に、下の番号を教えてください。",
    "It is our mistake. Tell the people of this site the number below."],
  "failure.too_many": ["短い時間に、たくさん使いました。少し待ってください。", "That was a lot at once. Wait a little."],
} as const satisfies Table;

const told = teller(refusals);

/** A sentence of the portal's in Japanese; undefined where there is none. */
export function inJapanese(sentence: string, plainly: boolean): string | undefined {
  return told(sentence, plainly ? 1 : 0);
}
