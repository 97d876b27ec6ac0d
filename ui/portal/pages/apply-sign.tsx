// SPDX-License-Identifier: Apache-2.0
// The signature: where the card signs, and a look now and then whether it has.
import { useEffect, useState } from "preact/hooks";
import { Failure } from "../api";
import { FailureNote } from "../../shared/components/failure";
import { Qr } from "../../shared/components/qr";
import { Copyable, Part, When } from "../../shared/components/small";
import { useAct } from "../../shared/api/use";
import { fetchSigning, openSigning, submit, type Signing } from "../application";
import { useWords } from "../speak";

const interval = 2000; // ms from one look to the next

/** Looks as long as it is pending. */
function useResult(id: string, opened: Signing): [Signing["state"], Failure | null] {
  const [looks, setLooks] = useState(0);
  const [state, setState] = useState(opened.state);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    if (state !== "pending") return undefined;
    let stopped = false;
    const timer = setTimeout(() => {
      fetchSigning(id).then((found) => {
        if (stopped) return;
        setState(found.state);
        setFailure(null);
      }, (thrown: unknown) => {
        if (!(thrown instanceof Failure)) throw thrown;
        if (!stopped) setFailure(thrown);
      }).finally(() => !stopped && setLooks(looks + 1));
    }, interval);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [looks, state]);
  return [state, failure];
}

function Waiting({ id, opened, sent, again }: { id: string; opened: Signing; sent: () => void; again: () => void }) {
  const { t, word } = useWords();
  const [state, failure] = useResult(id, opened);
  const send = useAct(async () => {
    await submit(id);
    sent();
  });
  useEffect(() => {
    if (state === "signed") void send.run();
  }, [state]);
  return (
    <>
      <p role="status">{word("signing", state)}</p>
      {state === "pending" && (
        <div class="login">
          <div>
            <p>{t("sign.code")}</p>
            <p class="code">{opened.code}</p>
            <p>{t("sign.command")}</p>
            <p><Copyable text={`jpki sign ${opened.address} --code ${opened.code}`} what={t("sign.command_name")} /></p>
            <p class="soft">{t("sign.until")} <When at={opened.expires_at} /></p>
          </div>
          <div>
            <p>{t("sign.phone")}</p>
            <Qr text={opened.address} what={t("sign.address")} />
          </div>
        </div>
      )}
      <FailureNote failure={send.failure ?? failure} />
      {(state === "denied" || state === "expired" || send.failure !== null) && (
        <p><button type="button" class="main" onClick={again}>{t("sign.again")}</button></p>
      )}
    </>
  );
}

export function Sign({ id, byProxy, back, sent }: { id: string; byProxy: boolean; back: () => void; sent: () => void }) {
  const { t } = useWords();
  const [opened, setOpened] = useState<Signing | null>(null);
  const open = useAct(async () => {
    setOpened(null);
    setOpened(await openSigning(id));
  });
  useEffect(() => void open.run(), [id]);
  return (
    <>
      <Part id="sign" title={t("sign.title")}>
        <p>{t("sign.text")}</p>
        <p>{t(byProxy ? "sign.certificate_proxy" : "sign.certificate")}</p>
        {open.busy && <p class="soft" role="status">{t("sign.opening")}</p>}
        <FailureNote failure={open.failure} again={() => void open.run()} />
        {opened !== null && <Waiting key={opened.address} id={id} opened={opened} sent={sent} again={() => void open.run()} />}
      </Part>
      <p class="buttons"><button type="button" onClick={back}>{t("apply.to_check")}</button></p>
    </>
  );
}
