// SPDX-License-Identifier: Apache-2.0
// Who acts for oneself, and for whom one acts: giving, taking, using and ending mandates.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { TextField, Tick } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Chip, Copyable, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import * as format from "../../shared/format";
import { say } from "../../shared/notice";
import { go } from "../../shared/router";
import { useTyped } from "../../shared/typed";
import { acting, type Scope } from "../acting";
import { askAs, DELETE, GET, POST } from "../api";
import { useWords } from "../speak";

const scopes: readonly Scope[] = ["information", "procedures", "notices", "history"];
const moods = { offered: "wait", active: "good", over: "plain" } as const;

async function list() {
  return askAs(GET("/v1/mandates"));
}

type Mandate = Awaited<ReturnType<typeof list>>["mandates"][number];

function ToEnd({ row, again }: { row: Mandate; again: () => void }) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const end = useAct(async () => {
    await askAs(DELETE("/v1/mandates/{id}", { params: { path: { id: row.id } } }));
    setAsking(false);
    if (acting.get()?.id === row.id) acting.set(null);
    say(t("mandate.ended"));
    again();
  });
  if (row.state === "over") return null;
  if (row.municipality !== null) return <span class="soft">{t("mandate.by_law")}</span>;
  return (
    <>
      <button type="button" class="small" onClick={() => setAsking(true)}
        aria-label={t("mandate.end_one", { name: row.other })}>{t("mandate.end")}</button>
      {asking && (
        <Confirm title={t("mandate.end_title")} text={<p>{t("mandate.end_text", { name: row.other })}</p>}
          yes={t("mandate.end")} busy={end.busy} failure={end.failure} onYes={() => void end.run()}
          onClose={() => setAsking(false)} />
      )}
    </>
  );
}

function ToAct({ row }: { row: Mandate }) {
  const { t } = useWords();
  if (row.side !== "proxy" || row.state !== "active") return null;
  const begin = () => {
    acting.set({ id: row.id, name: row.other, scopes: row.scopes });
    const first = scopes.find((scope) => row.scopes.includes(scope));
    if (first !== undefined) go(first);
  };
  return (
    <button type="button" class="small main" onClick={begin} aria-label={t("mandate.act_one", { name: row.other })}>
      {t("mandate.act")}</button>
  );
}

function Rows(props: { caption: string; rows: readonly Mandate[]; empty: string; again: () => void }) {
  const { t, word, language } = useWords();
  const lastDay = (ends: number) => format.date(format.day(ends - 1), language); // not the moment after it
  return (
    <Table caption={props.caption} rows={props.rows} id={(row) => row.id} empty={props.empty} columns={[
      { name: t("mandate.name"), of: (row) => row.other },
      { name: t("mandate.kind"), of: (row) => word("mandate_kind", row.kind) },
      { name: t("mandate.scopes"), of: (row) => row.scopes.map((scope) => word("mandate_scope", scope)).join(" / ") },
      { name: t("mandate.state"), of: (row) => <Chip mood={moods[row.state]}>{word("mandate_state", row.state)}</Chip> },
      { name: t("mandate.until"), of: (row) => row.ended_at === null ? lastDay(row.ends_at) : <When at={row.ended_at} /> },
      { name: t("mandate.used"), of: (row) => <When at={row.used_at} /> },
      { name: t("mandate.end"), of: (row) => (
        <span class="buttons"><ToAct row={row} /> <ToEnd row={row} again={props.again} /></span>) },
    ]} />
  );
}

function inDays(days: number): string {
  return new Date(Date.now() + (9 * 3600 + days * 86400) * 1000).toISOString().slice(0, 10); // a day of Japan
}

function Give({ again }: { again: () => void }) {
  const { t, word } = useWords();
  const { value: names, set: setNames, forget } = useTyped("mandates", { proxy: "", own: "" });
  const [until, setUntil] = useState(inDays(365));
  const [chosen, setChosen] = useState<readonly Scope[]>(["information"]);
  const [code, setCode] = useState("");
  const give = useAct(async () => {
    const made = await askAs(POST("/v1/mandates", {
      body: { scopes: [...chosen], until, own_name: names.own, proxy_name: names.proxy },
    }));
    setCode(made.code.replace(/(.{4})(?=.)/g, "$1-"));
    forget(); // pressed once more, it is nobody else's mandate by mistake
    again();
  });
  const tick = (scope: Scope, is: boolean) =>
    setChosen(scopes.filter((one) => (one === scope ? is : chosen.includes(one))));
  return (
    <Part id="give" title={t("mandate.give")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void give.run();
      }}>
        <TextField label={t("mandate.proxy_name")} value={names.proxy} required max={40} hint={t("mandate.names_hint")}
          onChange={(proxy) => setNames({ ...names, proxy })} />
        <TextField label={t("mandate.own_name")} value={names.own} required max={40} hint={t("mandate.names_hint")}
          onChange={(own) => setNames({ ...names, own })} />
        <TextField label={t("mandate.last_day")} value={until} required type="date" onChange={setUntil} />
        <fieldset>
          <legend>{t("mandate.which")}</legend>
          {scopes.map((scope) => (
            <Tick key={scope} label={word("mandate_scope", scope)} value={chosen.includes(scope)}
              onChange={(is) => tick(scope, is)} />
          ))}
          {chosen.length === 0 && <p role="alert">{t("mandate.nothing_chosen")}</p>}
        </fieldset>
        <FailureNote failure={give.failure} />
        <p><button type="submit" class="main" disabled={give.busy || chosen.length === 0}>{t("mandate.give_do")}</button></p>
      </form>
      {code !== "" && (
        <div class="note good" role="status">
          <p><Copyable text={code} what={t("mandate.code")} /></p>
          <p>{t("mandate.code_text")}</p>
        </div>
      )}
    </Part>
  );
}

function Take({ again }: { again: () => void }) {
  const { t } = useWords();
  const [code, setCode] = useState("");
  const take = useAct(async () => {
    await askAs(POST("/v1/mandates/taking", { body: { code } }));
    setCode("");
    say(t("mandate.taken"));
    again();
  });
  const status = take.failure?.status;
  return (
    <Part id="take" title={t("mandate.take")}>
      <p>{t("mandate.take_text")}</p>
      <form onSubmit={(event) => {
        event.preventDefault();
        void take.run();
      }}>
        <TextField label={t("mandate.take_code")} value={code} required max={20} onChange={setCode} />
        {status === 404 && <p class="note bad" role="alert">{t("mandate.take_wrong")}</p>}
        {status === 409 && <p class="note bad" role="alert">{t("mandate.take_own")}</p>}
        {status !== 404 && status !== 409 && <FailureNote failure={take.failure} />}
        <p><button type="submit" disabled={take.busy}>{t("mandate.take_do")}</button></p>
      </form>
    </Part>
  );
}

export function MandatesPage() {
  const { t } = useWords();
  const [found, again] = useLoad(list, []);
  return (
    <>
      <p>{t("mandate.lead")}</p>
      <Wait on={found} again={again}>{({ mandates }) => (
        <>
          <Part id="others" title={t("mandate.others")}>
            <Rows caption={t("mandate.others")} rows={mandates.filter((row) => row.side === "proxy")}
              empty={t("mandate.none_others")} again={again} />
          </Part>
          <Part id="mine" title={t("mandate.mine")}>
            <Rows caption={t("mandate.mine")} rows={mandates.filter((row) => row.side === "mandator")}
              empty={t("mandate.none_mine")} again={again} />
          </Part>
        </>
      )}</Wait>
      <Take again={again} />
      <Give again={again} />
    </>
  );
}
