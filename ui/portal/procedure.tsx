// SPDX-License-Identifier: Apache-2.0
// The text of a procedure, as data: nothing in it becomes markup but paragraphs, lists and tables.
import { Part } from "../shared/components/small";
import { useSharedWords } from "../shared/i18n/shared";
import { ask, GET } from "./api";
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

export function Blocks({ blocks, name }: { blocks: readonly Block[]; name: string }) {
  const { t } = useSharedWords();
  return (
    <div lang="ja">
      {blocks.map((block, i) => (
        <div key={i}>
          {block.paragraph !== undefined && <p>{block.paragraph}</p>}
          {block.list !== undefined && <ul class="dots">{block.list.map((item) => <li key={item}>{item}</li>)}</ul>}
          {block.table !== undefined && (
            <div class="frame" role="region" tabIndex={0} aria-label={t("table.scroll", { name })}>
              <table><tbody>{block.table.map((row, at) => <Cells key={at} row={row} />)}</tbody></table>
            </div>
          )}
        </div>
      ))}
    </div>
  );
}

/** What somebody who applies has to know and to have at hand. */
export function Asked({ form }: { form: Procedure["form"] }) {
  const { t } = useWords();
  if (form === undefined)
    return <Part id="asked" title={t("procedure.apply")}><p>{t("procedure.at_counter")}</p></Part>;
  const must = (needed: boolean | undefined) => (needed === true ? ` (${t("procedure.needed")})` : "");
  return (
    <Part id="asked" title={t("procedure.apply")}>
      <p>{t(form.needs_signature ? "procedure.signed" : "procedure.unsigned")}</p>
      <p>{t("procedure.by_program")}</p>
      <h3>{t("procedure.questions")}</h3>
      <ul class="dots">{form.fields.map((field) => (
        <li key={field.name}><span lang="ja">{field.label}</span>{must(field.is_required)}</li>))}</ul>
      {(form.attachments ?? []).length > 0 && (
        <>
          <h3>{t("procedure.attachments")}</h3>
          <ul class="dots">{(form.attachments ?? []).map((file) => (
            <li key={file.name}><span lang="ja">{file.label}</span>{must(file.is_required)}</li>))}</ul>
        </>
      )}
    </Part>
  );
}
