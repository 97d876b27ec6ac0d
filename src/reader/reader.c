/* SPDX-License-Identifier: Apache-2.0 */
#include "reader/reader.h"

#include "iso7816/apdu.h"
#include "iso7816/limits.h"
#include "iso7816/trace.h"
#include "reader/backend.h"
#include "reader/direct.h"
#include "reader/pcsc.h"
#include "reader/replay.h"

#include <stdio.h>
#include <string.h>

/* Readers that a name alone describes. Everything else is a name of PC/SC. */
static const struct {
    const char *prefix;
    int (*connect)(const char *path, struct reader **ret, struct err *err);
} specials[] = {
    {"direct:", direct_connect},
    {"replay:", replay_connect},
};

enum { SPECIALS = sizeof specials / sizeof specials[0] };

static size_t special_of(const char *name)
{
    size_t i = 0;

    while (i < SPECIALS && strncmp(name, specials[i].prefix, strlen(specials[i].prefix)) != 0)
        i++;
    return i;
}

bool reader_name_is_special(const char *name)
{
    return special_of(name) < SPECIALS;
}

int reader_list(struct reader_list *ret, struct err *err)
{
    return pcsc_list(ret, err);
}

int reader_connect(const char *name, struct reader **ret, struct err *err)
{
    size_t i = special_of(name);

    if (i < SPECIALS)
        return specials[i].connect(name + strlen(specials[i].prefix), ret, err);
    return pcsc_connect(name, ret, err);
}

void reader_init(struct reader *reader, const struct reader_ops *ops, const char *name)
{
    *reader = (struct reader){.ops = ops};
    (void)snprintf(reader->name, sizeof reader->name, "%s", name);
}

const char *reader_name(const struct reader *reader)
{
    return reader->name;
}

void reader_trace(struct reader *reader, reader_trace_fn *each, void *context)
{
    reader->trace = each;
    reader->trace_context = context;
}

void reader_disconnect(struct reader *reader, enum reader_leave leave)
{
    if (reader == NULL)
        return;
    reader_end(reader);
    reader->ops->free(reader, leave);
}

int reader_begin(struct reader *reader, bool *ret_was_reset, struct err *err)
{
    bool was_reset = false;

    if (reader->in_transaction)
        return FAIL(err, ERR_USAGE, "the card is in a transaction already");
    if (reader->ops->begin != NULL)
        TRY(reader->ops->begin(reader, &was_reset, err));
    reader->in_transaction = true;
    *ret_was_reset = was_reset;
    return 0;
}

void reader_end(struct reader *reader)
{
    if (!reader->in_transaction)
        return;
    reader->in_transaction = false;
    if (reader->ops->end != NULL)
        reader->ops->end(reader);
}

/* A line that cannot be made for want of memory is left out: a trace must not break a command. */
static void tell(struct reader *reader, struct buf *line, int rc)
{
    const char *text;

    if (rc == 0 && buf_text(line, &text, NULL) == 0)
        reader->trace(reader->trace_context, text);
}

/* Before it is sent: who looks on sees what a card is silent about. */
static void tell_command(struct reader *reader, struct bytes command)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    if (reader->trace != NULL)
        tell(reader, &line, trace_command(command, &line, NULL));
}

static void tell_response(struct reader *reader, struct bytes command, int rc,
                          const struct buf *response, const struct err *err)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT;

    if (reader->trace == NULL)
        return;
    if (rc == 0)
        tell(reader, &line, trace_response(command, buf_bytes(response), &line, NULL));
    else
        tell(reader, &line,
             buf_append_format(&line, NULL, "! %s", err == NULL ? "no answer" : err->text));
}

int reader_transmit(struct reader *reader, struct bytes command, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    int rc;

    if (command.len < APDU_HEADER_SIZE || command.len > APDU_COMMAND_MAX)
        return FAIL(err, ERR_USAGE, "a command of %zu bytes", command.len);
    tell_command(reader, command);
    rc = reader->ops->transmit(reader, command, &response, err);
    if (rc == 0 && response.len < 2)
        rc = FAIL(err, ERR_REMOTE, "the card answered garbage: %zu bytes without a status word",
                  response.len);
    if (rc == 0 && response.len > APDU_RESPONSE_MAX)
        rc = FAIL(err, ERR_REMOTE, "the card answered garbage: %zu bytes, more than a response has",
                  response.len);
    tell_response(reader, command, rc, &response, err);
    TRY(rc);
    buf_done(ret);
    buf_move(ret, &response);
    return 0;
}
