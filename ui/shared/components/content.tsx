// SPDX-License-Identifier: Apache-2.0
// What a body has recorded, as its form is read: a yes, a day, an amount.
import * as format from "../format";
import { useSharedWords } from "../i18n/shared";

/** form says what content is; without one it stands as it came, in Japanese. */
type Recorded = Readonly<{ form?: string | undefined; content: string }>;
const grouped = 10000; // a number below it may be a year, which has no comma

export function Content({ of }: { of: Recorded }) {
  const { t, language } = useSharedWords();
  if (of.form === "flag") return <>{t(of.content === "1" ? "content.yes" : "content.no")}</>;
  if (of.form === "date") return <>{format.date(of.content, language)}</>;
  if (of.form === "month") return <>{format.monthOf(of.content.slice(0, 7), language)}</>; // older records tell a day
  const value = Number(of.content);
  if (!Number.isSafeInteger(value) || of.content === "") return <span lang="ja">{of.content}</span>;
  if (of.form === "yen") return <>{t("content.yen", { amount: format.number(value, language) })}</>;
  if (of.form === "number" && value >= grouped) return <>{format.number(value, language)}</>;
  return <span lang="ja">{of.content}</span>;
}
