/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libinih splits the lines, this file decides what they may say. The library is given its lines
 * by a reader of ours, because on its own it breaks an over-long line in two, takes a line that
 * starts with a blank as more of the value before and forgets what follows a section's bracket:
 * all refused here instead. The reader also knows the number of the line that a key came from.
 */
#include "base/conf.h"

#include "base/file.h"
#include "base/utf8.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

struct parse {
    const char *name; /* of the file */
    struct bytes rest;
    int line; /* of the last one that was read */
    const struct conf_key *keys;
    void *target;
    const struct conf_group *group;
    struct buf seen; /* "SECTION]KEY\n" for every key so far */
    int rc;
    struct err *err;
};

static void *at(void *target, size_t offset)
{
    return (char *)target + offset;
}

static int set_text(const char *value, char **ret, struct err *err)
{
    char *copy = strdup(value);

    if (copy == NULL)
        return FAIL_NOMEM(err);
    free(*ret);
    *ret = copy;
    return 0;
}

/* One more value of a key that may be there several times. */
static int add_text(const char *value, char **ret, struct err *err)
{
    char *joined = NULL;

    if (*ret == NULL)
        return set_text(value, ret, err);
    TRY(path_format(&joined, err, "%s\n%s", *ret, value));
    free(*ret);
    *ret = joined;
    return 0;
}

static int parse_int(const struct conf_key *row, const char *value, int64_t *ret, struct err *err)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(value, &end, 10);
    if (*end != 0 || (value[0] != '-' && (value[0] < '0' || value[0] > '9')))
        return FAIL(err, ERR_INPUT, "%s: a number is needed", row->key);
    if (errno == ERANGE || number < row->min || number > row->max)
        return FAIL(err, ERR_INPUT, "%s: must be between %lld and %lld", row->key,
                    (long long)row->min, (long long)row->max);
    *ret = number;
    return 0;
}

static int set_value(const struct conf_key *row, const char *value, void *target, struct err *err)
{
    void *to = at(target, row->offset);

    if (value[0] == 0)
        return FAIL(err, ERR_INPUT, "%s: has no value", row->key);
    switch (row->type) {
    case CONF_PATHS:
    case CONF_PATH:
        if (value[0] != '/')
            return FAIL(err, ERR_INPUT, "%s: must be an absolute path", row->key);
        return row->type == CONF_PATHS ? add_text(value, to, err) : set_text(value, to, err);
    case CONF_TEXTS:
        return add_text(value, to, err);
    case CONF_TEXT:
        return set_text(value, to, err);
    case CONF_INT:
        return parse_int(row, value, to, err);
    case CONF_FLAG:
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
            return FAIL(err, ERR_INPUT, "%s: must be yes or no", row->key);
        *(bool *)to = value[0] == 'y';
        return 0;
    }
    return FAIL(err, ERR_USAGE, "%s: no such type", row->key);
}

/* Takes no memory: a key that was seen must not become its default because there is none. */
static bool was_seen(const struct parse *parse, const char *section, const char *key)
{
    size_t section_len = strlen(section);
    size_t len = section_len + 1 + strlen(key);
    struct bytes rest = buf_bytes(&parse->seen);

    while (rest.len > 0) {
        const uint8_t *feed = memchr(rest.ptr, '\n', rest.len);
        struct bytes mark = bytes_of(rest.ptr, (size_t)(feed - rest.ptr));

        if (mark.len == len && mark.ptr[section_len] == ']' &&
            memcmp(mark.ptr, section, section_len) == 0 &&
            memcmp(mark.ptr + section_len + 1, key, len - section_len - 1) == 0)
            return true;
        rest = bytes_part(rest, mark.len + 1, rest.len);
    }
    return false;
}

static int remember(struct parse *parse, const char *section, const struct conf_key *row)
{
    const char *key = row->key;

    if (was_seen(parse, section, key)) {
        if (row->type == CONF_TEXTS || row->type == CONF_PATHS)
            return 0;
        return FAIL(parse->err, ERR_INPUT, "%s: is there twice", key);
    }
    return buf_append_format(&parse->seen, parse->err, "%s]%s\n", section, key);
}

