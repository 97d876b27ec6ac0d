/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket's requests, answered in memory, against a card in memory. */
#include "card/control.h"

#include "base/base64.h"
#include "card/issue.h"
#include "card/state.h"
#include "http/engine.h"
#include "support/memory_card.h"
#include "support/pki.h"
#include "x509/csr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_pki pki;

struct bench {
    struct memory_storage storage;
    struct slot *slot;
    struct http_peer peer;
    struct buf answer; /* the last one, header and all */
    const char *body;  /* in it */
};

static int set_up(void **state)
{
    struct bench *bench = test_calloc(1, sizeof *bench);

    bench->peer = (struct http_peer){.is_unix = true, .cred = {.uid = geteuid()}};
    assert_int_equal(slot_new(memory_card_new_blank(&bench->storage), &bench->slot, NULL), 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    slot_free(bench->slot);
    buf_done(&bench->answer);
    test_free(bench);
    return 0;
}

/* The status of the answer; its body is kept. */
static unsigned ask(struct bench *bench, const char *method, const char *path, const char *body)
{
    const uid_t uids[] = {geteuid()};
    const struct http_server_options options = {
        .routes = control_routes, .context = bench->slot, .uids = uids, .uid_count = 1};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_format(&request, NULL,
                                       "%s %s HTTP/1.1\r\nHost: card\r\n"
                                       "Content-Type: application/json\r\n"
                                       "Content-Length: %zu\r\n\r\n%s",
                                       method, path, strlen(body), body),
                     0);
    buf_clear(&bench->answer);
    assert_int_equal(
        http_loopback(&options, &bench->peer, buf_bytes(&request), &bench->answer, NULL), 0);
    assert_int_equal(buf_text(&bench->answer, &text, NULL), 0);
    bench->body = strstr(text, "\r\n\r\n");
    assert_non_null(bench->body);
    bench->body += 4;
    return (unsigned)strtoul(text + strlen("HTTP/1.1 "), NULL, 10);
}

static void get_bytes(struct bench *bench, const char *key, struct buf *ret)
{
    CLEANUP(json_freep) struct json *body = NULL;

    assert_int_equal(json_parse(bytes_text(bench->body), &body, NULL), 0);
    assert_int_equal(json_get_base64(body, key, ret, NULL), 0);
}

/* Certificates over the keys of the memory card, made once. */
static struct x509_cert *certs[CARD_KEYS_];

static void issue(enum card_key key, enum profile_kind kind)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(memory_card_key(key), &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&pki, kind, &inputs, &certs[key]);
}

/* A card whose keys were made, as it is when its certificates come. */
static int set_up_keyed(void **state)
{
    struct bench *bench;

    assert_int_equal(set_up(state), 0);
    bench = *state;
    slot_free(bench->slot);
    assert_int_equal(slot_new(memory_card_new_keyed(&bench->storage), &bench->slot, NULL), 0);
    return 0;
}

static void put_cert(struct json *certificates, const char *name, const struct x509_cert *cert)
{
    assert_int_equal(json_put_base64(certificates, name, x509_cert_der(cert), NULL), 0);
}

struct personal {
    const struct x509_cert *auth, *auth_ca, *sign, *sign_ca; /* sign NULL: none */
    const char *auth_pin, *sign_pin;                         /* sign_pin NULL: none */
    const char *label;                                       /* NULL: the usual */
    const char *kind;                                        /* NULL: not said */
    const char *pins;  /* more of them, as JSON members behind a comma; NULL: none */
    const char *files; /* as JSON; NULL: none */
};

static struct personal good(void)
{
    return (struct personal){
        .auth = certs[CARD_KEY_AUTH],
        .auth_ca = pki.certs[PROFILE_AUTH_CA],
        .sign = certs[CARD_KEY_SIGN],
        .sign_ca = pki.certs[PROFILE_SIGN_CA],
        .auth_pin = MEMORY_CARD_AUTH_PIN,
        .sign_pin = MEMORY_CARD_SIGN_PIN,
    };
}

static void put_parsed(struct json *object, const char *name, const char *text)
{
    struct json *value;

    assert_int_equal(json_parse(bytes_text(text), &value, NULL), 0);
    assert_int_equal(json_put(object, name, value, NULL), 0);
}

