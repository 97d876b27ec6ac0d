// SPDX-License-Identifier: Apache-2.0
// Services and sites that may send notices, each of which can be switched off.
import { useAct, useLoad } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { Wait } from "../shared/components/loading";
import { Chip, Part } from "../shared/components/small";
import { say } from "../shared/notice";
import { askAs, GET, PUT } from "./api";
import { useWords } from "./speak";

const fetchAll = async () => (await askAs(GET("/v1/notice-senders"))).senders;

type Sender = Awaited<ReturnType<typeof fetchAll>>[number];

function One({ of, again }: { of: Sender; again: () => void }) {
  const { t, word, language } = useWords();
  const name = language === "ja" ? of.name : of.name_en;
  const put = useAct(async () => {
    await askAs(PUT("/v1/notice-senders/{id}/state", { params: { path: { id: of.id } }, body: { is_off: !of.is_off } }));
    say(t(of.is_off ? "sender.is_on" : "sender.is_off", { name }));
    again();
  });
  return (
    <li>
      {name} <span class="soft">{word("sender_kind", of.kind)}</span>{" "}
      <Chip mood={of.is_off ? "plain" : "good"}>{t(of.is_off ? "sender.off" : "sender.on")}</Chip>{" "}
      <button type="button" class="small" disabled={put.busy} onClick={() => void put.run()}
        aria-label={t(of.is_off ? "sender.switch_on_one" : "sender.switch_off_one", { name })}>
        {t(of.is_off ? "sender.switch_on" : "sender.switch_off")}</button>
      <FailureNote failure={put.failure} />
    </li>
  );
}

export function SenderPart() {
  const { t } = useWords();
  const [found, again] = useLoad(fetchAll, []);
  return (
    <Part title={t("sender.title")} id="senders">
      <p>{t("sender.lead")}</p>
      <Wait on={found} again={again}>{(senders) => (senders.length === 0
        ? <p>{t("sender.none")}</p>
        : <ul>{senders.map((one) => <One key={one.id} of={one} again={again} />)}</ul>)}</Wait>
    </Part>
  );
}
