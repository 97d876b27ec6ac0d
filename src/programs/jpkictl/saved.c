/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/saved.h"

#include "base/caltime.h"
#include "base/i18n.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_MAX = 512 }; /* bytes of a field of the text, and a NUL: those of a log are shorter */

#define LAST_SECOND INT64_C(253402300799) /* of the year 9999 */

/* The fields of the text in their order (exchange/log.h), and the members that say the same. */
static const struct field {
    const char *key;             /* NULL: shown to nobody */
    bool is_number, is_own_word; /* empty, it leaves the member to the portal's tables */
    const char *label;
} fields[] = {
    {.key = "id", .is_number = true, .label = N_("number")},
    {.key = NULL}, /* the exchange's number of the person */
    {.key = "at", .is_number = true, .label = N_("time")},
    {.key = "what", .label = N_("what happened")},
    {.key = "receiver", .label = N_("receiver")},
    {.key = "giver", .label = N_("giver")},
    {.key = "duty", .label = N_("duty")},
    {.key = "procedure", .label = N_("procedure")},
    {.key = "info", .label = N_("information")},
    {.key = "receiver_system", .label = N_("system of the receiver")},
    {.key = NULL}, /* whether it is hidden */
    {.key = "channel", .label = N_("over")},
    {.key = "receiver_name", .is_own_word = true, .label = N_("name of the receiver")},
    {.key = "receiver_name_en", .is_own_word = true},
    {.key = "why", .label = N_("purpose")},
    {.key = "why_en"},
    {.key = "items", .label = N_("kind of data")},
    {.key = "items_en"},
};

enum { FIELD_COUNT = sizeof fields / sizeof fields[0], ALWAYS = 11, TIME = 2 };

void saved_done(struct saved *saved)
{
    json_freep(&saved->proof);
    free(saved->text);
    saved->text = NULL;
}

bool saved_is(const struct json *file)
{
    return json_has(file, "proof") && json_has(file, "text");
}

/* The next field of *rest, "" behind the last; *rest is then where others begin, or NULL. */
static int next_field(const char **rest, char ret[FIELD_MAX], struct err *err)
{
    const size_t len = *rest == NULL ? 0 : strcspn(*rest, "|");

    /* Cut, it could be taken for what it only begins with. */
    if (len >= FIELD_MAX)
        return FAIL(err, ERR_INPUT, "text: a field has more than %d bytes", FIELD_MAX - 1);
    if (len > 0)
        memcpy(ret, *rest, len);
    ret[len] = '\0';
    if (*rest != NULL)
        *rest = (*rest)[len] == '\0' ? NULL : *rest + len + 1;
    return 0;
}

/* ---- taking apart ---- */

static int copy_member(const struct json *from, const char *key, struct json *to, struct err *err)
{
    CLEANUP(json_freep) struct json *copy = NULL;
    const struct json *array;
    const char *text;

    if (json_get_array(from, key, &array, NULL) == 0) {
        TRY(json_duplicate(array, &copy, err));
        return json_put(to, key, json_steal(&copy), err);
    }
    TRY(json_get_text(from, key, &text, err));
    return json_put_text(to, key, text, err);
}

/* The tree's members stand beside the record in what audit prove prints. */
static int put_tree(const struct json *proof, struct json *flat, struct err *err)
{
    static const char *const keys[] = {"size", "root", "inclusion", NULL};
    const struct json *tree;
    int64_t size;

    TRY(json_get_object(proof, "tree", &tree, err));
    TRY(json_only(tree, keys, err));
    TRY(json_get_int(tree, "size", &size, err));
    TRY(json_put_int(flat, "size", size, err));
    TRY(copy_member(tree, "root", flat, err));
    return copy_member(tree, "inclusion", flat, err);
}

