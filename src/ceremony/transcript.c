/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/transcript.h"

#include "base/caltime.h"
#include "base/file.h"
#include "base/hex.h"
#include "ceremony/limits.h"
#include "crypto/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct transcript {
    int fd;
    struct transcript_state state;
};

static int chain(const uint8_t before[TRANSCRIPT_HASH_SIZE], struct bytes text,
                 uint8_t ret[TRANSCRIPT_HASH_SIZE], struct err *err)
{
    CLEANUP(buf_done) struct buf data = BUF_INIT;
    struct digest digest;

    TRY(buf_append(&data, bytes_of(before, TRANSCRIPT_HASH_SIZE), err));
    TRY(buf_append(&data, text, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&data), &digest, err));
    memcpy(ret, digest.value, TRANSCRIPT_HASH_SIZE);
    return 0;
}

void transcript_head(const struct transcript_state *state, char ret[TRANSCRIPT_HEAD_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < TRANSCRIPT_HASH_SIZE; i++) {
        ret[2 * i] = digits[state->head[i] >> 4];
        ret[2 * i + 1] = digits[state->head[i] & 15];
    }
    ret[2 * TRANSCRIPT_HASH_SIZE] = 0;
}

/* A line up to its line feed; ERR_ABSENT at the end. */
static int take_line(struct bytes rest, struct bytes *ret, struct err *err)
{
    const uint8_t *end;

    if (rest.len == 0)
        return FAIL(err, ERR_ABSENT, "no more entries");
    end = memchr(rest.ptr, '\n', rest.len);
    if (end == NULL)
        return FAIL(err, ERR_INPUT, "the last entry is not finished");
    *ret = bytes_of(rest.ptr, (size_t)(end - rest.ptr));
    if (ret->len > TRANSCRIPT_LINE_MAX)
        return FAIL(err, ERR_INPUT, "a line of %zu bytes, the limit is %d", ret->len,
                    TRANSCRIPT_LINE_MAX);
    return 0;
}

static int parse_entry(struct bytes text, unsigned number, struct json **ret, bool *ret_closes,
                       struct err *err)
{
    CLEANUP(json_freep) struct json *entry = NULL;
    const char *act;
    int64_t n;

    TRY(json_parse(text, &entry, err));
    TRY(json_get_int(entry, "n", &n, err));
    TRY(json_get_text(entry, "do", &act, err));
    if (n != number)
        return FAIL(err, ERR_INPUT, "it says of itself that it is entry %lld", (long long)n);
    *ret_closes = strcmp(act, "close") == 0 || strcmp(act, "abort") == 0;
    *ret = json_steal(&entry);
    return 0;
}

static int check_line(struct bytes line, const struct transcript_state *state, struct bytes *ret,
                      struct err *err)
{
    struct transcript_state next = *state;
    char head[TRANSCRIPT_HEAD_SIZE];

    if (line.len < TRANSCRIPT_HEAD_SIZE || line.ptr[TRANSCRIPT_HEAD_SIZE - 1] != ' ')
        return FAIL(err, ERR_INPUT, "not a hash and what it covers");
    *ret = bytes_part(line, TRANSCRIPT_HEAD_SIZE, line.len);
    TRY(chain(state->head, *ret, next.head, err));
    transcript_head(&next, head);
    if (!bytes_equal(bytes_part(line, 0, TRANSCRIPT_HEAD_SIZE - 1), bytes_text(head)))
        return FAIL(err, ERR_UNTRUSTED, "it, or one before it, was changed after it was written");
    return 0;
}

int transcript_next(struct bytes *rest, struct transcript_state *state, struct json **ret,
                    struct err *err)
{
    unsigned number = state->entries + 1;
    struct bytes line;
    struct bytes text;
    bool closes;

    TRY(take_line(*rest, &line, err));
    if (state->is_closed)
        return FAIL(err, ERR_UNTRUSTED, "something follows the end of the ceremony");
    if (number > TRANSCRIPT_LINES_MAX)
        return FAIL(err, ERR_INPUT, "more than %d entries", TRANSCRIPT_LINES_MAX);
    TRY(err_prefix(err, check_line(line, state, &text, err), "entry %u", number));
    TRY(err_prefix(err, parse_entry(text, number, ret, &closes, err), "entry %u", number));
    TRY(chain(state->head, text, state->head, err));
    state->entries = number;
    state->is_closed = closes;
    *rest = bytes_part(*rest, line.len + 1, rest->len);
    return 0;
}

void transcript_close(struct transcript *transcript)
{
    if (transcript == NULL)
        return;
    fd_done(&transcript->fd);
    free(transcript);
}

void transcript_closep(struct transcript **transcript)
{
    transcript_close(*transcript);
    *transcript = NULL;
}

