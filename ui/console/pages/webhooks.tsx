// SPDX-License-Identifier: Apache-2.0
import { useState } from "preact/hooks";
import { askAs, DELETE, GET, POST } from "../api";
import { useAct, useLoad } from "../../shared/api/use";
import { Confirm } from "../../shared/components/dialog";
import { FailureNote } from "../../shared/components/failure";
import { TextField } from "../../shared/components/field";
import { Wait } from "../../shared/components/loading";
import { Chip, Copyable, Facts, type Mood, Part, When } from "../../shared/components/small";
import { Table } from "../../shared/components/table";
import { startOf } from "../../shared/format";
import { go, href } from "../../shared/router";
import { say } from "../../shared/notice";
import { useWords } from "../speak";

const daySeconds = 86400;
const urlMax = 512;
const states: Record<string, Mood> = { waiting: "wait", delivered: "good", dead: "bad" };

/** What signs the calls: shown once, gone with the page. */
function Secret({ secret }: { secret: string }) {
  const { t } = useWords();
  return (
    <div class="note good" role="status">
      <p>{t("webhook.secret_once")}</p>
      <Copyable text={secret} what={t("webhook.secret")} />
    </div>
  );
}

function Add({ done }: { done: (secret: string) => void }) {
  const { t } = useWords();
  const [url, setUrl] = useState("");
  const add = useAct(async () => {
    done((await askAs(POST("/v1/webhooks", { body: { url } }))).secret);
    setUrl("");
  });
  return (
    <Part id="add" title={t("webhook.add")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void add.run();
      }}>
        <TextField type="url" label={t("webhook.url")} hint={t("webhook.url_hint")} value={url} required max={urlMax} onChange={setUrl} />
        <FailureNote failure={add.failure} />
        <button type="submit" class="main" disabled={add.busy}>{t("webhook.add")}</button>
      </form>
    </Part>
  );
}

export function WebhooksPage() {
  const { t } = useWords();
  const [secret, setSecret] = useState<string | null>(null);
  const [list, again] = useLoad(() => askAs(GET("/v1/webhooks")), []);
  return (
    <>
      {secret !== null && <Secret secret={secret} />}
      <section>
        <Wait on={list} again={again}>{(found) => (
          <Table caption={t("nav.webhooks")} rows={found.webhooks} id={(row) => row.webhook} empty={t("webhook.empty")} columns={[
            { name: t("webhook.url"), of: (row) => <code>{row.url}</code> },
            { name: t("webhook.id"), of: (row) => <code>{row.webhook}</code> },
            { name: t("webhook.open"), of: (row) => (
              <a href={href("webhooks", row.webhook)} aria-label={t("webhook.open_one", { url: row.url })}>{t("webhook.open")}</a>) },
          ]} />
        )}</Wait>
      </section>
      <Add done={(made) => {
        setSecret(made);
        again();
      }} />
    </>
  );
}

type ById = { params: { path: { id: string } } };

async function replay(path: ById, body: { event: string } | { from: number; until: number }): Promise<number> {
  return (await askAs(POST("/v1/webhooks/{id}/replays", { ...path, body }))).count;
}

function Deliveries({ path, times, done }: { path: ById; times: number; done: (count: number) => void }) {
  const { t, word } = useWords();
  const [list, again] = useLoad(() => askAs(GET("/v1/webhooks/{id}/deliveries", path)), [path.params.path.id, times]);
  const act = useAct(async (event: string) => done(await replay(path, { event })));
  const again_ = (event: string) => (
    <button type="button" class="small" disabled={act.busy} aria-label={t("webhook.replay_one", { event })}
      onClick={() => void act.run(event)}>{t("webhook.replay")}</button>
  );
  return (
    <Part id="attempts" title={t("webhook.attempts")}>
      <FailureNote failure={act.failure} />
      <Wait on={list} again={again}>{(found) => (
        <Table caption={t("webhook.attempts")} rows={found.deliveries} id={(row) => row.event} empty={t("webhook.attempts_empty")}
          columns={[
            { name: t("webhook.state"), of: (row) => <Chip mood={states[row.state] ?? "plain"}>{word("delivery", row.state)}</Chip> },
            { name: t("webhook.tries"), number: true, of: (row) => row.tries },
            { name: t("webhook.why"), of: (row) => (row.why === undefined ? "" : <span lang="en">{row.why}</span>) },
            { name: t("webhook.due"), of: (row) => <When at={row.due_at} /> },
            { name: t("webhook.event"), of: (row) => <code>{row.event}</code> },
            { name: t("webhook.replay"), of: (row) => again_(row.event) },
          ]} />
      )}</Wait>
    </Part>
  );
}

