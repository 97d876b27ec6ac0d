/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bit for each member says which are there, so an object is complete or not when it ends. Members
 * are written in the order of their table most of the time, so the next one is looked for behind
 * the last.
 */
#include "http/writer.h"

#include "base/json_text.h"

#include <string.h>

_Static_assert(HTTP_MEMBERS_MAX <= 64, "a bit for each member");

enum { NO_MARK = '\0' };
enum { WRITE_FIRST = 16 * 1024 }; /* most of what is written has room in the first block */

static bool has_failed(const struct http_writer *writer)
{
    return writer->rc < 0;
}

static struct http_writer_level *top(struct http_writer *writer)
{
    return &writer->levels[writer->depth - 1];
}

static const struct http_member *members_of(const struct http_writer *writer,
                                            const struct http_writer_level *level)
{
    return level->row == NULL ? writer->members : level->row->members;
}

/* Where a failure was, as http_members_check says it: the objects around, by the names of their
 * rows. */
static void prefix(struct http_writer *writer)
{
    for (size_t i = has_failed(writer) ? writer->depth : 0; i > 0; i--) {
        const struct http_writer_level *level = &writer->levels[i - 1];

        if (!level->is_array && level->row != NULL)
            writer->rc = err_prefix(&writer->why, writer->rc, "%s", level->row->name);
    }
}

/* In the words of http/member.c and base/json.c. */
#define REFUSE(writer, ...)                                                                        \
    do {                                                                                           \
        (writer)->rc = FAIL(&(writer)->why, ERR_INPUT, __VA_ARGS__);                               \
        prefix(writer);                                                                            \
    } while (0)

static const char *const type_words[] = {[HTTP_TEXT] = "a string",
                                         [HTTP_INT] = "an integer",
                                         [HTTP_BOOL] = "true or false",
                                         [HTTP_OBJECT] = "an object",
                                         [HTTP_ARRAY] = "an array"};

/* ---- what may come next ---- */

/* Names are constants, of which a linker makes one where they are the same. */
static bool is_named(const struct http_member *member, const char *name)
{
    return member->name == name || strcmp(member->name, name) == 0;
}

static const struct http_member *find(const struct http_member *members, const char *name,
                                      size_t from)
{
    for (size_t i = from; members[i].name != NULL; i++)
        if (is_named(&members[i], name))
            return &members[i];
    for (size_t i = 0; i < from; i++)
        if (is_named(&members[i], name))
            return &members[i];
    return NULL;
}

/* The row of a member, which is there from now on. */
static const struct http_member *begin_member(struct http_writer *writer, const char *name)
{
    struct http_writer_level *level = top(writer);
    const struct http_member *members = members_of(writer, level);
    const struct http_member *row = find(members, name, level->next);
    size_t place;

    if (row == NULL) {
        REFUSE(writer, "unknown member \"%.40s\"", name);
        return NULL;
    }
    place = (size_t)(row - members);
    if ((level->seen >> place & 1) != 0) {
        REFUSE(writer, "member \"%s\" is there twice", name);
        return NULL;
    }
    level->seen |= UINT64_C(1) << place;
    level->next = place + 1;
    return row;
}

/* The row that says what the next value has to be; NULL: there may be none. */
static const struct http_member *begin(struct http_writer *writer, const char *name)
{
    if (has_failed(writer))
        return NULL;
    if (writer->depth == 0 || top(writer)->is_array != (name == NULL)) {
        writer->rc = FAIL(&writer->why, ERR_USAGE, "%s where there can be none",
                          name == NULL ? "an item" : "a member");
        return NULL;
    }
    return name == NULL ? top(writer)->row : begin_member(writer, name);
}

/* What stands before a value: a comma, a name, which is plain (http_members_valid), and a mark. */
static void lead(struct http_writer *writer, const char *name, char mark)
{
    struct http_writer_level *level = top(writer);
    const size_t len = name == NULL ? 0 : strlen(name);
    uint8_t *at;

    writer->rc = buf_reserve(&writer->text, len + strlen(",\"\":{"), &writer->why);
    if (has_failed(writer))
        return;
    at = writer->text.ptr + writer->text.len;
    if (level->is_begun)
        *at++ = ',';
    level->is_begun = true;
    if (name != NULL) {
        *at++ = '"';
        memcpy(at, name, len);
        at += len;
        *at++ = '"';
        *at++ = ':';
    }
    if (mark != NO_MARK)
        *at++ = (uint8_t)mark;
    writer->text.len = (size_t)(at - writer->text.ptr);
}

