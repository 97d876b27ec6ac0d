/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpki-sandbox assertion: what a client of the sandbox proves itself with (RFC 7523, 2.2), by the
 * key that the sandbox keeps for whoever plays that client.
 */
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/rand.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/output.h"
#include "sandbox/clock_file.h"
#include "sandbox/state.h"

#include <stdio.h>

enum { KEY_MAX = 4096, JTI_BYTES = 16, LIFETIME = 60, LIFETIME_MAX = 86400 };

struct assertion {
    const char *dir;
    const char *audience;
    const char *key;
    int64_t lifetime;
    bool is_over, json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct assertion, dir), N_("DIR"),
     N_("the sandbox's directory")},
    {'a', "audience", CLI_TEXT, offsetof(struct assertion, audience), "URL",
     N_("for whom it is; the token endpoint of this sandbox if not given")},
    {'k', "key", CLI_TEXT, offsetof(struct assertion, key), N_("FILE"),
     N_("a private JWK; the one of the sandbox's client if not given")},
    {'l', "lifetime", CLI_INT, offsetof(struct assertion, lifetime), N_("SECONDS"),
     N_("how long it is good for; 60 if not given")},
    {'o', "over", CLI_FLAG, offsetof(struct assertion, is_over), NULL,
     N_("one that was good until now")},
    {'j', "json", CLI_FLAG, offsetof(struct assertion, json), NULL,
     N_("print its header and claims as well, as JSON")},
    CLI_OPTIONS_END,
};

/* An assertion as it is made. */
struct made {
    struct privkey *key;
    struct jwk_thumbprint kid;
    struct json *claims;
    struct buf compact;
};

static void made_done(struct made *made)
{
    privkey_free(made->key);
    json_free(made->claims);
    buf_done(&made->compact);
}

static int open_key(const struct layout *layout, const struct assertion *given, const char *client,
                    struct made *made, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(pubkey_freep) struct pubkey *public = NULL;

    if (given->key != NULL)
        TRY(path_format(&path, err, "%s", given->key));
    else
        TRY(path_format(&path, err, "%s/authapp/clients/%s.jwk", layout->dir, client));
    TRY(file_read(path, KEY_MAX, &text, err));
    TRY(err_prefix(err, jws_key_open(buf_bytes(&text), &made->key, err), "%s", path));
    TRY(privkey_spki(made->key, &spki, err));
    TRY(pubkey_from_spki_jws(buf_bytes(&spki), &public, err));
    return jwk_thumbprint(public, &made->kid, err);
}

static int put_audience(const struct layout *layout, const struct assertion *given,
                        struct json *claims, struct err *err)
{
    CLEANUP(json_freep) struct json *state = NULL;
    CLEANUP(free_text) char *endpoint = NULL;
    const struct json *urls = NULL;
    const char *origin = NULL;

    if (given->audience != NULL)
        return json_put_text(claims, "aud", given->audience, err);
    TRY(state_read(layout, &state, err));
    TRY(json_get_object(state, "urls", &urls, err));
    TRY(json_get_text(urls, "authapp", &origin, err));
    TRY(path_format(&endpoint, err, "%s/api/realms/main/protocol/openid-connect/token", origin));
    return json_put_text(claims, "aud", endpoint, err);
}

static int make_claims(const struct layout *layout, const struct assertion *given,
                       const char *client, struct made *made, struct err *err)
{
    CLEANUP(buf_done) struct buf jti = BUF_INIT;
    int64_t lifetime = given->lifetime == 0 ? LIFETIME : given->lifetime;
    int64_t now = clock_now(&clock_system);
    uint8_t random[JTI_BYTES];
    int64_t offset = 0;

    made->claims = json_object_new();
    TRY(clock_file_read(layout, &offset, err));
    now += offset;
    TRY(rand_fill(random, sizeof random, err));
    TRY(base64_append(&jti, BASE64_URL, BYTES_ARRAY(random), err));
    TRY(json_put_text(made->claims, "iss", client, err));
    TRY(json_put_text(made->claims, "sub", client, err));
    TRY(put_audience(layout, given, made->claims, err));
    TRY(json_put_bytes(made->claims, "jti", buf_bytes(&jti), err));
    TRY(json_put_int(made->claims, "iat", given->is_over ? now - lifetime : now, err));
    return json_put_int(made->claims, "exp", given->is_over ? now : now + lifetime, err);
}

static int sign(struct made *made, struct err *err)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    struct digest digest;

    TRY(jws_prepare(JWS_ES256, "JWT", made->kid.text, made->claims, &input, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, err));
    TRY(privkey_sign_jws(made->key, &digest, &signature, err));
    return jws_complete(buf_bytes(&input), buf_bytes(&signature), &made->compact, err);
}

static int show(struct made *made, struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    struct json *header = json_object_new();

    TRY(json_put(object, "header", header, err));
    TRY(json_put_text(header, "alg", jws_alg_name(JWS_ES256), err));
    TRY(json_put_text(header, "typ", "JWT", err));
    TRY(json_put_text(header, "kid", made->kid.text, err));
    TRY(json_put(object, "claims", json_steal(&made->claims), err));
    TRY(json_put_bytes(object, "client_assertion", buf_bytes(&made->compact), err));
    return output_json(object, err);
}

static int make(const struct assertion *given, const char *client, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(made_done) struct made made = {.key = NULL};
    const char *text;
    pid_t pid = 0;

    if (given->lifetime > LIFETIME_MAX)
        return FAIL(err, ERR_USAGE, "--lifetime is at most a day");
    TRY(layout_init(given->dir, &layout, err));
    TRY(layout_running(&layout, &pid, err));
    TRY(open_key(&layout, given, client, &made, err));
    TRY(make_claims(&layout, given, client, &made, err));
    TRY(sign(&made, err));
    if (given->json)
        return show(&made, err);
    TRY(buf_text(&made.compact, &text, err));
    (void)puts(text);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    return make(parsed, argc > 0 ? argv[0] : "sample-bank", &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_assertion = {
    .path = "assertion",
    .arguments = N_("[CLIENT]"),
    .description = N_("print an assertion that a client proves itself with: a private_key_jwt"),
    .options = options,
    .size = sizeof(struct assertion),
    .max_arguments = 1,
    .run = run,
};