static void put_pins(struct json *body, const struct personal *with)
{
    CLEANUP(buf_done) struct buf pins = BUF_INIT;
    const char *text;

    assert_int_equal(buf_append_text(&pins, "{", NULL), 0);
    if (with->auth_pin != NULL)
        assert_int_equal(buf_append_format(&pins, NULL, "\"auth\":\"%s\"", with->auth_pin), 0);
    if (with->sign_pin != NULL)
        assert_int_equal(buf_append_format(&pins, NULL, "%s\"sign\":\"%s\"",
                                           pins.len > 1 ? "," : "", with->sign_pin),
                         0);
    if (with->pins != NULL)
        assert_int_equal(buf_append_text(&pins, with->pins, NULL), 0);
    assert_int_equal(buf_append_text(&pins, "}", NULL), 0);
    assert_int_equal(buf_text(&pins, &text, NULL), 0);
    put_parsed(body, "pins", text);
}

static unsigned personalise(struct bench *bench, const struct personal *with)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct json *certificates = json_object_new();
    const char *sent;

    assert_int_equal(json_put(body, "certificates", certificates, NULL), 0);
    put_cert(certificates, "auth", with->auth);
    put_cert(certificates, "auth_ca", with->auth_ca);
    put_cert(certificates, "sign_ca", with->sign_ca);
    if (with->sign != NULL)
        put_cert(certificates, "sign", with->sign);
    put_pins(body, with);
    if (with->kind != NULL)
        assert_int_equal(json_put_text(body, "kind", with->kind, NULL), 0);
    if (with->files != NULL)
        put_parsed(body, "files", with->files);
    if (with->label != NULL) {
        struct json *token = json_object_new();

        assert_int_equal(json_put_text(token, "label", with->label, NULL), 0);
        assert_int_equal(json_put(body, "token", token, NULL), 0);
    }
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &sent, NULL), 0);
    return ask(bench, "POST", "/v1/personalisation", sent);
}

static void assert_still_blank(struct bench *bench)
{
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_non_null(strstr(bench->body, "\"personalised\":false"));
    assert_non_null(strstr(bench->body, "\"certificates\":{\"sign\":false,\"sign_ca\":false,"
                                        "\"auth\":false,\"auth_ca\":false}"));
}

static void strangers_are_turned_away(void **state)
{
    struct bench *bench = *state;

    bench->peer.cred.uid = geteuid() + 1;
    for (const struct route *route = control_routes; route->path != NULL; route++)
        assert_int_equal(ask(bench, http_method_name(route->method), route->path,
                             route->method == HTTP_GET ? "" : "{}"),
                         403);
}

static void other_bodies_and_keys_are_refused(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(ask(bench, "POST", "/v1/keys", "{}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"juki\"}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"sign\",\"bits\":1024}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/requests", "{\"key\":\"auth\"}"), 404);
    assert_int_equal(ask(bench, "POST", "/v1/insertion", "{\"inserted\":\"no\"}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/trouble", "{\"mute_after\":-1}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/personalisation",
                         "{\"certificates\":{},\"pins\":{\"auth\":\"1234\"}}"),
                     400);
    assert_int_equal(ask(bench, "POST", "/v1/personalisation",
                         "{\"certificates\":{\"juki\":\"\"},\"pins\":{\"auth\":\"1234\"}}"),
                     400);
    assert_int_equal(ask(bench, "GET", "/v1/keys/auth", ""), 404);
    assert_still_blank(bench);
}

/* RFC 2986: the request is signed by the key in it, which is the card's. */
static void a_request_proves_possession_of_the_key(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    struct csr csr;

    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"auth\"}"), 201);
    get_bytes(bench, "spki", &spki);
    assert_int_equal(ask(bench, "POST", "/v1/requests", "{\"key\":\"auth\"}"), 200);
    get_bytes(bench, "request", &request);
    assert_int_equal(csr_parse(buf_bytes(&request), &csr, NULL), 0);
    assert_true(bytes_equal(csr.spki, buf_bytes(&spki)));
    assert_int_equal(ask(bench, "POST", "/v1/requests", "{\"key\":\"sign\"}"), 404);
}

static void a_key_that_could_not_be_stored_is_not_made(void **state)
{
    struct bench *bench = *state;

    bench->storage.is_broken = true;
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"auth\"}"), 500);
    bench->storage.is_broken = false;
    assert_int_equal(ask(bench, "POST", "/v1/requests", "{\"key\":\"auth\"}"), 404);
}

static void certificates_of_another_card_are_refused(void **state)
{
    struct bench *bench = *state;
    struct personal with;

    with = good();
    with.auth = pki.certs[PROFILE_AUTH]; /* over a key that is not the card's */
    assert_int_equal(personalise(bench, &with), 422);
    with = good();
    with.sign = pki.certs[PROFILE_SIGN];
    assert_int_equal(personalise(bench, &with), 422);
    with = good();
    with.auth = certs[CARD_KEY_SIGN]; /* the two exchanged */
    with.sign = certs[CARD_KEY_AUTH];
    assert_int_equal(personalise(bench, &with), 422);
    with = good();
    with.auth_ca = pki.certs[PROFILE_SIGN_CA]; /* not its issuer */
    assert_int_equal(personalise(bench, &with), 422);
    with = good();
    with.sign_ca = pki.certs[PROFILE_AUTH_CA];
    assert_int_equal(personalise(bench, &with), 422);
    assert_still_blank(bench);
}

