# SPDX-License-Identifier: Apache-2.0
"""The sample providers of examples/ beside a sandbox: what a customer's browser and card do at one, and what the
provider gets to see. The same for each of them, in whatever language it is."""
import base64
import http.cookiejar
import http.server
import json
import os
import re
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from harness import free_port, program, wait_until, write_text
from test_sandbox import Sandbox, environment

PINS = {"hanako": ("1234", "ABC123"), "futago-a": ("1234", "ABC123"), "futago-b": ("1234", "ABC123")}
NEW_HOME = "兵庫県神戸市中央区見本町２番"
TOKEN_FAULTS = ("wrong_nonce", "wrong_audience", "wrong_subject", "bad_signature", "unsigned_token", "unknown_kid",
                "expired_token")
ACCOUNT = re.compile(r"口座番号 (\d{7})")
JWE = re.compile(r"[\w-]+\.[\w-]*(?:\.[\w-]+){3}")  # of a key that was agreed on, nothing is sent
HOP = ("connection", "transfer-encoding", "content-length", "host", "proxy-connection", "expect")


class Recorder(http.server.BaseHTTPRequestHandler):
    """A proxy of the provider's: passes on, and keeps what was answered."""
    protocol_version = "HTTP/1.1"
    answers = []

    def pass_on(self):
        size = int(self.headers.get("content-length", 0))
        fields = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        request = urllib.request.Request(self.path, self.rfile.read(size) or None, fields, method=self.command)
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
            Recorder.answers.append((self.command, self.path, answer.status, body))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in HOP:
                    self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = pass_on

    def log_message(self, *_):
        pass


class Customer:
    """A browser with cookies of its own."""

    def __init__(self, site):
        self.site, self.origin = site, site.origin
        self.open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open

    def visit(self, url, body=None):
        """Where it ends, status and text; redirects are followed."""
        request = urllib.request.Request(urllib.parse.urljoin(self.origin, url), body)
        try:
            with self.open(request, timeout=60) as answer:
                return answer.url, answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.url, error.code, error.read().decode()

    def begin(self):
        """To the page of the login: where it is, the card's address there, and the code."""
        url, status, page = self.visit("/open")
        assert status == 200, (url, status, page)
        address = re.search(r"<dd>(http[^<]*/v1/logins/[^<]*)</dd>", page).group(1)
        return url, address, re.search(r'class="code">(\d{6})<', page).group(1)

    def log_in(self, *more, persona="hanako"):
        """What the bank says behind the login."""
        page, address, code = self.begin()
        done = self.site.jpki("login", address, "--code", code, "--yes", *more, secret="\n".join(PINS[persona]) + "\n")
        return done, self.visit(page)

    def sign(self, said, *more, persona="hanako"):
        """Answer what the bank asks for on its page."""
        address, code = re.search(r"jpki sign (\S+) --code (\d{6})", said).groups()
        return self.site.jpki("sign", address, "--code", code, "--yes", *more, secret=PINS[persona][1] + "\n")

    def account(self):
        """Status and text of the bank's own page."""
        return self.visit("/")[1:]


class BankSite:
    """A sandbox with a card in the reader, and a bank of argv + [port, key] beside it."""

    def __init__(self, argv, has_proxy):
        self.box = Sandbox(is_new=False).start()
        self.env = environment(self.box)
        self.card("hanako")
        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        more = {"http_proxy": f"http://127.0.0.1:{self.proxy.server_port}"} if has_proxy else {}
        env = {name: value for name, value in self.env.items() if not name.lower().endswith("_proxy")}
        self.bank = subprocess.Popen(
            [*argv, str(port), os.path.join(self.box.dir, "authapp", "clients", "sample-bank.jwk")],
            env=env | more, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self.bank.stdout.readline()
        assert self.origin in line, line + self.bank.stdout.read()

    def card(self, persona):
        self.box.call("persona", "card", persona)
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)

    def jpki(self, *argv, secret=None):
        if secret is not None:
            argv = (*argv, "--pin-fd", "0")
        return subprocess.run([program("jpki-sandbox"), "exec", "--dir", self.box.dir, program("jpki"), *argv],
                              input=(secret or "").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.env, timeout=120, check=False)

    def close(self):
        self.bank.terminate()
        text = self.bank.communicate(timeout=60)[0]
        self.proxy.shutdown()
        self.box.close()
        assert "ERROR: AddressSanitizer" not in text and "runtime error" not in text, text


