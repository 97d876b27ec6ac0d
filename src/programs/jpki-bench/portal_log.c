/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One person's page of the exchange log, among a hundred million records, beside the same engine
 * that answers a constant of that size. Both over HTTP in this process, by one client on one
 * connection, in turns.
 */
#include "audit/audit.h"
#include "audit/tree.h"
#include "base/clock.h"
#include "base/file.h"
#include "exchange/schema.h"
#include "http/answer.h"
#include "http/server.h"
#include "portal/history/history.h"
#include "portal/routes.h"
#include "programs/jpki-bench/bench.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RECORDS_EACH = 100, /* of a person */
    PARTS = 4,
    PIECE = 10000, /* people */
    ASKED = 1000,  /* pages in a round */
    PAGE = 20,
    CACHE_MB = 256,
    ANSWER_MAX = 256 * 1024,
    DIGITS = 10,
};

#define GOAL 0.3

static const int64_t sizes[] = {100000000, 10000000, 1000000};

struct log_lab {
    struct db *db;
    struct tables *tables;
    struct exchange x;
    int64_t people;
    struct buf constant;
    struct http_server *server;
    int fd; /* the client's connection */
    uint64_t drawn;
};

/* ---- the records ---- */

/*
 * Somebody's next record comes after those of all others, as it would in life, but a part of each
 * person's at a time, because a disk takes a hundred visits to each page for an hour. A part is
 * written in pieces of so many people, a transaction each.
 */
static const char fill_people[] =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
    " INSERT INTO exchange_person SELECT i, 1600000000 FROM n";
static const char fill_piece[] =
    "WITH RECURSIVE p (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM p WHERE i < ?2),"
    " r (j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM r WHERE j < ?5 - 1)"
    " INSERT INTO exchange_log SELECT (?3 * ?4 + i - 1) * ?5 + j + 1, i,"
    " 1600000000 + (?3 * ?5 + j) * ?4 + i, j % 2,"
    " CASE (i + j) % 3 WHEN 0 THEN 'PORTAL' WHEN 1 THEN 'M13101' ELSE 'M27100' END, 'P13',"
    " 'JM99000000000001', 'JT99000000000001', 'TM00000000000002', 'portal',"
    " (i + j) % 50 = 0, i, '' FROM p CROSS JOIN r";

static int fill_with(struct db *db, const char *sql, const struct db_value *values, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, err));
    TRY(db_execute(&txn, sql, values, err));
    return db_commit(&txn, err);
}

static int fill(struct db *db, int64_t records, struct err *err)
{
    const int64_t people = records / RECORDS_EACH;

    (void)fprintf(stderr, "writing %lld records ...\n", (long long)records);
    TRY(fill_with(db, fill_people, DB_WITH(DB_INT(people)), err));
    for (int64_t part = 0; part < PARTS; part++) {
        for (int64_t first = 1; first <= people; first += PIECE) {
            const int64_t last = first + PIECE - 1 < people ? first + PIECE - 1 : people;

            TRY(fill_with(db, fill_piece,
                          DB_WITH(DB_INT(first), DB_INT(last), DB_INT(part), DB_INT(people),
                                  DB_INT(RECORDS_EACH / PARTS)),
                          err));
        }
        (void)fprintf(stderr, "%lld of %d parts\n", (long long)part + 1, PARTS);
    }
    return 0;
}

static int count_records(struct db *db, int64_t *ret, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;

    TRY(db_begin_read(db, &txn, err));
    TRY(db_query_one(&txn, "SELECT coalesce(max(id), 0) FROM exchange_log", DB_NOTHING, &rows,
                     err));
    return db_int(&rows, 0, ret, err);
}