function DeadLetters({ path, times, done }: { path: ById; times: number; done: (count: number) => void }) {
  const { t } = useWords();
  const [list, again] = useLoad(() => askAs(GET("/v1/webhooks/{id}/dead", path)), [path.params.path.id, times]);
  const act = useAct(async (event: string) => done(await replay(path, { event })));
  return (
    <Part id="dead" title={t("webhook.dead")}>
      <FailureNote failure={act.failure} />
      <Wait on={list} again={again}>{(found) => (
        <Table caption={t("webhook.dead")} rows={found.dead} id={(row) => row.event} empty={t("webhook.dead_empty")} columns={[
          { name: t("webhook.event"), of: (row) => <code>{row.event}</code> },
          { name: t("webhook.tries"), number: true, of: (row) => row.tries },
          { name: t("webhook.why"), of: (row) => <span lang="en">{row.why}</span> },
          { name: t("webhook.replay"), of: (row) => (
            <button type="button" class="small" disabled={act.busy} aria-label={t("webhook.replay_one", { event: row.event })}
              onClick={() => void act.run(row.event)}>{t("webhook.replay")}</button>) },
        ]} />
      )}</Wait>
    </Part>
  );
}

function ReplayTime({ path, done }: { path: ById; done: (count: number) => void }) {
  const { t } = useWords();
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const act = useAct(async () =>
    done(await replay(path, { from: startOf(from), until: startOf(until) + daySeconds - 1 })));
  return (
    <Part id="time" title={t("webhook.replay_time")}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void act.run();
      }}>
        <div class="row">
          <TextField type="date" label={t("webhook.from")} value={from} required onChange={setFrom} />
          <TextField type="date" label={t("webhook.until")} value={until} required onChange={setUntil} />
        </div>
        <FailureNote failure={act.failure} />
        <button type="submit" disabled={act.busy}>{t("webhook.replay")}</button>
      </form>
    </Part>
  );
}

function About({ path, url }: { path: ById; url: string }) {
  const { t } = useWords();
  const { id } = path.params.path;
  const [ending, setEnding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const rotate = useAct(async () => setSecret((await askAs(POST("/v1/webhooks/{id}/secrets", path))).secret));
  const end = useAct(async () => {
    await askAs(DELETE("/v1/webhooks/{id}", path));
    say(t("webhook.ended"), 1);
    go("webhooks");
  });
  return (
    <section>
      <Facts rows={[[t("webhook.url"), <code>{url}</code>], [t("webhook.id"), <code>{id}</code>]]} />
      {secret !== null && <Secret secret={secret} />}
      <FailureNote failure={rotate.failure} />
      <p class="soft">{t("webhook.rotate_text")}</p>
      <p class="buttons">
        <button type="button" disabled={rotate.busy} onClick={() => void rotate.run()}>{t("webhook.rotate")}</button>
        <button type="button" class="danger" onClick={() => setEnding(true)}>{t("webhook.end")}</button>
      </p>
      {ending && <Confirm title={t("webhook.end")} text={<><code>{url}</code><p>{t("webhook.end_text")}</p></>}
        yes={t("webhook.end")} busy={end.busy} failure={end.failure} onYes={() => void end.run()} onClose={() => setEnding(false)} />}
    </section>
  );
}

export function WebhookPage({ id }: { id: string }) {
  const { t } = useWords();
  const path: ById = { params: { path: { id } } };
  const [times, setTimes] = useState(0);
  const [list, again] = useLoad(() => askAs(GET("/v1/webhooks")), []);
  const done = (count: number) => {
    say(t("webhook.replayed", { count }));
    setTimes(times + 1);
  };
  return (
    <Wait on={list} again={again}>{(found) => {
      const one = found.webhooks.find((row) => row.webhook === id);
      if (one === undefined) return <p class="empty">{t("page.absent")}</p>;
      return (
        <>
          <About path={path} url={one.url} />
          <Deliveries path={path} times={times} done={done} />
          <DeadLetters path={path} times={times} done={done} />
          <ReplayTime path={path} done={done} />
        </>
      );
    }}</Wait>
  );
}