static int item_named(const struct conf_group *group, const char *name, void **ret, struct err *err)
{
    void *item;

    for (size_t i = 0; i < *group->count; i++) {
        item = at(group->items, i * group->size);
        if (strcmp(*(char **)at(item, group->name), name) == 0) {
            *ret = item;
            return 0;
        }
    }
    if (*group->count == group->max)
        return FAIL(err, ERR_INPUT, "more than %zu sections [%s ...]", group->max, group->prefix);
    item = at(group->items, *group->count * group->size);
    TRY(set_text(name, at(item, group->name), err));
    ++*group->count;
    *ret = item;
    return 0;
}

/* The name behind the prefix, or NULL if the section is not one of the group. */
static const char *name_in_group(const struct conf_group *group, const char *section)
{
    size_t len = group == NULL ? 0 : strlen(group->prefix);

    if (group == NULL || strncmp(section, group->prefix, len) != 0 || section[len] != ' ' ||
        section[len + 1] == 0)
        return NULL;
    return section + len + 1;
}

static int take_key(struct parse *parse, const char *section, const char *key, const char *value)
{
    const char *name = name_in_group(parse->group, section);
    bool known = false;

    for (const struct conf_key *row = name == NULL ? parse->keys : parse->group->keys;
         row->key != NULL; row++) {
        void *target = parse->target;

        if (name == NULL && strcmp(row->section, section) != 0)
            continue;
        known = true;
        if (strcmp(row->key, key) != 0)
            continue;
        TRY(remember(parse, section, row));
        if (name != NULL)
            TRY(item_named(parse->group, name, &target, parse->err));
        return set_value(row, value, target, parse->err);
    }
    if (!known)
        return FAIL(parse->err, ERR_INPUT, "there is no section [%s]", section);
    return FAIL(parse->err, ERR_INPUT, "[%s] has no key %s", section, key);
}

static int on_key(void *context, const char *section, const char *key, const char *value)
{
    struct parse *parse = context;

    if (parse->rc == 0)
        parse->rc = err_prefix(parse->err, take_key(parse, section, key, value), "%s:%d",
                               parse->name, parse->line);
    return parse->rc == 0;
}

static int check_line(const struct parse *parse, struct bytes line, size_t room)
{
    if (line.len > CONF_LINE_MAX || line.len + 1 > room)
        return FAIL(parse->err, ERR_INPUT, "%s:%d: the line is longer than %d bytes", parse->name,
                    parse->line, CONF_LINE_MAX);
    if (line.len > 0 && (line.ptr[0] == ' ' || line.ptr[0] == '\t'))
        return FAIL(parse->err, ERR_INPUT, "%s:%d: the line starts with a blank", parse->name,
                    parse->line);
    while (line.len > 0 && memchr("\r\t ", line.ptr[line.len - 1], 3) != NULL)
        line.len--;
    if (line.len > 0 && line.ptr[0] == '[' && line.ptr[line.len - 1] != ']')
        return FAIL(parse->err, ERR_INPUT, "%s:%d: a section is [name] and nothing else",
                    parse->name, parse->line);
    return 0;
}

/* fgets() for libinih, over memory. The end comes early after a failure. */
static char *next_line(char *text, int room, void *stream)
{
    struct parse *parse = stream;
    const uint8_t *feed;
    struct bytes line;

    if (parse->rc < 0 || parse->rest.len == 0)
        return NULL;
    parse->line++;
    feed = memchr(parse->rest.ptr, '\n', parse->rest.len);
    line = feed == NULL ? parse->rest
                        : bytes_part(parse->rest, 0, (size_t)(feed - parse->rest.ptr));
    parse->rest = bytes_part(parse->rest, line.len + 1, parse->rest.len);
    parse->rc = check_line(parse, line, (size_t)room);
    if (parse->rc < 0)
        return NULL;
    memcpy(text, line.ptr, line.len);
    text[line.len] = 0;
    return text;
}

static int set_defaults(const struct parse *parse, const struct conf_key *keys, void *target,
                        const char *section)
{
    for (const struct conf_key *row = keys; row->key != NULL; row++) {
        const char *where = section == NULL ? row->section : section;

        if (was_seen(parse, where, row->key))
            continue;
        if (row->otherwise == NULL)
            return FAIL(parse->err, ERR_INPUT, "%s: [%s] needs the key %s", parse->name, where,
                        row->key);
        if (row->otherwise[0] != 0)
            TRY(set_value(row, row->otherwise, target, parse->err));
    }
    return 0;
}

static int set_group_defaults(const struct parse *parse, const struct conf_group *group)
{
    for (size_t i = 0; group != NULL && i < *group->count; i++) {
        CLEANUP(free_text) char *section = NULL;
        void *item = at(group->items, i * group->size);

        TRY(path_format(&section, parse->err, "%s %s", group->prefix,
                        *(char **)at(item, group->name)));
        TRY(set_defaults(parse, group->keys, item, section));
    }
    return 0;
}

