/* SPDX-License-Identifier: Apache-2.0 */
/* The file of outside sites: what is in it is whole, or it is refused. */
#include "portal/site/list.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SITE_ROW(id, more)                                                                         \
    "{\"id\": \"" id "\", \"name\": \"n\", \"name_en\": \"n\", \"lead\": \"l\", \"lead_en\": "     \
    "\"l\", \"address\": \"https://a.test/\", \"redirect_uri\": \"https://a.test/b\","             \
    " \"logout_uri\": \"https://a.test/c\"" more "}"
#define KEYS ", \"jwks\": {\"keys\": []}"

static void what_is_no_file_of_sites_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"sites\": {}}",
        "{\"sites\": [], \"more\": 1}",
        "{\"sites\": [" SITE_ROW("a", "") "]}",
        "{\"sites\": [" SITE_ROW("a", KEYS ", \"jwks_uri\": \"https://a.test/k\"") "]}",
        "{\"sites\": [" SITE_ROW("A", KEYS) "]}",
        "{\"sites\": [" SITE_ROW("", KEYS) "]}",
        "{\"sites\": [" SITE_ROW("a", KEYS) ", " SITE_ROW("a", KEYS) "]}",
        "{\"sites\": [" SITE_ROW("a", KEYS ", \"colour\": 1") "]}",
        "{\"sites\": [" SITE_ROW("a", ", \"jwks_uri\": \"http://a.test/k\"") "]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CLEANUP(sites_freep) struct sites *parsed = NULL;

        if (sites_parse(bytes_text(texts[i]), &parsed, NULL) != -ERR_INPUT)
            fail_msg("row %zu is taken", i);
    }
    {
        CLEANUP(sites_freep) struct sites *parsed = NULL;

        assert_int_equal(
            sites_parse(bytes_text("{\"sites\": [" SITE_ROW("a", KEYS) "]}"), &parsed, NULL), 0);
        assert_non_null(sites_find(parsed, "a"));
        assert_null(sites_find(parsed, "b"));
    }
}

static void put_many(struct buf *text, int count, size_t id_len, size_t words)
{
    char id[SITE_ID_MAX + 2], word[SITE_WORDS_MAX + 2];

    memset(word, 'w', sizeof word);
    word[words] = '\0';
    assert_int_equal(buf_append_text(text, "{\"sites\": [", NULL), 0);
    for (int i = 0; i < count; i++) {
        memset(id, 'a', sizeof id);
        (void)snprintf(id, sizeof id, "%0*d", (int)id_len, i);
        assert_int_equal(
            buf_append_format(text, NULL,
                              "%s{\"id\": \"%s\", \"name\": \"%s\", \"name_en\": \"n\", \"lead\":"
                              " \"l\", \"lead_en\": \"l\", \"address\": \"https://a.test/\","
                              " \"redirect_uri\": \"https://a.test/b\", \"logout_uri\":"
                              " \"https://a.test/c\"" KEYS "}",
                              i == 0 ? "" : ", ", id, word),
            0);
    }
    assert_int_equal(buf_append_text(text, "]}", NULL), 0);
}

static void a_file_of_sites_has_its_limits(void **state)
{
    static const struct {
        int count;
        size_t id, words;
        int rc;
    } rows[] = {
        {SITES_MAX, SITE_ID_MAX, SITE_WORDS_MAX, 0},
        {SITES_MAX + 1, 4, 4, -ERR_INPUT},
        {1, SITE_ID_MAX + 1, 4, -ERR_INPUT},
        {1, 4, SITE_WORDS_MAX + 1, -ERR_INPUT},
        {1, 4, 0, -ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(sites_freep) struct sites *parsed = NULL;

        put_many(&text, rows[i].count, rows[i].id, rows[i].words);
        assert_int_equal(sites_parse(buf_bytes(&text), &parsed, NULL), rows[i].rc);
    }
}

static void a_file_of_sites_is_not_read_past_its_size(void **state)
{
    struct tempdir dir = tempdir_make();
    char path[TEMPDIR_FILE_SIZE];
    FILE *f = fopen(tempdir_file(&dir, "sites.json", path), "w");
    CLEANUP(sites_freep) struct sites *parsed = NULL;
    static const char text[] = "{\"sites\": []}";

    (void)state;
    assert_non_null(f);
    (void)fprintf(f, "%s%*s", text, (int)(SITES_FILE_MAX - strlen(text)), "");
    assert_int_equal(fclose(f), 0);
    assert_int_equal(sites_load(path, &parsed, NULL), 0);
    f = fopen(path, "a");
    assert_non_null(f);
    (void)fputc(' ', f);
    assert_int_equal(fclose(f), 0);
    sites_freep(&parsed);
    assert_int_equal(sites_load(path, &parsed, NULL), -ERR_INPUT);
    tempdir_done(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_file_of_sites_is_refused),
        cmocka_unit_test(a_file_of_sites_has_its_limits),
        cmocka_unit_test(a_file_of_sites_is_not_read_past_its_size),
    };

    return cmocka_run_group_tests_name("site_list", tests, NULL, NULL);
}
