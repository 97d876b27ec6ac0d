// SPDX-License-Identifier: Apache-2.0
import { askAs, GET } from "../api";
import { Pages } from "../../shared/components/pages";
import { When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { href } from "../../shared/router";
import { useWords } from "../speak";

async function list(after: string | null) {
  return askAs(GET("/v1/events", { params: { query: after === null ? {} : { after } } }));
}

type Event = Awaited<ReturnType<typeof list>>["events"][number];

function About({ event }: { event: Event }) {
  const { t } = useWords();
  const { data } = event;
  return (
    <>
      <a href={href("holders", data.holder)}><code>{data.holder}</code></a>
      {data.newer_since !== undefined && <><br />{t("event.newer")}<When at={data.newer_since} /></>}
      {data.service !== undefined && <><br />{t("event.service")}{data.service}</>}
      {data.consent !== undefined && <><br />{t("event.consent")}<code>{data.consent}</code></>}
    </>
  );
}

export function EventsPage() {
  const { t, word } = useWords();
  return (
    <section>
      <Pages on={[]} load={async (from) => {
        const page = await list(from);
        return { rows: page.events, next: page.more ? page.events[page.events.length - 1]?.id ?? null : null };
      }}>{(rows) => (
        <Table caption={t("nav.events")} rows={rows} id={(row) => row.id} empty={t("event.empty")} columns={[
          { name: t("event.at"), of: (row) => <When at={Date.parse(row.timestamp) / 1000} /> },
          { name: t("event.type"), of: (row) => word("event_type", row.type) },
          { name: t("event.about"), of: (row) => <About event={row} /> },
          { name: t("event.id"), of: (row) => <code>{row.id}</code> },
        ]} />
      )}</Pages>
    </section>
  );
}