/* An array has objects, or texts. */
static bool is_item(const struct http_member *row, enum http_member_type type)
{
    return type == (row->members != NULL ? HTTP_OBJECT : HTTP_TEXT);
}

static void refuse_type(struct http_writer *writer, const struct http_member *row, bool is_in_array)
{
    if (!is_in_array)
        REFUSE(writer, "member \"%s\" is not %s", row->name, type_words[row->type]);
    else if (row->members != NULL)
        REFUSE(writer, "%s: not a JSON object", row->name);
    else
        REFUSE(writer, "member \"%s\" has other items than strings", row->name);
}

/* The row of the next value, which is of this type; NULL: it may not be. */
static const struct http_member *admit(struct http_writer *writer, const char *name,
                                       enum http_member_type type)
{
    const struct http_member *row = begin(writer, name);

    if (row == NULL)
        return NULL;
    if (name == NULL ? !is_item(row, type) : row->type != type) {
        refuse_type(writer, row, name == NULL);
        return NULL;
    }
    return row;
}

/* ---- values ---- */

static void put_part(struct http_writer *writer, const struct http_member *row, struct bytes part)
{
    if (has_failed(writer))
        return;
    writer->rc = json_append_checked(&writer->text, part, &writer->why);
    if (writer->rc == -ERR_INPUT)
        REFUSE(writer, "member \"%s\" is not UTF-8", row->name);
}

static const struct http_writer_kept *find_kept(const struct http_writer *writer, struct bytes part)
{
    for (size_t i = 0; i < writer->kept_count; i++)
        if (writer->kept[i].part.ptr == part.ptr && writer->kept[i].part.len == part.len)
            return &writer->kept[i];
    return NULL;
}

/* Known by its address, so only what lasts. */
static void put_lasting(struct http_writer *writer, const struct http_member *row,
                        struct bytes part)
{
    const struct http_writer_kept *kept = find_kept(writer, part);
    const size_t at = writer->text.len;

    if (has_failed(writer))
        return;
    if (kept == NULL) {
        put_part(writer, row, part);
        if (writer->kept_count < HTTP_WRITER_KEPT)
            writer->kept[writer->kept_count++] = (struct http_writer_kept){part, at,
                                                                           writer->text.len - at};
        return;
    }
    writer->rc = buf_reserve(&writer->text, kept->len, &writer->why);
    if (!has_failed(writer)) /* there is room, so the text stays where it is */
        writer->rc = buf_append(&writer->text, bytes_of(writer->text.ptr + kept->at, kept->len),
                                &writer->why);
}

static void put_byte(struct http_writer *writer, char byte)
{
    if (!has_failed(writer))
        writer->rc = buf_append_byte(&writer->text, (uint8_t)byte, &writer->why);
}

void http_write_text(struct http_writer *writer, const char *name, const char *text)
{
    const struct http_member *row = admit(writer, name, HTTP_TEXT);

    if (row == NULL)
        return;
    writer->rc = http_member_check_value(row, text, &writer->why);
    if (has_failed(writer)) {
        prefix(writer);
        return;
    }
    lead(writer, name, '"');
    put_part(writer, row, bytes_text(text));
    put_byte(writer, '"');
}

void http_write_parts(struct http_writer *writer, const char *name, const struct http_part *parts,
                      size_t count)
{
    const struct http_member *row = admit(writer, name, HTTP_TEXT);

    if (row == NULL)
        return;
    if (row->values != NULL) {
        writer->rc = FAIL(&writer->why, ERR_USAGE, "a text with values is written as a whole");
        return;
    }
    lead(writer, name, '"');
    for (size_t i = 0; i < count; i++)
        (parts[i].lasts ? put_lasting : put_part)(writer, row, parts[i].text);
    put_byte(writer, '"');
}

void http_write_int(struct http_writer *writer, const char *name, int64_t number)
{
    if (admit(writer, name, HTTP_INT) == NULL)
        return;
    lead(writer, name, NO_MARK);
    if (!has_failed(writer))
        writer->rc = json_append_int(&writer->text, number, &writer->why);
}

