// SPDX-License-Identifier: Apache-2.0
// Where somebody is written to when there is a notice.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { Choice, TextField, Tick } from "../shared/components/field";
import { Wait } from "../shared/components/loading";
import { Chip, Facts, Part } from "../shared/components/small";
import { say } from "../shared/notice";
import { askAs, DELETE, GET, POST, PUT } from "./api";
import { useWords } from "./speak";

const languages = ["ja", "en"] as const;
const addressMax = 254;

async function fetchMail() {
  return askAs(GET("/v1/mail"));
}

type Mail = NonNullable<Awaited<ReturnType<typeof fetchMail>>["mail"]>;

function Give({ again }: { again: () => void }) {
  const { t, word, language: spoken } = useWords();
  const [address, setAddress] = useState("");
  const [language, setLanguage] = useState<(typeof languages)[number]>(spoken);
  const [consent, setConsent] = useState(false);
  const give = useAct(async () => {
    await askAs(PUT("/v1/mail", { body: { address, language, consent } }));
    say(t("mail.given"));
    again();
  });
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void give.run();
    }}>
      <TextField label={t("mail.address")} type="email" autocomplete="email" value={address} max={addressMax} required onChange={setAddress} />
      <Choice label={t("mail.language")} value={language} values={languages} name={(one) => word("mail_language", one)}
        onChange={setLanguage} />
      <Tick label={t("mail.consent")} value={consent} onChange={setConsent} />
      <FailureNote failure={give.failure} />
      <p class="buttons"><button type="submit" class="main" disabled={give.busy || !consent || address === ""}>
        {t("mail.give")}</button></p>
    </form>
  );
}

function Prove({ again }: { again: () => void }) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const prove = useAct(async () => {
    await askAs(POST("/v1/mail/code", { body: { code } }));
    say(t("mail.proved"));
    again();
  });
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void prove.run();
    }}>
      <TextField label={t("mail.code")} hint={t("mail.code_hint")} value={code} max={6} pattern="[0-9]{6}" required
        onChange={setCode} />
      <FailureNote failure={prove.failure} />
      <p class="buttons"><button type="submit" class="main" disabled={prove.busy || code === ""}>{t("mail.prove")}</button></p>
    </form>
  );
}

function Given({ mail, again }: { mail: Mail; again: () => void }) {
  const { t, word } = useWords();
  const isProved = mail.confirmed_at !== null;
  const remove = useAct(async () => {
    await askAs(DELETE("/v1/mail"));
    say(t("mail.removed"));
    again();
  });
  return (
    <>
      <Facts rows={[
        [t("mail.address"), <>{mail.address} <Chip mood={isProved ? "good" : "wait"}>
          {t(isProved ? "mail.confirmed" : "mail.waiting")}</Chip></>],
        [t("mail.language"), word("mail_language", mail.language)],
      ]} />
      {!isProved && <Prove again={again} />}
      <FailureNote failure={remove.failure} />
      <p class="buttons"><button type="button" class="danger" disabled={remove.busy} onClick={() => void remove.run()}>
        {t("mail.remove")}</button></p>
    </>
  );
}

export function MailPart() {
  const { t } = useWords();
  const [found, again] = useLoad(fetchMail, []);
  return (
    <Part title={t("mail.title")} id="mail">
      <Wait on={found} again={again}>{({ offered, mail }) => (
        <>
          <p>{t(offered ? "mail.lead" : "mail.none_offered")}</p>
          {mail !== null && <Given mail={mail} again={again} />}
          {offered && mail === null && <Give again={again} />}
        </>
      )}</Wait>
    </Part>
  );
}
