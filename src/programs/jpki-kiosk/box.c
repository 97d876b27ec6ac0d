/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-kiosk/box.h"

#include "base/file.h"
#include "base/random_text.h"

#include <stdio.h>

enum { BOX_FILE_MAX = 4096 };

static int parse_pending(const struct json *json, struct box *ret, struct err *err)
{
    const struct json *pending;

    TRY(json_get_object(json, "pending", &pending, err));
    TRY(json_copy_text(pending, "order", ret->order, sizeof ret->order, err));
    TRY(json_copy_text(pending, "payment", ret->payment, sizeof ret->payment, err));
    TRY(json_get_int(pending, "amount", &ret->amount, err));
    ret->is_pending = true;
    return 0;
}

int box_parse(struct bytes text, struct box *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *json = NULL;
    struct box box = {.path = ret->path};

    TRY(json_parse(text, &json, err));
    TRY(json_get_int(json, "kept", &box.kept, err));
    if (json_has(json, "pending"))
        TRY(parse_pending(json, &box, err));
    *ret = box;
    return 0;
}

int box_open(const char *path, struct box *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct err why = {0};
    const int rc = file_read(path, BOX_FILE_MAX, &text, &why);

    *ret = (struct box){.path = path};
    if (rc == -ERR_ABSENT)
        return 0;
    if (rc < 0)
        return err_copy(err, &why);
    return err_prefix(err, box_parse(buf_bytes(&text), ret, err), "%s", path);
}

static int put_pending(const struct box *box, struct json *json, struct err *err)
{
    CLEANUP(json_freep) struct json *pending = json_object_new();

    TRY(json_put_text(pending, "order", box->order, err));
    TRY(json_put_text(pending, "payment", box->payment, err));
    TRY(json_put_int(pending, "amount", box->amount, err));
    return json_put(json, "pending", json_steal(&pending), err);
}

static int save(const struct box *box, struct err *err)
{
    CLEANUP(json_freep) struct json *json = json_object_new();
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(json_put_int(json, "kept", box->kept, err));
    if (box->is_pending)
        TRY(put_pending(box, json, err));
    TRY(json_write(json, &text, err));
    return file_replace(box->path, 0600, buf_bytes(&text), err);
}

int box_take(struct box *box, const char *order, int64_t amount, struct err *err)
{
    struct box next = {.path = box->path, .kept = box->kept, .is_pending = true, .amount = amount};

    (void)snprintf(next.order, sizeof next.order, "%s", order);
    TRY(random_text(next.payment, sizeof next.payment, err));
    TRY(save(&next, err));
    *box = next;
    return 0;
}

int box_settle(struct box *box, bool is_kept, struct err *err)
{
    struct box next = {.path = box->path, .kept = box->kept + (is_kept ? box->amount : 0)};

    TRY(save(&next, err));
    *box = next;
    return 0;
}
