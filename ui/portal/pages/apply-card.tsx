// SPDX-License-Identifier: Apache-2.0
// Filling the form from the card: by jpki agent on this computer at once, or by the command that is shown.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api";
import { answerAt, type Outcome } from "../../shared/agent";
import { useAct } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Copyable, Part, When } from "../../shared/components/small";
import { endReading, openReading, takeReading, type Reading, type ReadingState, type Said } from "../application";
import { makeKey, Unreadable, type PageKey } from "../sealed";
import { useWords } from "../speak";

const interval = 2000; // ms from one look to the next

type Opened = { reading: Reading; key: PageKey };

/**
 * Looks as long as it is pending, and at once when the agent says that the card has answered. One look at a time: what the
 * card said is told once, so a look that is on its way then is the one that counts.
 */
function useSaid(id: string, opened: Opened, answered: boolean, found: (said: Said) => void) {
  const [looks, setLooks] = useState(0);
  const [state, setState] = useState<ReadingState | "unreadable">("pending");
  const [failure, setFailure] = useState<Failure | null>(null);
  const isLooking = useRef(false);
  const hasGone = useRef(false);
  useEffect(() => () => {
    hasGone.current = true;
  }, []);
  useEffect(() => {
    if (state !== "pending" || isLooking.current) return undefined;
    const timer = setTimeout(() => {
      isLooking.current = true;
      takeReading(id, opened.reading, opened.key).then(([now, said]) => {
        if (hasGone.current) return;
        setFailure(null);
        setState(now);
        if (now === "answered") found(said);
      }, (thrown: unknown) => {
        if (hasGone.current) return;
        if (thrown instanceof Unreadable) setState("unreadable");
        else if (thrown instanceof Failure) setFailure(thrown);
        else throw thrown;
      }).finally(() => {
        isLooking.current = false;
        setLooks((now) => now + 1);
      });
    }, answered ? 0 : interval);
    return () => clearTimeout(timer);
  }, [looks, state, answered]);
  return [state, failure] as const;
}

/** What jpki agent on this computer made of it. */
export function useAgent(kind: "readings" | "signings", at: { address: string; code: string }) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const act = useAct(async () => {
    setOutcome(null);
    setOutcome(await answerAt(kind, at));
  });
  return [outcome, act] as const;
}

function Waiting({ id, opened, found }: { id: string; opened: Opened; found: (said: Said) => void }) {
  const { t, word } = useWords();
  const [outcome, agent] = useAgent("readings", opened.reading);
  const [state, failure] = useSaid(id, opened, outcome === "answered", found);
  const { address, code, expires_at } = opened.reading;
  useEffect(() => void agent.run(), []);
  return (
    <>
      <p role="status">{state === "pending" && agent.busy ? t("card.window") : word("reading", state)}</p>
      {state === "pending" && outcome !== null && outcome !== "answered" && (
        <>
          <p>{word("agent", outcome)}</p>
          <p>{t("sign.code")}: <strong>{code}</strong></p>
          <p>{t("sign.command")}</p>
          <p><Copyable text={`jpki read attrs ${address} --code ${code}`} what={t("sign.command_name")} /></p>
          <p class="soft">{t("sign.until")} <When at={expires_at} /></p>
        </>
      )}
      <FailureNote failure={failure} />
    </>
  );
}

/** The fields that the card can fill, above them the way to have it done. */
export function FromCard(props: { id: string; signs: boolean; found: (said: Said) => void; children: ComponentChildren }) {
  const { t } = useWords();
  const [opened, setOpened] = useState<Opened | null>(null);
  const waits = useRef(false);
  const open = useAct(async () => {
    setOpened(null);
    const key = await makeKey();
    setOpened({ reading: await openReading(props.id, key.public), key });
    waits.current = true;
  });
  useEffect(() => () => {
    if (waits.current) endReading(props.id).catch(() => undefined); // it ends by itself as well
  }, []);
  return (
    <Part id="from-card" title={t("apply.from_card")}>
      <p>{t("card.text")}</p>
      {props.signs && <p>{t("apply.from_card_text")}</p>}
      <p><button type="button" disabled={open.busy} onClick={() => void open.run()}>{t("card.read")}</button></p>
      <FailureNote failure={open.failure} />
      {opened !== null && <Waiting key={opened.reading.address} id={props.id} opened={opened} found={(said) => {
        waits.current = false;
        props.found(said);
      }} />}
      {props.children}
    </Part>
  );
}
