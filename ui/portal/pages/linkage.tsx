// SPDX-License-Identifier: Apache-2.0
// Outside sites: what each one learns, whether it is linked, and the way there without the card.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { Wait } from "../../shared/components/loading";
import { Chip, Facts, Part, When } from "../../shared/components/small";
import { say } from "../../shared/notice";
import { href } from "../../shared/router";
import { askAs, DELETE, GET, PUT } from "../api";
import { useWords } from "../speak";

async function list() {
  return askAs(GET("/v1/sites"));
}

type Site = Awaited<ReturnType<typeof list>>["sites"][number];

function useNames() {
  const { language } = useWords();
  return {
    name: (site: Site) => (language === "ja" ? site.name : site.name_en),
    lead: (site: Site) => (language === "ja" ? site.lead : site.lead_en),
  };
}

function State({ site }: { site: Site }) {
  const { t } = useWords();
  return site.linked_at === null
    ? <Chip mood="plain">{t("linkage.not_linked")}</Chip>
    : <Chip mood="good">{t("linkage.linked")}</Chip>;
}

export function LinkagePage() {
  const { t } = useWords();
  const names = useNames();
  const [found, again] = useLoad(list, []);
  return (
    <section>
      <p>{t("linkage.lead")}</p>
      <Wait on={found} again={again}>{({ sites }) => sites.length === 0 ? <p class="empty">{t("linkage.empty")}</p> : (
        <ul class="cards">
          {sites.map((site) => (
            <li key={site.id}>
              <h2><a href={href("linkage", site.id)} aria-label={t("linkage.details", { name: names.name(site) })}>
                {names.name(site)}</a></h2>
              <p>{names.lead(site)}</p>
              <p><State site={site} /></p>
              {site.linked_at !== null && (
                <p><a class="button main" href={site.address}>{t("linkage.go", { name: names.name(site) })}</a></p>)}
            </li>
          ))}
        </ul>
      )}</Wait>
    </section>
  );
}

function Learns() {
  const { t } = useWords();
  return (
    <Part id="learns" title={t("linkage.learns")}>
      <ul class="dots">
        <li>{t("linkage.learns_name")}</li>
        <li>{t("linkage.learns_time")}</li>
      </ul>
      <p>{t("linkage.learns_not")}</p>
      <p class="soft">{t("linkage.logged")}</p>
    </Part>
  );
}

function Linked({ site, again }: { site: Site; again: () => void }) {
  const { t } = useWords();
  const names = useNames();
  const [asking, setAsking] = useState(false);
  const part = useAct(async () => {
    await askAs(DELETE("/v1/sites/{id}/linkage", { params: { path: { id: site.id } } }));
    setAsking(false);
    say(t("linkage.is_unlinked"));
    again();
  });
  return (
    <>
      <Facts rows={[
        [t("linkage.since"), <When at={site.linked_at} />],
        [t("linkage.used"), site.used_at === null ? t("linkage.never") : <When at={site.used_at} />],
      ]} />
      <p class="buttons">
        <a class="button main" href={site.address}>{t("linkage.go", { name: names.name(site) })}</a>
        <button type="button" class="danger" onClick={() => setAsking(true)}>{t("linkage.unlink")}</button>
      </p>
      {asking && (
        <Confirm title={t("linkage.unlink_title", { name: names.name(site) })} text={<p>{t("linkage.unlink_text")}</p>}
          yes={t("linkage.unlink_yes")} busy={part.busy} failure={part.failure} onYes={() => void part.run()}
          onClose={() => setAsking(false)} />
      )}
    </>
  );
}

function ToLink({ site, again }: { site: Site; again: () => void }) {
  const { t } = useWords();
  const link = useAct(async () => {
    await askAs(PUT("/v1/sites/{id}/linkage", { params: { path: { id: site.id } } }));
    say(t("linkage.is_linked"));
    again();
  });
  return (
    <>
      <FailureNote failure={link.failure} />
      <p><button type="button" class="main" disabled={link.busy} onClick={() => void link.run()}>{t("linkage.link")}</button></p>
    </>
  );
}

export function SitePage({ id }: { id: string }) {
  const { t } = useWords();
  const names = useNames();
  const [found, again] = useLoad(list, []);
  return (
    <section>
      <Wait on={found} again={again}>{({ sites }) => {
        const site = sites.find((one) => one.id === id);
        if (site === undefined) return <p class="note bad">{t("linkage.absent")}</p>;
        return (
          <>
            <h2>{names.name(site)}</h2>
            <p>{names.lead(site)} <State site={site} /></p>
            <Learns />
            {site.linked_at === null ? <ToLink site={site} again={again} /> : <Linked site={site} again={again} />}
          </>
        );
      }}</Wait>
      <p class="back"><a href={href("linkage")}>{t("linkage.all")}</a></p>
    </section>
  );
}
