// SPDX-License-Identifier: Apache-2.0
// A file of the machine that makes cards, read here and sent as base64: PKCS#10, DER or PEM.
import { useId } from "preact/hooks";

function base64(octets: Uint8Array): string {
  return btoa(Array.from(octets, (octet) => String.fromCharCode(octet)).join(""));
}

/** What stands between the lines of PEM, or all of it. */
export function requestOf(octets: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(octets);
  const pem = /-----BEGIN [A-Z ]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(text);
  return pem === null ? base64(octets) : pem[1]!.replace(/\s+/g, "");
}

export function Octets(props: { label: string; required?: boolean; onRead: (base64: string) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input id={id} type="file" required={props.required ?? false} onChange={(event) => {
        const file = event.currentTarget.files?.[0];
        if (file === undefined) return props.onRead("");
        void file.arrayBuffer().then((buffer) => props.onRead(requestOf(new Uint8Array(buffer))));
      }} />
    </div>
  );
}
