/* SPDX-License-Identifier: Apache-2.0 */
#include "softpcsc/readers.h"

#include <stdio.h>
#include <string.h>

const struct reader_entry *reader_entries_find(const struct reader_entries *entries,
                                               const char *name)
{
    for (unsigned i = 0; i < entries->count; i++) {
        if (strcmp(entries->at[i].name, name) == 0)
            return &entries->at[i];
    }
    return NULL;
}

/* One entry; text is not ended by NUL. */
static int parse_entry(struct bytes text, struct reader_entries *entries, struct err *err)
{
    struct reader_entry *entry = &entries->at[entries->count];
    const uint8_t *equals = memchr(text.ptr, '=', text.len);
    size_t name_len = equals == NULL ? 0 : (size_t)(equals - text.ptr);
    struct bytes path = bytes_part(text, equals == NULL ? 0 : name_len + 1, text.len);

    if (path.len == 0 || path.len > SOCK_PATH_MAX)
        return FAIL(err, ERR_INPUT, "the path of a reader's socket has 1 to %d bytes",
                    SOCK_PATH_MAX);
    if ((equals != NULL && name_len == 0) || name_len > WIRE_READER_NAME_MAX)
        return FAIL(err, ERR_INPUT, "the name of a reader has 1 to %d bytes", WIRE_READER_NAME_MAX);
    *entry = (struct reader_entry){{0}, {0}};
    memcpy(entry->path, path.ptr, path.len);
    if (equals == NULL)
        (void)snprintf(entry->name, sizeof entry->name, "OpenJPKI Software Card %02u 00",
                       entries->count);
    else
        memcpy(entry->name, text.ptr, name_len);
    if (reader_entries_find(entries, entry->name) != NULL)
        return FAIL(err, ERR_INPUT, "two readers have the same name");
    entries->count++;
    return 0;
}

int reader_entries_parse(const char *text, struct reader_entries *ret, struct err *err)
{
    struct reader_entries entries = {.count = 0};

    for (const char *at = text; at != NULL;) {
        const char *colon = strchr(at, ':');
        size_t len = colon == NULL ? strlen(at) : (size_t)(colon - at);

        if (entries.count == WIRE_READERS_MAX)
            return FAIL(err, ERR_INPUT, "there can be %d readers", WIRE_READERS_MAX);
        TRY(parse_entry(bytes_of(at, len), &entries, err));
        at = colon == NULL ? NULL : colon + 1;
    }
    *ret = entries;
    return 0;
}
