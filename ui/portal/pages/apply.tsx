// SPDX-License-Identifier: Apache-2.0
// Applying, step by step: the questions, what goes with them, a look at all of it, the signature, the receipt.
import { useEffect, useRef, useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { Wait } from "../../shared/components/loading";
import { Said, useSaid } from "../../shared/components/said";
import { Facts, Part } from "../../shared/components/small";
import { useSharedWords } from "../../shared/i18n/shared";
import * as format from "../../shared/format";
import { href, place } from "../../shared/router";
import { useReturned } from "../../shared/returned";
import { useStore } from "../../shared/store";
import { ask as get, Failure, GET } from "../api";
import { useTitle } from "../../shared/title";
import { answersOf, comesWithSignature, fetchApplication, filledFrom, isAsked, isByProxy, isOnCard, isOpen, putAnswers, submit,
  ticketOf, type Answers, type Application, type Field, type Problem } from "../application";
import { restOf, useKeeping } from "../keeping";
import { session, type Session } from "../session";
import { PlaceName } from "../place";
import { useWords } from "../speak";
import { spelled } from "../spelling";
import { idOf, Question, Told, useAnswer, useProblem } from "./apply-field";
import { FromCard } from "./apply-card";
import { FileName, Files } from "./apply-files";
import { Sign } from "./apply-sign";
import { Standing, Withdraw } from "./applications";

type Step = "fill" | "check" | "sign";
const steps: readonly Step[] = ["fill", "check", "sign"];

function Progress({ of, now }: { of: Application; now: Step }) {
  const { t, word } = useWords();
  const shown = of.form.needs_signature ? steps : steps.slice(0, 2);
  return (
    <ol class="way" aria-label={t("apply.steps")}>
      {shown.map((one) => <li key={one} aria-current={one === now ? "step" : undefined}>{word("step", one)}</li>)}
    </ol>
  );
}

/** What is to be mended, each a way to where it is; read at once when it comes. */
function Summary({ of, problems }: { of: Application; problems: readonly Problem[] }) {
  const { t } = useWords();
  const tell = useProblem();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [problems]);
  const labels = new Map([...of.form.fields, ...(of.form.attachments ?? [])].map((one) => [one.name, one]));
  const label = (name: string) => <Said ja={labels.get(name)?.label ?? name} en={labels.get(name)?.label_en} />;
  return (
    <div class="note bad" ref={box} tabIndex={-1} role="alert" aria-labelledby="wrong-title">
      <h2 id="wrong-title">{t("apply.wrong", { count: problems.length })}</h2>
      <ul class="dots">{problems.map((one) => (
        <li key={one.field}><a href={`#${idOf(one.field)}`} onClick={(event) => {
          event.preventDefault(); // the address says which page this is
          document.getElementById(idOf(one.field))?.focus();
        }}>{label(one.field)}: {tell(one, labels.get(one.field))}</a></li>))}</ul>
    </div>
  );
}

