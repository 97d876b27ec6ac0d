/* SPDX-License-Identifier: Apache-2.0 */
/* The tables as they come with the programs, and what is refused in others: each row is a fault. */
#include "exchange/tables.h"
#include "exchange/tsv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define JM1 "JM99000000000001"
#define JT1 "JT99000000000001"
#define TM1 "TM00000000000001"
#define TM7 "TM99000000000107"

static const char *const good[TABLE_FILES_] = {
    [TABLE_BODIES] = "# comment\nM13101\tmunicipality\t13101\tyes\t千代田区\tChiyoda\n"
                     "PORTAL\tportal\t-\tyes\t入口\tthe portal\n",
    [TABLE_DUTIES] = JM1 "\tdisclosure\t法\tlaw\t開示\tdisclosure\t見せる\tto show\n",
    [TABLE_PROCEDURES] = JT1 "\t" JM1 "\t表示\tshowing\n",
    [TABLE_NAMES] = TM1 "\tpublic\tS325\thousehold\tmunicipality\t世帯\tHousehold\n" TM7
                        "\town\tS332\tchild\tmunicipality\t健診\tCheck-up\n",
    [TABLE_ITEMS] = TM1 "\t0000100010\town\t0\ttext\t世帯\tHousehold\n" TM1
                        "\t0100000020\tpublic\t1\tyen\t額\tAmount\n" TM7
                        "\t0010700010\town\t0\tdate\t日\tDay\n",
    [TABLE_PERMISSIONS] = "portal\t" JM1 "\t" JT1 "\t" TM1 "\t2020-01-01\t2020-12-31\tno\n"
                          "portal\t" JM1 "\t" JT1 "\t" TM1 "\t2021-01-01\t-\tyes\n",
};

static int parse_with(enum table_file file, const char *text, struct tables **ret, struct err *err)
{
    struct bytes texts[TABLE_FILES_];

    for (unsigned i = 0; i < TABLE_FILES_; i++)
        texts[i] = bytes_text(i == file ? text : good[i]);
    return tables_parse(texts, ret, err);
}