static void pins_that_break_the_rules_are_refused(void **state)
{
    struct bench *bench = *state;
    struct personal with;

    with = good();
    with.auth_pin = "123";
    assert_int_equal(personalise(bench, &with), 400);
    with = good();
    with.sign_pin = "abc123";
    assert_int_equal(personalise(bench, &with), 400);
    assert_null(strstr(bench->body, "abc123")); /* never told back */
    with = good();
    with.sign_pin = NULL;
    assert_int_equal(personalise(bench, &with), 400);
    with = good();
    with.sign = NULL; /* a password for nothing */
    assert_int_equal(personalise(bench, &with), 400);
    with = good();
    with.label = "A LABEL THAT HAS MORE THAN 32 CHARACTERS";
    assert_int_equal(personalise(bench, &with), 400);
    assert_still_blank(bench);
}

static void a_card_without_its_keys_is_not_personalised(void **state)
{
    struct bench *bench = *state;
    struct personal with = good();

    assert_int_equal(personalise(bench, &with), 409);
    assert_still_blank(bench);
}

static void a_failed_write_leaves_the_card_blank(void **state)
{
    struct bench *bench = *state;
    struct personal with;

    with = good();
    bench->storage.is_broken = true;
    assert_int_equal(personalise(bench, &with), 500);
    bench->storage.is_broken = false;
    assert_still_blank(bench);
    assert_int_equal(personalise(bench, &with), 204);
}

#define UNSET(most) "{\"set\":false,\"tries\":0,\"tries_most\":" most "}"

static void a_card_is_personalised_once(void **state)
{
    struct bench *bench = *state;
    struct personal with;

    with = good();
    assert_int_equal(personalise(bench, &with), 204);
    assert_int_equal(personalise(bench, &with), 409);
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_string_equal(
        bench->body, "{\"serial\":\"TEST0000000001\",\"kind\":\"plastic\",\"options\":\"\","
                     "\"dead\":false,"
                     "\"personalised\":true,"
                     "\"keys\":{\"sign\":true,\"auth\":true,\"text\":true,\"visual\":true,"
                     "\"common\":true},"
                     "\"new_keys\":{\"sign\":false,\"auth\":false},"
                     "\"certificates\":{\"sign\":true,\"sign_ca\":true,\"auth\":true,"
                     "\"auth_ca\":true},"
                     "\"pins\":{\"sign\":{\"set\":true,\"tries\":5,\"tries_most\":5},"
                     "\"auth\":{\"set\":true,\"tries\":3,\"tries_most\":3},"
                     "\"text\":" UNSET("3") ",\"text_a\":" UNSET("10") ",\"text_b\":" UNSET("10") ",\"text_0012\":" UNSET("0") ",\"birth\":" UNSET(
                         "10") ",\"visual_b\":" UNSET("10") ",\"visual_a\":" UNSET("10") ",\"common"
                                                                                         "\""
                                                                                         ":" UNSET("3") ",\"juki\":" UNSET(
                                                                                             "3") "},"
                                                                                                  "\"files\":[],"
                                                                                                  "\"inserted\":true}");
}

static uint16_t send(struct bench *bench, struct apdu apdu, struct buf *ret_data)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    struct err failure;
    uint16_t sw;

    assert_int_equal(apdu_build(&apdu, &command, NULL), 0);
    assert_int_equal(slot_transmit(bench->slot, buf_bytes(&command), &response, &failure),
                     SLOT_ANSWERED);
    assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    if (ret_data != NULL)
        assert_int_equal(buf_copy(data, ret_data, NULL), 0);
    return sw;
}

static void select_jpki(struct bench *bench)
{
    const struct bytes aid = {applet_jpki.aid, applet_jpki.aid_len};

    assert_int_equal(send(bench, (struct apdu){0, 0xa4, 4, 0x0c, aid, 0, false}, NULL), SW_OK);
}

static uint16_t verify(struct bench *bench, uint8_t p2, const char *pin)
{
    return send(bench, (struct apdu){0, 0x20, 0, p2, bytes_text(pin), 0, false}, NULL);
}

