/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations over HTTP. */
#include "authority/routes.h"

#include "authority/crl/desk.h"
#include "authority/crl/progress.h"
#include "authority/party/shown.h"
#include "http/range.h"

#include <stdio.h>
#include <string.h>

#define CRL_TYPE "application/pkix-crl"

/* Member "progress": null when no publication is at work. */
static int put_progress(struct json *body, const struct authority *authority, struct err *err)
{
    const struct crl_progress progress = authority_crl_progress(authority->store);
    CLEANUP(json_freep) struct json *object = json_object_new();

    if (!progress.is_at_work)
        return json_put_null(body, "progress", err);
    TRY(json_put_int(object, "done", (int64_t)progress.done, err));
    TRY(json_put_int(object, "total", (int64_t)progress.total, err));
    TRY(json_put_int(object, "seconds", progress.seconds, err));
    if (progress.seconds_left < 0)
        TRY(json_put_null(object, "seconds_left", err));
    else
        TRY(json_put_int(object, "seconds_left", progress.seconds_left, err));
    return json_put(body, "progress", json_steal(&object), err);
}

static int post_crls(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct audit_origin by = authority_caller(call);
    uint64_t rings = http_bell_rings(authority_changes(authority->store));
    struct crl_outcome outcome;

    if (call->pause.note == 0)
        TRY(crl_desk_order(authority->desk, &by, &call->pause.note, err));
    TRY(crl_desk_look(authority->desk, call->pause.note, &outcome, err));
    if (!outcome.is_over && http_wait(call, rings, CRL_ORDER_WAIT_MS))
        return 0;
    if (outcome.is_over)
        TRY(json_put_int(body, "published", outcome.published, err));
    else
        TRY(put_progress(body, authority, err));
    return http_reply_json(&call->response, outcome.is_over ? 201 : 202, json_steal(&body), err);
}

static int add_list(struct json *lists, const struct crl_record *record, struct err *err)
{
    CLEANUP(json_freep) struct json *entry = json_object_new();

    TRY(json_put_text(entry, "name", record->name, err));
    TRY(json_put_text(entry, "kind", ca_kind_name(record->kind), err));
    TRY(json_put_int(entry, "generation", record->generation, err));
    TRY(json_put_int(entry, "number", record->number, err));
    TRY(json_put_int(entry, "this_update", record->this_update, err));
    TRY(json_put_int(entry, "next_update", record->next_update, err));
    TRY(json_put_int(entry, "entries", record->entries, err));
    return json_add(lists, json_steal(&entry), err);
}

static int put_publication(struct json *body, const struct crl_publication *publication,
                           struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();

    if (publication->published_at == 0)
        TRY(json_put_null(object, "published_at", err));
    else
        TRY(json_put_int(object, "published_at", publication->published_at, err));
    if (publication->failed_at == 0) {
        TRY(json_put_null(object, "failed_at", err));
        TRY(json_put_null(object, "failure", err));
    } else {
        TRY(json_put_int(object, "failed_at", publication->failed_at, err));
        TRY(json_put_text(object, "failure", publication->failure, err));
    }
    return json_put(body, "publication", json_steal(&object), err);
}