function Fill(props: { of: Application; problems: readonly Problem[] | null; changed: () => void;
  done: (fresh: Application) => void }) {
  const { t, language } = useWords();
  const { of, problems } = props;
  const [{ known, rest }] = useState(() => ({ known: answersOf(of), rest: restOf(of.id) }));
  const [answers, setAnswers] = useState<Answers>(rest ?? known);
  const asked = of.form.fields.filter((field) => isAsked(of.form, field, answers));
  const onCard = asked.filter((field) => isOnCard(of, field));
  const kinds = (of.form.attachments ?? []).filter((kind) => isAsked(of.form, kind, answers));
  const ask = (field: Field) => (
    <Question key={field.name} field={field} optional={comesWithSignature(of, field)} isOwn={!isByProxy(of)} value={answers[field.name] ?? ""}
      problem={problems?.find((one) => one.field === field.name)}
      onChange={(value) => setAnswers((now) => ({ ...now, [field.name]: value }))} />
  );
  const put = (all: Answers) => {
    const answered = asked.filter((field) => all[field.name] !== undefined);
    return putAnswers(of.id, Object.fromEntries(answered.map((field) => [field.name, spelled(field, all[field.name] ?? "")])));
  };
  const { keep, kept } = useKeeping(of.id, known, answers, put, props.changed);
  const next = useAct(async () => {
    await keep();
    props.done(await fetchApplication(of.id));
  });
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void next.run();
    }}>
      {problems !== null && problems.length > 0 && <Summary of={of} problems={problems} />}
      {rest !== null && <p class="note wait" role="status">{t("apply.restored")}</p>}
      {isByProxy(of) && <p class="note wait">{t("apply.by_proxy")}</p>}
      {of.prepared_by !== undefined && (
        <p class="note wait">{t("apply.prepared", { name: language === "ja" ? of.prepared_by.client_name : of.prepared_by.client_name_en })}</p>)}
      {onCard.length > 0 && (
        <FromCard id={of.id} signs={of.form.needs_signature} found={(said) => setAnswers((now) => filledFrom(of, said, now))}>
          {onCard.map((field) => ask(field))}
        </FromCard>
      )}
      <Part id="questions" title={t("procedure.questions")}>
        {asked.filter((field) => !onCard.includes(field)).map((field) => ask(field))}
      </Part>
      <Files of={of} kinds={kinds} problems={problems ?? []} keep={keep} changed={props.changed} />
      <FailureNote failure={next.failure} />
      <p class="buttons"><button type="submit" class="main" disabled={next.busy}>{t("apply.to_check")}</button></p>
      {kept === "failed" && <p class="note wait" role="status">{t("apply.unsaved")}</p>}
      <p class="soft">{kept === "kept" && t("apply.saved")}{t(ticketOf(of.id) === null ? "apply.kept" : "apply.kept_ticket")}</p>
    </form>
  );
}

/** The name of a municipality; its code as long as that is not known. */
export function Municipality({ code }: { code: string }) {
  const [found] = useLoad(() => get(GET("/v1/municipalities")), []);
  const one = found.state === "ready" ? found.value.municipalities.find((row) => row.code === code) : undefined;
  return one === undefined ? <>{code}</> : <PlaceName of={one} />;
}

/** What the certificate said, once somebody has signed; before that what is filled in, and that the certificate counts. */
function FromCertificate({ of, field, answer }: { of: Application; field: Field; answer: string | undefined }) {
  const { t, word, language } = useWords();
  const show = useAnswer();
  const said = of.applicant === undefined || field.prefill === undefined ? undefined : of.applicant[field.prefill];
  if (said === undefined && answer === undefined) return <span class="soft">{t("apply.from_card_source")}</span>;
  if (said === undefined) return <>{show(field, answer)} <span class="soft">{t("apply.compared")}</span></>;
  const read = field.prefill === "sex" ? word("sex", said)
    : field.prefill === "birth_date" ? format.date(said, language) : <span lang="ja">{said}</span>;
  return (
    <>
      {read}{" "}
      <span class="soft">{t("apply.from_certificate")}</span>
      {answer !== undefined && answer !== said && <><br /><span class="soft">{t("apply.filled_in")}:</span> {show(field, answer)}</>}
    </>
  );
}

/** All of it as it will be sent. */
export function Sent({ of }: { of: Application }) {
  const { t } = useWords();
  const show = useAnswer();
  const answers = answersOf(of);
  const fields = of.form.fields.filter((field) => isAsked(of.form, field, answers));
  return (
    <>
      <Told rows={fields.map((field) => [field, comesWithSignature(of, field)
        ? <FromCertificate of={of} field={field} answer={answers[field.name]} /> : show(field, answers[field.name])] as const)} />
      {of.attachments.length > 0 && (
        <>
          <h3>{t("procedure.attachments")}</h3>
          <ul class="dots">{of.attachments.map((one) => <li key={one.number}><FileName one={one} id={of.id} /></li>)}</ul>
        </>
      )}
    </>
  );
}

function Check(props: { of: Application; back: () => void; sign: () => void; sent: () => void }) {
  const { t } = useWords();
  const { of } = props;
  const send = useAct(async () => {
    await submit(of.id);
    props.sent();
  });
  return (
    <>
      <Part id="check" title={t("apply.check")}>
        <p>{t("apply.check_text")}</p>
        <Facts rows={[[t("apply.procedure"), <Said ja={of.name} en={of.name_en} />], [t("procedure.place"), <Municipality code={of.municipality} />]]} />
        <Sent of={of} />
      </Part>
      <FailureNote failure={send.failure} />
      <p class="buttons">
        {of.form.needs_signature
          ? <button type="button" class="main" onClick={props.sign}>{t("apply.to_sign")}</button>
          : <button type="button" class="main" disabled={send.busy} onClick={() => void send.run()}>{t("apply.send")}</button>}
        <button type="button" onClick={props.back}>{t("apply.to_fill")}</button>
      </p>
    </>
  );
}