static void a_personalised_card_has_what_was_put_on_it(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf auth = BUF_INIT;
    CLEANUP(buf_done) struct buf token = BUF_INIT;
    struct bytes der;
    struct personal with;

    with = good();
    assert_int_equal(personalise(bench, &with), 204);
    select_jpki(bench);
    assert_int_equal(
        send(bench, (struct apdu){0, 0xb0, 0x8a, 0, {NULL, 0}, APDU_NE_MAX, true}, &auth), SW_OK);
    der = x509_cert_der(certs[CARD_KEY_AUTH]);
    assert_true(bytes_start_with(buf_bytes(&auth), der));
    assert_memory_equal(auth.ptr, "\x30\x82", 2); /* what clients expect (card.md 3.1) */
    assert_int_equal(send(bench, (struct apdu){0, 0xb0, 0x86, 0, {NULL, 0}, 160, false}, &token),
                     SW_OK);
    assert_memory_equal(token.ptr, "JPKIAPICCTOKEN2 ", 16);
    assert_memory_equal(token.ptr + 32, "OpenJPKI TEST ", 14);
    assert_memory_equal(token.ptr + 80, "TEST0000000001  ", 16); /* the card's own */
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_OK);
    assert_int_equal(verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), SW_OK);
}

#define NUMBER_FILE "/xAMMTIzNDU2Nzg5MDE4" /* FF 10 0C, twelve digits */
#define ALL_PINS                                                                                   \
    ",\"text\":\"2345\",\"juki\":\"3456\",\"a\":\"123456789018\","                                 \
    "\"b\":\"55021720352285\",\"birth\":\"550217\""

static void what_a_kind_of_card_does_not_have_is_refused(void **state)
{
    struct bench *bench = *state;
    struct personal with = good();

    with.kind = "wood";
    assert_int_equal(personalise(bench, &with), 400);
    with.kind = "under15"; /* with a sign certificate */
    assert_int_equal(personalise(bench, &with), 400);
    with.kind = "under1";
    assert_int_equal(personalise(bench, &with), 400);
    with.kind = "android";
    with.pins = ",\"text\":\"2345\"";
    assert_int_equal(personalise(bench, &with), 400);
    with.pins = NULL;
    with.files = "{\"text\":{\"0001\":\"" NUMBER_FILE "\"}}";
    assert_int_equal(personalise(bench, &with), 400);
    with.files = NULL;
    with.kind = "face"; /* with an auth PIN */
    with.sign = NULL;
    with.sign_pin = NULL;
    assert_int_equal(personalise(bench, &with), 400);
    with.kind = "plastic"; /* without */
    with.auth_pin = NULL;
    assert_int_equal(personalise(bench, &with), 400);
    assert_still_blank(bench);
    with.kind = "face";
    assert_int_equal(personalise(bench, &with), 204);
    select_jpki(bench);
    assert_int_equal(verify(bench, 0x98, ""), SW_TRIES_LEFT);
    assert_int_equal(verify(bench, 0x98, "1234"), SW_REFERENCE_BLOCKED);
}

static void personal_files_that_do_not_fit_are_refused(void **state)
{
    struct bench *bench = *state;
    struct personal with = good();

    with.files = "{\"text\":{\"0001\":\"AAAAAAAAAAAAAAAAAAAAAAAA\"}}"; /* 18 bytes */
    assert_int_equal(personalise(bench, &with), 400);
    with.files = "{\"text\":{\"0009\":\"AA==\"}}"; /* no such file */
    assert_int_equal(personalise(bench, &with), 400);
    with.files = "{\"text\":{\"0011\":\"AA==\"}}"; /* a PIN */
    assert_int_equal(personalise(bench, &with), 400);
    with.files = "{\"isd\":{\"0042\":\"AA==\"}}"; /* no such applet */
    assert_int_equal(personalise(bench, &with), 400);
    with.files = "{\"jpki\":{\"0006\":\"AA==\"}}"; /* the card's own to make */
    assert_int_equal(personalise(bench, &with), 400);
    with.files = "{\"common\":{\"0001\":\"ARwx\"}}"; /* a record cut off */
    assert_int_equal(personalise(bench, &with), 400);
    with.files = NULL;
    with.pins = ",\"a\":\"12345678901\"";
    assert_int_equal(personalise(bench, &with), 400);
    with.pins = ",\"b\":\"5502172035228\"";
    assert_int_equal(personalise(bench, &with), 400);
    with.pins = ",\"birth\":\"19800217\"";
    assert_int_equal(personalise(bench, &with), 400);
    with.pins = ",\"text_0012\":\"1234\"";
    assert_int_equal(personalise(bench, &with), 400);
    assert_still_blank(bench);
}

