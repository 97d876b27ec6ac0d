/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to a sandbox's control API, its forms included, and the fields by which requests to its
 * daemons ask for faults. There is no sandbox and no card in it, so whatever a request says,
 * nothing but faults that exist can be set, so often as may be. Logins are left out: they would be
 * answered.
 */
#include "sandbox/control.h"

#include "base/file.h"
#include "fuzz.h"
#include "http/engine.h"
#include "sandbox/page.h"
#include "sandbox/persona.h"
#include "sandbox/powers_file.h"
#include "sandbox/powers_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct layout nowhere = {.dir = NULL, .lock_fd = -1, .watch_fd = -1};
static struct powers_page powers;
static struct page page = {.layout = &nowhere, .powers = &powers};

static void report(const struct phone_login *login, const struct err *failure)
{
    (void)failure;
    FUZZ_CHECK(login == NULL); /* nobody asks for one */
}

enum { ROWS_MAX = 32 };

static void make_table(struct route table[ROWS_MAX])
{
    size_t count = 0;

    for (const struct route *row = page_control_routes; row->path != NULL; row++) {
        FUZZ_CHECK(count < ROWS_MAX - 1);
        if (strcmp(row->path, "/v1/logins") != 0)
            table[count++] = *row;
    }
    table[count].path = NULL;
}

/* What a daemon of a sandbox maps, gone from the file system at once. */
static void open_powers(void)
{
    const struct powers_page fresh = powers_page_init();
    char dir[] = "/tmp/openjpki-fuzz-XXXXXX";
    char path[sizeof dir + 8];

    FUZZ_CHECK(mkdtemp(dir) != NULL);
    (void)snprintf(path, sizeof path, "%s/powers", dir);
    FUZZ_CHECK(file_replace(path, 0600, bytes_of(&fresh, sizeof fresh), NULL) == 0);
    FUZZ_CHECK(setenv(SANDBOX_POWERS_VARIABLE, path, 1) == 0);
    FUZZ_CHECK(powers_http_open(NULL) == 0 && powers_http() != NULL);
    FUZZ_CHECK(unlink(path) == 0 && rmdir(dir) == 0);
}

static void open_once(void)
{
    static char dir[] = "/nonexistent/sandbox";
    const struct phone_options options = {.layout = &nowhere, .page = &powers, .report = report};

    if (nowhere.dir != NULL)
        return;
    nowhere.dir = dir;
    open_powers();
    FUZZ_CHECK(phone_new(&options, &page.phone, NULL) == 0);
}

/* A daemon in which some faults can be asked for, with one row. */
static int answer(struct http_call *call, struct err *err)
{
    (void)err;
    for (unsigned i = 0; i < NAMED_FAULTS_; i++)
        FUZZ_CHECK((powers_asked() & UINT64_C(1) << i) == 0 ||
                   strstr(named_faults[i].place, "jpki-ocspd") != NULL);
    http_reply_empty(&call->response, 204);
    return 0;
}

static const struct http_answer answers[] = {{204, "nothing"}, {0}};
static const struct route rows[] = {
    {.method = HTTP_GET,
     .path = "/v1/faults",
     .access = &http_anyone,
     .handle = answer,
     .operation = "ask",
     .summary = "Ask",
     .answers = answers},
    {.path = NULL},
};

static void ask(const struct http_server_options *options, struct bytes request)
{
    const struct http_peer peer = {.is_unix = false};
    CLEANUP(buf_done) struct buf reply = BUF_INIT;
    const char *text;

    FUZZ_CHECK(http_loopback(options, &peer, request, &reply, NULL) == 0);
    FUZZ_CHECK(buf_text(&reply, &text, NULL) == 0);
    FUZZ_CHECK(strncmp(text, "HTTP/1.1 ", 9) == 0 && strncmp(text + 9, "500", 3) != 0);
}

FUZZ_TARGET(data, size)
{
    static const struct http_about about = {"ocsp", "ocsp", "fuzzed"};
    struct route table[ROWS_MAX];
    const struct http_server_options control = {
        .routes = table, .about = &page_about, .context = &page};
    struct http_server_options daemon = {.routes = rows, .about = &about};
    char name[SANDBOX_PERSONA_NAME_MAX + 1];

    make_table(table);
    open_once();
    powers = powers_page_init();
    ask(&control, bytes_of(data, size));
    for (unsigned i = 0; i < POWERS_SLOTS; i++) {
        int32_t left = powers.slots[i].left;

        FUZZ_CHECK(left >= POWERS_UNTIL_CLEARED && left <= POWERS_TIMES_MAX);
        FUZZ_CHECK(left == 0 || (i < NAMED_FAULTS_ && named_faults[i].way != NAMED_BY_ACT));
    }
    powers_get_name(&powers, name);
    FUZZ_CHECK((name[0] == '\0' || persona_is_name(name)) && powers.turns_asked == 0);
    daemon.powers = powers_http();
    ask(&daemon, bytes_of(data, size));
    return 0;
}
