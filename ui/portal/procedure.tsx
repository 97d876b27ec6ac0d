// SPDX-License-Identifier: Apache-2.0
// The text of a procedure, as data: nothing in it becomes markup but paragraphs, lists and tables.
import { useAct } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { Frame } from "../shared/components/frame";
import { Said } from "../shared/components/said";
import { Part } from "../shared/components/small";
import { useSharedWords } from "../shared/i18n/shared";
import { go } from "../shared/router";
import { useStore } from "../shared/store";
import { acting } from "./acting";
import { ask, GET } from "./api";
import { begin } from "./application";
import { loginAddress, session } from "./session";
import { useWords } from "./speak";

export async function fetchProcedure(psid: string) {
  return ask(GET("/v1/procedures/{psid}", { params: { path: { psid } } }));
}

export type Procedure = Awaited<ReturnType<typeof fetchProcedure>>;
type Block = NonNullable<Procedure["content"]["body"]>[number];
type Row = NonNullable<Block["table"]>[number];

function Cells({ row }: { row: Row }) {
  return (
    <tr>{row.cells.map((cell, i) => {
      const span = { colSpan: cell.columns ?? 1, rowSpan: cell.rows ?? 1 };
      return cell.is_heading === true ? <th key={i} {...span}>{cell.text}</th> : <td key={i} {...span}>{cell.text}</td>;
    })}</tr>
  );
}

/** en: the same in English, where the municipality says it so. */
export function Blocks({ ja, en, name }: { ja: readonly Block[]; en: readonly Block[] | undefined; name: string }) {
  const { language } = useSharedWords();
  const isEnglish = language === "en" && en !== undefined;
  const blocks = isEnglish ? en : ja;
  return (
    <div lang={isEnglish ? "en" : "ja"}>
      {blocks.map((block, i) => (
        <div key={i}>
          {block.paragraph !== undefined && <p>{block.paragraph}</p>}
          {block.list !== undefined && <ul class="dots">{block.list.map((item) => <li key={item}>{item}</li>)}</ul>}
          {block.table !== undefined && (
            <Frame name={name}>
              <table><tbody>{block.table.map((row, at) => <Cells key={at} row={row} />)}</tbody></table>
            </Frame>
          )}
        </div>
      ))}
    </div>
  );
}

/** To the draft; who has to log in first comes back to this procedure. */
function Begin({ psid, signs }: { psid: string; signs: boolean }) {
  const { t } = useWords();
  const who = useStore(session);
  const other = useStore(acting);
  const start = useAct(async () => go("apply", await begin(psid)));
  if (other !== null && !other.scopes.includes("procedures"))
    return <p class="note">{t("acting.no_scope", { name: other.name })}</p>;
  if (signs && who.state !== "open")
    return (
      <>
        <p>{t("apply.login_first")}</p>
        <p><a class="button main" href={loginAddress(`procedures/${psid}`)}>{t("login.with_card")}</a></p>
      </>
    );
  return (
    <>
      <p><button type="button" class="main" disabled={start.busy} onClick={() => void start.run()}>{t("apply.begin")}</button></p>
      <FailureNote failure={start.failure} />
    </>
  );
}

/** What somebody who applies has to know and to have at hand. */
export function Asked({ psid, form }: { psid: string; form: Procedure["form"] }) {
  const { t } = useWords();
  if (form === undefined)
    return <Part id="asked" title={t("procedure.apply")}><p>{t("procedure.at_counter")}</p></Part>;
  const must = (needed: boolean | undefined) => (needed === true ? ` (${t("procedure.needed")})` : "");
  return (
    <Part id="asked" title={t("procedure.apply")}>
      <p>{t(form.needs_signature ? "procedure.signed" : "procedure.unsigned")}</p>
      <Begin psid={psid} signs={form.needs_signature} />
      <h3>{t("procedure.questions")}</h3>
      <ul class="dots">{form.fields.map((field) => (
        <li key={field.name}><Said ja={field.label} en={field.label_en} />{must(field.is_required)}</li>))}</ul>
      {(form.attachments ?? []).length > 0 && (
        <>
          <h3>{t("procedure.attachments")}</h3>
          <ul class="dots">{(form.attachments ?? []).map((file) => (
            <li key={file.name}><Said ja={file.label} en={file.label_en} />{must(file.is_required)}</li>))}</ul>
        </>
      )}
    </Part>
  );
}