def open_account(site):
    """A new customer with an account."""
    customer = Customer(site)
    done, (_, status, said) = customer.log_in()
    assert done.returncode == 0 and status == 200, (done, status, said)
    for shown in ("番号　花子", "東京都千代田区見本町一丁目２番３号", "19900415", "女"):
        assert shown in said, said
    status, text = customer.account()
    assert status == 202 and "pending" in text, (status, text)
    signed = customer.sign(said)
    assert signed.returncode == 0, signed
    status, text = customer.account()
    assert status == 200 and ACCOUNT.search(text), (status, text)
    return customer


def the_account_is_opened_once_and_for_one_browser(site):
    customer = open_account(site)
    number = ACCOUNT.search(customer.account()[1]).group(1)
    assert ACCOUNT.search(customer.account()[1]).group(1) == number
    status, text = Customer(site).account()
    assert status == 200 and "口座番号" not in text and "花子" not in text, text
    assert ACCOUNT.search(open_account(site).account()[1]).group(1) != number


def a_customer_who_refuses_the_login_gets_no_account(site):
    customer = Customer(site)
    _, (_, status, said) = customer.log_in("--deny")
    assert status == 403 and "access_denied" in said and "jpki sign" not in said, (status, said)
    assert "口座番号" not in customer.account()[1]


def a_customer_who_refuses_to_sign_gets_no_account(site):
    customer = Customer(site)
    _, (_, status, said) = customer.log_in()
    assert status == 200, said
    assert customer.sign(said, "--deny").returncode == 0
    status, text = customer.account()
    assert status == 202 and "denied" in text and "口座番号" not in text, (status, text)


def another_state_browser_issuer_or_a_second_time_is_refused(site):
    customer, other = Customer(site), Customer(site)
    page, address, code = customer.begin()
    other.begin()
    assert site.jpki("login", address, "--code", code, "--yes", secret="\n".join(PINS["hanako"]) + "\n").returncode == 0

    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None
    cookies = next(handler for handler in customer.open.__self__.handlers
                   if isinstance(handler, urllib.request.HTTPCookieProcessor))
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies, Stop()).open(page, timeout=60)
        raise AssertionError("no redirect")
    except urllib.error.HTTPError as redirect:
        back = redirect.headers["location"]
    assert back.startswith(site.origin + "/callback?"), back
    state = re.search(r"[?&]state=([\w-]+)", back).group(1)
    for browser, url in ((customer, back.replace(state, "A" * len(state))), (other, back), (Customer(site), back),
                         (customer, re.sub(r"iss=[^&]*", "iss=http%3A%2F%2F127.0.0.1%3A1", back))):
        assert browser.visit(url)[1] == 400, url
    assert customer.visit(back)[1] == 200
    assert customer.visit(back)[1] == 400


def an_id_token_that_is_wrong_opens_nothing(site):
    """Each thing that a client has to check, by the sandbox's faults; the next login is right again."""
    for fault in TOKEN_FAULTS:
        site.box.call("fault", "set", fault, "--times", "1")
        customer = Customer(site)
        done, (_, status, said) = customer.log_in()
        assert done.returncode == 0 and status == 403 and "jpki sign" not in said, (fault, done, status, said)
        assert "花子" not in said + customer.account()[1], fault
    _, (_, status, said) = Customer(site).log_in()
    assert status == 200 and "花子" in said, said


def a_call_that_the_platform_did_not_sign_is_refused(site):
    body = json.dumps({"type": "holder.data_may_have_changed", "data": {"holder": "x"}}).encode()
    for signature in ("", "v1,", "v1," + base64.b64encode(bytes(32)).decode()):
        request = urllib.request.Request(site.origin + "/hook", body, {
            "webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": signature})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                raise AssertionError(f"{answer.status}")
        except urllib.error.HTTPError as error:
            assert error.code == 401, error