static void select_applet(struct bench *bench, const struct applet *applet)
{
    const struct bytes aid = {applet->aid, applet->aid_len};

    assert_int_equal(send(bench, (struct apdu){0, 0xa4, 4, 0x0c, aid, 0, false}, NULL), SW_OK);
}

static void all_applets_are_filled_and_opened_by_their_pins(void **state)
{
    static const struct {
        const struct applet *applet;
        uint8_t p2;
        const char *pin;
    } rows[] = {
        {&applet_text, 0x91, "2345"},
        {&applet_text, 0x94, "123456789018"},
        {&applet_text, 0x95, "55021720352285"},
        {&applet_visual, 0x93, "123456789018"},
        {&applet_visual, 0x92, "55021720352285"},
        {&applet_visual, 0x91, "550217"},
        {&applet_juki, 0x9c, "3456"},
        {&applet_common, 0x9c, "3456"},
    };
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf number = BUF_INIT;
    struct personal with = good();

    with.pins = ALL_PINS;
    with.files = "{\"text\":{\"0001\":\"" NUMBER_FILE "\"},\"mf\":{\"7F21\":\"AQI=\"}}";
    assert_int_equal(personalise(bench, &with), 204);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        select_applet(bench, rows[i].applet);
        assert_int_equal(verify(bench, rows[i].p2, rows[i].pin), SW_OK);
    }
    select_applet(bench, &applet_text);
    assert_int_equal(verify(bench, 0x91, "2345"), SW_OK);
    assert_int_equal(send(bench, (struct apdu){0, 0xb0, 0x81, 0, {NULL, 0}, 256, false}, &number),
                     SW_OK);
    assert_int_equal(number.len, CARD_NUMBER_SIZE);
    assert_memory_equal(number.ptr,
                        "\xff\x10\x0c"
                        "123456789018"
                        "\xff\xff",
                        CARD_NUMBER_SIZE);
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_non_null(strstr(bench->body, "\"files\":[\"text/0001\",\"mf/7F21\"]"));
    assert_null(strstr(bench->body, "123456789018"));
}

/* A certificate for the key in "spki" of the last answer. */
static void certify(struct bench *bench, enum profile_kind kind, struct x509_cert **ret)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    get_bytes(bench, "spki", &spki);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&pki, kind, &inputs, ret);
}

static unsigned recertify_as(struct bench *bench, const char *name, struct bytes der)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *sent;

    assert_int_equal(json_put_base64(body, name, der, NULL), 0);
    assert_int_equal(json_write(body, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &sent, NULL), 0);
    return ask(bench, "POST", "/v1/recertification", sent);
}

static unsigned recertify(struct bench *bench, struct bytes der)
{
    return recertify_as(bench, "sign", der);
}

/* Read EF 0001, for which the sign PIN must be verified, and sign with key 001A. */
static void use_sign(struct bench *bench, struct buf *ret_cert, struct buf *ret_signature)
{
    struct digest digest;
    CLEANUP(buf_done) struct buf info = BUF_INIT;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("text"), &digest, NULL), 0);
    assert_int_equal(digestinfo_build(&digest, &info, NULL), 0);
    buf_clear(ret_cert);
    buf_clear(ret_signature);
    select_jpki(bench);
    assert_int_equal(verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), SW_OK);
    assert_int_equal(
        send(bench, (struct apdu){0, 0xb0, 0x81, 0, {NULL, 0}, APDU_NE_MAX, true}, ret_cert),
        SW_OK);
    assert_int_equal(send(bench, (struct apdu){0x80, 0x2a, 0, 0x9a, buf_bytes(&info), 256, false},
                          ret_signature),
                     SW_OK);
}

/* Whether the card signs with the key of this certificate, and has it in EF 0001. */
static bool signs_with(struct bench *bench, const struct x509_cert *cert)
{
    struct digest digest;
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    CLEANUP(buf_done) struct buf signature = BUF_INIT;
    bool is_there;
    bool is_by_it;

    assert_int_equal(digest_compute(DIGEST_SHA256, bytes_text("text"), &digest, NULL), 0);
    use_sign(bench, &der, &signature);
    is_there = bytes_start_with(buf_bytes(&der), x509_cert_der(cert));
    is_by_it = pubkey_verify(x509_cert_pubkey(cert), &digest, buf_bytes(&signature), NULL) == 0;
    assert_int_equal(is_there, is_by_it);
    return is_there;
}