static void what_is_wrong_in_a_table_is_found(void **state)
{
    static const struct {
        enum table_file file;
        const char *text, *told;
    } rows[] = {
        {TABLE_BODIES, "PORTAL\tportal\t-\tyes\tx\n", "bodies.tsv: line 1: 5 fields, not 6"},
        {TABLE_BODIES, "PORTAL\tportal\t-\tyes\tx\t\n", "field 6 is empty"},
        {TABLE_BODIES, "PORTAL\tportal\t-\tyes\tx\ty", "the last line does not end"},
        {TABLE_BODIES,
         "PORTAL\tportal\t-\tyes\tx\ta\xe2\x80\xae"
         "b\n",
         "cannot be shown"},
        {TABLE_BODIES, "PORTAL\tportal\t-\tmaybe\tx\ty\n", "connected is none of its words"},
        {TABLE_BODIES, "portal\tportal\t-\tyes\tx\ty\n", "A-Z and 0-9"},
        {TABLE_BODIES, "P2345678901234567\tportal\t-\tyes\tx\ty\n", "A-Z and 0-9"},
        {TABLE_BODIES, "PORTAL\tportal\t13101\tyes\tx\ty\n", "have an area"},
        {TABLE_BODIES, "M1\tmunicipality\t-\tyes\tx\ty\n", "have an area"},
        {TABLE_BODIES, "M1\tmunicipality\t1310\tyes\tx\ty\n", "five digits"},
        {TABLE_BODIES, "B\tportal\t-\tyes\tx\ty\nA\tportal\t-\tyes\tx\ty\n", "not above"},
        {TABLE_BODIES, "A\tportal\t-\tyes\tx\ty\nA\tportal\t-\tyes\tx\ty\n", "not above"},
        {TABLE_BODIES, "PORTAL\tportal\t-\tyes\tx\ty\n", "nobody holds " TM1},
        {TABLE_DUTIES, "JM9900000000000\ttax\tl\tl\ta\tb\tc\td\n", "JM and fourteen digits"},
        {TABLE_DUTIES, JM1 "\tsport\tl\tl\ta\tb\tc\td\n", "the field of a duty"},
        {TABLE_PROCEDURES, JT1 "\tJM99000000000002\ta\tb\n", "no duty JM99000000000002"},
        {TABLE_PROCEDURES, JT1 "\t" JM1 "\ta\tb\tClaim\n", "small letters, digits, hyphens"},
        {TABLE_PROCEDURES, JT1 "\t" JM1 "\ta\tb\tclaim,\n", "small letters, digits, hyphens"},
        {TABLE_PROCEDURES, JT1 "\t" JM1 "\ta\tb\tclaim,end\nJT99000000000002\t" JM1 "\ta\tb\tend\n",
         "examined in another procedure"},
        {TABLE_PROCEDURES, JT1 "\t" JM1 "\ta\n", "3 fields, not 4"},
        {TABLE_NAMES, TM1 "\town\tS1\tg\tmunicipality\ta\tb\n", "begin with TM99"},
        {TABLE_NAMES, TM7 "\tpublic\tS1\tg\tmunicipality\ta\tb\n", "begin with TM99"},
        {TABLE_NAMES, TM1 "\tpublic\tS1\tg\tchurch\ta\tb\n", "the kind of a body"},
        {TABLE_ITEMS, TM1 "\t0000200010\town\t0\ttext\ta\tb\n", "no code of an item"},
        {TABLE_ITEMS, TM1 "\t8200000020\tpublic\t0\ttext\ta\tb\n", "no code of an item"},
        {TABLE_ITEMS, TM1 "\t0000100010\tpublic\t0\ttext\ta\tb\n", "no code of an item"},
        {TABLE_ITEMS, TM1 "\t0000100010\town\t1\ttext\ta\tb\n", "has level 0"},
        {TABLE_ITEMS, TM1 "\t0000100010\town\t0\tpicture\ta\tb\n", "form is none"},
        {TABLE_ITEMS, TM1 "\t0000100010\town\t0\ttext\ta\tb\n", TM7 " has no items"},
        {TABLE_ITEMS, "TM00000000000009\t0000900010\town\t0\ttext\ta\tb\n", "no name"},
        {TABLE_PERMISSIONS, "portal\t" JM1 "\tJT99000000000002\t" TM1 "\t2020-01-01\t-\tno\n",
         "no procedure"},
        {TABLE_PERMISSIONS, "portal\t" JM1 "\t" JT1 "\tTM00000000000009\t2020-01-01\t-\tno\n",
         "no name"},
        {TABLE_PERMISSIONS, "portal\t" JM1 "\t" JT1 "\t" TM1 "\t2020-01-01\t2019-01-01\tno\n",
         "ends before"},
        {TABLE_PERMISSIONS,
         "portal\t" JM1 "\t" JT1 "\t" TM1 "\t2020-01-01\t-\tno\n"
         "portal\t" JM1 "\t" JT1 "\t" TM1 "\t2021-01-01\t-\tno\n",
         "line 2: not behind the row before"},
        {TABLE_PERMISSIONS,
         "portal\t" JM1 "\t" JT1 "\t" TM7 "\t2020-01-01\t-\tno\n"
         "portal\t" JM1 "\t" JT1 "\t" TM1 "\t2020-01-01\t-\tno\n",
         "line 2: not behind the row before"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tables *tables = NULL;
        struct err err = {0};

        assert_int_equal(parse_with(rows[i].file, rows[i].text, &tables, &err), -ERR_INPUT);
        assert_non_null(strstr(err.text, table_files[rows[i].file]) != NULL ||
                                strstr(err.text, ".tsv") != NULL
                            ? err.text
                            : NULL);
        if (strstr(err.text, rows[i].told) == NULL)
            fail_msg("row %zu: \"%s\" does not tell \"%s\"", i, err.text, rows[i].told);
        assert_null(tables);
    }
}

static void a_text_is_examined_in_one_procedure(void **state)
{
    static const char text[] = JT1 "\t" JM1 "\ta\tb\tclaim,end-of-it\nJT99000000000002\t" JM1
                                   "\ta\tb\t-\n";
    CLEANUP(tables_freep) struct tables *tables = NULL;

    (void)state;
    assert_int_equal(parse_with(TABLE_PROCEDURES, text, &tables, NULL), 0);
    assert_string_equal(tables_procedure_of_text(tables, "claim")->code, JT1);
    assert_string_equal(tables_procedure_of_text(tables, "end-of-it")->code, JT1);
    assert_null(tables_procedure_of_text(tables, "end"));
    assert_null(tables_procedure_of_text(tables, ""));
    assert_null(tables_procedure_of_text(tables, "-"));
}

static struct asking asking_of(const char *asker, const char *info, struct caldate day)
{
    return (struct asking){asker, "M13101", JM1, JT1, info, day, false};
}

static void what_no_row_permits_is_refused(void **state)
{
    CLEANUP(tables_freep) struct tables *tables = NULL;
    struct asking asking = asking_of("PORTAL", TM1, (struct caldate){2020, 6, 1});

    (void)state;
    assert_int_equal(parse_with(TABLE_BODIES, good[TABLE_BODIES], &tables, NULL), 0);
    assert_int_equal(tables_permit(tables, &asking, NULL), 0);
    asking.is_hidden = true; /* from 2021 on only */
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    asking.day = (struct caldate){2021, 1, 1};
    assert_int_equal(tables_permit(tables, &asking, NULL), 0);
    asking = asking_of("PORTAL", TM1, (struct caldate){2019, 12, 31});
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    asking = asking_of("PORTAL", TM7, (struct caldate){2020, 6, 1}); /* another name */
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    asking = asking_of("M13101", TM1, (struct caldate){2020, 6, 1}); /* another body */
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    asking = asking_of("NOBODY", TM1, (struct caldate){2020, 6, 1});
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    asking = asking_of("PORTAL", TM1, (struct caldate){2020, 6, 1});
    asking.provider = "PORTAL"; /* holds nothing */
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    asking.provider = "M13101";
    asking.procedure = "JT99000000000002";
    assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
}

/* All 19 kinds of the source document have a name, and the portal may show each. */
static void our_tables_have_all_kinds_and_the_portal_shows_each(void **state)
{
    CLEANUP(tables_freep) struct tables *tables = NULL;
    const struct caldate today = {2026, 11, 26};
    bool is_there[19] = {false};
    struct err err = {0};

    (void)state;
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, &err), 0);
    for (size_t i = 0; i < tables->info_count; i++) {
        const struct info *info = &tables->infos[i];
        struct asking asking = {"PORTAL", NULL, JM1, JT1, info->code, today, false};
        int kind = atoi(info->source + 1) - 325;

        assert_in_range(kind, 0, 18);
        is_there[kind] = true;
        for (size_t b = 0; asking.provider == NULL; b++) {
            if (tables->bodies[b].kind == info->provider)
                asking.provider = tables->bodies[b].code;
        }
        assert_int_equal(tables_permit(tables, &asking, NULL), 0);
        asking.is_hidden = true; /* nobody hides from the person what the person asked for */
        assert_int_equal(tables_permit(tables, &asking, NULL), -ERR_DENIED);
    }
    for (size_t i = 0; i < 19; i++)
        assert_true(is_there[i]);
}

