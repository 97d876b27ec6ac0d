/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recording is checked and turned into steps at once; the steps' bytes lie one after the other
 * in two buffers (values and masks), so that a step is four numbers.
 */
#include "reader/replay.h"

#include "base/file.h"
#include "base/hex.h"
#include "reader/backend.h"

#include <stdlib.h>
#include <string.h>

enum step_kind { STEP_COMMAND, STEP_ANSWER, STEP_REMOVED, STEP_RESET };

struct step {
    enum step_kind kind;
    size_t offset, len; /* in bytes and masks */
};

struct replay {
    struct reader reader;
    struct buf bytes, masks; /* a mask byte is 00 where any byte fits, else FF */
    struct step *steps;
    size_t count, cap, at;
    size_t sent; /* commands so far, for messages */
};

static int add_step(struct replay *replay, struct step step, struct err *err)
{
    struct step *grown;

    if (replay->count == REPLAY_EXCHANGES_MAX * 2)
        return FAIL(err, ERR_INPUT, "the recording has more than %d commands",
                    REPLAY_EXCHANGES_MAX);
    if (replay->count == replay->cap) {
        size_t cap = replay->cap == 0 ? 64 : replay->cap * 2;

        grown = reallocarray(replay->steps, cap, sizeof *grown);
        if (grown == NULL)
            return FAIL_NOMEM(err);
        replay->steps = grown;
        replay->cap = cap;
    }
    replay->steps[replay->count++] = step;
    return 0;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* One byte from two characters: digits, or "**" for any byte. */
static int add_byte(struct replay *replay, const uint8_t pair[2], struct err *err)
{
    bool is_any = pair[0] == '*' && pair[1] == '*';
    int high = hex_digit((char)pair[0]);
    int low = hex_digit((char)pair[1]);

    if (!is_any && (high < 0 || low < 0))
        return FAIL(err, ERR_INPUT, "bytes are written as two hexadecimal digits");
    TRY(buf_append_byte(&replay->bytes, is_any ? 0 : (uint8_t)(high << 4 | low), err));
    return buf_append_byte(&replay->masks, is_any ? 0 : 0xFF, err);
}

static int parse_bytes(struct replay *replay, enum step_kind kind, struct bytes text,
                       struct err *err)
{
    struct step step = {kind, replay->bytes.len, 0};

    for (size_t i = 0; i < text.len;) {
        if (is_blank(text.ptr[i])) {
            i++;
            continue;
        }
        if (i + 1 == text.len)
            return FAIL(err, ERR_INPUT, "half a byte at the end");
        TRY(add_byte(replay, text.ptr + i, err));
        i += 2;
    }
    step.len = replay->bytes.len - step.offset;
    return add_step(replay, step, err);
}

static int parse_line(struct replay *replay, struct bytes line, struct err *err)
{
    while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
        line.len--;
    if (line.len == 0 || line.ptr[0] == '#')
        return 0;
    if (line.ptr[0] == '>')
        return parse_bytes(replay, STEP_COMMAND, bytes_part(line, 1, line.len), err);
    if (line.ptr[0] == '<')
        return parse_bytes(replay, STEP_ANSWER, bytes_part(line, 1, line.len), err);
    if (bytes_equal(line, BYTES_LITERAL("! removed")))
        return add_step(replay, (struct step){STEP_REMOVED, 0, 0}, err);
    if (bytes_equal(line, BYTES_LITERAL("! reset")))
        return add_step(replay, (struct step){STEP_RESET, 0, 0}, err);
    return FAIL(err, ERR_INPUT, "a line starts with '>', '<', '#' or is '! removed' or '! reset'");
}

static int parse(struct replay *replay, struct bytes text, struct err *err)
{
    for (size_t number = 1; text.len > 0; number++) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);

        TRY(err_prefix(err, parse_line(replay, bytes_of(text.ptr, len), err), "line %zu", number));
        text = bytes_part(text, end == NULL ? len : len + 1, text.len);
    }
    return 0;
}

