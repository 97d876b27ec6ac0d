// SPDX-License-Identifier: Apache-2.0
// A failure that another login mends is told so: the portal knows who somebody is by the card of this login.
import type { Failure } from "../shared/api/client";
import { FailureNote } from "../shared/components/failure";
import { LoginLink } from "./login";
import { loginAddress } from "./session";
import { useWords } from "./speak";

export function Again({ failure, page }: { failure: Failure | null; page: string }) {
  const { t } = useWords();
  if (failure === null || failure.status !== 409) return <FailureNote failure={failure} />;
  return (
    <div class="note wait" role="alert">
      <p>{t("again.text")}</p>
      <p><LoginLink address={loginAddress(page)} page={page} text={t("again.login")} /></p>
    </div>
  );
}
