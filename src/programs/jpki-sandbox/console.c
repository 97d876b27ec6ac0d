/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A way into the platform's console for a developer: an invitation, made with the key of one of the
 * sandbox's tenants as its owner would make it, or the one of the operator that was made with the
 * sandbox. Whoever brings it with a card is a member.
 */
#include "programs/jpki-sandbox/commands.h"

#include "base/file.h"
#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/output.h"
#include "sandbox/state.h"

#include <stdio.h>
#include <string.h>

enum { KEY_FILE_MAX = 128, FIELD_SIZE = 192, CODE_SIZE = 64 };

struct console {
    const char *dir;
    const char *tenant;
    const char *name;
    bool is_operators;
    bool json;
};

static const struct cli_option options[] = {
    {'d', "dir", CLI_TEXT, offsetof(struct console, dir), N_("DIR"), N_("the sandbox's directory")},
    {'t', "tenant", CLI_TEXT, offsetof(struct console, tenant), N_("NAME"),
     N_("whose console: sample-bank (without this option) or sample-shop")},
    {'n', "name", CLI_TEXT, offsetof(struct console, name), N_("NAME"),
     N_("what the new member is called")},
    {'o', "operator", CLI_FLAG, offsetof(struct console, is_operators), NULL,
     N_("the operator's, instead of a tenant's")},
    {'j', "json", CLI_FLAG, offsetof(struct console, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int read_line(const char *path, char *ret, size_t size, struct err *err)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT;
    const char *text;

    TRY(file_read(path, KEY_FILE_MAX, &file, err));
    TRY(buf_text(&file, &text, err));
    (void)snprintf(ret, size, "%.*s", (int)strcspn(text, "\n"), text);
    wipe(file.ptr, file.len);
    return 0;
}

static int read_key(const struct layout *layout, const char *tenant, char ret[FIELD_SIZE],
                    struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    char key[KEY_FILE_MAX];
    int rc;

    if (strchr(tenant, '/') != NULL)
        return FAIL(err, ERR_USAGE, "the sandbox has no tenant %s", tenant);
    TRY(path_format(&path, err, "%s/providers/%s.key", layout->dir, tenant));
    rc = read_line(path, key, sizeof key, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_USAGE, "the sandbox has no tenant %s", tenant);
    TRY(rc);
    (void)snprintf(ret, FIELD_SIZE, "Bearer %s", key);
    wipe(key, sizeof key);
    return 0;
}

static int invite(const struct console *console, const struct layout *layout, const char *platform,
                  char ret[CODE_SIZE], struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *url = NULL;
    char bearer[FIELD_SIZE];
    const char *code;
    int rc;

    TRY(read_key(layout, console->tenant == NULL ? "sample-bank" : console->tenant, bearer, err));
    TRY(path_format(&url, err, "%s/v1/tenant/members", platform));
    TRY(json_put_text(body, "name", console->name == NULL ? "sandbox" : console->name, err));
    TRY(json_put_text(body, "role", "owner", err));
    const struct fetch_field fields[] = {{"Authorization", bearer}, {NULL, NULL}};
    const struct fetch_request request = {.url = url, .body = body, .fields = fields};

    rc = fetch(&request, &response, err);
    wipe(bearer, sizeof bearer);
    TRY(rc);
    TRY(json_get_text(response.json, "invitation", &code, err));
    (void)snprintf(ret, CODE_SIZE, "%s", code);
    return 0;
}

/* Made when the sandbox was: the platform has nobody yet who could ask it for another one. */
static int invite_operator(const struct layout *layout, char ret[CODE_SIZE], struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(layout, "providers/operator.invitation", &path, err));
    return read_line(path, ret, CODE_SIZE, err);
}

/* Whether pages for browsers are part of this build. */
static int check_there(const char *platform, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(free_text) char *url = NULL;

    TRY(path_format(&url, err, "%s/console/", platform));
    const struct fetch_request request = {.url = url, .accept = "text/html"};

    return err_prefix(err, fetch(&request, &response, err), "the console");
}

static int print(const struct console *console, const char *platform, const char *invitation,
                 struct err *err)
{
    CLEANUP(json_freep) struct json *object = json_object_new();
    CLEANUP(free_text) char *url = NULL;

    TRY(path_format(&url, err, "%s/console/#/login?invitation=%s", platform, invitation));
    if (console->json) {
        TRY(json_put_text(object, "url", url, err));
        return output_json(object, err);
    }
    printf("%s\n", url);
    puts(
        tr("The first login with a card at this address makes its holder a member; later ones need "
           "no invitation."));
    return 0;
}

static int show(const struct console *console, struct err *err)
{
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(json_freep) struct json *state = NULL;
    const struct json *urls = NULL;
    const char *platform = NULL;
    char invitation[CODE_SIZE];

    TRY(layout_init(console->dir, &layout, err));
    TRY(state_read(&layout, &state, err));
    TRY(json_get_object(state, "urls", &urls, err));
    TRY(json_get_text(urls, "platform", &platform, err));
    TRY(check_there(platform, err));
    if (console->is_operators && (console->tenant != NULL || console->name != NULL))
        return FAIL(err, ERR_USAGE, "--operator has neither --tenant nor --name beside it");
    TRY(console->is_operators ? invite_operator(&layout, invitation, err)
                              : invite(console, &layout, platform, invitation, err));
    return print(console, platform, invitation, err);
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};

    (void)argc;
    (void)argv;
    return show(parsed, &err) < 0 ? fail(&err) : EXIT_CODE_DONE;
}

const struct cli_command command_console = {
    .path = "console",
    .arguments = "",
    .description = N_("print an address where somebody with a card gets into the console"),
    .options = options,
    .size = sizeof(struct console),
    .run = run,
};