static void put_word(struct http_writer *writer, const char *name, struct bytes word)
{
    lead(writer, name, NO_MARK);
    if (!has_failed(writer))
        writer->rc = buf_append(&writer->text, word, &writer->why);
}

void http_write_bool(struct http_writer *writer, const char *name, bool flag)
{
    if (admit(writer, name, HTTP_BOOL) != NULL)
        put_word(writer, name, flag ? BYTES_LITERAL("true") : BYTES_LITERAL("false"));
}

void http_write_null(struct http_writer *writer, const char *name)
{
    const struct http_member *row = begin(writer, name);

    if (row == NULL)
        return;
    if (name == NULL || row->presence != HTTP_OR_NULL)
        refuse_type(writer, row, name == NULL);
    else
        put_word(writer, name, BYTES_LITERAL("null"));
}

void http_write_tree(struct http_writer *writer, const char *name, const struct json *object)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct http_member *row = admit(writer, name, HTTP_OBJECT);

    if (row == NULL)
        return;
    writer->rc = err_prefix(
        &writer->why, http_members_check_ours(object, row->members, &writer->why), "%s", row->name);
    prefix(writer);
    if (!has_failed(writer))
        writer->rc = json_write(object, &text, &writer->why);
    if (!has_failed(writer))
        put_word(writer, name, buf_bytes(&text));
}

/* ---- objects and arrays ---- */

static void open_level(struct http_writer *writer, const char *name, const struct http_member *row,
                       bool is_array)
{
    if (row == NULL)
        return;
    if (writer->depth == HTTP_DEPTH_MAX) {
        writer->rc = FAIL(&writer->why, ERR_USAGE, "more than %d levels", HTTP_DEPTH_MAX);
        return;
    }
    lead(writer, name, is_array ? '[' : '{');
    writer->levels[writer->depth++] = (struct http_writer_level){.row = row, .is_array = is_array};
}

void http_write_object(struct http_writer *writer, const char *name)
{
    open_level(writer, name, admit(writer, name, HTTP_OBJECT), false);
}

void http_write_array(struct http_writer *writer, const char *name)
{
    open_level(writer, name, admit(writer, name, HTTP_ARRAY), true);
}

/* Whether all members are there that have to be. */
static void check_complete(struct http_writer *writer)
{
    const struct http_member *members = members_of(writer, top(writer));

    for (size_t i = 0; members[i].name != NULL; i++) {
        if (members[i].presence == HTTP_OPTIONAL || (top(writer)->seen >> i & 1) != 0)
            continue;
        REFUSE(writer, "member \"%s\" is missing", members[i].name);
        return;
    }
}

static void close_level(struct http_writer *writer)
{
    const bool is_array = top(writer)->is_array;

    if (!is_array)
        check_complete(writer);
    put_byte(writer, is_array ? ']' : '}');
    writer->depth--;
}

void http_write_end(struct http_writer *writer)
{
    if (has_failed(writer))
        return;
    if (writer->depth <= 1)
        writer->rc = FAIL(&writer->why, ERR_USAGE, "an end of what was not begun");
    else
        close_level(writer);
}

/* ---- the whole ---- */

void http_writer_begin(struct http_writer *writer, const struct http_member *members)
{
    http_writer_done(writer);
    writer->members = members;
    if (members == NULL)
        writer->rc = FAIL(&writer->why, ERR_USAGE, "no JSON object is declared");
    else
        writer->rc = buf_reserve(&writer->text, WRITE_FIRST, &writer->why);
    put_byte(writer, '{');
    writer->levels[writer->depth++] = (struct http_writer_level){.row = NULL};
}

int http_writer_end(struct http_writer *writer, struct buf *ret, struct err *err)
{
    if (!has_failed(writer) && writer->depth != 1)
        writer->rc = FAIL(&writer->why, ERR_USAGE, "%zu levels that were not ended", writer->depth);
    if (!has_failed(writer))
        close_level(writer);
    if (has_failed(writer))
        return err_copy(err, &writer->why);
    buf_move(ret, &writer->text);
    return 0;
}

void http_writer_done(struct http_writer *writer)
{
    buf_done(&writer->text);
    *writer = (struct http_writer)HTTP_WRITER_INIT;
}
