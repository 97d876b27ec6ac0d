/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clerks' programs send before anything is believed, and what is signed in it. The first byte
 * chooses: what is signed, as of a clerk who may do everything; or a message with its signature
 * behind a NUL; an application with its signature; the answer to a challenge.
 */
#include "register/application.h"
#include "register/filing.h"
#include "register/routes.h"

#include "counter_site.h"
#include "fuzz.h"
#include "http/engine.h"

#include <stdio.h>
#include <string.h>

static const uid_t uids[] = {1000};

static struct counter *counter;
static struct clerk clerk = {.name = "n", .municipality = EVERY_MUNICIPALITY};
static struct session session;

static void add_clerk(void)
{
    const struct audit_origin by = audit_by_self(counter->clock->fixed);
    char challenge[BOOTSTRAP_CHALLENGE_LEN + 1];
    char token[SESSION_TOKEN_LEN + 1];

    memset(clerk.card.issuer, '0', CLERK_ISSUER_LEN);
    clerk.roles = CLERK_ROLE_BIT(CLERK_ROLES_) - 1;
    FUZZ_CHECK(register_begin_bootstrap(counter->store, challenge, &by, NULL) == 0);
    FUZZ_CHECK(register_finish_bootstrap(counter->store, challenge, &clerk, &by, NULL) == 0);
    (void)snprintf(session.clerk, sizeof session.clerk, "%s", clerk.id);
    (void)snprintf(session.counter, sizeof session.counter, "000000001");
    FUZZ_CHECK(sessions_open(counter->desk->sessions, &session, by.at, token, NULL) == 0);
}

/* Whatever was signed names an order with a right to it, or is refused. */
static void read_signed(struct bytes request)
{
    CLEANUP(order_done) struct order order = {.json = NULL};
    struct filing filing = {.counter = "000000001"};
    int rc;

    (void)snprintf(filing.clerk, sizeof filing.clerk, "%s", clerk.id);
    filing.request = (struct buf){(uint8_t *)(uintptr_t)request.ptr, request.len, request.len};
    rc = filing_read_kept(counter, &filing, NULL, &order, NULL);
    FUZZ_CHECK(rc != 0 || (order.route != NULL && order.right != NULL));
    FUZZ_CHECK(rc != 0 || strcmp(order.route->operation, order.right->operation) == 0);
}

/* Nobody believes a signature of a CA that is not listed. */
static void read_message(struct bytes request, struct bytes signature)
{
    const struct filing_message message = {request, signature, &session};
    CLEANUP(order_done) struct order order = {.json = NULL};

    FUZZ_CHECK(filing_read(counter, &message, NULL, &order, NULL) < 0);
}

static void read_application(struct bytes text, struct bytes signature)
{
    const struct application_text from = {text, signature};
    struct application application;

    FUZZ_CHECK(application_read(counter, &from, &application, NULL) < 0);
}

static void answer_challenge(struct bytes body)
{
    const struct http_server_options options = {
        .tables = register_routes, .context = counter, .uids = uids, .uid_count = 1};
    const struct http_peer peer = {.is_unix = true, .cred = {.uid = 1000}};
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    CLEANUP(buf_done) struct buf answer = BUF_INIT;
    unsigned status = 0;
    const char *text;

    FUZZ_CHECK(buf_append_format(&request, NULL,
                                 "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                 "application/json\r\nContent-Length: %zu\r\n\r\n",
                                 body.len) == 0);
    FUZZ_CHECK(buf_append(&request, body, NULL) == 0);
    FUZZ_CHECK(http_loopback(&options, &peer, buf_bytes(&request), &answer, NULL) == 0);
    FUZZ_CHECK(buf_text(&answer, &text, NULL) == 0);
    FUZZ_CHECK(sscanf(text, "HTTP/1.1 %u", &status) == 1);
    FUZZ_CHECK(status >= 400 && status < 500);
}

FUZZ_TARGET(data, size)
{
    struct bytes input = size < 1 ? bytes_of(NULL, 0) : bytes_of(data + 1, size - 1);
    const uint8_t *nul = input.len == 0 ? NULL : memchr(input.ptr, 0, input.len);
    size_t len = nul == NULL ? input.len : (size_t)(nul - input.ptr);
    struct bytes first = bytes_part(input, 0, len);
    struct bytes rest = bytes_part(input, len + 1, input.len);

    if (size < 1)
        return 0;
    if (counter == NULL) {
        counter = counter_site();
        add_clerk();
    }
    switch (data[0] % 4) {
    case 0:
        read_signed(input);
        break;
    case 1:
        read_message(first, rest);
        break;
    case 2:
        read_application(first, rest);
        break;
    default:
        answer_challenge(input);
        break;
    }
    return 0;
}
