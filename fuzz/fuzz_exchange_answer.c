/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/answer.h"
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

/* Whatever is taken can be explained; what is no answer may be a person's code, in one spelling. */
FUZZ_TARGET(data, size)
{
    CLEANUP(tables_freep) struct tables *tables = make_tables();
    CLEANUP(json_freep) struct json *answer = NULL;
    CLEANUP(json_freep) struct json *told = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;
    struct person_code code;
    const char *word;

    if (answer_parse(tables, NAME, bytes_of(data, size), &answer, NULL) == 0) {
        FUZZ_CHECK(answer_explain(tables, NAME, answer, &told, NULL) == 0);
        FUZZ_CHECK(json_count(told) > 0 && json_count(told) <= ANSWER_RECORDS_MAX);
        return 0;
    }
    FUZZ_CHECK(buf_append(&text, bytes_of(data, size), NULL) == 0);
    if (buf_text(&text, &word, NULL) < 0 || person_code_parse(word, &code, NULL) < 0)
        return 0;
    FUZZ_CHECK(person_code_append(&again, &code, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&again), buf_bytes(&text)));
    return 0;
}