/** The step stands in the address, so that the browser's way back leads to the one before. */
function useStep(of: Application): [Step, (step: Step) => void] {
  const { query } = useStore(place);
  const asked = steps.find((one) => one === query.get("step"));
  const go = (step: Step) => {
    location.hash = step === "fill" ? href("apply", of.id) : `${href("apply", of.id)}?step=${step}`;
  };
  return [asked === undefined || of.problems.length > 0 ? "fill" : asked, go];
}

/** The heading of a step is where reading goes on. */
function useStepFocus(step: Step) {
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) document.querySelector<HTMLElement>("main h1")?.focus();
    first.current = false;
  }, [step]);
}

function Work({ of, again }: { of: Application; again: () => void }) {
  const { t } = useWords();
  const shared = useSharedWords();
  const [now, setNow] = useState(of);
  const [step, setStep] = useStep(now);
  const [problems, setProblems] = useState<readonly Problem[] | null>(null);
  useStepFocus(step);
  const name = useSaid()(of.name, of.name_en).text;
  const isWrong = step === "fill" && problems !== null && problems.length > 0;
  useTitle(isWrong ? t("apply.wrong_page", { name }) : name); // also read where the window's title is all that is read
  const looks = useRef(0); // an older answer tells of what was
  const refresh = () => {
    const own = ++looks.current;
    fetchApplication(of.id).then((fresh) => own === looks.current && setNow(fresh), (thrown: unknown) => {
      if (!(thrown instanceof Failure)) throw thrown;
      again(); // where it fails as well, it is told
    });
  };
  const [isSent, setSent] = useState(false);
  const sent = () => {
    setSent(true);
    location.replace(href("apply", of.id)); // no way back leads into what was sent
    again();
  };
  const note = of.state === "returned" ? [...of.steps].reverse().find((one) => one.state === "returned")?.note : undefined;
  if (isSent) return <p class="soft" role="status">{shared.t("load.loading")}</p>;
  return (
    <>
      <h2><Said ja={of.name} en={of.name_en} /></h2>
      <Progress of={of} now={step} />
      {note !== undefined && (
        <div class="note wait"><p><strong>{t("apply.correct")}</strong></p><p lang="ja" class="lines">{note}</p></div>
      )}
      {step === "fill" && <Fill of={now} problems={problems} changed={refresh} done={(fresh) => {
        looks.current++;
        setNow(fresh);
        setProblems(fresh.problems);
        if (fresh.problems.length === 0) setStep("check");
      }} />}
      {step === "check" && <Check of={now} back={() => setStep("fill")} sign={() => setStep("sign")} sent={sent} />}
      {step === "sign" && <Sign of={now} byProxy={isByProxy(of)} back={() => setStep("check")} sent={sent} />}
      {step === "fill" && of.state === "draft" && <Withdraw of={of} again={again} />}
    </>
  );
}

/** who: what is asked for, and shown, depends on who asks. */
function Asked({ id, who }: { id: string; who: Session["state"] }) {
  const { t } = useWords();
  const [found, again] = useLoad(() => fetchApplication(id), [id, who]);
  const isSent = found.state === "ready" && !isOpen(found.value.state);
  useReturned(() => isSent && again()); // the municipality may have gone on meanwhile
  return (
    <>
      {who === "open" && <p class="back"><a href={href("applications")}>{t("applications.back")}</a></p>}
      <Wait on={found} again={again}>{(one) => (isOpen(one.state)
        ? <Work key={`${one.id} ${one.round}`} of={one} again={again} />
        : <Standing of={one} again={again} />)}</Wait>
    </>
  );
}

/** Nothing is shown before it is known who is here: it is asked for again then, and what was typed by then would be gone. */
export function ApplyPage({ id }: { id: string }) {
  const { t } = useSharedWords();
  const { state } = useStore(session);
  return state === "unknown" ? <p class="soft" role="status">{t("load.loading")}</p> : <Asked id={id} who={state} />;
}
