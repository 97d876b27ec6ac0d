/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revocations over HTTP. */
#include "authority/routes.h"

int authority_post_crls(struct http_call *call, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct audit_origin by = authority_caller(call);
    struct signer *signer;
    unsigned published;

    TRY(authority_worker_signer(call, &signer, err));
    TRY(authority_publish(call->context, signer, &by, &published, err));
    TRY(json_put_int(body, "published", published, err));
    return http_reply_json(&call->response, 201, json_steal(&body), err);
}

static int add_list(struct json *lists, const struct crl_record *record, struct err *err)
{
    CLEANUP(json_freep) struct json *entry = json_object_new();

    TRY(json_put_text(entry, "name", record->name, err));
    TRY(json_put_text(entry, "kind", ca_kind_name(record->kind), err));
    TRY(json_put_int(entry, "number", record->number, err));
    TRY(json_put_int(entry, "this_update", record->this_update, err));
    TRY(json_put_int(entry, "next_update", record->next_update, err));
    TRY(json_put_int(entry, "entries", record->entries, err));
    return json_add(lists, json_steal(&entry), err);
}

int authority_get_crls(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(json_freep) struct json *lists = json_array_new();
    struct crl_record record = {.id = 0};

    for (;;) {
        int rc = authority_next_crl(authority->store, record.id, &record, NULL, err);

        if (rc == -ERR_ABSENT)
            break;
        TRY(rc);
        if (record.number > 0)
            TRY(add_list(lists, &record, err));
    }
    TRY(json_put(body, "crls", json_steal(&lists), err));
    return http_reply_json(&call->response, 200, json_steal(&body), err);
}

int authority_get_crl_file(struct http_call *call, struct err *err)
{
    const struct authority *authority = call->context;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    TRY(authority_get_crl(authority->store, http_param(&call->request, "name"), &der, err));
    return http_reply_bytes(&call->response, 200, "application/pkix-crl", buf_bytes(&der), err);
}
