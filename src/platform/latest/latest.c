/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/latest/latest.h"

#include "base/hex.h"
#include "base/trace.h"
#include "docsign/attributes.h"
#include "x509/holder.h"

#include <stdio.h>
#include <string.h>

enum { SETTLE_SECONDS = 60 };

/* The authority's words for why nothing is told, and their names here, place by place. */
static const char *const words[] = {"not-notified",
                                    "unknown-certificate",
                                    "no-consent",
                                    "consent-not-yet-valid",
                                    "consent-expired",
                                    "consent-withdrawn",
                                    "attribute-not-consented",
                                    "not-revoked",
                                    "not-reissued",
                                    "holder-ceased"};
enum { WORDS = sizeof words / sizeof words[0], REFUSED_NO_CERTIFICATE = WORDS, REFUSED_REUSED };

const struct http_problem latest_refusals[] = {
    {"not-notified", ERR_DENIED, "this platform may not ask for the service"},
    {"unknown-certificate", ERR_ABSENT, "the authority does not know the holder's certificate"},
    {"no-consent", ERR_DENIED, "the holder has not consented to this service"},
    {"consent-not-yet-valid", ERR_CONFLICT, "the consent counts from the next day"},
    {"consent-expired", ERR_CONFLICT, "the consent is past its end"},
    {"consent-withdrawn", ERR_CONFLICT, "the consent was withdrawn"},
    {"attribute-not-consented", ERR_DENIED, "the consent does not cover all that was asked for"},
    {"nothing-newer", ERR_CONFLICT, "there are no newer data"},
    {"not-reissued", ERR_CONFLICT, "the newer data are not there yet"},
    {"holder-ceased", ERR_CONFLICT, "there will be no newer data: death, abroad, or by himself"},
    [REFUSED_NO_CERTIFICATE] = {"no-certificate", ERR_UNTRUSTED,
                                "the holder has shown this tenant no sign certificate"},
    [REFUSED_REUSED] = {"request-reused", ERR_CONFLICT, "request_id was used for another question"},
    {NULL, ERR_NONE, NULL},
};

/* ---- the question ---- */

static int put_question(const struct latest_question *q, struct json *members, struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    struct bytes serial = buf_bytes(&q->presented.serial);
    const char *issuer;
    int64_t number = 0;

    for (size_t i = 0; i < serial.len && i < sizeof number - 1; i++)
        number = number << 8 | serial.ptr[i];
    TRY(hex_append(&hex, buf_bytes(&q->presented.issuer), err));
    TRY(buf_text(&hex, &issuer, err));
    TRY(json_put_text(members, "provider", q->client_id, err));
    TRY(json_put_text(members, "service", q->service, err));
    TRY(json_put_text(members, "issuer", issuer, err));
    TRY(json_put_int(members, "serial", number, err));
    return q->attributes == 0 ? 0 : attributes_put(members, q->attributes, err);
}

static int ask(const struct platform *platform, struct signer *signer,
               const struct latest_question *q, struct door_answer *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *members = json_object_new();
    struct door_question question = {.act = "latest", .path = "/v1/verifier/latest", .id = q->id};

    TRY(put_question(q, members, err));
    question.members = json_steal(&members);
    TRY(door_ask(platform, signer, &question, ret, err));
    return ret->json == NULL ? FAIL(err, ERR_REMOTE, "the authority answers nothing") : 0;
}

/* ---- the answer ---- */

static int put_serial(int64_t serial, struct buf *ret, struct err *err)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        uint8_t octet = (uint8_t)((uint64_t)serial >> shift);

        if (octet != 0 || ret->len > 0)
            TRY(buf_append(ret, bytes_of(&octet, 1), err));
    }
    return 0;
}

/* The newer certificate; where it is asked about is as with the one before, if nothing else is
 * said. */
static int read_newer(const struct platform *platform, const struct latest_question *q,
                      const struct json *json, struct sign_number *ret, struct err *err)
{
    const char *issuer;
    int64_t serial;

    TRY(json_get_text(json, "issuer", &issuer, err));
    TRY(json_get_int(json, "serial", &serial, err));
    if (serial < 1)
        return FAIL(err, ERR_INPUT, "a certificate without a number");
    TRY(hex_decode(issuer, &ret->issuer, err));
    TRY(put_serial(serial, &ret->serial, err));
    if (platform->policy == REVOCATION_CRL && json_has(json, "point"))
        TRY(json_get_base64(json, "point", &ret->point, err));
    return buf_copy(buf_bytes(&q->presented.ocsp_url), &ret->ocsp_url, err);
}

/* EYYYYMMDD as YYYY-MM-DD, as verifications tell it. */
static int put_birth(const struct json *from, struct json *to, struct err *err)
{
    char text[sizeof "YYYY-MM-DD"];
    const char *birth;

    if (!json_has(from, "birth"))
        return 0;
    TRY(json_get_text(from, "birth", &birth, err));
    if (strlen(birth) != HOLDER_BIRTH_SIZE - 1)
        return FAIL(err, ERR_INPUT, "birth is no date");
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2s", birth + 1, birth + 5, birth + 7);
    return json_put_text(to, "birth_date", text, err);
}

static int put_sex(const struct json *from, struct json *to, struct err *err)
{
    const char *code;

    if (!json_has(from, "sex"))
        return 0;
    TRY(json_get_text(from, "sex", &code, err));
    return json_put_text(to, "sex",
                         strcmp(code, "1") == 0   ? "male"
                         : strcmp(code, "2") == 0 ? "female"
                                                  : "unknown",
                         err);
}

