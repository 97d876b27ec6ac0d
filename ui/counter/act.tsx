// SPDX-License-Identifier: Apache-2.0
// A form whose button has the card sign an order, and what became of it. While one is on its way the button does
// nothing, and the same form is the same act, however often it is sent.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Failure } from "../shared/api/client";
import { FailureNote } from "../shared/components/failure";
import { href } from "../shared/router";
import { working } from "../shared/working";
import { Unanswered } from "./agent";
import { file, type Filed, newId, type Wish } from "./filing";
import { refusedAs } from "./sentences";
import { session, useClerk } from "./session";
import { useWords } from "./speak";

/** What stood in the way: the register's refusal by its own word, or the card. */
export function Refused({ why }: { why: Failure | Unanswered | null }) {
  const { t, word } = useWords();
  if (why === null) return null;
  if (why instanceof Unanswered) return <p class="note wait" role="alert">{word("agent", why.outcome)}</p>;
  const said = refusedAs(why.problem?.detail ?? "", t);
  return said === null ? <FailureNote failure={why} /> : <p class="note bad" role="alert">{t("act.refused")} {said}</p>;
}

function whyOf(thrown: unknown): Failure | Unanswered {
  if (thrown instanceof Failure || thrown instanceof Unanswered) return thrown;
  throw thrown;
}

/** Something that a card or the register may refuse: once at a time. asksCard: what it waits for is said where it is. */
export function useDeed<A extends unknown[]>(deed: (...with_: A) => Promise<void>, asksCard = false) {
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<Failure | Unanswered | null>(null);
  const running = useRef(false);
  const run = async (...with_: A): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setWhy(null);
    const done = asksCard ? () => undefined : working();
    try {
      await deed(...with_);
    } catch (thrown) {
      const why = whyOf(thrown);
      if (session.get().state !== "ended") setWhy(why); // that a session is over is told instead
    } finally {
      done();
      running.current = false;
      setBusy(false);
    }
  };
  return { run, busy, why };
}

/** The record of what was filed: it can be read again as long as there is a register. */
export function Record({ filed }: { filed: Filed }) {
  const { t, word } = useWords();
  return (
    <div class={`note ${filed.state === "pending" ? "wait" : "good"}`} role="status">
      <p>{t(filed.state === "pending" ? "act.waits" : "act.done")}</p>
      <p>{t("act.record")} <a href={href("filings", filed.request_id)}><code>{filed.request_id}</code></a> ({word("filed", filed.state)})</p>
      <p class="soft">SHA-256 <code>{filed.digest}</code></p>
    </div>
  );
}

/** act: the act's own id, for bodies that have one. alone: the page is called as the form is, and has no other. */
export function ActForm(props: {
  name: string;
  alone?: boolean;
  button: string;
  wish: (act: string) => Wish;
  then?: (filed: Filed) => void;
  children?: ComponentChildren;
}) {
  const { t } = useWords();
  const clerk = useClerk();
  const ids = useRef({ filing: newId(), act: newId() });
  const [filed, setFiled] = useState<Filed | null>(null);
  const deed = useDeed(async () => {
    if (clerk === null) return;
    const done = await file(clerk, ids.current.filing, props.wish(ids.current.act)).catch((thrown: unknown) => {
      // refused for good under this id: what is corrected is another request for the same act
      if (thrown instanceof Failure && thrown.problem !== null) ids.current = { ...ids.current, filing: newId() };
      throw thrown;
    });
    setFiled(done);
    props.then?.(done);
  }, true);
  return (
    <form aria-label={props.name} onSubmit={(event) => {
      event.preventDefault();
      if (filed === null) void deed.run();
    }}>
      {props.alone !== true && <h3>{props.name}</h3>}
      {props.children}
      <Refused why={deed.why} />
      {deed.busy && <p class="note wait" role="status">{t("act.look")}</p>}
      {filed === null
        ? <button type="submit" disabled={deed.busy}>{props.button}</button>
        : <Record filed={filed} />}
    </form>
  );
}
