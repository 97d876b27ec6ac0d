// SPDX-License-Identifier: Apache-2.0
// What municipalities are called, in the language that is spoken where that is known.
import type { Place } from "../shared/components/place";
import { Said, useSaid } from "../shared/components/said";

function namesOf(places: readonly Place[], code: string): readonly [string, string | undefined] {
  const found = places.find((one) => one.code === code);
  return found === undefined ? [code, code] : [`${found.prefecture}${found.name}`, found.name_en];
}

/** By code, with its language; a code that nobody knows stands for itself. */
export function usePlaces(places: readonly Place[]) {
  const said = useSaid();
  return (code: string) => said(...namesOf(places, code));
}

export function PlaceName({ of }: { of: Place }) {
  const [ja, en] = namesOf([of], of.code);
  return <Said ja={ja} en={en} />;
}
