/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl tenant ...: the providers of a platform, what they may use, and how far they have come.
 */
#include "programs/exit.h"
#include "programs/jpkictl/authority.h"
#include "programs/jpkictl/commands.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    struct authority_options platform;
    const char *reference, *sources;
    int64_t rate, quota;
};

enum { AS_IT_IS = -1 };

#define PLATFORM_OPTIONS                                                                           \
    {'s',        "socket",                                                                         \
     CLI_TEXT,   offsetof(struct options, platform.socket),                                        \
     N_("FILE"), N_("the Unix socket of jpki-platformd")},                                         \
    {                                                                                              \
        'j', "json", CLI_FLAG, offsetof(struct options, platform.json), NULL, N_("print JSON")     \
    }
static const struct cli_option rows[] = {PLATFORM_OPTIONS, CLI_OPTIONS_END};
static const struct cli_option step_rows[] = {
    {0, "reference", CLI_TEXT, offsetof(struct options, reference), N_("TEXT"),
     N_("of the paper that it is about")},
    PLATFORM_OPTIONS,
    CLI_OPTIONS_END,
};
static const struct cli_option set_rows[] = {
    {0, "rate", CLI_INT, offsetof(struct options, rate), N_("N"),
     N_("requests a second at most; 0: as usual")},
    {0, "quota", CLI_INT, offsetof(struct options, quota), N_("N"),
     N_("judgements a month at most; 0: any number")},
    {0, "sources", CLI_TEXT, offsetof(struct options, sources), N_("LIST"),
     N_("addresses it asks from, with blanks between; \"\": any")},
    PLATFORM_OPTIONS,
    CLI_OPTIONS_END,
};
static const struct options unset = {.rate = AS_IT_IS, .quota = AS_IT_IS};