static void only_a_certificate_for_the_new_key_replaces_the_old_one(void **state)
{
    struct bench *bench = *state;
    CLEANUP(x509_cert_freep) struct x509_cert *of_auth_ca = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *new = NULL;
    const struct x509_cert *old = certs[CARD_KEY_SIGN];
    struct personal with = good();
    struct bytes cut;

    assert_int_equal(recertify(bench, x509_cert_der(old)), 409); /* blank */
    assert_int_equal(personalise(bench, &with), 204);
    assert_int_equal(recertify(bench, x509_cert_der(old)), 409); /* no new key */
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"sign\"}"), 201);
    certify(bench, PROFILE_SIGN, &new);
    certify(bench, PROFILE_AUTH, &of_auth_ca);
    assert_true(signs_with(bench, old));
    assert_int_equal(recertify(bench, x509_cert_der(old)), 422);
    assert_int_equal(recertify(bench, x509_cert_der(certs[CARD_KEY_AUTH])), 422);
    assert_int_equal(recertify(bench, x509_cert_der(of_auth_ca)), 422);
    cut = x509_cert_der(new);
    cut.len--;
    assert_int_equal(recertify(bench, cut), 400);
    assert_int_equal(recertify(bench, (struct bytes){NULL, 0}), 400);
    bench->storage.is_broken = true;
    assert_int_equal(recertify(bench, x509_cert_der(new)), 500);
    bench->storage.is_broken = false;
    assert_true(signs_with(bench, old));
    assert_int_equal(recertify(bench, x509_cert_der(new)), 204);
    assert_true(signs_with(bench, new));
    assert_int_equal(recertify(bench, x509_cert_der(new)), 409); /* done */
}

static void a_new_sign_key_leaves_pins_and_counters_as_they_were(void **state)
{
    struct bench *bench = *state;
    CLEANUP(x509_cert_freep) struct x509_cert *new = NULL;
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    struct personal with = good();
    struct csr csr;

    assert_int_equal(personalise(bench, &with), 204);
    select_jpki(bench);
    assert_int_equal(verify(bench, 0x9b, "WRONG1"), 0x63c4);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_OK);
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"sign\"}"), 201);
    certify(bench, PROFILE_SIGN, &new);
    assert_int_equal(ask(bench, "POST", "/v1/requests", "{\"key\":\"sign\"}"), 200);
    get_bytes(bench, "request", &request);
    assert_int_equal(csr_parse(buf_bytes(&request), &csr, NULL), 0);
    assert_true(bytes_equal(csr.spki, x509_cert_tbs(new)->spki));
    assert_int_equal(recertify(bench, x509_cert_der(new)), 204);
    /* Nobody signs with the new key on the strength of a PIN given before. */
    assert_int_equal(send(bench, (struct apdu){0, 0x20, 0, 0x9b, {NULL, 0}, 0, false}, NULL),
                     0x6a82);
    select_jpki(bench);
    assert_int_equal(verify(bench, 0x9b, "WRONG2"), 0x63c3);
    assert_true(signs_with(bench, new));
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_non_null(strstr(bench->body, "\"sign\":{\"set\":true,\"tries\":5,\"tries_most\":5}"));
}

static void a_card_without_sign_certificate_gets_no_new_sign_key(void **state)
{
    struct bench *bench = *state;
    struct personal with = good();

    with.sign = NULL;
    with.sign_pin = NULL;
    assert_int_equal(personalise(bench, &with), 204);
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"sign\"}"), 409);
}

static void a_new_auth_key_waits_and_takes_the_place_of_the_old(void **state)
{
    struct bench *bench = *state;
    CLEANUP(x509_cert_freep) struct x509_cert *new = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct personal with = good();

    assert_int_equal(ask(bench, "GET", "/v1/keys/none", ""), 400);
    assert_int_equal(personalise(bench, &with), 204);
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"text\"}"), 409);
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"auth\"}"), 201);
    certify(bench, PROFILE_AUTH, &new);
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_non_null(strstr(bench->body, "\"new_keys\":{\"sign\":false,\"auth\":true}"));
    assert_int_equal(recertify_as(bench, "auth", x509_cert_der(new)), 204);
    assert_int_equal(ask(bench, "GET", "/v1/keys/auth", ""), 200);
    get_bytes(bench, "spki", &spki);
    assert_true(bytes_equal(buf_bytes(&spki), x509_cert_tbs(new)->spki));
    assert_true(signs_with(bench, certs[CARD_KEY_SIGN]));
}

static void files_are_written_anew_with_the_codes_that_go_with_them(void **state)
{
    static const char moved[] = "{\"files\":{\"text\":{\"0001\":\"" NUMBER_FILE
                                "\"}},\"pins\":{\"b\":\"11111111111111\"}}";
    struct bench *bench = *state;
    struct personal with = good();

    with.pins = ALL_PINS;
    assert_int_equal(ask(bench, "POST", "/v1/rewriting", moved), 409); /* nobody's */
    with.files = "{\"text\":{\"0001\":\"AQI=\"}}";
    assert_int_equal(personalise(bench, &with), 204);
    assert_int_equal(
        ask(bench, "POST", "/v1/rewriting", "{\"files\":{},\"pins\":{\"auth\":\"9876\"}}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/rewriting", moved), 204);
    select_applet(bench, &applet_visual);
    assert_int_equal(verify(bench, 0x92, "11111111111111"), SW_OK);
}

