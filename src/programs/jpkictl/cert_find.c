/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl cert find: how a certificate stands, by the authority's own records; not whose it is. */
#include "programs/jpkictl/commands.h"

#include "base/i18n.h"
#include "fetch/fetch.h"
#include "programs/exit.h"
#include "programs/output.h"

#include <stdio.h>

struct options {
    const char *socket, *kind, *serial, *key, *request_id;
    bool json;
};

static const struct cli_option rows[] = {
    {'s', "socket", CLI_TEXT, offsetof(struct options, socket), N_("FILE"),
     N_("the Unix socket of jpki-authorityd")},
    {'k', "kind", CLI_TEXT, offsetof(struct options, kind), "sign|auth",
     N_("which CA; goes with --serial")},
    {'n', "serial", CLI_TEXT, offsetof(struct options, serial), N_("NUMBER"),
     N_("its serial number, decimal")},
    {0, "key", CLI_TEXT, offsetof(struct options, key), N_("HASH"),
     N_("SHA-256 of its SubjectPublicKeyInfo, in hexadecimal")},
    {0, "request-id", CLI_TEXT, offsetof(struct options, request_id), "ID",
     N_("the request that it was issued for")},
    {'j', "json", CLI_FLAG, offsetof(struct options, json), NULL, N_("print JSON")},
    CLI_OPTIONS_END,
};

static int add_parameter(struct buf *url, char *separator, const char *name, const char *value,
                         struct err *err)
{
    if (value == NULL)
        return 0;
    TRY(buf_append_format(url, err, "%c%s=", *separator, name));
    *separator = '&';
    return fetch_escape(url, value, err);
}

static int check(const struct options *options, struct err *err)
{
    int ways = (options->serial != NULL) + (options->key != NULL) + (options->request_id != NULL);

    if (options->socket == NULL)
        return FAIL(err, ERR_USAGE, "--socket FILE is missing");
    if (ways != 1 || (options->kind != NULL) != (options->serial != NULL))
        return FAIL(err, ERR_USAGE,
                    "one of --kind with --serial, --key and --request-id names a certificate");
    return 0;
}

static int ask(const struct options *options, struct fetch_response *response, struct err *err)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT;
    struct fetch_request request = {.socket = options->socket};
    char separator = '?';

    TRY(buf_append_text(&url, "/v1/certificates", err));
    TRY(add_parameter(&url, &separator, "kind", options->kind, err));
    TRY(add_parameter(&url, &separator, "serial", options->serial, err));
    TRY(add_parameter(&url, &separator, "key", options->key, err));
    TRY(add_parameter(&url, &separator, "request_id", options->request_id, err));
    TRY(buf_text(&url, &request.url, err));
    TRY(fetch(&request, response, err));
    return response->json == NULL ? FAIL(err, ERR_REMOTE, "the daemon's answer is not JSON") : 0;
}

/* Words of the daemon's own, in the order it tells them; a member that is null is left out. */
static int print_text(const struct json *found, struct err *err)
{
    static const char *const members[] = {"state",     "kind",   "device", "not_before",
                                          "not_after", "reason", "list",   "revoked_at"};
    int64_t serial;
    int64_t generation;

    TRY(json_get_int(found, "serial", &serial, err));
    TRY(json_get_int(found, "generation", &generation, err));
    printf("serial: %lld\n", (long long)serial);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *text;

        if (json_is_null_member(found, members[i]))
            continue;
        TRY(json_get_text(found, members[i], &text, err));
        printf("%s: %s\n", members[i], text);
    }
    printf("generation: %lld\n", (long long)generation);
    return 0;
}

static int show(const struct options *options, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    struct err why = {0};

    TRY(check(options, err));
    TRY(ask(options, &response, err));
    if (options->json)
        return output_json(response.json, err);
    if (print_text(response.json, &why) < 0)
        return FAIL(err, ERR_REMOTE, "the daemon's answer is malformed: %s", why.text);
    return 0;
}

static int run(const void *parsed, int argc, char *const argv[])
{
    struct err err = {0};
    int code;

    (void)argc;
    (void)argv;
    if (show(parsed, &err) == 0)
        return EXIT_CODE_DONE;
    code = fail(&err);
    /* That there is none is an answer. */
    return err.kind == ERR_ABSENT ? EXIT_CODE_INVALID : code;
}

const struct cli_command command_cert_find = {
    .path = "cert find",
    .arguments = "",
    .description = N_("find a certificate at the authority, and how it stands"),
    .options = rows,
    .size = sizeof(struct options),
    .run = run,
};
