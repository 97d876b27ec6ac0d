/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf.h"

#include "fuzz.h"

#include <string.h>

struct settings {
    char *text;
    char *path;
    int64_t number;
    bool flag;
};

struct item {
    char *name;
    char *text;
};

static const struct conf_key keys[] = {
    {"main", "text", CONF_TEXT, offsetof(struct settings, text), NULL, 0, 0, ""},
    {"main", "path", CONF_PATH, offsetof(struct settings, path), CONF_UNSET, 0, 0, ""},
    {"main", "number", CONF_INT, offsetof(struct settings, number), "5", -9, 9, ""},
    {"main", "flag", CONF_FLAG, offsetof(struct settings, flag), "no", 0, 0, ""},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};

static const struct conf_key item_keys[] = {
    {"", "text", CONF_TEXT, offsetof(struct item, text), NULL, 0, 0, ""},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};

/* What is accepted keeps the table's promises; what is refused leaves nothing behind. */
FUZZ_TARGET(data, size)
{
    struct settings settings = {0};
    struct item items[3] = {{0}};
    size_t count = 0;
    const struct conf_group group = {
        "key", item_keys, offsetof(struct item, name), sizeof items[0], 3, items, &count};

    if (conf_parse(bytes_of(data, size), "f", keys, &settings, &group, NULL) < 0) {
        FUZZ_CHECK(settings.text == NULL && settings.path == NULL && settings.number == 0);
        FUZZ_CHECK(count == 0 && items[0].name == NULL && items[0].text == NULL);
        return 0;
    }
    FUZZ_CHECK(settings.text != NULL && settings.text[0] != 0);
    FUZZ_CHECK(strlen(settings.text) <= CONF_LINE_MAX);
    FUZZ_CHECK(settings.path == NULL || settings.path[0] == '/');
    FUZZ_CHECK(settings.number >= -9 && settings.number <= 9);
    FUZZ_CHECK(count <= 3);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(items[i].name[0] != 0 && items[i].text[0] != 0);
    conf_done(keys, &settings);
    conf_group_done(&group);
    return 0;
}