static struct bytes repeated(struct buf *text, const char *piece, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(buf_append_text(text, piece, NULL), 0);
    return buf_bytes(text);
}

/* The largest certificate that the register's limits allow. */
static struct x509_cert *issue_longest(void)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    CLEANUP(buf_done) struct buf address = BUF_INIT;
    CLEANUP(buf_done) struct buf zeros = BUF_INIT;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    struct profile_inputs inputs = test_pki_inputs(&pki, PROFILE_SIGN);
    struct holder holder = *inputs.holder;
    struct x509_cert *cert = NULL;

    holder.name = repeated(&name, "\xf0\xa0\xae\xb7", HOLDER_NAME_MAX);
    holder.address = repeated(&address, "\xf0\xa0\xae\xb7", HOLDER_ADDRESS_MAX);
    holder.address_substitutes = repeated(&zeros, "0", HOLDER_ADDRESS_MAX);
    holder.name_substitutes = bytes_part(holder.address_substitutes, 0, HOLDER_NAME_MAX);
    inputs.holder = &holder;
    assert_int_equal(privkey_spki(memory_card_key(CARD_KEY_SIGN), &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&pki, PROFILE_SIGN, &inputs, &cert);
    return cert;
}

static void the_longest_certificate_fits(void **state)
{
    CLEANUP(x509_cert_freep) struct x509_cert *longest = issue_longest();
    struct bench *bench = *state;
    struct personal with = good();

    with.sign = longest;
    assert_in_range(x509_cert_der(longest).len, 2561, CARD_CERT_SIZE - 512);
    assert_int_equal(personalise(bench, &with), 204);
}

/* card.md 5: OpenSC needs IEF 001B all the same; 6984 is what a PIN without data answers. */
static void a_card_without_sign_certificate_keeps_its_shape(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf presence = BUF_INIT;
    struct personal with;

    with = good();
    with.sign = NULL;
    with.sign_pin = NULL;
    assert_int_equal(personalise(bench, &with), 204);
    select_jpki(bench);
    assert_int_equal(send(bench, (struct apdu){0, 0x20, 0, 0x9b, {NULL, 0}, 0, false}, NULL),
                     0x63c0);
    assert_int_equal(verify(bench, 0x9b, MEMORY_CARD_SIGN_PIN), 0x6984);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_OK);
    assert_int_equal(send(bench, (struct apdu){0, 0xb0, 0x81, 0, {NULL, 0}, 4, false}, NULL),
                     0x6982);
    assert_int_equal(send(bench, (struct apdu){0, 0xb0, 0x82, 0, {NULL, 0}, 4, false}, NULL),
                     SW_OK);
    assert_int_equal(send(bench, (struct apdu){0, 0xb0, 0x88, 0, {NULL, 0}, 3, false}, &presence),
                     SW_OK);
    assert_memory_equal(presence.ptr, "\x00\x8f\x00", 3);
}