/* The four public items are there as they are known, and what is ours is where no real one is. */
static void public_codes_are_kept_and_ours_are_marked(void **state)
{
    static const char *const items[] = {"8200000020", "8200000030", "8200000070", "8200000080"};
    CLEANUP(tables_freep) struct tables *tables = NULL;
    size_t public = 0;

    (void)state;
    assert_int_equal(tables_load(EXCHANGE_DATA, &tables, NULL), 0);
    for (size_t i = 0; i < 4; i++)
        assert_non_null(tables_item(tables, "TM00000000000082", items[i]));
    for (size_t i = 0; i < tables->info_count; i++)
    public += tables->infos[i].is_own ? 0 : 1;
    assert_int_equal(public, 3);
    for (size_t i = 0; i < tables->item_count; i++) {
        const struct item *item = &tables->items[i];

        assert_int_equal(item->is_own, strncmp(item->code, "00", 2) == 0);
    }
    assert_null(tables_item(tables, "TM00000000000082", "8200000021"));
    assert_null(tables_item(tables, "TM00000000000002", "8200000020"));
}

static void codes_of_persons_have_one_spelling(void **state)
{
    struct person_code code;

    (void)state;
    assert_int_equal(person_code_parse("AAECAwQFBgcICQoLDA0ODw", &code, NULL), 0);
    assert_int_equal(code.value[15], 15);
    assert_int_equal(person_code_parse("AAECAwQFBgcICQoLDA0ODx", &code, NULL), -ERR_INPUT);
    assert_int_equal(person_code_parse("AAECAwQFBgcICQoLDA0OD", &code, NULL), -ERR_INPUT);
    assert_int_equal(person_code_parse("AAECAwQFBgcICQoLDA0ODw==", &code, NULL), -ERR_INPUT);
    assert_int_equal(person_code_parse("", &code, NULL), -ERR_INPUT);
}

