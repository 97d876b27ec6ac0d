// SPDX-License-Identifier: Apache-2.0
// Four eyes: what waits for a second clerk, what exactly was signed, and what became of it.
import { useEffect, useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { Wait } from "../../shared/components/loading";
import { Chip, Facts, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { say } from "../../shared/notice";
import { href } from "../../shared/router";
import { ActForm } from "../act";
import { download } from "../../shared/csv";
import { actOf, answerOf, digestOf, fetchFiling, fetchPending, type Filing, linesOf } from "../filing";
import { Moment } from "../moment";
import { hasRole, useClerk } from "../session";
import { useWords } from "../speak";

/** The operation, and which act it is. */
function useWhat() {
  const { word } = useWords();
  return (of: { operation: string; request?: string | undefined }): string => {
    const act = of.request === undefined ? null : actOf(of.request);
    return act === null ? word("operation", of.operation) : `${word("operation", of.operation)}: ${word("act", act)}`;
  };
}

/** Where whatever a path names is shown, to those who may see it. */
function Subject({ path }: { path: string }) {
  const found = /^\/v1\/(cards|residents|clerks)\/([^/]+)\//.exec(path);
  return found === null ? <code>{path}</code> : <a href={href(found[1]!, found[2]!)}><code>{path}</code></a>;
}

export function InboxPage() {
  const { t } = useWords();
  const what = useWhat();
  const [loaded, again] = useLoad(fetchPending, []);
  return (
    <section>
      <p>{t("inbox.lead")}</p>
      <p class="buttons"><button type="button" onClick={again}>{t("inbox.again")}</button></p>
      <Wait on={loaded} again={again}>{(filings) => (
        <Table caption={t("nav.filings")} rows={filings} id={(row) => row.request_id} empty={t("inbox.empty")} columns={[
          { name: t("filing.what"), of: (row) => <a href={href("filings", row.request_id)}>{what(row)}</a> },
          { name: t("filing.path"), of: (row) => <Subject path={row.path} /> },
          { name: t("filing.clerk"), of: (row) => <span lang="ja">{row.clerk_name}</span> },
          { name: t("filing.received"), of: (row) => <Moment at={row.received_at} /> },
          { name: t("filing.until"), of: (row) => <Moment at={row.waits_until} /> },
        ]} />
      )}</Wait>
    </section>
  );
}

/** What the second clerk signs is the hash of what is shown, computed here. */
function Second({ of, again }: { of: Filing; again: () => void }) {
  const { t } = useWords();
  const clerk = useClerk();
  const [digest, setDigest] = useState("");
  useEffect(() => {
    if (of.request !== undefined) void digestOf(of.request).then(setDigest);
  }, [of.request]);
  if (clerk === null || of.state !== "pending") return null;
  if (of.clerk === clerk.clerk)
    return (
      <Part id="second" title={t("second.own")}>
        <ActForm name={t("second.withdraw")} button={t("act.sign")} then={again}
          wish={() => ({ path: `/v1/filings/${of.request_id}/withdrawal` })} />
      </Part>
    );
  if (!hasRole(clerk, ["approver"])) return <p class="note wait">{t("second.other")}</p>;
  if (of.request !== undefined && digest === "") return null; // it is being computed
  if (digest !== of.digest) return <p class="note bad" role="alert">{t("second.differs")}</p>;
  return (
    <Part id="second" title={t("second.title")}>
      <ActForm name={t("second.confirm")} button={t("act.sign")} then={again}
        wish={() => ({ path: `/v1/filings/${of.request_id}/confirmation`, body: { digest } })}>
        <p>{t("second.text")}</p>
        <p class="soft">SHA-256 <code>{digest}</code></p>
      </ActForm>
    </Part>
  );
}

function Saved({ of }: { of: Filing }) {
  const { t } = useWords();
  const made = answerOf(of.answer)["certificates"];
  if (typeof made !== "object" || made === null) return null;
  return (
    <Part id="saved" title={t("filing.certificates")}>
      <p>{t("filing.certificates_text")}</p>
      <p class="buttons"><button type="button" onClick={() => download(`certificates-${of.request_id}.json`, "application/json",
        JSON.stringify(made))}>{t("filing.save")}</button></p>
    </Part>
  );
}

export function FilingPage({ id }: { id: string }) {
  const { t, word } = useWords();
  const what = useWhat();
  const [loaded, read] = useLoad(() => fetchFiling(id), [id]);
  const again = () => {
    say(t("act.done"));
    read();
  };
  const [last, setLast] = useState<Filing | null>(null);
  if (loaded.state === "ready" && loaded.value !== last) setLast(loaded.value);
  if (last === null) return <Wait on={loaded} again={read}>{() => null}</Wait>;
  const waits = last.state === "pending";
  return (
    <>
      <section>
        <Facts rows={[
          [t("filing.what"), what(last)],
          [t("filing.state"), <Chip mood={waits ? "wait" : last.state === "done" ? "good" : "plain"}>{word("filed", last.state)}</Chip>],
          [t("filing.path"), <Subject path={last.path} />],
          [t("filing.clerk"), <span lang="ja">{last.clerk_name}</span>],
          [t("filing.counter"), last.counter],
          [t("filing.received"), <Moment at={last.received_at} />],
          ...(last.confirmed_by_name === undefined ? [] : [[t("filing.confirmed_by"), <span lang="ja">{last.confirmed_by_name}</span>] as const]),
          ["SHA-256", <code>{last.digest}</code>],
        ]} />
      </section>
      <Part id="signed" title={t("filing.signed")}>
        {last.request === undefined ? <p>{t("filing.private")}</p> : <pre>{linesOf(last.request)}</pre>}
      </Part>
      <Saved of={last} />
      <Second of={last} again={again} />
    </>
  );
}
