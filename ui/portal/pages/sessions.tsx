// SPDX-License-Identifier: Apache-2.0
// Where somebody is logged in, and how that ends.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Wait } from "../../shared/components/loading";
import { Chip, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { say } from "../../shared/notice";
import { askAs, DELETE, GET } from "../api";
import { leave } from "../session";
import { useWords } from "../speak";

async function list() {
  return askAs(GET("/v1/sessions"));
}

type Own = Awaited<ReturnType<typeof list>>["sessions"][number];

function Rows({ rows, again }: { rows: readonly Own[]; again: () => void }) {
  const { t } = useWords();
  const end = useAct(async (row: Own) => {
    await askAs(DELETE("/v1/sessions/{id}", { params: { path: { id: row.id } } }));
    if (row.current) return leave("none");
    say(t("session.ended"));
    again();
  });
  const name = (row: Own) => (row.browser === "" ? t("session.unknown") : row.browser);
  return (
    <>
      <FailureNote failure={end.failure} />
      <Table caption={t("nav.sessions")} rows={rows} id={(row) => row.id} empty={t("session.empty")} columns={[
        { name: t("session.browser"), of: (row) => (
          <>{name(row)} {row.current && <Chip mood="good">{t("session.current")}</Chip>}</>) },
        { name: t("session.made"), of: (row) => <When at={row.made_at} /> },
        { name: t("session.used"), of: (row) => <When at={row.used_at} /> },
        { name: t("session.ends"), of: (row) => <When at={row.ends_at} /> },
        { name: t("session.end"), of: (row) => (
          <button type="button" class="small" disabled={end.busy} onClick={() => void end.run(row)}
            aria-label={t("session.end_one", { name: name(row) })}>{t("session.end")}</button>) },
      ]} />
    </>
  );
}

export function SessionsPage() {
  const { t } = useWords();
  const [found, again] = useLoad(list, []);
  const [asking, setAsking] = useState(false);
  const all = useAct(async () => {
    const told = await askAs(DELETE("/v1/sessions"));
    say(t(told.others_asked < told.others ? "session.all_ended_here" : "session.all_ended"));
    leave("none");
    if (told.address !== null) location.assign(told.address);
  });
  return (
    <section>
      <p>{t("session.lead")}</p>
      <Wait on={found} again={again}>{({ sessions }) => <Rows rows={sessions} again={again} />}</Wait>
      <p class="buttons">
        <button type="button" class="danger" onClick={() => setAsking(true)}>{t("session.end_all")}</button>
      </p>
      {asking && (
        <Confirm title={t("session.end_all")} text={<p>{t("session.end_all_text")}</p>} yes={t("session.end_all_yes")}
          busy={all.busy} failure={all.failure} onYes={() => void all.run()} onClose={() => setAsking(false)} />
      )}
    </section>
  );
}
