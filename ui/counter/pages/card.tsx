// SPDX-License-Identifier: Apache-2.0
// A card: what it is, how it is made and handed over, and what happens to it.
import { useState } from "preact/hooks";
import { useLoad } from "../../shared/api/use";
import { Choice } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Facts, Part } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { href } from "../../shared/router";
import { useStore } from "../../shared/store";
import { ActForm } from "../act";
import { askAs, GET } from "../api";
import { Octets } from "../octets";
import { hasRole, session } from "../session";
import { useWords } from "../speak";

async function fetchOne(serial: string) {
  const path = { id: serial };
  const [card, { steps }] = await Promise.all([
    askAs(GET("/v1/cards/{id}", { params: { path } })), askAs(GET("/v1/cards/{id}/history", { params: { path } }))]);
  return { card, steps };
}

type One = Awaited<ReturnType<typeof fetchOne>>;
type Card = One["card"];

/** Acts that are told nothing beside what they are. */
const plain = ["loss", "found", "return", "destroy"] as const;
const pins = ["auth", "sign", "text", "juki"] as const;

function PinReset({ of, again }: { of: Card; again: () => void }) {
  const { t, word } = useWords();
  const [pin, setPin] = useState<(typeof pins)[number]>("auth");
  return (
    <ActForm name={t("act.pin-reset")} button={t("act.sign")} then={again}
      wish={(act) => ({ path: `/v1/cards/${of.serial}/acts`, body: { request_id: act, act: "pin-reset", pin } })}>
      <p class="soft">{t("act.two_people")}</p>
      <Choice label={t("act.which_pin")} value={pin} values={pins} name={(one) => word("pin", one)} onChange={setPin} />
    </ActForm>
  );
}

function Plain({ of, act, again }: { of: Card; act: (typeof plain)[number]; again: () => void }) {
  const { t } = useWords();
  return (
    <ActForm name={t(`act.${act}`)} button={t("act.sign")} then={again}
      wish={(id) => ({ path: `/v1/cards/${of.serial}/acts`, body: { request_id: id, act } })}>
      <p class="soft">{t(`act_text.${act}`)}</p>
    </ActForm>
  );
}

function Certificates({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  const [auth, setAuth] = useState("");
  const [sign, setSign] = useState("");
  return (
    <ActForm name={t("issue.certificates")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/cards/${of.serial}/certificates`, body: { requests: { auth, ...(sign === "" ? {} : { sign }) } } })}>
      <p class="soft">{t("issue.certificates_text")}</p>
      <Octets label={t("issue.auth_request")} required onRead={setAuth} />
      <Octets label={t("issue.sign_request")} onRead={setSign} />
    </ActForm>
  );
}

function HandOver({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  return (
    <ActForm name={t("issue.hand_over")} button={t("act.sign")} then={again}
      wish={() => ({ path: `/v1/cards/${of.serial}/activation` })}>
      <p class="soft">{t("issue.hand_over_text")}</p>
    </ActForm>
  );
}

function Acts({ of, again }: { of: Card; again: () => void }) {
  const { t } = useWords();
  const now = useStore(session);
  if (now.state !== "open") return null;
  const issues = hasRole(now.clerk, ["issuer"]);
  const records = hasRole(now.clerk, ["registrar"]);
  return (
    <>
      {issues && (
        <Part id="issue" title={t("issue.title")}>
          <Certificates of={of} again={again} />
          <HandOver of={of} again={again} />
        </Part>
      )}
      <Part id="acts" title={t("card.acts")}>
        <p class="soft">{t("act.lead")}</p>
        {issues && <PinReset of={of} again={again} />}
        {plain.filter((act) => records || (act === "loss" && hasRole(now.clerk, ["loss-line"])))
          .map((act) => <Plain key={act} of={of} act={act} again={again} />)}
      </Part>
    </>
  );
}

function Shown({ one }: { one: One }) {
  const { t, word } = useWords();
  const { card, steps } = one;
  return (
    <>
      <section>
        <Facts rows={[
          [t("card.serial"), card.serial],
          [t("card.holder"), <a href={href("residents", card.resident)}>{t("card.see_holder")}</a>],
          [t("card.state"), word("card_state", card.state)],
          [t("card.expires"), card.expires_on],
          [t("card.sign"), word("certificate", card.certificates.sign)],
          [t("card.auth"), word("certificate", card.certificates.auth)],
        ]} />
      </section>
      <Part id="history" title={t("card.history")}>
        <Table caption={t("card.history")} rows={steps.map((step, i) => ({ ...step, i }))} id={(step) => String(step.i)} empty=""
          columns={[
            { name: t("card.when"), of: (step) => <span class="nowrap">{step.at}</span> },
            { name: t("card.state"), of: (step) => word("card_state", step.state) },
            { name: t("card.clerk"), of: (step) => <code>{step.clerk ?? ""}</code> },
          ]} />
      </Part>
    </>
  );
}

export function CardPage({ serial }: { serial: string }) {
  const [loaded, again] = useLoad(() => fetchOne(serial), [serial]);
  const [last, setLast] = useState<One | null>(null);
  if (loaded.state === "ready" && loaded.value !== last) setLast(loaded.value);
  return (
    <>
      {last === null ? <Wait on={loaded} again={again}>{() => null}</Wait> : <Shown one={last} />}
      {last !== null && <Acts of={last.card} again={again} />}
    </>
  );
}
