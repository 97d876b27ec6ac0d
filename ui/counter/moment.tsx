// SPDX-License-Identifier: Apache-2.0
// The register tells times as texts (RFC 3339); people read them as everywhere else.
import { When } from "../shared/components/small";

export function Moment({ at }: { at: string | undefined }) {
  return <When at={at === undefined ? undefined : Date.parse(at) / 1000} />;
}
