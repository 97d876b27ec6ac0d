/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/opinion_view.h"

#include "programs/jpki/common.h"
#include "programs/jpki/verdict_view.h"

#include <stdio.h>
#include <string.h>

int platform_at(const char *url, struct remote **ret, struct err *err)
{
    CLEANUP(remote_freep) struct remote *remote = NULL;
    struct origin origin;
    const char *path;

    TRY(origin_parse(url, &origin, &path, err));
    if (path[0] != '\0' && strcmp(path, "/") != 0)
        return FAIL(err, ERR_USAGE, "--platform takes an address without a path");
    TRY(remote_new(&origin, &remote, err));
    *ret = remote;
    remote = NULL;
    return 0;
}

/* A reason's sentence; of one that we do not know, its name. */
static int reason_shown(const struct buf *name, struct buf *ret, struct err *err)
{
    enum reason reason;

    if (opinion_reason(buf_bytes(name), &reason))
        return buf_append_text(ret, tr(reason_text(reason)), err);
    return append_shown(ret, buf_bytes(name), err);
}

int print_told(const char *label, const struct buf *value, struct err *err)
{
    CLEANUP(buf_done) struct buf shown = BUF_INIT;
    const char *text;

    TRY(append_shown(&shown, buf_bytes(value), err));
    TRY(buf_text(&shown, &text, err));
    print_field(label, text);
    return 0;
}

int opinion_print_reasons(const struct opinion *opinion, struct err *err)
{
    for (size_t i = 0; i < opinion->reason_count; i++) {
        CLEANUP(buf_done) struct buf shown = BUF_INIT;

        TRY(reason_shown(&opinion->reasons[i], &shown, err));
        printf("- %.*s\n", (int)shown.len, (const char *)shown.ptr);
    }
    return 0;
}

int opinion_put_reasons(struct json *object, const struct opinion *opinion, struct err *err)
{
    CLEANUP(json_freep) struct json *array = json_array_new();

    for (size_t i = 0; i < opinion->reason_count; i++) {
        CLEANUP(buf_done) struct buf name = BUF_INIT, shown = BUF_INIT;
        const char *name_text, *shown_text;

        TRY(buf_copy(buf_bytes(&opinion->reasons[i]), &name, err));
        TRY(buf_text(&name, &name_text, err));
        TRY(reason_shown(&name, &shown, err));
        TRY(buf_text(&shown, &shown_text, err));
        TRY(add_reason(array, name_text, shown_text, err));
    }
    return json_put(object, "reasons", json_steal(&array), err);
}

bool opinion_is_unlisted(const struct opinion *opinion)
{
    enum reason reason;

    for (size_t i = 0; i < opinion->reason_count; i++) {
        if (opinion_reason(buf_bytes(&opinion->reasons[i]), &reason) &&
            reason == REASON_ISSUER_UNKNOWN)
            return true;
    }
    return false;
}