static int parse_lines(struct parse *parse)
{
    int line;

    if (!utf8_is_valid(parse->rest) || memchr(parse->rest.ptr, 0, parse->rest.len) != NULL)
        return FAIL(parse->err, ERR_INPUT, "%s: not UTF-8 text", parse->name);
    line = ini_parse_stream(next_line, parse, on_key, parse);
    TRY(parse->rc);
    if (line != 0)
        return FAIL(parse->err, ERR_INPUT, "%s:%d: neither [section] nor key = value", parse->name,
                    line);
    TRY(set_defaults(parse, parse->keys, parse->target, NULL));
    return set_group_defaults(parse, parse->group);
}

int conf_parse(struct bytes text, const char *name, const struct conf_key *keys, void *target,
               const struct conf_group *group, struct err *err)
{
    struct parse parse = {
        .name = name,
        .rest = text.len == 0 ? BYTES_LITERAL("\n") : text,
        .keys = keys,
        .target = target,
        .group = group,
        .err = err,
    };
    int rc = parse_lines(&parse);

    buf_done(&parse.seen);
    if (rc < 0) {
        conf_done(keys, target);
        if (group != NULL)
            conf_group_done(group);
    }
    return rc;
}

int conf_read_group(const char *path, const struct conf_key *keys, void *target,
                    const struct conf_group *group, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(file_read(path, CONF_FILE_MAX, &text, err));
    return conf_parse(buf_bytes(&text), path, keys, target, group, err);
}

int conf_read(const char *path, const struct conf_key *keys, void *target, struct err *err)
{
    return conf_read_group(path, keys, target, NULL, err);
}

void conf_done(const struct conf_key *keys, void *target)
{
    for (const struct conf_key *row = keys; row->key != NULL; row++) {
        void *value = at(target, row->offset);

        switch (row->type) {
        case CONF_TEXT:
        case CONF_PATH:
        case CONF_TEXTS:
        case CONF_PATHS:
            free_text(value);
            break;
        case CONF_INT:
            *(int64_t *)value = 0;
            break;
        case CONF_FLAG:
            *(bool *)value = false;
            break;
        }
    }
}

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool is_same(const struct conf_key *row, const void *a, const void *b)
{
    const char *at_a = (const char *)a + row->offset;
    const char *at_b = (const char *)b + row->offset;

    switch (row->type) {
    case CONF_TEXT:
    case CONF_PATH:
    case CONF_TEXTS:
    case CONF_PATHS:
        return is_same_text(*(char *const *)(const void *)at_a, *(char *const *)(const void *)at_b);
    case CONF_INT:
        return *(const int64_t *)(const void *)at_a == *(const int64_t *)(const void *)at_b;
    case CONF_FLAG:
        return *(const bool *)(const void *)at_a == *(const bool *)(const void *)at_b;
    }
    return false;
}

static bool is_in(const char *const *list, const char *key)
{
    while (*list != NULL && strcmp(*list, key) != 0)
        list++;
    return *list != NULL;
}

const struct conf_key *conf_difference(const struct conf_key *keys, const void *a, const void *b,
                                       const char *const *without)
{
    for (const struct conf_key *row = keys; row->key != NULL; row++) {
        if (!is_in(without, row->key) && !is_same(row, a, b))
            return row;
    }
    return NULL;
}

void conf_group_done(const struct conf_group *group)
{
    for (size_t i = 0; i < *group->count; i++) {
        void *item = at(group->items, i * group->size);

        free_text(at(item, group->name));
        conf_done(group->keys, item);
    }
    *group->count = 0;
}

int conf_sample(const struct conf_key *keys, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *section = "";

    for (const struct conf_key *row = keys; row->key != NULL; row++) {
        if (strcmp(row->section, section) != 0)
            TRY(buf_append_format(&out, err, "%s[%s]\n", out.len == 0 ? "" : "\n", row->section));
        section = row->section;
        TRY(buf_append_format(&out, err, "# %s\n", row->description));
        if (row->otherwise == NULL)
            TRY(buf_append_format(&out, err, "%s =\n", row->key));
        else
            TRY(buf_append_format(&out, err, "#%s = %s\n", row->key, row->otherwise));
    }
    buf_move(ret, &out);
    return 0;
}