static int pass_on(const struct json *from, struct json **ret, struct err *err)
{
    static const char *const texts[] = {"name", "name_substitutes", "address",
                                        "address_substitutes"};
    CLEANUP(json_freep) struct json *to = json_object_new();

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text;

        if (!json_has(from, texts[i]))
            continue;
        TRY(json_get_text(from, texts[i], &text, err));
        TRY(json_put_text(to, texts[i], text, err));
    }
    TRY(put_birth(from, to, err));
    TRY(put_sex(from, to, err));
    *ret = json_steal(&to);
    return 0;
}

/* Which of the four are in an answer, whatever was asked for. */
static unsigned attributes_in(const struct json *attributes)
{
    unsigned found = 0;

    for (unsigned i = 0; i < ATTRIBUTES_; i++)
        if (json_has(attributes, attribute_names[i]))
            found |= 1U << i;
    return found;
}

static int take_given(const struct platform *platform, const struct latest_question *q,
                      const struct json *json, const struct audit_origin *by, bool is_told,
                      struct json **ret, struct err *err)
{
    CLEANUP(sign_number_done) struct sign_number newer = {.issuer = BUF_INIT};
    CLEANUP(json_freep) struct json *told = NULL;
    struct latest_result result = {.outcome = "given", .is_told = is_told, .newer = &newer};
    const struct json *attributes;

    TRY(json_get_object(json, "attributes", &attributes, err));
    TRY(json_get_int(json, "charged_at", &result.charged_at, err));
    TRY(read_newer(platform, q, json, &newer, err));
    TRY(pass_on(attributes, &told, err));
    result.attributes = attributes_in(attributes);
    TRY(platform_end_question(platform->store, q, &result, by, err));
    *ret = json_steal(&told);
    return 0;
}

static int find_word(const char *outcome, unsigned *ret, struct err *err)
{
    for (unsigned i = 0; i < WORDS; i++) {
        if (strcmp(words[i], outcome) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FAIL(err, ERR_REMOTE, "the authority's answer has an outcome that is not known here");
}

static int take_refusal(const struct platform *platform, const struct latest_question *q,
                        const char *outcome, const struct audit_origin *by, bool is_told,
                        struct err *err)
{
    const struct latest_result result = {.outcome = outcome, .is_told = is_told};
    unsigned place;

    TRY(find_word(outcome, &place, err));
    TRY(platform_end_question(platform->store, q, &result, by, err));
    return is_told ? FAIL_WITH(err, latest_refusals[place].kind, HTTP_NAMED(place), "%s",
                               latest_refusals[place].meaning)
                   : 0;
}

/* Ask and note what came of it; *ret stays NULL if nothing is given. */
static int ask_and_keep(const struct platform *platform, struct signer *signer,
                        const struct latest_question *q, const struct audit_origin *by,
                        bool is_told, struct json **ret, struct err *err)
{
    CLEANUP(door_answer_done) struct door_answer answer = {.json = NULL};
    const char *outcome;
    int rc;

    TRY(ask(platform, signer, q, &answer, err));
    if (json_get_text(answer.json, "outcome", &outcome, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the authority's answer cannot be read");
    if (strcmp(outcome, "given") != 0)
        return take_refusal(platform, q, outcome, by, is_told, err);
    rc = take_given(platform, q, answer.json, by, is_told, ret, err);
    return rc == -ERR_INPUT ? FAIL(err, ERR_REMOTE, "the authority's answer cannot be read") : rc;
}

static int begin(const struct platform *platform, const struct latest_wish *wish,
                 struct latest_question *ret, struct err *err)
{
    struct err why = {0};
    int rc = platform_begin_question(platform->store, wish, ret, &why);

    if (rc == -ERR_UNTRUSTED)
        return FAIL_WITH(err, ERR_UNTRUSTED, HTTP_NAMED(REFUSED_NO_CERTIFICATE), "%s", why.text);
    if (rc == -ERR_CONFLICT)
        return FAIL_WITH(err, ERR_CONFLICT, HTTP_NAMED(REFUSED_REUSED), "%s", why.text);
    return rc < 0 ? err_copy(err, &why) : 0;
}

int latest_ask(const struct platform *platform, struct signer *signer,
               const struct latest_wish *wish, const char *trace_id, struct latest_answer *ret,
               struct err *err)
{
    const struct audit_origin by = audit_by_role(clock_now(platform->clock), "tenant",
                                                 wish->client_id, trace_id);
    CLEANUP(latest_question_done) struct latest_question question = {.attributes = 0};
    struct json *attributes = NULL;

    if (!door_is_there(platform))
        return FAIL(err, ERR_REMOTE, "this platform has no way to ask the authority");
    TRY(begin(platform, wish, &question, err));
    trace_step("F5", "⑤", "the provider asked the platform for the latest attributes", trace_id);
    TRY(ask_and_keep(platform, signer, &question, &by, true, &attributes, err));
    trace_step("F5", "⑨", "the platform passed them on and keeps none", trace_id);
    memcpy(ret->id, question.id, sizeof ret->id);
    ret->attributes = attributes;
    return 0;
}

int latest_settle(const struct platform *platform, struct signer *signer, struct err *err)
{
    int64_t now = clock_now(platform->clock);
    const struct audit_origin by = audit_by_self(now);

    for (;;) {
        CLEANUP(latest_question_done) struct latest_question question = {.attributes = 0};
        CLEANUP(json_freep) struct json *dropped = NULL;
        int rc = platform_open_question(platform->store, now - SETTLE_SECONDS, &question, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(ask_and_keep(platform, signer, &question, &by, false, &dropped, err));
    }
}
