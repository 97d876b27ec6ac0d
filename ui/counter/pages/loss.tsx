// SPDX-License-Identifier: Apache-2.0
// The loss line, day and night: who calls is found by what he says, and sees a card suspended. Nothing else is shown.
import { useState } from "preact/hooks";
import { TextField } from "../../shared/components/field";
import { Chip, Facts, Part } from "../../shared/components/small";
import { ActForm, Refused, useDeed } from "../act";
import { askAs, POST } from "../api";
import { useWords } from "../speak";

interface Said {
  name: string;
  birth_date: string;
  address: string;
}

const nothing: Said = { name: "", birth_date: "", address: "" };

async function find(said: Said) {
  return askAs(POST("/v1/loss-line/searches", { body: { ...said, name: said.name.trim(), address: said.address.trim() } }));
}

type Caller = Awaited<ReturnType<typeof find>>;

function Card({ of }: { of: Caller["cards"][number] }) {
  const { t, word } = useWords();
  const [state, setState] = useState(of.state);
  return (
    <>
      <Facts rows={[
        [t("card.serial"), of.serial],
        [t("card.state"), <Chip mood={state === "active" ? "good" : "wait"}>{word("card_state", state)}</Chip>],
      ]} />
      {of.state === "active" && (
        <ActForm name={t("act.loss")} button={t("loss.suspend")} then={(filed) => filed.state === "done" && setState("suspended")}
          wish={(act) => ({ path: `/v1/cards/${of.serial}/acts`, body: { request_id: act, act: "loss" } })}>
          <p class="soft">{t("loss.suspend_text")}</p>
        </ActForm>
      )}
    </>
  );
}

function Found({ caller }: { caller: Caller }) {
  const { t } = useWords();
  return (
    <Part id="caller" title={t("loss.caller")}>
      <Facts rows={[
        [t("resident.name"), <span lang="ja">{caller.name}</span>],
        [t("loss.lives_in"), <span lang="ja">{caller.prefecture}{caller.municipality}</span>],
      ]} />
      {caller.cards.length === 0 && <p class="note wait" role="status">{t("loss.no_cards")}</p>}
      {caller.cards.map((card) => <Card key={card.serial} of={card} />)}
    </Part>
  );
}

function Call({ next }: { next: () => void }) {
  const { t } = useWords();
  const [said, setSaid] = useState<Said>(nothing);
  const [caller, setCaller] = useState<Caller | null>(null);
  const search = useDeed(async () => {
    setCaller(null);
    setCaller(await find(said));
  });
  const field = (name: keyof Said, label: string, more: { hint?: string; type?: "date"; max?: number }) => (
    <TextField label={label} value={said[name]} required {...more} onChange={(text) => setSaid({ ...said, [name]: text })} />
  );
  const nobody = search.why instanceof Error && "status" in search.why && search.why.status === 404;
  const several = search.why instanceof Error && "status" in search.why && search.why.status === 409;
  return (
    <>
      <form role="search" onSubmit={(event) => {
        event.preventDefault();
        void search.run();
      }}>
        {field("name", t("loss.name"), { hint: t("loss.name_hint"), max: 50 })}
        {field("birth_date", t("resident.birth"), { type: "date" })}
        {field("address", t("loss.address"), { hint: t("loss.address_hint"), max: 200 })}
        {nobody && <p class="note wait" role="alert">{t("loss.nobody")}</p>}
        {several && <p class="note wait" role="alert">{t("loss.several")}</p>}
        {!nobody && !several && <Refused why={search.why} />}
        <button type="submit" class="main" disabled={search.busy}>{t("find.find")}</button>
      </form>
      {caller !== null && <Found caller={caller} />}
      {caller !== null && <p class="buttons"><button type="button" onClick={next}>{t("loss.next")}</button></p>}
    </>
  );
}

export function LossPage() {
  const { t } = useWords();
  const [turn, setTurn] = useState(0);
  return (
    <section>
      <p>{t("loss.lead")}</p>
      <p class="soft">{t("loss.recorded")}</p>
      <Call key={turn} next={() => setTurn(turn + 1)} />
    </section>
  );
}