static int open_file(const char *path, int flags, struct transcript **ret, struct err *err)
{
    CLEANUP(transcript_closep) struct transcript *transcript = calloc(1, sizeof *transcript);

    if (transcript == NULL)
        return FAIL_NOMEM(err);
    transcript->fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (transcript->fd < 0 && errno == EEXIST)
        return FAIL(err, ERR_CONFLICT, "%s: exists already", path);
    if (transcript->fd < 0 && errno == ENOENT)
        return FAIL(err, ERR_ABSENT, "%s: no such file", path);
    if (transcript->fd < 0)
        return FAIL_ERRNO(err, "%s", path);
    if (flock(transcript->fd, LOCK_EX | LOCK_NB) < 0)
        return FAIL(err, ERR_CONFLICT, "%s: another ceremony is writing it", path);
    *ret = transcript;
    transcript = NULL;
    return 0;
}

int transcript_create(const char *path, struct transcript **ret, struct err *err)
{
    CLEANUP(transcript_closep) struct transcript *transcript = NULL;

    TRY(open_file(path, O_CREAT | O_EXCL, &transcript, err));
    TRY(file_sync_folder(path, err));
    *ret = transcript;
    transcript = NULL;
    return 0;
}

static int replay(struct transcript *transcript, struct bytes rest, transcript_each *each,
                  void *context, struct err *err)
{
    for (;;) {
        CLEANUP(json_freep) struct json *entry = NULL;
        int rc = transcript_next(&rest, &transcript->state, &entry, err);

        if (rc == -ERR_ABSENT)
            return 0;
        TRY(rc);
        TRY(each(context, entry, err));
    }
}

/* What was written behind the last line feed. */
static size_t unfinished(struct bytes text)
{
    const uint8_t *end = text.len == 0 ? NULL : memrchr(text.ptr, '\n', text.len);

    return end == NULL ? text.len : (size_t)(text.ptr + text.len - end) - 1;
}

int transcript_resume(const char *path, transcript_each *each, void *context,
                      struct transcript **ret, bool *ret_torn, struct err *err)
{
    CLEANUP(transcript_closep) struct transcript *transcript = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    size_t torn;

    TRY(open_file(path, 0, &transcript, err));
    TRY(err_prefix(err, file_read_fd(transcript->fd, TRANSCRIPT_MAX, &text, err), "%s", path));
    torn = unfinished(buf_bytes(&text));
    text.len -= torn;
    TRY(err_prefix(err, replay(transcript, buf_bytes(&text), each, context, err), "%s", path));
    if (torn > 0 && ftruncate(transcript->fd, (off_t)text.len) < 0)
        return FAIL_ERRNO(err, "%s", path);
    *ret_torn = torn > 0;
    *ret = transcript;
    transcript = NULL;
    return 0;
}

const struct transcript_state *transcript_standing(const struct transcript *transcript)
{
    return &transcript->state;
}

struct json *transcript_entry(const struct transcript *transcript, int64_t now, const char *act)
{
    CLEANUP(json_freep) struct json *entry = json_object_new();
    char at[CALTIME_TEXT_SIZE];

    caltime_format(now, 0, at);
    if (json_put_int(entry, "n", transcript->state.entries + 1, NULL) < 0 ||
        json_put_text(entry, "at", at, NULL) < 0 || json_put_text(entry, "do", act, NULL) < 0)
        return NULL;
    return json_steal(&entry);
}

static int write_line(const struct transcript *transcript, struct bytes text, struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;
    char head[TRANSCRIPT_HEAD_SIZE];

    transcript_head(&transcript->state, head);
    TRY(buf_append_text(&line, head, err));
    TRY(buf_append_byte(&line, ' ', err));
    TRY(buf_append(&line, text, err));
    TRY(buf_append_byte(&line, '\n', err));
    if (line.len - 1 > TRANSCRIPT_LINE_MAX)
        return FAIL(err, ERR_INPUT, "an entry of %zu bytes, the limit is %d", line.len,
                    TRANSCRIPT_LINE_MAX);
    TRY(file_write_all(transcript->fd, buf_bytes(&line), err));
    return fdatasync(transcript->fd) < 0 ? FAIL_ERRNO(err, "the transcript cannot be kept") : 0;
}

int transcript_add(struct transcript *transcript, struct json *entry, struct err *err)
{
    CLEANUP(json_freep) struct json *taken = entry;
    CLEANUP(json_freep) struct json *again = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct transcript_state before = transcript->state;
    bool closes;
    int rc;

    if (taken == NULL)
        return FAIL_NOMEM(err);
    if (before.is_closed)
        return FAIL(err, ERR_CONFLICT, "the ceremony is over; its transcript is closed");
    if (before.entries == TRANSCRIPT_LINES_MAX)
        return FAIL(err, ERR_INPUT, "more than %d entries", TRANSCRIPT_LINES_MAX);
    TRY(json_write(taken, &text, err));
    TRY(parse_entry(buf_bytes(&text), before.entries + 1, &again, &closes, err));
    TRY(chain(before.head, buf_bytes(&text), transcript->state.head, err));
    transcript->state.entries++;
    transcript->state.is_closed = closes;
    rc = write_line(transcript, buf_bytes(&text), err);
    if (rc < 0)
        transcript->state = before;
    return rc;
}
