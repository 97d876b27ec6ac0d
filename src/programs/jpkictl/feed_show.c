/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jpkictl feed show: the items of a revocation feed as they stand in a file, whoever signed them;
 * with the CA's certificate they are verified, and what they lead to is shown.
 */
#include "programs/jpkictl/commands.h"

#include "base/caltime.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "revocation/feed_copy.h"

#include <stdio.h>

struct options {
    const char *ca;
    bool json;
};

static const struct cli_option rows[] = {
    {0, "ca", CLI_TEXT, offsetof(struct options, ca), N_("FILE"),
     N_("the CA's certificate: verify the items, and show what they lead to")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int put_utc(struct json *object, const char *key, int64_t time, struct err *err)
{
    char text[CALTIME_TEXT_SIZE];

    caltime_format(time, 0, text);
    return json_put_text(object, key, text, err);
}

static int put_item(struct json *items, const struct feed_item *item, struct err *err)
{
    const struct feed_head *head = &item->head;
    CLEANUP(json_freep) struct json *object = json_object_new();

    TRY(json_put_text(object, "kind", head->is_delta ? "delta" : "snapshot", err));
    TRY(json_put_int(object, "edition", head->edition, err));
    TRY(put_utc(object, "this_update", head->this_update, err));
    TRY(put_utc(object, "next_update", head->next_update, err));
    if (head->is_delta)
        TRY(json_put_int(object, "from", (int64_t)head->from.number, err));
    TRY(json_put_int(object, "number", (int64_t)head->to.number, err));
    TRY(json_put_int(object, "bytes", (int64_t)item->whole.len, err));
    return json_add(items, json_steal(&object), err);
}

static void print_item(const struct feed_item *item)
{
    const struct feed_head *head = &item->head;
    char time[CALTIME_TEXT_SIZE];

    caltime_format(head->this_update, JST_OFFSET_SECONDS, time);
    if (head->is_delta)
        printf(tr("delta, edition %lu, %s, events %llu to %llu, %zu bytes\n"),
               (unsigned long)head->edition, time, (unsigned long long)head->from.number,
               (unsigned long long)head->to.number, item->whole.len);
    else
        printf(tr("snapshot, edition %lu, %s, events to %llu, %zu bytes\n"),
               (unsigned long)head->edition, time, (unsigned long long)head->to.number,
               item->whole.len);
}

static int put_standing(struct json *object, const struct feed_standing *standing, struct err *err)
{
    TRY(json_put_int(object, "taken_edition", standing->edition, err));
    TRY(json_put_int(object, "first", standing->first, err));
    TRY(json_put_int(object, "issued", standing->issued, err));
    TRY(json_put_int(object, "gaps", (int64_t)standing->gaps, err));
    return json_put_int(object, "revoked", (int64_t)standing->revoked, err);
}

static void print_standing(const struct feed_standing *standing)
{
    printf(
        tr("verified up to edition %lu: %zu revoked of the serial numbers %lu to %lu, %zu gaps\n"),
        (unsigned long)standing->edition, standing->revoked, (unsigned long)standing->first,
        (unsigned long)standing->issued, standing->gaps);
}

/* What a verifier that trusts this CA gets out of the items. */
static int verify(const char *ca, struct bytes items, struct feed_standing *ret, struct err *err)
{
    CLEANUP(feed_copy_freep) struct feed_copy *copy = NULL;
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf file = BUF_INIT;

    TRY(file_read(ca, X509_PEM_MAX, &file, err));
    TRY(err_prefix(err, x509_cert_parse_file(buf_bytes(&file), &cert, err), "%s", ca));
    TRY(feed_copy_new(x509_cert_der(cert), &copy, err));
    TRY(feed_copy_take_all(copy, items, clock_now(&clock_system), NULL, err));
    feed_copy_standing(copy, ret);
    if (ret->edition == 0)
        return FAIL(err, ERR_UNTRUSTED, "there is no snapshot about certificates of this CA");
    return 0;
}

static int walk(const struct options *options, struct bytes rest, struct json *items,
                struct err *err)
{
    while (rest.len > 0) {
        struct feed_item item;

        TRY(feed_item_next(&rest, &item, err));
        if (options->json)
            TRY(put_item(items, &item, err));
        else
            print_item(&item);
    }
    return 0;
}

static int show(const struct options *options, const char *path, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(json_freep) struct json *items = json_array_new();
    struct feed_standing standing = {.edition = 0};

    TRY(file_read(path, FEED_ITEM_MAX, &file, err));
    TRY(err_prefix(err, walk(options, buf_bytes(&file), items, err), "%s", path));
    if (options->ca != NULL)
        TRY(verify(options->ca, buf_bytes(&file), &standing, err));
    if (!options->json) {
        if (options->ca != NULL)
            print_standing(&standing);
        return 0;
    }
    TRY(json_put(object, "items", json_steal(&items), err));
    if (options->ca != NULL)
        TRY(put_standing(object, &standing, err));
    return output_json(object, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return show(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_feed_show = {
    .path = "feed show",
    .arguments = N_("FILE"),
    .description = N_("show the items of a revocation feed"),
    .options = rows,
    .size = sizeof(struct options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
