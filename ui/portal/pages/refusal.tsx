// SPDX-License-Identifier: Apache-2.0
// Why a login did not come about; the portal says it in a word.
import { loginAddress } from "../session";
import { useWords } from "../speak";

export function RefusalPage({ why }: { why: string }) {
  const { t, word, language } = useWords();
  const known = word("refusal", why);
  return (
    <section>
      <p class="note bad" role="alert" lang={language}>{known === why ? t("refusal.other") : known}</p>
      <p><a class="button main" href={loginAddress("start")}>{t("refusal.again")}</a></p>
    </section>
  );
}
