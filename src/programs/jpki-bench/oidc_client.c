/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/oidc_client.h"

#include "base/base64.h"
#include "base/random_text.h"
#include "card/keygen.h"
#include "crypto/bound.h"
#include "crypto/jwe.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 * 1024, PART_SIZE = 2048, JTI_SIZE = 23 };

/* RFC 7636, appendix B. */
#define VERIFIER   "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE  "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define REDIRECT   "redirect_uri=https%3A%2F%2Fshop.example%2Fback"
#define TOKEN_PATH AUTHAPP_OIDC "/token"
#define HEAD       " HTTP/1.1\r\nHost: localhost\r\n"
#define ASSERTION                                                                                  \
    "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"

int oidc_client_connect(const struct oidc_lab *lab, int *ret_fd, struct err *err)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(lab->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return FAIL_ERRNO(err, "socket");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        (void)close(fd);
        return FAIL_ERRNO(err, "cannot connect to the provider");
    }
    *ret_fd = fd;
    return 0;
}

/* ---- one exchange ---- */

static int send_all(int fd, struct bytes data, struct err *err)
{
    while (data.len > 0) {
        ssize_t sent = send(fd, data.ptr, data.len, MSG_NOSIGNAL);

        if (sent < 0)
            return FAIL_ERRNO(err, "send");
        data = bytes_part(data, (size_t)sent, data.len - (size_t)sent);
    }
    return 0;
}

/* How long the answer is in all, from its header; 0: that is not there yet. */
static size_t length_of(const char *text)
{
    static const char field[] = "\r\nContent-Length: ";
    const char *end = strstr(text, "\r\n\r\n");
    const char *at = strstr(text, field);

    if (end == NULL)
        return 0;
    return (size_t)(end + 4 - text) +
           (at == NULL || at > end ? 0 : strtoul(at + strlen(field), NULL, 10));
}

static int receive(int fd, struct buf *ret, const char **ret_text, struct err *err)
{
    uint8_t part[PART_SIZE];
    size_t whole = 0;

    while (whole == 0 || ret->len < whole) {
        ssize_t got = recv(fd, part, sizeof part, 0);

        if (got <= 0 || ret->len > ANSWER_MAX)
            return FAIL(err, ERR_REMOTE, "the provider gives no answer");
        TRY(buf_append(ret, bytes_of(part, (size_t)got), err));
        TRY(buf_text(ret, ret_text, err));
        whole = length_of(*ret_text);
    }
    return 0;
}

/* The answer's text, of this status. */
static int ask(int fd, const struct buf *request, const char *status, struct buf *answer,
               const char **ret_text, struct err *err)
{
    answer->len = 0;
    TRY(send_all(fd, buf_bytes(request), err));
    TRY(receive(fd, answer, ret_text, err));
    if (strncmp(*ret_text, "HTTP/1.1 ", 9) != 0 || strncmp(*ret_text + 9, status, 3) != 0)
        return FAIL(err, ERR_REMOTE, "a login is answered with %.12s instead of %s", *ret_text,
                    status);
    return 0;
}

/* What stands between start and one of ends. */
static int part_of(const char *text, const char *start, const char *ends, char ret[PART_SIZE],
                   struct err *err)
{
    const char *at = strstr(text, start);
    size_t len = at == NULL ? PART_SIZE : strcspn(at + strlen(start), ends);

    if (len >= PART_SIZE)
        return FAIL(err, ERR_REMOTE, "an answer of a login has no %s", start);
    memcpy(ret, at + strlen(start), len);
    ret[len] = '\0';
    return 0;
}

/* ---- a login ---- */

struct attempt {
    const struct oidc_lab *lab;
    int fd;
    struct buf request, answer;
    const char *text; /* of the answer */
    char session[PART_SIZE], cookie[PART_SIZE], digits[PART_SIZE], code[PART_SIZE];
};

static void attempt_done(struct attempt *attempt)
{
    buf_done(&attempt->request);
    buf_done(&attempt->answer);
}

static int get(struct attempt *attempt, const char *path, const char *status, struct err *err)
{
    attempt->request.len = 0;
    TRY(buf_append_format(&attempt->request, err, "GET %s" HEAD "Cookie: %s\r\n\r\n", path,
                          attempt->cookie));
    return ask(attempt->fd, &attempt->request, status, &attempt->answer, &attempt->text, err);
}

static int post(struct attempt *attempt, const char *path, const char *type,
                const struct buf *content, const char *status, struct err *err)
{
    attempt->request.len = 0;
    TRY(buf_append_format(&attempt->request, err,
                          "POST %s" HEAD "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", path,
                          type, content->len));
    TRY(buf_append(&attempt->request, buf_bytes(content), err));
    return ask(attempt->fd, &attempt->request, status, &attempt->answer, &attempt->text, err);
}

