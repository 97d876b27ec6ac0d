/* SPDX-License-Identifier: Apache-2.0 */
#include "support/routes_ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

unsigned routes_ask(const struct http_server_options *options, const struct http_peer *peer,
                    const char *line, struct bytes body, struct buf *answer)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT;
    const char *text;

    buf_done(answer);
    assert_int_equal(buf_append_format(&request, NULL, "%s HTTP/1.1\r\nHost: x\r\n", line), 0);
    if (body.ptr != NULL)
        assert_int_equal(buf_append_format(
                             &request, NULL,
                             "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.len),
                         0);
    assert_int_equal(buf_append(&request, bytes_text("\r\n"), NULL), 0);
    assert_int_equal(buf_append(&request, body, NULL), 0);
    assert_int_equal(http_loopback(options, peer, buf_bytes(&request), answer, NULL), 0);
    assert_int_equal(buf_text(answer, &text, NULL), 0);
    assert_memory_equal(text, "HTTP/1.1 ", strlen("HTTP/1.1 "));
    return (unsigned)strtoul(text + strlen("HTTP/1.1 "), NULL, 10);
}
