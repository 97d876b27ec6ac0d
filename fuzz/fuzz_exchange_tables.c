/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/hours.h"
#include "exchange/tables.h"
#include "fuzz.h"

enum { SEPARATOR = '\f', A_DAY = 86400 };

static void check_tables(const struct tables *tables)
{
    for (size_t i = 0; i < tables->info_count; i++) {
        const char *code = tables->infos[i].code;
        size_t count;

        FUZZ_CHECK(tables_info(tables, code) == &tables->infos[i]);
        FUZZ_CHECK(tables_items(tables, code, &count) != NULL && count > 0);
    }
    for (size_t i = 0; i < tables->permission_count; i++) {
        const struct permission *row = &tables->permissions[i];

        FUZZ_CHECK(tables_procedure(tables, row->procedure) != NULL);
        FUZZ_CHECK(strcmp(tables_procedure(tables, row->procedure)->duty, row->duty) == 0);
    }
}

/* The tables one after the other with form feeds between; each alone may be hours as well. */
FUZZ_TARGET(data, size)
{
    struct bytes texts[TABLE_FILES_] = {{NULL, 0}};
    CLEANUP(tables_freep) struct tables *tables = NULL;
    CLEANUP(hours_freep) struct hours *hours = NULL;
    const uint8_t *end = data + size;

    if (hours_parse(bytes_of(data, size), &hours, NULL) == 0) {
        int64_t open = hours_open_from(hours, A_DAY);

        FUZZ_CHECK(open >= A_DAY && hours_open_from(hours, open) == open);
    }
    for (unsigned i = 0; i < TABLE_FILES_ && data < end; i++) {
        const uint8_t *cut = memchr(data, SEPARATOR, (size_t)(end - data));

        texts[i] = bytes_of(data, (size_t)((cut == NULL ? end : cut) - data));
        data = cut == NULL ? end : cut + 1;
    }
    if (tables_parse(texts, &tables, NULL) == 0)
        check_tables(tables);
    return 0;
}