def the_signature_of_somebody_else_opens_nothing(site):
    """Twins: all they have in common is everything but number and one character."""
    customer = Customer(site)
    site.card("futago-a")
    done, (_, status, said) = customer.log_in(persona="futago-a")
    assert status == 200 and "双子　一郎" in said, (done, said)
    site.card("futago-b")
    assert customer.sign(said, persona="futago-b").returncode == 0
    status, text = customer.account()
    assert status == 403 and "ログインした人の署名ではありません" in text, (status, text)
    assert "双子　二郎" not in text, text


def a_card_that_is_revoked_meanwhile_opens_nothing(site):
    customer = Customer(site)
    site.card("futago-a")
    _, (_, status, said) = customer.log_in(persona="futago-a")
    assert status == 200, said
    site.box.call("act", "futago-a", "loss")
    wait_until("the loss is known", lambda: site.jpki("cert", "status", "--sign", secret=PINS["futago-a"][1])
               .returncode == 1)
    assert customer.sign(said, persona="futago-a").returncode == 0
    status, text = customer.account()
    assert status == 403 and "revoked" in text and "口座番号" not in text, (status, text)
    _, (_, status, said) = customer.log_in(persona="futago-a")
    assert status == 403 and "access_denied" in said and "revoked" not in said, (status, said)


def a_new_address_arrives_at_the_bank(site):
    site.card("hanako")
    customer = open_account(site)
    given = site.jpki("consent", "give", "sample-bank", "accounts", "--platform", site.env["JPKI_PLATFORM"], "--yes",
                      secret=PINS["hanako"][1])
    assert given.returncode == 0, given
    _, status, text = Customer(site).visit("/consent", given.stdout)
    assert status == 403, text
    _, status, text = customer.visit("/consent", given.stdout)
    assert status == 200 and "given" in text, (status, text)
    site.box.call("clock", "+1d")
    site.box.call("move", "hanako", "--address", NEW_HOME, "--municipality", "28100")
    wait_until("the bank knows the new address", lambda: NEW_HOME in customer.account()[1])
    assert "番号　花子" in customer.account()[1]


def members(value, path=""):
    """(name, value) of every member at every depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


def the_bank_saw_no_certificate_and_no_serial_number(site):
    """All that was answered to it over the wire; certificates only inside of what the platform alone can open."""
    certificates = []
    for words, secret in (((), "1234"), (("--sign",), "ABC123")):
        path = os.path.join(site.box.dir, "saw.der")
        done = site.jpki("cert", "export", "--der", "--force", "--out", path, *words, secret=secret)
        assert done.returncode == 0, done
        with open(path, "rb") as file:
            certificates.append(file.read())
    paths = [urllib.parse.urlsplit(path).path for _, path, _, _ in Recorder.answers]
    for part in ("/token", "/userinfo", "/result", "/v1/verifications", "/latest"):
        assert any(path.endswith(part) for path in paths), (part, paths)
    for method, path, _, body in Recorder.answers:
        for der in certificates:
            assert der not in body and base64.b64encode(der)[:60] not in body, (method, path)
        for name, value in members(json.loads(body)) if body else ():
            assert not re.search("serial|revo[ck].*_at|revocation_(time|reason)", name), (path, name)
            assert "certificate" not in name or JWE.fullmatch(value), (path, name)


SCENES = (the_account_is_opened_once_and_for_one_browser, a_customer_who_refuses_the_login_gets_no_account,
          a_customer_who_refuses_to_sign_gets_no_account, another_state_browser_issuer_or_a_second_time_is_refused,
          an_id_token_that_is_wrong_opens_nothing, a_call_that_the_platform_did_not_sign_is_refused,
          the_signature_of_somebody_else_opens_nothing, a_card_that_is_revoked_meanwhile_opens_nothing,
          a_new_address_arrives_at_the_bank)
