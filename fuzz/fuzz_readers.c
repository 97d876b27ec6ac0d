/* SPDX-License-Identifier: Apache-2.0 */
/* JPKI_SOFTPCSC: names and paths are C strings within their limits, and each name is found. */
#include "fuzz.h"
#include "softpcsc/readers.h"

#include <string.h>

FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    struct reader_entries entries;
    const char *given;

    if (buf_append(&text, bytes_of(data, size), NULL) < 0 || buf_text(&text, &given, NULL) < 0 ||
        reader_entries_parse(given, &entries, NULL) < 0)
        return 0;
    FUZZ_CHECK(entries.count >= 1 && entries.count <= WIRE_READERS_MAX);
    for (unsigned i = 0; i < entries.count; i++) {
        const struct reader_entry *entry = &entries.at[i];

        FUZZ_CHECK(strnlen(entry->path, sizeof entry->path) - 1 < SOCK_PATH_MAX);
        FUZZ_CHECK(strnlen(entry->name, sizeof entry->name) - 1 < WIRE_READER_NAME_MAX);
        FUZZ_CHECK(strstr(given, entry->path) != NULL);
        FUZZ_CHECK(reader_entries_find(&entries, entry->name) == entry);
    }
    return 0;
}