static int get_number(const struct json *tenant, const char *key, int64_t *ret, struct err *err)
{
    struct err why = {0};

    if (json_get_int(tenant, key, ret, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    return 0;
}

/* A line: who, how far, for what, how much of it, and the name. */
static int print_tenant(const struct json *tenant, struct err *err)
{
    static const char *const keys[] = {"client_id", "state", "environment", "name"};
    const char *texts[sizeof keys / sizeof keys[0]];
    struct err why = {0};
    int64_t quota = 0;
    int64_t rate;
    int64_t used;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_get_text(tenant, keys[i], &texts[i], &why) < 0)
            return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    TRY(get_number(tenant, "rate", &rate, err));
    TRY(get_number(tenant, "used", &used, err));
    if (json_has(tenant, "quota"))
        TRY(get_number(tenant, "quota", &quota, err));
    printf("%-24s  %-10s  %-4s  %lld/s  %lld", texts[0], texts[1], texts[2], (long long)rate,
           (long long)used);
    if (quota > 0)
        printf("/%lld", (long long)quota);
    printf("  %s\n", texts[3]);
    return 0;
}

static int print_step(const struct json *step, struct err *err)
{
    const char *reference = "";
    const char *name;
    struct err why = {0};
    int64_t at;

    if (json_get_text(step, "step", &name, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    TRY(get_number(step, "at", &at, err));
    if (json_has(step, "reference") && json_get_text(step, "reference", &reference, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    printf("  %lld  %-8s  %s\n", (long long)at, name, reference);
    return 0;
}

static int print_all(const struct json *answer, const char *key,
                     int (*print)(const struct json *item, struct err *err), struct err *err)
{
    const struct json *items;

    if (json_get_array(answer, key, &items, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", key);
    for (size_t i = 0; i < json_count(items); i++)
        TRY(print(json_at(items, i), err));
    return 0;
}

/* One tenant as it is told, with its steps. */
static int show(const struct options *options, const struct json *tenant, struct err *err)
{
    if (options->platform.json)
        return output_json(tenant, err);
    TRY(print_tenant(tenant, err));
    return print_all(tenant, "steps", print_step, err);
}

static int ask(const struct options *options, const struct authority_question *question,
               struct err *err)
{
    CLEANUP(json_freep) struct json *tenant = NULL;

    TRY(authority_ask_about(&options->platform, question, &tenant, err));
    return show(options, tenant, err);
}

/* ---- the commands ---- */

/* The client id that a page ends with; NULL: there are no more. */
static int next_of(const struct json *page, const char **ret, struct err *err)
{
    const struct json *tenants;
    bool is_more;

    *ret = NULL;
    if (json_get_bool(page, "more", &is_more, NULL) < 0 ||
        json_get_array(page, "tenants", &tenants, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", "more");
    if (!is_more)
        return 0;
    if (json_get_text(json_at(tenants, json_count(tenants) - 1), "client_id", ret, NULL) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", "client_id");
    return 0;
}

/* Each page is printed as it comes: as JSON, an object a line. */
static int list(const struct options *options, const char *unused, struct err *err)
{
    CLEANUP(json_freep) struct json *page = NULL;
    struct authority_question question = {"/v1/operator/tenants", NULL, "", NULL, NULL};
    const char *after;

    (void)unused;
    do {
        CLEANUP(json_freep) struct json *before = page;

        (void)before; /* what `after` points into, until it is asked for */
        page = NULL;
        TRY(authority_ask_about(&options->platform, &question, &page, err));
        TRY(options->platform.json ? output_json(page, err)
                                   : print_all(page, "tenants", print_tenant, err));
        TRY(next_of(page, &after, err));
        question = (struct authority_question){"/v1/operator/tenants?after=", after, "", NULL,
                                               NULL};
    } while (after != NULL);
    return 0;
}

static int show_one(const struct options *options, const char *client_id, struct err *err)
{
    const struct authority_question question = {"/v1/operator/tenants/", client_id, "", NULL, NULL};

    return ask(options, &question, err);
}

static int set(const struct options *options, const char *client_id, struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct authority_question question = {"/v1/operator/tenants/", client_id, "", body,
                                                "PATCH"};

    if (options->rate != AS_IT_IS)
        TRY(json_put_int(body, "rate", options->rate, err));
    if (options->quota != AS_IT_IS)
        TRY(json_put_int(body, "quota", options->quota, err));
    if (options->sources != NULL)
        TRY(json_put_text(body, "sources", options->sources, err));
    return ask(options, &question, err);
}

static int step(const struct options *options, const char *client_id, const char *name,
                struct err *err)
{
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct authority_question question = {"/v1/operator/tenants/", client_id, "/steps", body,
                                                NULL};

    TRY(json_put_text(body, "step", name, err));
    if (options->reference != NULL)
        TRY(json_put_text(body, "reference", options->reference, err));
    return ask(options, &question, err);
}

#define STEP(word)                                                                                 \
    static int word(const struct options *options, const char *client_id, struct err *err)         \
    {                                                                                              \
        return step(options, client_id, #word, err);                                               \
    }
STEP(apply)
STEP(certify)
STEP(notify)
STEP(end)

#define COMMAND(function, word, takes, table, text)                                                \
    static int run_##function(const void *options, int argc, char *const argv[])                   \
    {                                                                                              \
        struct err err = {0};                                                                      \
                                                                                                   \
        return function(options, argc == 0 ? NULL : argv[0], &err) < 0 ? fail(&err)                \
                                                                       : EXIT_CODE_DONE;           \
    }                                                                                              \
    const struct cli_command command_tenant_##word = {                                             \
        .path = "tenant " #word,                                                                   \
        .arguments = (takes) ? N_("CLIENT_ID") : "",                                               \
        .description = (text),                                                                     \
        .options = (table),                                                                        \
        .size = sizeof(struct options),                                                            \
        .min_arguments = (takes),                                                                  \
        .max_arguments = (takes),                                                                  \
        .run = run_##function,                                                                     \
        .defaults = &unset,                                                                        \
    }

COMMAND(list, list, 0, rows, N_("show a platform's providers and how far they have come"));
COMMAND(show_one, show, 1, rows, N_("show a provider with the steps by which it came there"));
COMMAND(set, set, 1, set_rows, N_("set what a provider may use, and from where"));
COMMAND(apply, apply, 1, step_rows, N_("note that a provider has applied"));
COMMAND(certify, certify, 1, step_rows,
        N_("note that a provider is certified: itself, or as the platform is"));
COMMAND(notify, notify, 1, step_rows,
        N_("note that the authority has notice of a provider, which it is asked for"));
COMMAND(end, end, 1, step_rows, N_("note that a provider is verified for no more"));