static int flatten(const struct json *file, struct json **ret, struct err *err)
{
    static const char *const keys[] = {"record", "salt", "tree", "checkpoint", NULL};
    CLEANUP(json_freep) struct json *flat = json_object_new();
    CLEANUP(json_freep) struct json *copy = NULL;
    const struct json *proof, *record;

    TRY(json_get_object(file, "proof", &proof, err));
    TRY(json_only(proof, keys, err));
    TRY(json_get_object(proof, "record", &record, err));
    TRY(json_duplicate(record, &copy, err));
    TRY(json_put(flat, "record", json_steal(&copy), err));
    TRY(copy_member(proof, "salt", flat, err));
    TRY(put_tree(proof, flat, err));
    if (json_has(proof, "checkpoint"))
        TRY(copy_member(proof, "checkpoint", flat, err));
    *ret = json_steal(&flat);
    return 0;
}

/* ---- what is read against what is proved ---- */

static int told_value(const struct json *record, const struct field *field, char ret[FIELD_MAX],
                      struct err *err)
{
    int64_t number;

    ret[0] = '\0';
    if (!json_has(record, field->key))
        return 0;
    if (!field->is_number)
        return json_copy_text(record, field->key, ret, FIELD_MAX, err);
    TRY(json_get_int(record, field->key, &number, err));
    (void)snprintf(ret, FIELD_MAX, "%" PRId64, number);
    return 0;
}

static int compare(const struct json *record, const struct field *field, const char *value,
                   struct err *err)
{
    char told[FIELD_MAX];

    if (field->key == NULL || (field->is_own_word && value[0] == '\0'))
        return 0;
    TRY(told_value(record, field, told, err));
    return strcmp(told, value) == 0
               ? 0
               : FAIL(err, ERR_UNTRUSTED, "%s: the log has something else", field->key);
}

static int compare_all(const struct json *record, const char *text, struct err *err)
{
    const char *rest = text;
    char value[FIELD_MAX];

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (rest == NULL && i < ALWAYS)
            return FAIL(err, ERR_INPUT, "text: a record of the exchange has more fields");
        TRY(next_field(&rest, value, err));
        TRY(compare(record, &fields[i], value, err));
    }
    return rest == NULL ? 0 : FAIL(err, ERR_INPUT, "text: it has too many fields");
}

int saved_open(const struct json *file, struct saved *ret, struct err *err)
{
    static const char *const keys[] = {"record", "words", "text", "proof", NULL};
    CLEANUP(saved_done) struct saved saved = {.proof = NULL};
    const struct json *record;
    const char *text;

    TRY(json_only(file, keys, err));
    TRY(json_get_object(file, "record", &record, err));
    TRY(json_get_text(file, "text", &text, err));
    TRY(compare_all(record, text, err));
    TRY(flatten(file, &saved.proof, err));
    saved.text = strdup(text);
    if (saved.text == NULL)
        return FAIL_NOMEM(err);
    *ret = saved;
    saved = (struct saved){.proof = NULL};
    return 0;
}

/* ---- for people ---- */

/*
 * Somebody else's file may have anything in it, and a root that nobody compares: what would move
 * the cursor could say here what the proof does not.
 */
static const char *shown(size_t number, const char *value, char time[CALTIME_TEXT_SIZE])
{
    int64_t at;

    if (!utf8_is_shown(bytes_text(value)))
        return tr("(cannot be shown; --json has it)");
    at = number == TIME ? strtoll(value, NULL, 10) : -1;
    if (at < 0 || at > LAST_SECOND)
        return value;
    caltime_format(at, JST_OFFSET_SECONDS, time);
    return time;
}

int saved_describe(const char *text, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf lines = BUF_INIT;
    const char *rest = text;
    char value[FIELD_MAX], time[CALTIME_TEXT_SIZE];

    TRY(buf_append_format(&lines, err, "%s\n",
                          tr("it holds: the log has the record of the exchange that was saved")));
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        TRY(next_field(&rest, value, err));
        if (fields[i].label != NULL && value[0] != '\0')
            TRY(buf_append_format(&lines, err, "  %s: %s\n", tr(fields[i].label),
                                  shown(i, value, time)));
    }
    TRY(buf_append_format(
        &lines, err, "%s\n",
        tr("names and sentences in the file explain these words, and are not proved")));
    *ret = lines;
    lines = (struct buf)BUF_INIT;
    return 0;
}