static int open_records(struct log_lab *lab, int64_t records, struct err *err)
{
    static const char *const migrations[] = {audit_schema_v1,
                                             audit_tree_schema_v1,
                                             exchange_schema_v1,
                                             exchange_notes_v1,
                                             exchange_retention_v1,
                                             exchange_log_v2,
                                             NULL};
    static const struct db_schema schema = {"portal-log", migrations};
    CLEANUP(free_text) char *dir = NULL;
    CLEANUP(free_text) char *path = NULL;
    int64_t there;

    TRY(bench_kept_dir(&dir, err));
    TRY(path_format(&path, err, "%s/exchange-log-%lld.db", dir, (long long)records));
    TRY(db_open(path, &schema, &lab->db, err));
    TRY(db_set_cache(lab->db, CACHE_MB, err));
    TRY(count_records(lab->db, &there, err));
    if (there == 0) {
        TRY(fill(lab->db, records, err));
        TRY(count_records(lab->db, &there, err));
    }
    if (there != records)
        return FAIL(err, ERR_CONFLICT, "%s was not written to its end: remove it", path);
    lab->people = records / RECORDS_EACH;
    TRY(tables_load(NULL, &lab->tables, err));
    lab->x = (struct exchange){.db = lab->db, .tables = lab->tables, .clock = &clock_system};
    return 0;
}

/* ---- the server ---- */

static int get_page(struct http_call *call, struct err *err)
{
    const struct log_lab *lab = call->context;
    const struct log_query query = {
        .person = strtoll(http_param(&call->request, "person"), NULL, DIGITS),
        .until = INT64_MAX,
        .what = -1,
        .limit = PAGE};
    CLEANUP(http_writer_done) struct http_writer page = HTTP_WRITER_INIT;

    http_answer_begin(call, 200, &page);
    TRY(history_page(&lab->x, &query, &page, err));
    return http_answer_end(call, &page, err);
}

static int get_constant(struct http_call *call, struct err *err)
{
    const struct log_lab *lab = call->context;

    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&lab->constant),
                            err);
}

static const struct http_answer any_answers[] = {{200, "the answer", .type = HTTP_ANY_TYPE}, {0}};
/* The first row answers as the portal's declares it, which is checked for each answer. */
static struct route lab_routes[] = {
    {.method = HTTP_GET,
     .path = "/pages/:person",
     .access = &http_anyone,
     .handle = get_page,
     .operation = "getPage",
     .summary = "A page"},
    {.method = HTTP_GET,
     .path = "/constant",
     .access = &http_anyone,
     .handle = get_constant,
     .operation = "getConstant",
     .summary = "As many bytes",
     .answers = any_answers},
    {.path = NULL},
};

static int serve(struct log_lab *lab, struct err *err)
{
    const struct http_server_options options = {.routes = lab_routes, .context = lab};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint16_t port;
    int fd;

    lab_routes[0].answers = portal_history_routes[0].answers;
    TRY(http_listen_loopback(0, &fd, &port, err));
    TRY(http_server_start(&options, fd, &lab->server, err));
    address.sin_port = htons(port);
    lab->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (lab->fd < 0 || connect(lab->fd, (const struct sockaddr *)&address, sizeof address) < 0)
        return FAIL_ERRNO(err, "connecting to the server");
    return 0;
}

/* ---- the client ---- */

/* The length of a response whose head has come; 0 before. */
static size_t whole_length(const char *text, size_t have)
{
    const char *end = memmem(text, have, "\r\n\r\n", 4);
    const char *length = memmem(text, have, "Content-Length: ", 16);

    if (end == NULL || length == NULL || length > end)
        return 0;
    return (size_t)(end + 4 - text) + strtoul(length + 16, NULL, DIGITS);
}

static int ask(const struct log_lab *lab, const char *path, struct buf *ret, struct err *err)
{
    static char answer[ANSWER_MAX];
    char request[128];
    size_t have = 0;
    size_t whole = 0;
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);

    TRY(file_write_all(lab->fd, bytes_of(request, (size_t)len), err));
    while (whole == 0 || have < whole) {
        ssize_t got = have == sizeof answer - 1
                          ? 0
                          : read(lab->fd, answer + have, sizeof answer - 1 - have);

        if (got <= 0)
            return FAIL(err, ERR_REMOTE, "the server's answer is cut or too long");
        have += (size_t)got;
        answer[have] = '\0';
        whole = whole_length(answer, have);
    }
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0)
        return FAIL(err, ERR_REMOTE, "the server refuses");
    if (ret != NULL)
        return buf_append_text(ret, strstr(answer, "\r\n\r\n") + 4, err);
    return 0;
}

