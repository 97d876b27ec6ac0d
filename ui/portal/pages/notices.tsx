// SPDX-License-Identifier: Apache-2.0
// What offices and the portal tell, by whom one wants to be told, and by which mail.
import { useState } from "preact/hooks";
import { useAct } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Choice } from "../../shared/components/field";
import { Pages } from "../../shared/components/pages";
import { Said } from "../../shared/components/said";
import { Chip, Facts, Part, When } from "../../shared/components/small";
import { href } from "../../shared/router";
import { askAs, GET, POST, PUT } from "../api";
import { MailPart } from "../mail";
import { SenderPart } from "../senders";
import { useWords } from "../speak";
import { SubscriptionPart } from "../subscriptions";
import { countUnread } from "../unread";

const boxes = ["new", "unread", "archive"] as const;
type Box = (typeof boxes)[number];

async function list(box: Box, before: string | null) {
  const query = {
    ...(before === null ? {} : { before }),
    ...(box === "unread" ? { unread: "true" as const } : {}),
    ...(box === "archive" ? { archived: "true" as const } : {}),
  };
  const page = await askAs(GET("/v1/notices", { params: { query } }));
  return { rows: page.notices, next: page.next === undefined ? null : String(page.next) };
}

type Entry = Awaited<ReturnType<typeof list>>["rows"][number];

function One({ entry, again }: { entry: Entry; again: () => void }) {
  const { t, language, plain } = useWords();
  const spoken = plain && language === "ja" ? "plain" : language;
  const title = entry.title[spoken];
  const [isRead, setRead] = useState(entry.read_at !== null);
  const isAway = entry.archived_at !== null;
  const put = useAct(async (read: boolean, archived: boolean) => {
    await askAs(PUT("/v1/notices/{id}/state", { params: { path: { id: String(entry.id) } }, body: { read, archived } }));
    setRead(read);
    await countUnread();
    if (archived !== isAway) again(); // what was only read stays where it is, and so does the keyboard
  });
  return (
    <li>
      <h3>{title} {!isRead && <Chip mood="wait">{t("notice.unread")}</Chip>}</h3>
      <p>{entry.text[spoken]}</p>
      <Facts rows={[
        [t("notice.from"), <>{entry.sender === null ? t("notice.portal") : <Said ja={entry.sender} en={entry.sender_en ?? undefined} />} <When at={entry.made_at} /></>],
        [t("notice.until"), <When at={entry.ends_at} />],
      ]} />
      <FailureNote failure={put.failure} />
      <p class="buttons">
        {entry.link !== null && (
          <a class="button" href={href(...entry.link.split("/"))} aria-label={t("notice.open_one", { title })}>{t("notice.open")}</a>)}
        <button type="button" class="small" disabled={put.busy} onClick={() => void put.run(!isRead, isAway)}
          aria-label={t(isRead ? "notice.unread_one" : "notice.read_one", { title })}>
          {t(isRead ? "notice.unread_again" : "notice.read")}</button>
        <button type="button" class="small" disabled={put.busy} onClick={() => void put.run(isRead, !isAway)}
          aria-label={t(isAway ? "notice.restore_one" : "notice.archive_one", { title })}>
          {t(isAway ? "notice.restore" : "notice.archive")}</button>
      </p>
    </li>
  );
}

export function NoticesPage() {
  const { t, word } = useWords();
  const [box, setBox] = useState<Box>("new");
  const [times, again] = useState(0);
  const readAll = useAct(async () => {
    await askAs(POST("/v1/notices/read"));
    await countUnread();
    again(times + 1);
  });
  return (
    <>
      <p>{t("notice.lead")}</p>
      <Choice label={t("notice.box")} value={box} values={boxes} name={(one) => word("notice_box", one)} onChange={setBox} />
      <FailureNote failure={readAll.failure} />
      <p class="buttons"><button type="button" disabled={readAll.busy} onClick={() => void readAll.run()}>
        {t("notice.read_all")}</button></p>
      <Part title={word("notice_box", box)} id="box"><Pages load={(from) => list(box, from)} on={[box, times]}>{(rows) => (rows.length === 0
        ? <p>{t("notice.none")}</p>
        : <ul class="cards">{rows.map((entry) => <One key={entry.id} entry={entry} again={() => again(times + 1)} />)}</ul>
      )}</Pages></Part>
      <MailPart />
      <SubscriptionPart />
      <SenderPart />
    </>
  );
}