static enum slot_outcome poke(struct bench *bench, struct buf *response)
{
    static const uint8_t query[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    struct err failure;

    return slot_transmit(bench->slot, BYTES_ARRAY(query), response, &failure);
}

/* S27: it stays dead, and nothing of its holder is left to be found. */
static void a_card_that_was_tampered_with_is_dead(void **state)
{
    struct bench *bench = *state;
    struct personal with = good();

    assert_int_equal(personalise(bench, &with), 204);
    assert_int_equal(ask(bench, "POST", "/v1/tamper", "{}"), 400);
    assert_int_equal(ask(bench, "POST", "/v1/tamper", "{\"destroy\":false}"), 400);
    bench->storage.is_broken = true;
    assert_int_equal(ask(bench, "POST", "/v1/tamper", "{\"destroy\":true}"), 500);
    bench->storage.is_broken = false;
    select_jpki(bench); /* it lives */
    assert_int_equal(ask(bench, "POST", "/v1/tamper", "{\"destroy\":true}"), 204);
    assert_int_equal(verify(bench, 0x98, MEMORY_CARD_AUTH_PIN), SW_NO_DIAGNOSIS);
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_non_null(strstr(bench->body, "\"dead\":true,\"personalised\":false"));
    assert_null(strstr(bench->body, "\"auth\":true"));
    assert_int_equal(ask(bench, "POST", "/v1/keys", "{\"key\":\"auth\"}"), 409);
    assert_int_equal(ask(bench, "POST", "/v1/requests", "{\"key\":\"auth\"}"), 404);
    assert_int_equal(personalise(bench, &with), 409);
}

static void a_card_that_is_pulled_out_says_nothing(void **state)
{
    struct bench *bench = *state;
    CLEANUP(buf_done) struct buf response = BUF_INIT;

    assert_int_equal(ask(bench, "POST", "/v1/insertion", "{\"inserted\":false}"), 204);
    assert_int_equal(poke(bench, &response), SLOT_ABSENT);
    assert_int_equal(response.len, 0);
    assert_int_equal(ask(bench, "GET", "/v1/card", ""), 200);
    assert_non_null(strstr(bench->body, "\"inserted\":false"));
    assert_int_equal(ask(bench, "POST", "/v1/insertion", "{\"inserted\":true}"), 204);
    assert_int_equal(poke(bench, &response), SLOT_ANSWERED);
    assert_int_equal(response.len, 10);
}

static void troubles_come_after_as_many_answers_as_asked_for(void **state)
{
    static const struct {
        const char *body;
        enum slot_outcome then;
    } troubles[] = {
        {"{\"remove_after\":2}", SLOT_ABSENT},
        {"{\"mute_after\":2}", SLOT_MUTE},
        {"{\"garbage_after\":2}", SLOT_ANSWERED},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < 3; i++) {
        CLEANUP(buf_done) struct buf response = BUF_INIT;

        assert_int_equal(ask(bench, "POST", "/v1/trouble", troubles[i].body), 204);
        for (int good_ones = 0; good_ones < 2; good_ones++) {
            buf_clear(&response);
            assert_int_equal(poke(bench, &response), SLOT_ANSWERED);
            assert_memory_equal(response.ptr + 8, "\x90\x00", 2);
        }
        buf_clear(&response);
        assert_int_equal(poke(bench, &response), troubles[i].then);
        if (troubles[i].then == SLOT_ANSWERED)
            assert_memory_equal(response.ptr, "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5", 10);
        slot_insert(bench->slot, true); /* ends it */
        buf_clear(&response);
        assert_int_equal(poke(bench, &response), SLOT_ANSWERED);
        assert_memory_equal(response.ptr + 8, "\x90\x00", 2);
    }
}

static int make_pki(void **state)
{
    (void)state;
    test_pki_make(&pki);
    issue(CARD_KEY_AUTH, PROFILE_AUTH);
    issue(CARD_KEY_SIGN, PROFILE_SIGN);
    return 0;
}

static int release_pki(void **state)
{
    (void)state;
    for (int i = 0; i < CARD_KEYS_; i++)
        x509_cert_freep(&certs[i]);
    test_pki_done(&pki);
    memory_card_release_keys();
    return 0;
}

#define control_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define keyed_test(name)   cmocka_unit_test_setup_teardown(name, set_up_keyed, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        control_test(strangers_are_turned_away),
        control_test(other_bodies_and_keys_are_refused),
        control_test(a_request_proves_possession_of_the_key),
        control_test(a_key_that_could_not_be_stored_is_not_made),
        keyed_test(certificates_of_another_card_are_refused),
        keyed_test(pins_that_break_the_rules_are_refused),
        control_test(a_card_without_its_keys_is_not_personalised),
        keyed_test(a_failed_write_leaves_the_card_blank),
        keyed_test(a_card_is_personalised_once),
        keyed_test(a_card_that_was_tampered_with_is_dead),
        keyed_test(what_a_kind_of_card_does_not_have_is_refused),
        keyed_test(personal_files_that_do_not_fit_are_refused),
        keyed_test(all_applets_are_filled_and_opened_by_their_pins),
        keyed_test(a_personalised_card_has_what_was_put_on_it),
        keyed_test(the_longest_certificate_fits),
        keyed_test(a_card_without_sign_certificate_keeps_its_shape),
        keyed_test(only_a_certificate_for_the_new_key_replaces_the_old_one),
        keyed_test(a_new_sign_key_leaves_pins_and_counters_as_they_were),
        keyed_test(a_card_without_sign_certificate_gets_no_new_sign_key),
        keyed_test(a_new_auth_key_waits_and_takes_the_place_of_the_old),
        keyed_test(files_are_written_anew_with_the_codes_that_go_with_them),
        control_test(a_card_that_is_pulled_out_says_nothing),
        control_test(troubles_come_after_as_many_answers_as_asked_for),
    };

    return cmocka_run_group_tests(tests, make_pki, release_pki);
}
