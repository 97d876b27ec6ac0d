// SPDX-License-Identifier: Apache-2.0
// Log in with a card: the address and the code are shown here, the card answers elsewhere, and this page asks
// until it has.
import { useEffect, useState } from "preact/hooks";
import { ask, Failure, GET, POST } from "../api";
import { useAct } from "../../shared/api/use";
import { FailureNote } from "../../shared/components/failure";
import { TextField } from "../../shared/components/field";
import { Qr } from "../../shared/components/qr";
import { Copyable, Part } from "../../shared/components/small";
import { place } from "../../shared/router";
import { resume } from "../session";
import { useWords } from "../speak";

const interval = 1000; // ms from one question to the next

async function open(invitation: string) {
  return ask(POST("/v1/console/logins", { body: invitation === "" ? {} : { invitation } }));
}

type Login = Awaited<ReturnType<typeof open>>;

/** What becomes of a login; asked again while nobody answers, also when the platform is away for a moment. */
function useOutcome(login: Login, over: (failure: Failure | null) => void): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    let stopped = false;
    const look = async () => {
      while (!stopped) {
        setLeft(Math.max(0, login.expires_at - Math.floor(Date.now() / 1000)));
        try {
          const { state } = await ask(GET("/v1/console/logins/{session}", { params: { path: { session: login.session } } }));
          if (stopped) return;
          if (state === "done") return void (await resume());
          if (state === "expired") return over(null);
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
          if (thrown.status !== 0 && thrown.status < 500) return over(thrown);
        }
        await new Promise((go) => setTimeout(go, interval));
      }
    };
    void look();
    return () => {
      stopped = true;
    };
  }, [login]);
  return left;
}

function Waiting({ login, over }: { login: Login; over: (failure: Failure | null) => void }) {
  const { t } = useWords();
  const left = useOutcome(login, over);
  return (
    <Part id="how" title={t("login.how")}>
      <div class="login">
        <div>
          <p>{t("login.run")}</p>
          <pre><code id="command">{`jpki login --code ${login.code} ${login.address}`}</code></pre>
          <Copyable text={login.address} what={t("login.address")} />
          <p>{t("login.code")}</p>
          <p class="code" id="code">{login.code}</p>
          <p class="soft">{t("login.code_text")}</p>
        </div>
        <div>
          <p>{t("login.scan")}</p>
          <Qr text={login.address} what={t("login.address")} />
        </div>
      </div>
      <p class="note wait">{t("login.waiting", { seconds: left })}</p>
    </Part>
  );
}

export function LoginPage({ ended }: { ended: boolean }) {
  const { t } = useWords();
  const [invitation, setInvitation] = useState(place.get().query.get("invitation") ?? "");
  const [login, setLogin] = useState<Login | null>(null);
  const [expired, setExpired] = useState(false);
  const [refusal, setRefusal] = useState<Failure | null>(null);
  const begin = useAct(async () => {
    setExpired(false);
    setRefusal(null);
    setLogin(await open(invitation.trim()));
  });
  const over = (failure: Failure | null) => {
    setLogin(null);
    setExpired(failure === null);
    setRefusal(failure);
  };
  return (
    <>
      <p>{t("login.lead")}</p>
      {ended && login === null && <p class="note wait" role="status">{t("login.ended")}</p>}
      {expired && <p class="note wait" role="alert">{t("login.expired")}</p>}
      <FailureNote failure={refusal ?? begin.failure} />
      {login === null ? (
        <form onSubmit={(event) => {
          event.preventDefault();
          void begin.run();
        }}>
          <TextField label={t("login.invitation")} hint={t("login.invitation_hint")} value={invitation} max={64}
            onChange={setInvitation} />
          <button type="submit" class="main" disabled={begin.busy}>{t("login.begin")}</button>
        </form>
      ) : <Waiting login={login} over={over} />}
    </>
  );
}
