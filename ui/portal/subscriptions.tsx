// SPDX-License-Identifier: Apache-2.0
// Life events that somebody wants to hear of, each from a municipality that he names himself.
import { useState } from "preact/hooks";
import { useAct, useLoad } from "../shared/api/use";
import { FailureNote } from "../shared/components/failure";
import { Choice } from "../shared/components/field";
import { Wait } from "../shared/components/loading";
import { PlaceChoice } from "../shared/components/place";
import { Part } from "../shared/components/small";
import { say } from "../shared/notice";
import { ask, askAs, GET, PUT } from "./api";
import { usePlaces } from "./place";
import { useWords } from "./speak";

const events = ["pregnancy", "birth", "childcare", "schooling", "marriage", "divorce", "moving", "work", "illness",
  "disability", "eldercare", "disaster", "death", "leisure"] as const;

async function fetchAll() {
  const [{ subscriptions }, { municipalities }] = await Promise.all([
    askAs(GET("/v1/notice-subscriptions")), ask(GET("/v1/municipalities"))]);
  return { subscriptions, municipalities };
}

type All = Awaited<ReturnType<typeof fetchAll>>;
type Wish = All["subscriptions"][number];

function Chosen({ all, again }: { all: All; again: () => void }) {
  const { t, word } = useWords();
  const [place, setPlace] = useState("");
  const [event, setEvent] = useState<(typeof events)[number]>("birth");
  const put = useAct(async (subscriptions: Wish[]) => {
    await askAs(PUT("/v1/notice-subscriptions", { body: { subscriptions } }));
    say(t("subscription.changed"));
    again();
  });
  const placeOf = usePlaces(all.municipalities);
  const nameOf = (one: Wish) => `${placeOf(one.municipality).text}: ${word("event", one.event)}`;
  const isSame = (a: Wish, b: Wish) => a.municipality === b.municipality && a.event === b.event;
  const wish: Wish = { municipality: place, event };
  return (
    <>
      {all.subscriptions.length === 0 ? <p>{t("subscription.none")}</p> : (
        <ul>{all.subscriptions.map((one) => (
          <li key={nameOf(one)}>{nameOf(one)}{" "}
            <button type="button" class="small" disabled={put.busy} aria-label={t("subscription.remove_one", { name: nameOf(one) })}
              onClick={() => void put.run(all.subscriptions.filter((other) => !isSame(one, other)))}>
              {t("subscription.remove")}</button></li>))}</ul>
      )}
      <PlaceChoice label={t("subscription.place")} value={place} places={all.municipalities} onChange={setPlace} />
      <Choice label={t("subscription.event")} value={event} values={events} name={(one) => word("event", one)}
        onChange={setEvent} />
      <FailureNote failure={put.failure} />
      <p class="buttons"><button type="button" onClick={() => void put.run([...all.subscriptions, wish])}
        disabled={put.busy || place === "" || all.subscriptions.some((one) => isSame(one, wish))}>
        {t("subscription.add")}</button></p>
    </>
  );
}

export function SubscriptionPart() {
  const { t } = useWords();
  const [found, again] = useLoad(fetchAll, []);
  return (
    <Part title={t("subscription.title")} id="subscriptions">
      <p>{t("subscription.lead")}</p>
      <Wait on={found} again={again}>{(all) => <Chosen all={all} again={again} />}</Wait>
    </Part>
  );
}
