/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer that is written while it is made, without a tree of values: for what is asked for
 * often. Each step is held against the table of the row's answer, as http_members_check_ours holds
 * a tree against it and in the same words, so that what is written is JSON (RFC 8259) and declared:
 *
 *     CLEANUP(http_writer_done) struct http_writer page = HTTP_WRITER_INIT;
 *
 *     http_answer_begin(call, 200, &page);
 *     http_write_int(&page, "total", total);
 *     http_write_array(&page, "records");
 *     ...
 *     http_write_end(&page);
 *     return http_answer_end(call, &page, err);
 *
 * The first failure stays, and what comes behind it does nothing; whoever ends the text is told of
 * it. A row's answer begins and ends as above (http/answer.h).
 */
#pragma once

#include "http/member.h"

/* An object or an array that is not ended. */
struct http_writer_level {
    const struct http_member *row; /* whose value it is, or its items; NULL: the whole */
    bool is_array, is_begun;
    size_t next;   /* of an object: behind the member that was written last */
    uint64_t seen; /* of an object: the members that are there, a bit for each */
};

/* A part of a text. What lasts stays what and where it is until the writer's end. */
struct http_part {
    struct bytes text;
    bool lasts;
};

enum { HTTP_WRITER_KEPT = 32 };

/* A part that lasts and was written: where it is in the text, looked at and escaped. */
struct http_writer_kept {
    struct bytes part;
    size_t at, len;
};

struct http_writer {
    const struct http_member *members; /* of the whole */
    unsigned status;                   /* for http/answer.c: what it is the answer with */
    struct http_writer_level levels[HTTP_DEPTH_MAX];
    size_t depth;
    struct http_writer_kept kept[HTTP_WRITER_KEPT];
    size_t kept_count;
    struct buf text;
    int rc;         /* of the first failure, or 0 */
    struct err why; /* its reason */
};

#define HTTP_WRITER_INIT                                                                           \
    {                                                                                              \
        .text = BUF_INIT                                                                           \
    }

/*
 * Begin an object with these members, which stay where they are until it is ended. NULL, for an
 * answer that is not declared, is the first failure (ERR_USAGE).
 */
void http_writer_begin(struct http_writer *writer, const struct http_member *members);
/*
 * End it: its text, or the first failure. ERR_INPUT, naming the member, for what the table does not
 * have: an unknown member, one that is missing, is of another type or none of its values, as
 * http_members_check_ours; one that is there twice, and a text that is not UTF-8. ERR_USAGE for
 * more than HTTP_DEPTH_MAX levels, and for what is begun and not ended or the other way round.
 */
MUST_CHECK int http_writer_end(struct http_writer *writer, struct buf *ret, struct err *err);
void http_writer_done(struct http_writer *writer);

/* Members of the object that was begun last, or, with a NULL name, items of that array. */
void http_write_text(struct http_writer *writer, const char *name, const char *text);
/*
 * One text, which stands in parts; each is UTF-8. Not for a member with values. A part that lasts
 * and comes again is copied from where it was written first.
 */
void http_write_parts(struct http_writer *writer, const char *name, const struct http_part *parts,
                      size_t count);
void http_write_int(struct http_writer *writer, const char *name, int64_t number);
void http_write_bool(struct http_writer *writer, const char *name, bool flag);
void http_write_null(struct http_writer *writer, const char *name);
/* An object that is a tree already. */
void http_write_tree(struct http_writer *writer, const char *name, const struct json *object);

/* What is written from here on belongs to it, until its end. */
void http_write_object(struct http_writer *writer, const char *name);
void http_write_array(struct http_writer *writer, const char *name);
void http_write_end(struct http_writer *writer);
