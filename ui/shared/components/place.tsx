// SPDX-License-Identifier: Apache-2.0
// One of all municipalities of Japan: first its prefecture, of 47, then it, of at most 179. A list of all of them would
// be walked through key by key: Japanese is not typed into a list.
import { useEffect, useState } from "preact/hooks";
import { useSharedWords } from "../i18n/shared";
import { Choice } from "./field";
import { useSaid } from "./said";

export type Place = Readonly<{ code: string; prefecture: string; prefecture_en?: string; name: string; name_en?: string }>;

/** Prefectures in the order of their first municipality, which is that of the codes. */
export function prefecturesOf(places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const found = new Map<string, Place[]>();
  for (const place of places) {
    const same = found.get(place.prefecture);
    if (same === undefined) found.set(place.prefecture, [place]);
    else same.push(place);
  }
  return found;
}

/** Where somebody may also want no municipality in particular, any says so; else he has to choose one. */
export function PlaceChoice(props: {
  label: string;
  value: string; // a code; "": none
  places: readonly Place[];
  onChange: (code: string) => void;
  any?: string;
}) {
  const { t } = useSharedWords();
  const said = useSaid();
  const { value, places, any } = props;
  const prefectures = prefecturesOf(places);
  const home = places.find((one) => one.code === value)?.prefecture;
  const only = prefectures.size === 1 ? [...prefectures.keys()][0]! : "";
  const [wanted, setWanted] = useState(home ?? only);
  useEffect(() => {
    if (home !== undefined) setWanted(home); // another was set from outside
  }, [home]);
  const there = prefectures.get(wanted) ?? [];
  const inPrefecture = (prefecture: string) => said(prefecture, prefectures.get(prefecture)?.[0]?.prefecture_en);
  const placeOf = (code: string) => {
    const one = there.find((place) => place.code === code);
    return one === undefined ? { text: code, lang: undefined } : said(one.name, one.name_en);
  };
  const isOpen = any !== undefined && (only !== "" || wanted === ""); // none in particular may be wanted
  return (
    <fieldset>
      <legend>{props.label}</legend>
      <div class="row">
        {only === "" && (
          <Choice label={t("place.prefecture")} value={wanted} values={[...(any === undefined ? [] : [""]), ...prefectures.keys()]}
            name={(one) => (one === "" ? any ?? "" : inPrefecture(one).text)} lang={(one) => (one === "" ? undefined : inPrefecture(one).lang)}
            {...(any === undefined ? { choose: t("place.choose") } : {})} onChange={(one) => {
              setWanted(one);
              props.onChange("");
            }} />
        )}
        <Choice label={t("place.municipality")} value={value} values={[...(isOpen ? [""] : []), ...there.map((one) => one.code)]}
          name={(one) => (one === "" ? any ?? "" : placeOf(one).text)} lang={(one) => (one === "" ? undefined : placeOf(one).lang)}
          {...(isOpen ? {} : { choose: wanted === "" ? t("place.first") : t("place.choose") })} onChange={props.onChange} />
      </div>
    </fieldset>
  );
}
