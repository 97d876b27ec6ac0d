/* SPDX-License-Identifier: Apache-2.0 */
/* jpki-sandbox fault list, set and clear: what goes wrong in a running sandbox. */
#include "base/file.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/output.h"
#include "sandbox/powers_file.h"

#include <stdio.h>

enum { ACT_MS = 60000 };

struct fault {
    const char *dir;
    const char *persona;
    int64_t times;
    bool json;
};

#define DIR_OPTION                                                                                 \
    {                                                                                              \
        'd', "dir", CLI_TEXT, offsetof(struct fault, dir), N_("DIR"),                              \
            N_("the sandbox's directory")                                                          \
    }
#define JSON_ROW                                                                                   \
    {                                                                                              \
        'j', "json", CLI_FLAG, offsetof(struct fault, json), NULL, N_("print JSON")                \
    }

static const struct cli_option list_options[] = {DIR_OPTION, JSON_ROW, CLI_OPTIONS_END};
static const struct cli_option clear_options[] = {DIR_OPTION, CLI_OPTIONS_END};
static const struct cli_option set_options[] = {
    DIR_OPTION,
    {'n', "times", CLI_INT, offsetof(struct fault, times), N_("N"),
     N_("how often it is to be met; until it is cleared if not given")},
    {'p', "persona", CLI_TEXT, offsetof(struct fault, persona), N_("NAME"),
     N_("to whose card it is done; the one in the reader if not given")},
    CLI_OPTIONS_END,
};

static int open_page(const struct fault *given, struct powers_page **ret, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    pid_t pid = 0;

    TRY(layout_init(given->dir, &layout, err));
    TRY(layout_running(&layout, &pid, err));
    return powers_file_map(&layout, ret, err);
}

static void print_row(const struct powers_page *page, enum named_fault fault)
{
    const struct named_fault_row *row = &named_faults[fault];
    const struct powers_slot slot = powers_get(page, fault);

    printf("%-20s  %s", row->name, tr(row->text));
    if (slot.left == POWERS_UNTIL_CLEARED)
        printf(tr("  [set until it is cleared, met %d times]"), slot.times);
    else if (slot.left > 0)
        printf(tr("  [set for %d times more, met %d times]"), slot.left, slot.times);
    printf("\n");
}

static int show_all(const struct fault *given, struct err *err)
{
    CLEANUP(powers_page_done) struct powers_page *page = NULL;
    CLEANUP(json_freep) struct json *object = json_object_new();
    struct json *list = NULL;

    TRY(open_page(given, &page, err));
    for (unsigned i = 0; i < NAMED_FAULTS_ && !given->json; i++)
        print_row(page, (enum named_fault)i);
    if (!given->json)
        return 0;
    TRY(powers_faults_json(page, &list, err));
    TRY(json_put(object, "faults", list, err));
    return output_json(object, err);
}

/* By the process that has the people's cards. */
static int ask_for_act(const struct fault *given, const char *name, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(fetch_response_done) struct fetch_response answer = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *socket = NULL;
    CLEANUP(free_text) char *path = NULL;
    struct fetch_request request = {.method = "PUT", .body = body, .timeout_ms = ACT_MS};
    pid_t pid = 0;

    TRY(layout_init(given->dir, &layout, err));
    TRY(layout_running(&layout, &pid, err));
    TRY(layout_path(&layout, "page/page.sock", &socket, err));
    TRY(path_format(&path, err, "/v1/faults/%s", name));
    if (given->persona != NULL)
        TRY(json_put_text(body, "persona", given->persona, err));
    request.socket = socket;
    request.url = path;
    return fetch(&request, &answer, err);
}

static int set(const struct fault *given, const char *name, struct err *err)
{
    CLEANUP(powers_page_done) struct powers_page *page = NULL;
    enum named_fault fault;

    TRY(named_fault_find(name, &fault, err));
    if (named_faults[fault].way == NAMED_BY_ACT)
        return ask_for_act(given, name, err);
    TRY(open_page(given, &page, err));
    return powers_arm(page, fault, given->times, err);
}

static int clear(const struct fault *given, const char *name, struct err *err)
{
    CLEANUP(powers_page_done) struct powers_page *page = NULL;
    enum named_fault fault = NAMED_FAULTS_;

    if (name != NULL)
        TRY(named_fault_find(name, &fault, err));
    TRY(open_page(given, &page, err));
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        if (name == NULL || i == fault)
            powers_set(page, (enum named_fault)i, 0);
    return 0;
}

static int run_list(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return show_all(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

static int run_set(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    return set(parsed, argv[0], &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

static int run_clear(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    return clear(parsed, argc > 0 ? argv[0] : NULL, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_fault_list = {
    .path = "fault list",
    .arguments = "",
    .description = N_("list the named faults and which are set"),
    .options = list_options,
    .size = sizeof(struct fault),
    .run = run_list,
};

const struct cli_command command_fault_set = {
    .path = "fault set",
    .arguments = N_("NAME"),
    .description = N_("let something go wrong"),
    .options = set_options,
    .size = sizeof(struct fault),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_set,
};

const struct cli_command command_fault_clear = {
    .path = "fault clear",
    .arguments = N_("[NAME]"),
    .description = N_("let it, or everything, go right again"),
    .options = clear_options,
    .size = sizeof(struct fault),
    .max_arguments = 1,
    .run = run_clear,
};
