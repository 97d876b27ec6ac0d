/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/history/history.h"

#include "audit/tree.h"
#include "portal/history/record.h"

#include <stdio.h>

struct telling {
    const struct log_query *query;
    struct http_writer *page;
    struct history_words words;
};

static int tell_counts(void *context, const struct log_counts *counts, struct err *err)
{
    const struct telling *telling = context;
    struct http_writer *page = telling->page;

    (void)err;
    if (counts->first_at == 0)
        http_write_null(page, "first_at");
    else
        http_write_int(page, "first_at", counts->first_at);
    http_write_int(page, "total", counts->shown);
    http_write_int(page, "hidden", counts->hidden);
    http_write_int(page, "offset", telling->query->offset);
    http_write_array(page, "records");
    return 0;
}

static int tell_record(void *context, const struct log_record *record, struct err *err)
{
    struct telling *telling = context;

    (void)err;
    history_words_collect(&telling->words, record);
    history_write_record(telling->page, NULL, telling->words.tables, record);
    return 0;
}

int history_page(const struct exchange *x, const struct log_query *query, struct http_writer *page,
                 struct err *err)
{
    struct telling telling = {.query = query, .page = page};
    const struct log_reader reader = {tell_counts, tell_record, &telling};

    history_words_begin(&telling.words, x->tables);
    TRY(exchange_log_page(x, query, &reader, err));
    http_write_end(page);
    history_words_write(&telling.words, page);
    return 0;
}

/* The proof leads to what is signed, instead of to the log as it is at the moment. */
static int put_checkpoint(const struct exchange *x, struct audit_keeper *keeper, int64_t seq,
                          struct json *proof, struct err *err)
{
    CLEANUP(json_freep) struct json *tree = NULL;
    CLEANUP(buf_done) struct buf note = BUF_INIT;
    char record[24], records[24];
    const struct audit_tree_query query = {.size = records, .record = record};
    int64_t size;

    if (keeper == NULL)
        return 0;
    TRY(audit_keeper_make(keeper, &note, &size, err));
    (void)snprintf(record, sizeof record, "%lld", (long long)seq);
    (void)snprintf(records, sizeof records, "%lld", (long long)size);
    TRY(audit_tree(x->db, &query, &tree, err));
    TRY(json_put(proof, "tree", json_steal(&tree), err));
    return json_put_bytes(proof, "checkpoint", buf_bytes(&note), err);
}

int history_proof(const struct exchange *x, struct audit_keeper *keeper, int64_t person, int64_t id,
                  struct http_writer *answer, struct err *err)
{
    CLEANUP(json_freep) struct json *proof = NULL;
    char text[LOG_TEXT_SIZE];
    struct history_words words;
    struct log_record record;

    TRY(exchange_log_proof(x, person, id, &record, &proof, err));
    TRY(put_checkpoint(x, keeper, record.audit, proof, err));
    history_write_record(answer, "record", x->tables, &record);
    history_words_begin(&words, x->tables);
    history_words_collect(&words, &record);
    history_words_write(&words, answer);
    log_record_text(&record, text);
    http_write_text(answer, "text", text);
    http_write_tree(answer, "proof", proof);
    return 0;
}
