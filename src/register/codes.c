/* SPDX-License-Identifier: Apache-2.0 */
#include "register/codes.h"

#include "crypto/mac.h"
#include "register/authority_client.h"
#include "register/codes_store.h"
#include "rpc/content_key.h"
#include "rpc/kept_secret.h"

#include <stdlib.h>
#include <string.h>

enum { SERIAL_DIGITS = 15 };

static const char label[] = "OpenJPKI exchange code v1";

struct codes {
    struct codes_setup setup;
    struct pubkey *key;
    struct jwk_thumbprint kid;
    struct secret secret;
};

int codes_open(const struct codes_setup *setup, struct register_store *store, struct codes **ret,
               struct err *err)
{
    CLEANUP(codes_freep) struct codes *codes = calloc(1, sizeof *codes);
    CLEANUP(signer_closep) struct signer *signer = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    const struct kept_secret which = {register_store_db(store), setup->key, "exchange-codes"};

    if (codes == NULL)
        return FAIL_NOMEM(err);
    codes->setup = *setup;
    TRY(signer_open(setup->signer, &signer, err));
    TRY(signer_public(signer, setup->key, &spki, err));
    TRY(pubkey_from_spki_rsa(buf_bytes(&spki), &codes->key, err));
    TRY(jwk_thumbprint(codes->key, &codes->kid, err));
    TRY(kept_secret_load(&which, signer, &codes->secret, err));
    *ret = codes;
    codes = NULL;
    return 0;
}

void codes_free(struct codes *codes)
{
    if (codes == NULL)
        return;
    pubkey_freep(&codes->key);
    secret_done(&codes->secret);
    free(codes);
}

void codes_freep(struct codes **codes)
{
    codes_free(*codes);
    *codes = NULL;
}

bool codes_may_ask(const struct codes *codes, const struct http_call *call)
{
    return codes != NULL && http_peer_is_in(call, codes->setup.uids, codes->setup.count);
}

/* ---- references ---- */

static int get_key(const struct codes *codes, const struct jwe *jwe, struct secret *ret,
                   struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(signer_open(codes->setup.signer, &signer, err));
    return content_key_get(signer, codes->setup.key, jwe, ret, err);
}

static int open_reference(const struct codes *codes, const char *reference, struct json **ret,
                          struct err *err)
{
    CLEANUP(jwe_done) struct jwe jwe = JWE_INIT;
    CLEANUP(secret_done) struct secret key = SECRET_INIT;
    CLEANUP(buf_done) struct buf plain = BUF_INIT;

    TRY(err_prefix(err, jwe_parse(bytes_text(reference), &jwe, err), "person_reference"));
    if (strcmp(jwe.kid.text, codes->kid.text) != 0)
        return FAIL(err, ERR_UNTRUSTED, "the person reference is encrypted to another key");
    TRY(get_key(codes, &jwe, &key, err));
    TRY(err_prefix(err, jwe_decrypt(&jwe, &key, &plain, err), "person_reference"));
    return err_prefix(err, json_parse(buf_bytes(&plain), ret, err), "person_reference");
}

static int read_serial(const char *text, int64_t *ret, struct err *err)
{
    size_t len = strlen(text);
    int64_t serial = 0;

    if (len == 0 || len > SERIAL_DIGITS || strspn(text, "0123456789") != len || text[0] == '0')
        return FAIL(err, ERR_INPUT, "the serial number of a person reference is decimal digits");
    for (const char *c = text; *c != '\0'; c++)
        serial = serial * 10 + *c - '0';
    *ret = serial;
    return 0;
}

static int check_time(int64_t made_at, int64_t now, struct err *err)
{
    if (made_at > now + CODE_REFERENCE_AHEAD_SECONDS || made_at < now - CODE_REFERENCE_SECONDS)
        return FAIL(err, ERR_UNTRUSTED, "the time of the person reference is over");
    return 0;
}

/* Which certificate it says was shown, and not too long ago. */
static int read_claims(const struct json *claims, int64_t now, struct issued *ret, struct err *err)
{
    static const char *const members[] = {"issuer_key_id", "serial", "iat", NULL};
    const char *issuer;
    const char *serial;
    int64_t made_at;

    TRY(json_only(claims, members, err));
    TRY(json_get_text(claims, "issuer_key_id", &issuer, err));
    TRY(json_get_text(claims, "serial", &serial, err));
    TRY(json_get_int(claims, "iat", &made_at, err));
    if (strlen(issuer) != ISSUER_ID_LEN || strspn(issuer, "0123456789abcdef") != ISSUER_ID_LEN)
        return FAIL(err, ERR_INPUT, "the issuer of a person reference is %d hexadecimal digits",
                    ISSUER_ID_LEN);
    memcpy(ret->issuer, issuer, sizeof ret->issuer);
    TRY(read_serial(serial, &ret->serial, err));
    return check_time(made_at, now, err);
}

/* By the card that it was enrolled with; what became of the phone the authority knows. */
static int find_phone(const struct counter *counter, const struct issued *phone,
                      const char *traceparent, struct code_holder *ret, struct err *err)
{
    struct issued card;
    int rc = authority_ask_phone_card(counter->authority, phone, traceparent, &card, err);

    if (rc == -ERR_CONFLICT) {
        *ret = (struct code_holder){.is_over = true};
        return 0;
    }
    TRY(rc);
    return register_find_certificate(counter->store, card.issuer, card.serial, ret, err);
}

int codes_find_holder(const struct codes *codes, const struct counter *counter,
                      const struct code_question *question, struct code_holder *ret,
                      struct err *err)
{
    CLEANUP(json_freep) struct json *claims = NULL;
    struct issued shown;
    int rc;

    TRY(open_reference(codes, question->reference, &claims, err));
    TRY(read_claims(claims, clock_now(counter->clock), &shown, err));
    rc = register_find_certificate(counter->store, shown.issuer, shown.serial, ret, err);
    if (rc != -ERR_ABSENT || question->device == CODE_CARD)
        return rc;
    return find_phone(counter, &shown, question->traceparent, ret, err);
}

int codes_derive(const struct codes *codes, const char *resident, const char *body,
                 uint8_t ret[CODE_BYTES], struct err *err)
{
    const struct bytes pieces[] = {
        bytes_text(label), bytes_text(resident), bytes_text(body), {NULL, 0}};
    size_t len = strlen(body);
    struct digest mac;

    if (len == 0 || len > CODE_BODY_MAX ||
        strspn(body, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != len)
        return FAIL(err, ERR_INPUT, "a body is 1 to %d of A-Z and 0-9", CODE_BODY_MAX);
    TRY(mac_compute(&codes->secret, pieces, &mac, err));
    memcpy(ret, mac.value, CODE_BYTES);
    return 0;
}