/* Somebody else each time: multiplied and shifted as Knuth has it (The Art ..., 3.2.1). */
static void draw(struct log_lab *lab, char path[64])
{
    lab->drawn = lab->drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    (void)snprintf(path, 64, "/pages/%lld",
                   (long long)((lab->drawn >> 33) % (uint64_t)lab->people) + 1);
}

/* What one answer takes: by the clock, and of a processor, client included. */
struct cost {
    double elapsed_us, processor_us;
};

static int time_block(struct log_lab *lab, bool is_constant, struct cost *ret, struct err *err)
{
    int64_t start = monotonic_us();
    double before;
    double after;

    TRY(processor_time_us(getpid(), &before, err));
    for (int i = 0; i < ASKED; i++) {
        char path[64] = "/constant";

        if (!is_constant)
            draw(lab, path);
        TRY(ask(lab, path, NULL, err));
    }
    TRY(processor_time_us(getpid(), &after, err));
    *ret = (struct cost){(double)(monotonic_us() - start) / ASKED, (after - before) / ASKED};
    return 0;
}

static void lab_done(struct log_lab *lab)
{
    if (lab->fd >= 0)
        (void)close(lab->fd);
    http_server_stop(lab->server);
    db_close(lab->db);
    tables_free(lab->tables);
    buf_done(&lab->constant);
}

static int64_t choose_size(void)
{
    const size_t count = sizeof sizes / sizeof sizes[0];

    for (size_t i = 0; i + 1 < count; i++) {
        if (bench_largest() == 0 || (uint64_t)sizes[i] <= bench_largest())
            return sizes[i];
    }
    return sizes[count - 1];
}

struct rounds {
    double ours[BENCH_ROUNDS], constant[BENCH_ROUNDS];
    double elapsed[BENCH_ROUNDS], processor[BENCH_ROUNDS]; /* ratios */
};

static int time_rounds(struct log_lab *lab, struct rounds *ret, struct err *err)
{
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        struct cost ours;
        struct cost constant;

        TRY(time_block(lab, false, &ours, err));
        TRY(time_block(lab, true, &constant, err));
        ret->ours[i] = ours.processor_us;
        ret->constant[i] = constant.processor_us;
        ret->processor[i] = constant.processor_us / ours.processor_us;
        ret->elapsed[i] = constant.elapsed_us / ours.elapsed_us;
    }
    return 0;
}

int bench_portal_log(struct bench_result *ret, struct err *err)
{
    CLEANUP(lab_done) struct log_lab lab = {.fd = -1};
    struct rounds rounds;
    int64_t records = choose_size();

    TRY(open_records(&lab, records, err));
    TRY(serve(&lab, err));
    TRY(ask(&lab, "/pages/1", &lab.constant, err));
    TRY(time_rounds(&lab, &rounds, err));
    *ret = (struct bench_result){
        .peer = median(rounds.constant, BENCH_ROUNDS),
        .unit = "us",
        .note = "time of a processor for a page of 20 records of somebody's 100, client included, "
                "another person each time; peer: a constant of that size, in turns",
    };
    bench_add_goal(ret, &(struct bench_goal){"of the rate of a constant, by the clock",
                                             median(rounds.elapsed, BENCH_ROUNDS), GOAL, true});
    bench_add_part(ret, &(struct bench_part){"of a constant's rate, by processor time",
                                             median(rounds.processor, BENCH_ROUNDS), "times"});
    bench_add_part(ret, &(struct bench_part){"the log", (double)records, "records"});
    bench_set_ours(ret, rounds.ours, BENCH_ROUNDS);
    return 0;
}