static int count_row(void *context, const struct tsv_row *row, struct err *err)
{
    size_t *count = context;

    (void)err;
    *count += row->count > 0 ? 1 : 0;
    return 0;
}

static void tables_have_limits(void **state)
{
    struct buf text = BUF_INIT;
    size_t count = 0;

    (void)state;
    for (int i = 0; i < EXCHANGE_ROWS_MAX; i++)
        assert_int_equal(buf_append_text(&text, "a\tb\n", NULL), 0);
    assert_int_equal(buf_append_text(&text, "a\tb\n", NULL), 0);
    assert_int_equal(tsv_cut(&text, count_row, &count, NULL), -ERR_INPUT);
    assert_int_equal(count, EXCHANGE_ROWS_MAX);
    buf_clear(&text);
    for (int i = 0; i < EXCHANGE_FIELD_MAX; i++)
        assert_int_equal(buf_append_text(&text, "x", NULL), 0);
    assert_int_equal(buf_append_text(&text, "\n", NULL), 0);
    assert_int_equal(tsv_cut(&text, count_row, &count, NULL), 0);
    buf_clear(&text);
    for (int i = 0; i <= EXCHANGE_FIELD_MAX; i++)
        assert_int_equal(buf_append_text(&text, "x", NULL), 0);
    assert_int_equal(buf_append_text(&text, "\n", NULL), 0);
    assert_int_equal(tsv_cut(&text, count_row, &count, NULL), -ERR_INPUT);
    buf_clear(&text);
    for (int i = 0; i < EXCHANGE_FILE_MAX; i++)
        assert_int_equal(buf_append_byte(&text,
                                         i % 200 == 0     ? '#'
                                         : i % 200 == 199 ? '\n'
                                                          : 'c',
                                         NULL),
                         0);
    text.ptr[EXCHANGE_FILE_MAX - 1] = '\n';
    assert_int_equal(tsv_cut(&text, count_row, &count, NULL), 0);
    buf_clear(&text);
    for (int i = 0; i < EXCHANGE_FILE_MAX + 1; i++)
        assert_int_equal(buf_append_byte(&text, '\n', NULL), 0);
    assert_int_equal(tsv_cut(&text, count_row, &count, NULL), -ERR_INPUT);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_in_a_table_is_found),
        cmocka_unit_test(a_text_is_examined_in_one_procedure),
        cmocka_unit_test(what_no_row_permits_is_refused),
        cmocka_unit_test(our_tables_have_all_kinds_and_the_portal_shows_each),
        cmocka_unit_test(public_codes_are_kept_and_ours_are_marked),
        cmocka_unit_test(codes_of_persons_have_one_spelling),
        cmocka_unit_test(tables_have_limits),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
