/* SPDX-License-Identifier: Apache-2.0 */
#include "support/loopback.h"

#include "support/httpsite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct err last_failure;

static void observe(void *context, const struct http_event *event)
{
    (void)context;
    last_failure = event->failure == NULL ? (struct err){0} : *event->failure;
}

struct loopback_answer loopback_ask(struct bytes request, uid_t uid)
{
    static const uid_t listed = 1000;
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = uid}};
    const struct http_server_options options = {
        .routes = httpsite_routes, .uids = &listed, .uid_count = 1, .observe = observe};
    struct loopback_answer answer = {0, BUF_INIT};
    const char *text;

    assert_int_equal(http_loopback(&options, &peer, request, &answer.text, NULL), 0);
    assert_int_equal(buf_text(&answer.text, &text, NULL), 0);
    assert_memory_equal(text, "HTTP/1.1 ", 9);
    answer.status = (unsigned)strtoul(text + 9, NULL, 10);
    return answer;
}

void loopback_answer_done(struct loopback_answer *answer)
{
    buf_done(&answer->text);
}

unsigned loopback_status(struct bytes request)
{
    CLEANUP(loopback_answer_done) struct loopback_answer answer = loopback_ask(request, 1000);

    return answer.status;
}

struct err loopback_failure(void)
{
    return last_failure;
}