/* The browser is sent, and sees where and with which digits a card is to answer. */
static int begin(struct attempt *attempt, struct err *err)
{
    char path[PART_SIZE + 64];

    TRY(get(attempt,
            AUTHAPP_OIDC "/auth?response_type=code&client_id=" OIDC_LAB_CLIENT "&" REDIRECT
                         "&scope=openid&state=s&nonce=n&code_challenge=" CHALLENGE
                         "&code_challenge_method=S256",
            "303", err));
    TRY(part_of(attempt->text, AUTHAPP_REALM "/login/", "\r", attempt->session, err));
    TRY(part_of(attempt->text, "Set-Cookie: ", ";", attempt->cookie, err));
    (void)snprintf(path, sizeof path, AUTHAPP_REALM "/login/%s", attempt->session);
    TRY(get(attempt, path, "200", err));
    return part_of(attempt->text, "class=\"code\">", "<", attempt->digits, err);
}

/* What the card signs, out of the challenge. */
static int sign(struct attempt *attempt, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf nonce = BUF_INIT;
    struct bound bound = {.origin = OIDC_LAB_ORIGIN,
                          .client_id = OIDC_LAB_CLIENT,
                          .redirect_uri = OIDC_LAB_REDIRECT,
                          .session = attempt->session};
    char text[PART_SIZE];
    struct digest digest;

    TRY(part_of(attempt->text, "\"nonce\":\"", "\"", text, err));
    TRY(base64_decode(BASE64_PADDED, bytes_text(text), &nonce, err));
    TRY(part_of(attempt->text, "\"expires_at\":", ",}", text, err));
    bound.nonce = buf_bytes(&nonce);
    bound.expires_at = strtoll(text, NULL, 10);
    TRY(bound_digest(&bound, &digest, err));
    return privkey_sign(attempt->lab->card_key, &digest, ret, err);
}

static int show_card(struct attempt *attempt, size_t card, struct err *err)
{
    const struct oidc_lab *lab = attempt->lab;
    CLEANUP(json_freep) struct json *json = json_object_new();
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    CLEANUP(buf_done) struct buf jwe = BUF_INIT;
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    char path[PART_SIZE + 64];

    (void)snprintf(path, sizeof path, "/v1/logins/%s", attempt->session);
    TRY(get(attempt, path, "200", err));
    TRY(sign(attempt, &signature, err));
    TRY(jwe_encrypt(lab->platform.agreement.key, buf_bytes(&lab->certs[card]), &jwe, err));
    TRY(json_put_text(json, "code", attempt->digits, err));
    TRY(json_put_bytes(json, "certificate", buf_bytes(&jwe), err));
    TRY(json_put_base64(json, "signature", buf_bytes(&signature), err));
    TRY(json_write(json, &body, err));
    (void)snprintf(path, sizeof path, "/v1/logins/%s/answer", attempt->session);
    return post(attempt, path, "application/json", &body, "204", err);
}

static int put_claims(struct json *claims, struct err *err)
{
    char jti[JTI_SIZE];

    TRY(random_text(jti, sizeof jti, err));
    TRY(json_put_text(claims, "iss", OIDC_LAB_CLIENT, err));
    TRY(json_put_text(claims, "sub", OIDC_LAB_CLIENT, err));
    TRY(json_put_text(claims, "aud", OIDC_LAB_ORIGIN TOKEN_PATH, err));
    TRY(json_put_text(claims, "jti", jti, err));
    return json_put_int(claims, "exp", OIDC_LAB_NOW + 60, err);
}

static int make_assertion(const struct oidc_lab *lab, struct buf *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *claims = json_object_new();
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(put_claims(claims, err));
    TRY(jws_prepare(JWS_ES256, "JWT", lab->client_kid.text, claims, &input, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, err));
    TRY(privkey_sign_jws(lab->client_key, &digest, &signature, err));
    return jws_complete(buf_bytes(&input), buf_bytes(&signature), ret, err);
}

/* Back at the relying party, which gets the ID token. */
static int finish(struct attempt *attempt, struct err *err)
{
    CLEANUP(buf_done) struct buf assertion = BUF_INIT;
    CLEANUP(buf_done) struct buf form = BUF_INIT;
    char path[PART_SIZE + 64];
    char token[PART_SIZE];

    (void)snprintf(path, sizeof path, AUTHAPP_REALM "/login/%s", attempt->session);
    TRY(get(attempt, path, "303", err));
    TRY(part_of(attempt->text, "?code=", "&\r", attempt->code, err));
    TRY(make_assertion(attempt->lab, &assertion, err));
    TRY(buf_append_text(
        &form, "grant_type=authorization_code&" REDIRECT "&code_verifier=" VERIFIER "&code=", err));
    TRY(buf_append_text(&form, attempt->code, err));
    TRY(buf_append_text(&form, "&" ASSERTION "&client_assertion=", err));
    TRY(buf_append(&form, buf_bytes(&assertion), err));
    TRY(post(attempt, TOKEN_PATH, "application/x-www-form-urlencoded", &form, "200", err));
    return part_of(attempt->text, "\"id_token\":\"", "\"", token, err);
}

int oidc_client_login(const struct oidc_lab *lab, int fd, size_t card, struct err *err)
{
    CLEANUP(attempt_done) struct attempt attempt = {.lab = lab, .fd = fd};

    TRY(begin(&attempt, err));
    TRY(show_card(&attempt, card, err));
    return finish(&attempt, err);
}
