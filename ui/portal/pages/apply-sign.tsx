// SPDX-License-Identifier: Apache-2.0
// The signature: where the card or phone signs, a look now and then whether it has, and what its certificate says otherwise
// than the form.
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api";
import { FailureNote } from "../../shared/components/failure";
import { Qr } from "../../shared/components/qr";
import { Copyable, Part, When } from "../../shared/components/small";
import { useAct } from "../../shared/api/use";
import { answersOf, fetchSigning, openSigning, submit, type Application, type Difference, type Signing } from "../application";
import { useWords } from "../speak";
import { useAgent } from "./apply-card";
import { useAnswer } from "./apply-field";

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

/** By the card reader of this computer, without a command. */
function Here({ opened }: { opened: Signing }) {
  const { t, word } = useWords();
  const [outcome, agent] = useAgent("signings", opened);
  return (
    <>
      <p><button type="button" class="main" disabled={agent.busy} onClick={() => void agent.run()}>{t("sign.here")}</button></p>
      <p role="status">{agent.busy ? t("card.window") : outcome === null ? "" : word("agent", outcome)}</p>
    </>
  );
}

function Ways({ opened }: { opened: Signing }) {
  const { t } = useWords();
  return (
    <>
      <Here opened={opened} />
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
    </>
  );
}

/** Where the certificate says otherwise than the form. It counts, and nothing is sent before that was seen. */
function Differs(props: { of: Application; rows: readonly Difference[]; busy: boolean; send: () => void }) {
  const { t, word } = useWords();
  const show = useAnswer();
  const answers = answersOf(props.of);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const said = (meaning: string | undefined, text: string) => (meaning === "sex" ? word("sex", text) : <span lang="ja">{text}</span>);
  const rows = props.of.form.fields.flatMap((field) => {
    const row = props.rows.find((one) => one.field === field.name);
    return row === undefined ? [] : [[field, row.certificate] as const];
  });
  return (
    <div class="note wait" ref={box} tabIndex={-1} role="alert" aria-labelledby="differs-title">
      <h3 id="differs-title">{t("differs.title")}</h3>
      <p>{t("differs.text")}</p>
      <dl class="facts">{rows.map(([field, text]) => (
        <div key={field.name}><dt lang="ja">{field.label}</dt>
          <dd>{t("differs.certificate")}: {said(field.prefill, text)}<br />{t("differs.form")}: {show(field, answers[field.name])}</dd>
        </div>))}</dl>
      <p><button type="button" class="main" disabled={props.busy} onClick={props.send}>{t("differs.send")}</button></p>
    </div>
  );
}

function Waiting({ of, opened, sent, again }: { of: Application; opened: Signing; sent: () => void; again: () => void }) {
  const { t, word } = useWords();
  const [state, failure] = useResult(of.id, opened);
  const [differs, setDiffers] = useState<readonly Difference[]>([]);
  const send = useAct(async (hasSeen: boolean) => {
    const { differs: found } = await submit(of.id, hasSeen);
    if (found === undefined) sent();
    else setDiffers(found);
  });
  useEffect(() => {
    if (state === "signed") void send.run(false);
  }, [state]);
  return (
    <>
      <p role="status">{differs.length > 0 ? "" : word("signing", state)}</p>
      {state === "pending" && <Ways opened={opened} />}
      {differs.length > 0 && <Differs of={of} rows={differs} busy={send.busy} send={() => void send.run(true)} />}
      <FailureNote failure={send.failure ?? failure} />
      {(state === "denied" || state === "expired" || send.failure !== null) && (
        <p><button type="button" class="main" onClick={again}>{t("sign.again")}</button></p>
      )}
    </>
  );
}

export function Sign({ of, byProxy, back, sent }: { of: Application; byProxy: boolean; back: () => void; sent: () => void }) {
  const { t } = useWords();
  const [opened, setOpened] = useState<Signing | null>(null);
  const open = useAct(async () => {
    setOpened(null);
    setOpened(await openSigning(of.id));
  });
  useEffect(() => void open.run(), [of.id]);
  return (
    <>
      <Part id="sign" title={t("sign.title")}>
        <p>{t("sign.text")}</p>
        <p>{t(byProxy ? "sign.certificate_proxy" : "sign.certificate")}</p>
        {open.busy && <p class="soft" role="status">{t("sign.opening")}</p>}
        <FailureNote failure={open.failure} again={() => void open.run()} />
        {opened !== null && <Waiting key={opened.address} of={of} opened={opened} sent={sent} again={() => void open.run()} />}
      </Part>
      <p class="buttons"><button type="button" onClick={back}>{t("apply.back_to_check")}</button></p>
    </>
  );
}