static void release(struct reader *reader, enum reader_leave leave)
{
    struct replay *replay = (struct replay *)reader;

    (void)leave;
    buf_done(&replay->bytes);
    buf_done(&replay->masks);
    free(replay->steps);
    free(replay);
}

static const struct step *next_step(struct replay *replay)
{
    return replay->at < replay->count ? &replay->steps[replay->at] : NULL;
}

static bool matches(const struct replay *replay, const struct step *step, struct bytes command)
{
    if (step->len != command.len)
        return false;
    for (size_t i = 0; i < command.len; i++)
        if (((replay->bytes.ptr[step->offset + i] ^ command.ptr[i]) &
             replay->masks.ptr[step->offset + i]) != 0)
            return false;
    return true;
}

/* Only the header of what was sent is told: the rest may be a PIN. */
static int refuse(const struct replay *replay, const struct step *step, struct bytes command,
                  struct err *err)
{
    CLEANUP(buf_done) struct buf sent = BUF_INIT;
    CLEANUP(buf_done) struct buf recorded = BUF_INIT;
    const char *sent_text, *recorded_text;

    TRY(hex_append(&sent, bytes_part(command, 0, 4), err));
    TRY(hex_append(
        &recorded,
        bytes_part(buf_bytes(&replay->bytes), step->offset, step->len < 40 ? step->len : 40), err));
    TRY(buf_text(&sent, &sent_text, err));
    TRY(buf_text(&recorded, &recorded_text, err));
    return FAIL(err, ERR_USAGE,
                "command %zu differs from the recording: sent %s (%zu bytes), recorded %s",
                replay->sent, sent_text, command.len, recorded_text);
}

static int transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    struct replay *replay = (struct replay *)reader;
    const struct step *step = next_step(replay);

    replay->sent++;
    if (step == NULL || step->kind != STEP_COMMAND)
        return FAIL(err, ERR_USAGE, "command %zu is not in the recording", replay->sent);
    if (!matches(replay, step, command))
        return refuse(replay, step, command, err);
    replay->at++;
    step = next_step(replay);
    if (step != NULL && step->kind == STEP_REMOVED) {
        replay->at++;
        return FAIL(err, ERR_ABSENT, "the card was removed");
    }
    if (step == NULL || step->kind != STEP_ANSWER)
        return FAIL(err, ERR_USAGE, "command %zu has no recorded answer", replay->sent);
    replay->at++;
    return buf_append(ret, bytes_part(buf_bytes(&replay->bytes), step->offset, step->len), err);
}

static int begin(struct reader *reader, bool *ret_was_reset, struct err *err)
{
    struct replay *replay = (struct replay *)reader;
    const struct step *step = next_step(replay);

    (void)err;
    *ret_was_reset = step != NULL && step->kind == STEP_RESET;
    replay->at += *ret_was_reset;
    return 0;
}

static const struct reader_ops ops = {.transmit = transmit, .begin = begin, .free = release};

int replay_open(struct bytes text, struct reader **ret, struct err *err)
{
    struct replay *replay;
    int rc;

    if (text.len > REPLAY_FILE_MAX)
        return FAIL(err, ERR_INPUT, "the recording is larger than %d bytes", REPLAY_FILE_MAX);
    replay = calloc(1, sizeof *replay);
    if (replay == NULL)
        return FAIL_NOMEM(err);
    reader_init(&replay->reader, &ops, "replay");
    rc = parse(replay, text, err);
    if (rc < 0) {
        release(&replay->reader, READER_LEAVE);
        return rc;
    }
    *ret = &replay->reader;
    return 0;
}

int replay_connect(const char *path, struct reader **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(file_read(path, REPLAY_FILE_MAX, &text, err));
    return err_prefix(err, replay_open(buf_bytes(&text), ret, err), "%s", path);
}

bool replay_is_finished(const struct reader *reader)
{
    const struct replay *replay = (const struct replay *)reader;

    return replay->at == replay->count;
}
