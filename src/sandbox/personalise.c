/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/personalise.h"

#include "base/file.h"

#include <string.h>

enum { PHOTO_AGE = 1 };

bool issuing_is_of_face(const struct issuing *issuing)
{
    return strcmp(issuing->persona->kind, "face") == 0;
}

/* What the card becomes: by the persona's wish and, whatever that says, by the age. */
static int kind_of(const struct issuing *issuing, const char **ret, struct err *err)
{
    struct caldate birth;

    TRY(caldate_parse_iso(issuing->persona->birth_date, &birth, err));
    if (issuing_is_of_face(issuing))
        *ret = "face";
    else if (issuing->has_sign)
        *ret = "plastic";
    else
        *ret = caldate_age(birth, issuing->issued_on) < PHOTO_AGE ? "under1" : "under15";
    return 0;
}

/* A key is made anew after an interruption: nothing depends on the one before. */
static int make_key(const struct issuing *issuing, const char *key, struct fetch_response *ret,
                    const char **ret_spki, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(json_put_text(body, "key", key, err));
    TRY(clerk_ask(issuing->clerk->card, "/v1/keys", body, ret, err));
    return json_get_text(ret->json, "spki", ret_spki, err);
}

/* Files and codes, from the register. */
static int ask_files(const struct issuing *issuing, struct fetch_response *ret, struct err *err)
{
    static const char *const keys[] = {"text", "visual", "common"};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *path = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        CLEANUP(fetch_response_done) struct fetch_response made = FETCH_RESPONSE_INIT;
        CLEANUP(free_text) char *member = NULL;
        const char *spki = NULL;

        TRY(make_key(issuing, keys[i], &made, &spki, err));
        if (strcmp(keys[i], "common") == 0) /* nothing on the card is about it (card.md 3.5) */
            continue;
        TRY(path_format(&member, err, "%s_key", keys[i]));
        TRY(json_put_text(body, member, spki, err));
    }
    TRY(path_format(&path, err, "%s/personal-files", issuing->path));
    return clerk_order(issuing->clerk, path, body, ret, err);
}

/* Texts of one object into another. */
static int copy_texts(const struct json *from, const char *const names[], struct json *to,
                      struct err *err)
{
    for (; *names != NULL; names++) {
        const char *text = NULL;

        TRY(json_get_text(from, *names, &text, err));
        TRY(json_put_text(to, *names, text, err));
    }
    return 0;
}

/* Cards without a sign certificate carry the sign CA's certificate all the same. */
static int put_sign_ca(const struct clerk *clerk, struct json *certificates, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response ca = FETCH_RESPONSE_INIT;
    const char *text = NULL;

    TRY(clerk_ask(clerk->authority, "/v1/cas/sign", NULL, &ca, err));
    TRY(json_get_text(ca.json, "certificate", &text, err));
    return json_put_text(certificates, "sign_ca", text, err);
}

static int put_certificates(const struct issuing *issuing, struct json *body, struct err *err)
{
    static const char *const auth[] = {"auth", "auth_ca", NULL};
    static const char *const sign[] = {"sign", "sign_ca", NULL};
    CLEANUP(json_freep) struct json *certificates = json_object_new();
    const struct json *given = NULL;

    TRY(json_get_object(issuing->certificates.json, "certificates", &given, err));
    TRY(copy_texts(given, auth, certificates, err));
    if (issuing->has_sign)
        TRY(copy_texts(given, sign, certificates, err));
    else
        TRY(put_sign_ca(issuing->clerk, certificates, err));
    return json_put(body, "certificates", json_steal(&certificates), err);
}

static int put_pins(const struct issuing *issuing, const struct json *personal, struct json *body,
                    struct err *err)
{
    static const char *const names[] = {"a", "b", "birth", NULL};
    const struct persona *persona = issuing->persona;
    const struct {
        const char *name, *pin;
    } chosen[] = {
        {"auth", persona->pin_auth},
        {"text", persona->pin_text != NULL ? persona->pin_text : persona->pin_auth},
        {"juki", persona->pin_juki != NULL ? persona->pin_juki : persona->pin_auth},
    };
    CLEANUP(json_freep) struct json *pins = json_object_new();
    const struct json *codes = NULL;

    TRY(json_get_object(personal, "codes", &codes, err));
    TRY(copy_texts(codes, names, pins, err));
    for (size_t i = 0; !issuing_is_of_face(issuing) && i < sizeof chosen / sizeof chosen[0]; i++)
        TRY(json_put_text(pins, chosen[i].name, chosen[i].pin, err));
    if (issuing->has_sign)
        TRY(json_put_text(pins, "sign", persona->pin_sign, err));
    return json_put(body, "pins", json_steal(&pins), err);
}

/* As they came. */
static int put_files(const struct json *personal, struct json *body, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct json *files = NULL;
    struct json *copy = NULL;

    TRY(json_get_object(personal, "files", &files, err));
    TRY(json_write(files, &text, err));
    TRY(json_parse(buf_bytes(&text), &copy, err));
    return json_put(body, "files", copy, err);
}

int personalise(const struct issuing *issuing, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response personal = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const char *kind = NULL;

    TRY(kind_of(issuing, &kind, err));
    TRY(ask_files(issuing, &personal, err));
    TRY(json_put_text(body, "kind", kind, err));
    TRY(put_certificates(issuing, body, err));
    TRY(put_pins(issuing, personal.json, body, err));
    TRY(put_files(personal.json, body, err));
    return clerk_ask(issuing->clerk->card, "/v1/personalisation", body, NULL, err);
}
