/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/making.h"
#include "fuzz.h"

#define NAME "TM00000000000082"

static struct tables *make_tables(void)
{
    const struct bytes texts[TABLE_FILES_] = {
        [TABLE_BODIES] = BYTES_LITERAL("P13\tprefecture\t13000\tyes\ta\tb\n"),
        [TABLE_NAMES] = BYTES_LITERAL(NAME "\tpublic\tS337\tchild\tprefecture\ta\tb\n"),
        [TABLE_ITEMS] = BYTES_LITERAL(NAME "\t0008200010\town\t0\tyen\ta\tb\n" NAME
                                           "\t8200000020\tpublic\t0\tdate\ta\tb\n" NAME
                                           "\t8200000030\tpublic\t1\ttext\ta\tb\n"),
    };
    struct tables *tables = NULL;

    FUZZ_CHECK(tables_parse(texts, &tables, NULL) == 0);
    return tables;
}

/* Whatever samples are taken, what is made of them is an answer. */
FUZZ_TARGET(data, size)
{
    static const struct making_person person = {
        "seed", {1990, 4, 15}, true, "place", {2026, 11, 26}};
    CLEANUP(tables_freep) struct tables *tables = make_tables();
    CLEANUP(making_freep) struct making *making = NULL;
    CLEANUP(json_freep) struct json *answer = NULL;
    CLEANUP(json_freep) struct json *again = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    int rc;

    if (making_parse(tables, bytes_of(data, size), &making, NULL) < 0)
        return 0;
    rc = making_answer(making, &person, NAME, &answer, NULL);
    if (rc == -ERR_ABSENT)
        return 0;
    FUZZ_CHECK(rc == 0 && json_write(answer, &text, NULL) == 0);
    FUZZ_CHECK(answer_parse(tables, NAME, buf_bytes(&text), &again, NULL) == 0);
    return 0;
}