static int get_crls(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *lists = json_array_new();
    struct crl_record record = {.id = 0};
    struct crl_publication publication;

    TRY(authority_get_publication(authority->store, &publication, err));
    for (;;) {
        int rc = authority_next_crl(authority->store, record.id, &record, NULL, err);

        if (rc == -ERR_ABSENT)
            break;
        TRY(rc);
        if (record.number > 0)
            TRY(add_list(lists, &record, err));
    }
    TRY(json_put(body, "crls", json_steal(&lists), err));
    TRY(put_publication(body, &publication, err));
    TRY(put_progress(body, authority, err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

static int get_crl_file(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    struct open_crl list;
    struct http_file file;
    char etag[32];

    TRY(authority_open_crl(authority->store, http_param(&call->request, "name"), &list, err));
    (void)snprintf(etag, sizeof etag, "\"%lld\"", (long long)list.file);
    file = (struct http_file){.fd = list.fd, .size = list.size, .etag = etag};
    return http_reply_open_file(&call->request, &call->response, CRL_TYPE, &file, err);
}

/* Of which CA a list is by its name, "sign-Tokyo-to-Chiyoda-ku"; ERR_ABSENT for another word. */
static int kind_of_list(const char *name, enum ca_kind *ret, struct err *err)
{
    for (unsigned kind = 0; kind < CA_KINDS_; kind++) {
        const char *word = ca_kind_name((enum ca_kind)kind);
        size_t len = strlen(word);

        if (strncmp(name, word, len) == 0 && name[len] == '-') {
            *ret = (enum ca_kind)kind;
            return 0;
        }
    }
    return FAIL(err, ERR_ABSENT, "there is no such list");
}

/* For a verifier behind the proxy. */
static int get_shown_crl(struct http_call *call, struct err *err)
{
    struct party party;
    enum ca_kind kind;

    TRY(shown_party(call, &party, err));
    TRY(kind_of_list(http_param(&call->request, "name"), &kind, err));
    if (!party.verifies[kind])
        return FAIL(err, ERR_DENIED, "this verifier does not verify %s certificates",
                    ca_kind_name(kind));
    return get_crl_file(call, err);
}

static const struct http_member published_members[] = {
    {"published", HTTP_INT, HTTP_REQUIRED, "how many lists"},
    {NULL},
};
static const struct http_member progress_members[] = {
    {"done", HTTP_INT, HTTP_REQUIRED, "entries that were read, each as often as it is"},
    {"total", HTTP_INT, HTTP_REQUIRED, "how many that will be, as far as is known"},
    {"seconds", HTTP_INT, HTTP_REQUIRED, "how long it is at work"},
    {"seconds_left", HTTP_INT, HTTP_OR_NULL, "how long it will take, if that can be told yet"},
    {NULL},
};
static const struct http_member going_members[] = {
    {"progress", HTTP_OBJECT, HTTP_OR_NULL, "how far it is; null if it ended just now",
     progress_members},
    {NULL},
};
static const struct http_answer published_answers[] = {
    {201, "the lists are published", published_members},
    {202, "they are being made; GET /v1/crls says how far and what comes of it", going_members},
    {0}};
static const struct http_member crl_members[] = {
    {"name", HTTP_TEXT, HTTP_REQUIRED, "of the file"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "which CA", .values = authority_kinds},
    {"generation", HTTP_INT, HTTP_REQUIRED, "of the CA, by whose key it is signed"},
    {"number", HTTP_INT, HTTP_REQUIRED, "its CRL number"},
    {"this_update", HTTP_INT, HTTP_REQUIRED, "when it was made"},
    {"next_update", HTTP_INT, HTTP_REQUIRED, "until when it counts"},
    {"entries", HTTP_INT, HTTP_REQUIRED, "how many revocations are in it"},
    {NULL},
};
static const struct http_member publication_members[] = {
    {"published_at", HTTP_INT, HTTP_OR_NULL, "when lists were last published"},
    {"failed_at", HTTP_INT, HTTP_OR_NULL, "when it last failed, if it has not succeeded since"},
    {"failure", HTTP_TEXT, HTTP_OR_NULL, "which list stopped it and why"},
    {NULL},
};
static const struct http_member crls_members[] = {
    {"crls", HTTP_ARRAY, HTTP_REQUIRED, "those that are published", crl_members},
    {"publication", HTTP_OBJECT, HTTP_REQUIRED, "how publishing went", publication_members},
    {"progress", HTTP_OBJECT, HTTP_OR_NULL, "of the one at work; null: none is", progress_members},
    {NULL},
};
static const struct http_answer crls_answers[] = {{200, "the lists", crls_members}, {0}};
static const struct http_answer crl_answers[] = {
    {200, "one list, DER", .type = CRL_TYPE},
    {206, "the part of it that Range names", .type = CRL_TYPE},
    {304, "it is the one in If-None-Match"},
    {416, "it has no byte that Range names"},
    {0}};

const struct route authority_crl_routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/crls",
     .access = &authority_operator,
     .handle = post_crls,
     .operation = "publishCrls",
     .summary = "Publish the lists of revocations now",
     .answers = published_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {.method = HTTP_GET,
     .path = "/v1/crls",
     .access = &authority_ocspd_peer,
     .handle = get_crls,
     .operation = "listCrls",
     .summary = "Read which lists there are and when the next ones are due",
     .answers = crls_answers},
    {.method = HTTP_GET,
     .path = "/v1/crls/:name",
     .access = &authority_ocspd_peer,
     .handle = get_crl_file,
     .operation = "getCrl",
     .summary = "Fetch a list of revocations",
     .answers = crl_answers,
     .fails = HTTP_FAIL(ERR_ABSENT)},
    {.path = NULL},
};

const struct route authority_shown_crl_routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/crls/:name",
     .access = &authority_proxy_peer,
     .handle = get_shown_crl,
     .operation = "getCrl",
     .summary = "Fetch a list of revocations",
     .answers = crl_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_DENIED)},
    {.path = NULL},
};
