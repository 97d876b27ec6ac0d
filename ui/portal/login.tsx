// SPDX-License-Identifier: Apache-2.0
// The way to a login, and back to where one was.
import { rememberPlace } from "./return";
import { loginAddress } from "./session";

/** page: where the portal leads back to; what is shown of it now is found again as well. */
export function LoginLink(props: { page: string; text: string; isMain?: boolean }) {
  return (
    <a class={props.isMain === true ? "button main" : "button"} href={loginAddress(props.page)}
      onClick={() => rememberPlace(props.page)}>{props.text}</a>
  );
}
