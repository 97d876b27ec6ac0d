/* SPDX-License-Identifier: Apache-2.0 */
/* What is written on a card beside its certificates, in JSON. */
#include "register/routes.h"

#include "register/personal.h"

#include <stdio.h>
#include <string.h>

enum { FID_SIZE = 5 };

/* {"text": {"0001": base64}}: files come in the order of their applets. */
static int put_files(const struct carddata_files *files, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *applets = json_object_new();
    CLEANUP(json_freep) struct json *applet = NULL;

    for (size_t i = 0; i < files->count; i++) {
        const struct carddata_file *file = &files->list[i];
        bool is_last = i + 1 == files->count ||
                       strcmp(files->list[i + 1].applet, file->applet) != 0;
        char fid[FID_SIZE];

        if (applet == NULL)
            applet = json_object_new();
        (void)snprintf(fid, sizeof fid, "%04X", file->fid);
        TRY(json_put_base64(applet, fid, buf_bytes(&file->contents), err));
        if (is_last)
            TRY(json_put(applets, file->applet, json_steal(&applet), err));
    }
    return json_put(body, "files", json_steal(&applets), err);
}

static int put_codes(const struct personal_card *card, struct json *body, struct err *err)
{
    CLEANUP(json_freep) struct json *codes = json_object_new();

    TRY(json_put_bytes(codes, "a", secret_bytes(&card->code_a), err));
    TRY(json_put_text(codes, "b", card->code_b, err));
    TRY(json_put_text(codes, "birth", card->code_birth, err));
    return json_put(body, "codes", json_steal(&codes), err);
}

static int post_personal_files(struct http_call *call, struct err *err)
{
    static const char *const names[] = {"text_key", "visual_key"};
    const struct counter *counter = call->context;
    const struct audit_origin by = register_caller(call);
    CLEANUP(personal_card_done) struct personal_card card = {.code_a = SECRET_INIT};
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf visual = BUF_INIT;
    struct personal_order order = {.serial = http_param(&call->request, "id"), .by = &by};

    TRY(json_get_base64(call->request.json, names[CARDDATA_TEXT], &text, err));
    TRY(json_get_base64(call->request.json, names[CARDDATA_VISUAL], &visual, err));
    order.key[CARDDATA_TEXT] = buf_bytes(&text);
    order.key[CARDDATA_VISUAL] = buf_bytes(&visual);
    TRY(counter_personal_files(counter, &order, &card, err));
    TRY(put_files(&card.files, body, err));
    TRY(put_codes(&card, body, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static const struct http_form number_form = {"^[0-9]{12}$", "twelve digits"};
static const struct http_form code_b_form = {"^[0-9]{14}$", "fourteen digits"};
static const struct http_form birth_form = {"^[0-9]{6}$", "six digits"};

static const struct http_member personal_members[] = {
    {"text_key", HTTP_TEXT, HTTP_REQUIRED, "of the text applet, SubjectPublicKeyInfo",
     .form = &http_form_base64},
    {"visual_key", HTTP_TEXT, HTTP_REQUIRED, "of the visual applet, SubjectPublicKeyInfo",
     .form = &http_form_base64},
    {NULL},
};

#define FILE_MEMBER(fid_, meaning_)                                                                \
    {                                                                                              \
        (fid_), HTTP_TEXT, HTTP_REQUIRED, (meaning_), .form = &http_form_base64                    \
    }
static const struct http_member text_members[] = {
    FILE_MEMBER("0001", "the individual number"),
    FILE_MEMBER("0002", "the four attributes"),
    FILE_MEMBER("0003", "digests of both, signed"),
    FILE_MEMBER("0004", "CV certificate of the signing key"),
    FILE_MEMBER("0005", "about the applet"),
    FILE_MEMBER("0006", "key for secure messaging"),
    FILE_MEMBER("0007", "the card's key, signed"),
    FILE_MEMBER("0008", "filler"),
    {NULL},
};
static const struct http_member visual_members[] = {
    FILE_MEMBER("0001", "birth date, signed"),
    FILE_MEMBER("0002", "the card's face, signed"),
    FILE_MEMBER("0003", "about the applet"),
    FILE_MEMBER("0004", "CV certificate of the signing key"),
    FILE_MEMBER("0005", "picture of the individual number, signed"),
    FILE_MEMBER("0006", "filler"),
    {NULL},
};
static const struct http_member juki_members[] = {
    FILE_MEMBER("0002", "key reference"),
    {NULL},
};
static const struct http_member common_members[] = {
    FILE_MEMBER("0001", "manufacture number, municipality, expiry"),
    FILE_MEMBER("0002", "key reference"),
    {NULL},
};
static const struct http_member mf_members[] = {
    FILE_MEMBER("0042", "issuer"),
    FILE_MEMBER("0045", "card id"),
    FILE_MEMBER("0066", "card recognition data"),
    FILE_MEMBER("00F0", "municipality"),
    FILE_MEMBER("00F2", "expiry"),
    FILE_MEMBER("00F7", "not known"),
    FILE_MEMBER("00F8", "not known"),
    FILE_MEMBER("7F21", "CV certificate"),
    FILE_MEMBER("5F51", "contact ATR"),
    {NULL},
};
#undef FILE_MEMBER

static const struct http_member applet_members[] = {
    {"text", HTTP_OBJECT, HTTP_REQUIRED, "of the text applet, by file", text_members},
    {"visual", HTTP_OBJECT, HTTP_REQUIRED, "of the visual applet, by file", visual_members},
    {"juki", HTTP_OBJECT, HTTP_REQUIRED, "of the resident register's applet", juki_members},
    {"common", HTTP_OBJECT, HTTP_REQUIRED, "of the common applet", common_members},
    {"mf", HTTP_OBJECT, HTTP_REQUIRED, "of the master file, by tag", mf_members},
    {NULL},
};
static const struct http_member code_members[] = {
    {"a", HTTP_TEXT, HTTP_REQUIRED, "check code A, which is the individual number",
     .form = &number_form},
    {"b", HTTP_TEXT, HTTP_REQUIRED, "check code B", .form = &code_b_form},
    {"birth", HTTP_TEXT, HTTP_REQUIRED, "code of the birth date", .form = &birth_form},
    {NULL},
};
static const struct http_member made_members[] = {
    {"files", HTTP_OBJECT, HTTP_REQUIRED, "what is to be written on the card", applet_members},
    {"codes", HTTP_OBJECT, HTTP_REQUIRED, "what opens them beside the PIN", code_members},
    {NULL},
};
static const struct http_answer personal_answers[] = {
    {200, "files and codes, for this card and no other place", made_members}, {0}};

const struct route register_personal_orders[] = {
    {.method = HTTP_POST,
     .path = "/v1/cards/:id/personal-files",
     .access = &register_signed,
     .body = personal_members,
     .handle = post_personal_files,
     .operation = "makePersonalFiles",
     .summary = "Make what is written on a card beside its certificates, until it is handed over",
     .answers = personal_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {.path = NULL},
};
