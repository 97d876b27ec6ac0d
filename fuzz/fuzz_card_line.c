/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vpcd or a client of the direct socket sends: the first byte says in which pieces the rest
 * arrives. Frames come out as they went in, whatever the pieces, and the rest stays behind.
 */
#include "card/limits.h"
#include "card/line.h"
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

/* Takes the frames that are there; *at is how far the stream was understood. */
static void take_frames(struct line *line, struct bytes stream, size_t *at)
{
    struct bytes frame;

    while (line_frame(line, &frame)) {
        FUZZ_CHECK(*at + 2 + frame.len <= stream.len);
        FUZZ_CHECK(frame.len == ((size_t)stream.ptr[*at] << 8 | stream.ptr[*at + 1]));
        FUZZ_CHECK(bytes_equal(frame, bytes_part(stream, *at + 2, frame.len)));
        *at += 2 + frame.len;
        line_consume(line);
    }
}

static void check_rest(const struct line *line, struct bytes stream, size_t at)
{
    struct bytes rest = bytes_part(stream, at, stream.len);

    FUZZ_CHECK(bytes_equal(buf_bytes(&line->in), rest));
    FUZZ_CHECK(rest.len < 2 || rest.len < 2 + ((size_t)rest.ptr[0] << 8 | rest.ptr[1]));
}

/* False if the connection broke. */
static bool pass(struct line *line, int to, struct bytes stream, size_t piece, size_t *at)
{
    for (size_t sent = 0; sent < stream.len; sent += piece) {
        struct bytes part = bytes_part(stream, sent, piece);

        FUZZ_CHECK(sendto(to, part.ptr, part.len, 0, NULL, 0) == (ssize_t)part.len);
        for (size_t received = 0; received < part.len;) {
            size_t before = line->in.len;

            if (fuzz_failed(line_receive(line, NULL)))
                return false;
            FUZZ_CHECK(line->in.len > before);
            received += line->in.len - before;
            take_frames(line, stream, at);
        }
    }
    return true;
}

FUZZ_TARGET(data, size)
{
    struct bytes stream = bytes_part(bytes_of(data, size), 1, size);
    size_t piece = size == 0 ? 1 : (size_t)data[0] * 16 + 1;
    struct line line = LINE_INIT;
    size_t at = 0;
    bool is_whole;
    int fds[2];

    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    FUZZ_CHECK(line_open(&line, fds[0], LINE_DIRECT, NULL) == 0);
    fuzz_start_faults();
    is_whole = pass(&line, fds[1], stream, piece, &at);
    fuzz_stop_faults();
    if (is_whole)
        check_rest(&line, stream, at);
    FUZZ_CHECK(close(fds[1]) == 0);
    FUZZ_CHECK(!is_whole || line_receive(&line, NULL) == -ERR_ABSENT);
    line_close(&line);
    return 0;
}
