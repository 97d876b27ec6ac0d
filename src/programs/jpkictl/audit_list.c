/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl audit list: the audit log of a daemon, page by page, as the daemon tells it. */
#include "programs/jpkictl/commands.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "programs/exit.h"
#include "programs/jpkictl/log.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    const char *socket, *since;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of the daemon")},
    {'n', "since", CLI_TEXT, offsetof(struct options, since), N_("NUMBER"),
     N_("only the records behind this one")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

/* Texts are shown as they are: they are words of the daemon's own, and user ids. */
static int print_record(const struct json *record, struct err *err)
{
    char time[CALTIME_TEXT_SIZE];
    const char *outcome = NULL;
    const char *actor;
    const char *act;
    int64_t seq;
    int64_t at;

    TRY(json_get_int(record, "seq", &seq, err));
    TRY(json_get_int(record, "at", &at, err));
    TRY(json_get_text(record, "act", &act, err));
    TRY(json_get_text(record, "actor", &actor, err));
    if (json_get_text(record, "outcome", &outcome, NULL) < 0)
        outcome = "-";
    caltime_format(at, JST_OFFSET_SECONDS, time);
    printf("%lld  %s  %-22s  %-16s  %s\n", (long long)seq, time, act, actor, outcome);
    return 0;
}

static int print_page(const struct json *page, struct err *err)
{
    const struct json *records;

    TRY(json_get_array(page, "records", &records, err));
    for (size_t i = 0; i < json_count(records); i++)
        TRY(print_record(json_at(records, i), err));
    return 0;
}

/* Whatever is wrong with a page, the daemon is to blame. */
static int read_page(const struct json *page, bool is_json, int64_t *last, bool *ret_more,
                     struct err *err)
{
    struct err why = {0};
    int64_t before = *last;

    if (json_get_int(page, "last", last, &why) < 0 ||
        json_get_bool(page, "more", ret_more, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    if (*ret_more && *last <= before)
        return FAIL(err, ERR_REMOTE, "the daemon tells the same page for ever");
    if (is_json)
        return output_json(page, err);
    if (print_page(page, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    return 0;
}

static int list(const struct options *options, struct err *err)
{
    const char *since = options->since == NULL ? "0" : options->since;
    int64_t last = -1;
    bool more = true;
    char number[24];

    while (more) {
        CLEANUP(json_freep) struct json *page = NULL;

        TRY(log_page(options->socket, since, &page, err));
        TRY(read_page(page, options->json, &last, &more, err));
        (void)snprintf(number, sizeof number, "%lld", (long long)last);
        since = number;
    }
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return list(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_audit_list = {
    .path = "audit list",
    .arguments = "",
    .description = N_("show the audit log of a daemon: who did what, and when"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
