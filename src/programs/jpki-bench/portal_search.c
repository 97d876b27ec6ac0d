/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches for procedures over HTTP: 1 700 municipalities with 60 procedures each, words and
 * municipalities in turn, beside the same engine that answers a constant of that size.
 */
#include "base/file.h"
#include "portal/procedure/store.h"
#include "portal/routes.h"
#include "programs/jpki-bench/bench.h"
#include "programs/jpki-bench/wrk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MUNICIPALITIES = 1700, TEXTS = 60, ASKED = 8192, NOW = 1795651200, QUEUE = 256 };

static const double least_of_constant = 0.3;

/* Lines of a file, and from the beginning again. */
static const char wrk_script[] =
    "local paths, at = {}, 0\n"
    "function init(args)\n"
    "  for line in io.lines(args[1]) do paths[#paths + 1] = line end\n"
    "end\n"
    "function request()\n"
    "  at = at + 1\n"
    "  return wrk.format('GET', paths[at % #paths + 1], {Host = 'localhost'})\n"
    "end\n";

/* What is asked for, as it stands in an address: 児童手当, 申請 保育, 介護, 証明書, ... */
static const char *const words[] = {"%E5%85%90%E7%AB%A5%E6%89%8B%E5%BD%93",
                                    "%E4%BF%9D%E8%82%B2%20%E7%94%B3%E8%AB%8B",
                                    "%E4%BB%8B%E8%AD%B7",
                                    "%E8%A8%BC%E6%98%8E%E6%9B%B8",
                                    "%E5%8A%A9%E6%88%90",
                                    "%E3%81%97%E3%81%9B%E3%81%A4",
                                    "%E5%B1%8A%E5%87%BA",
                                    "%E9%AB%98%E9%BD%A2%E8%80%85"};
enum { WORDS = sizeof words / sizeof words[0] };

struct search_lab {
    char *dir, *database, *paths, *constant;
    struct clock clock;
    struct portal portal;
    struct buf answer;
    struct http_server *server, *beside;
    uint16_t port, beside_port;
};

#define LAB_NONE                                                                                   \
    {                                                                                              \
        .answer = BUF_INIT                                                                         \
    }

static void search_lab_down(struct search_lab *lab)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", lab->dir, NULL};
    double unused = 0;

    http_server_stopp(&lab->server);
    http_server_stopp(&lab->beside);
    portal_store_closep(&lab->portal.store);
    buf_done(&lab->answer);
    if (lab->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", lab->dir);
    free_text(&lab->dir);
    free_text(&lab->database);
    free_text(&lab->paths);
    free_text(&lab->constant);
}

/* ---- what there is ---- */

/* Beside the texts that come with the program: procedures of other fields, of a page each. */
static int write_content(size_t number, struct json **ret, struct err *err)
{
    static const char *const fields[] = {"高齢者福祉", "障害者福祉", "国民健康保険", "上下水道",
                                         "住宅改修",   "保育施設",   "学校教育",     "防災"};
    static const char *const acts[] = {"利用の申請",       "変更の届出", "助成金の請求",
                                       "証明書の交付申請", "登録の申込", "減免の申請"};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *field = fields[number % (sizeof fields / sizeof fields[0])];
    const char *act = acts[number % (sizeof acts / sizeof acts[0])];

    TRY(buf_append_format(&text, err,
                          "{\"category\":\"other\",\"events\":[\"moving\"],\"name\":"
                          "\"%s第%zu号の%s\",\"summary\":\"%sについて、%sをする手続です。\","
                          "\"body\":[",
                          field, number, act, field, act));
    for (size_t i = 0; i < 6; i++)
        TRY(buf_append_format(&text, err,
                              "%s{\"paragraph\":\"%sの対象となる人が、%sを行うときは、必要な書類を"
                              "そろえて担当の窓口に出してください。審査の結果は%zu日以内に郵送で"
                              "お知らせします。\"}",
                              i == 0 ? "" : ",", field, act, 10 + i));
    TRY(buf_append_text(&text, "]}", err));
    return json_parse(buf_bytes(&text), ret, err);
}

/* Texts of all, until there are so many. */
static int put_texts(struct db *db, struct err *err)
{
    const struct audit_origin by = audit_by_self(NOW);
    int64_t count, id;

    TRY(procedure_load(db, NULL, &by, &count, err));
    for (; count < TEXTS; count++) {
        CLEANUP(json_freep) struct json *content = NULL;
        struct procedure_text text = {.owner = "", .place = count + 1};
        char code[32];

        (void)snprintf(code, sizeof code, "bench-%d", (int)count);
        TRY(write_content((size_t)count, &content, err));
        text.code = code;
        text.content = content;
        TRY(procedure_put_text(db, &text, &by, &id, err));
    }
    return 0;
}

static void name_place(int i, struct municipality *ret)
{
    (void)snprintf(ret->code, sizeof ret->code, "%02d%03d", i / 37 + 1, 101 + i % 37);
    (void)snprintf(ret->prefecture, sizeof ret->prefecture, "第%d県", i / 37 + 1);
    (void)snprintf(ret->name, sizeof ret->name, "例示%d市", i);
}

static int put_offerings(struct db_txn *txn, const char *code, struct err *err)
{
    CLEANUP(json_freep) struct json *contact = json_object_new();
    struct procedure_offering offering = {.municipality = code,
                                          .from = "",
                                          .until = "",
                                          .department = "総合窓口課",
                                          .contact = contact};
    char psid[PSID_SIZE];

    TRY(json_put_text(contact, "phone", "03-0000-0000", err));
    for (offering.text = 1; offering.text <= TEXTS; offering.text++)
        TRY(procedure_offer_in(txn, &offering, NOW, psid, err));
    return 0;
}

static int fill(struct db *db, struct err *err)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(put_texts(db, err));
    TRY(db_begin(db, &txn, err));
    for (int i = 0; i < MUNICIPALITIES; i++) {
        struct municipality place = {.code = ""};

        name_place(i, &place);
        TRY(municipality_add_in(&txn, &place, NOW, err));
        TRY(put_offerings(&txn, place.code, err));
    }
    return db_commit(&txn, err);
}

/* ---- who asks ---- */

static int write_paths(struct search_lab *lab, struct err *err)
{
    CLEANUP(buf_done) struct buf paths = BUF_INIT;

    for (unsigned i = 0; i < ASKED; i++) {
        struct municipality place;

        name_place((int)(i * 607 % MUNICIPALITIES), &place);
        TRY(buf_append_format(&paths, err, "/v1/procedures?municipality=%s&words=%s\n", place.code,
                              words[i % WORDS]));
    }
    TRY(path_format(&lab->paths, err, "%s/paths.txt", lab->dir));
    TRY(file_replace(lab->paths, 0600, buf_bytes(&paths), err));
    TRY(path_format(&lab->constant, err, "%s/constant.txt", lab->dir));
    return file_replace(lab->constant, 0600, BYTES_LITERAL("/constant\n"), err);
}

static int ask(const struct search_lab *lab, uint16_t port, const char *paths, double *ret,
               struct err *err)
{
    CLEANUP(free_text) char *script = NULL;
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    struct wrk_told told;
    double unused = 0;

    TRY(path_format(&script, err, "%s/load.lua", lab->dir));
    TRY(file_replace(script, 0600, BYTES_LITERAL(wrk_script), err));
    TRY(path_format(&url, err, "http://127.0.0.1:%u/", (unsigned)port));
    const char *const argv[] = {"/usr/bin/wrk", "-t1", "-c16", "-d2s", "--latency", "-s",
                                script,         url,   "--",   paths,  NULL};
    TRY(run_command(argv, &unused, &said, err));
    TRY(wrk_read(&said, &told, err));
    *ret = told.rate;
    return 0;
}

/* ---- who answers ---- */

static int say_constant(struct http_call *call, struct err *err)
{
    const struct search_lab *lab = call->context;

    return http_reply_bytes(&call->response, 200, "application/json", buf_bytes(&lab->answer), err);
}

static const struct http_answer constant_answers[] = {
    {200, "always the same", .type = "application/json"}, {0}};
static const struct route constant_rows[] = {
    {.method = HTTP_GET,
     .path = "/constant",
     .access = &http_anyone,
     .handle = say_constant,
     .operation = "constant",
     .summary = "Say the same",
     .answers = constant_answers,
     .is_foreign = true},
    {.path = NULL},
};

/* The answer to one of the questions: what the constant is. */
static int take_answer(struct search_lab *lab, struct err *err)
{
    CLEANUP(free_text) char *url = NULL;
    CLEANUP(buf_done) struct buf said = BUF_INIT;
    double unused = 0;

    TRY(path_format(&url, err, "http://127.0.0.1:%u/v1/procedures?municipality=01101&words=%s",
                    (unsigned)lab->port, words[0]));
    const char *const argv[] = {"/usr/bin/curl", "-sf", url, NULL};
    TRY(run_command(argv, &unused, &said, err));
    buf_move(&lab->answer, &said);
    return 0;
}

static int serve(struct search_lab *lab, struct err *err)
{
    struct http_server_options options = {
        .tables = portal_routes, .context = &lab->portal, .workers = 4, .queue = QUEUE};
    int fd;

    TRY(http_listen_loopback(0, &fd, &lab->port, err));
    TRY(http_server_start(&options, fd, &lab->server, err));
    TRY(take_answer(lab, err));
    options.tables = NULL;
    options.routes = constant_rows;
    options.context = lab;
    TRY(http_listen_loopback(0, &fd, &lab->beside_port, err));
    return http_server_start(&options, fd, &lab->beside, err);
}

static int search_lab_up(struct search_lab *lab, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-portal-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&lab->dir, err, "%s", dir));
    TRY(path_format(&lab->database, err, "%s/portal.db", dir));
    lab->clock = clock_fixed(NOW);
    lab->portal.clock = &lab->clock;
    lab->portal.origin = "https://portal.openjpki.test";
    TRY(portal_store_open(lab->database, &lab->portal.store, err));
    TRY(fill(portal_store_db(lab->portal.store), err));
    TRY(write_paths(lab, err));
    return serve(lab, err);
}

int bench_portal_search(struct bench_result *ret, struct err *err)
{
    CLEANUP(search_lab_down) struct search_lab lab = LAB_NONE;
    struct bench_goal goal = {"of a constant's rate", 0, least_of_constant, true};
    double ours[BENCH_ROUNDS], limit[BENCH_ROUNDS], ratio[BENCH_ROUNDS];

    TRY(search_lab_up(&lab, err));
    for (int i = 0; i < BENCH_ROUNDS; i++) {
        double found, constant;

        TRY(ask(&lab, lab.port, lab.paths, &found, err));
        TRY(ask(&lab, lab.beside_port, lab.constant, &constant, err));
        ours[i] = 1e6 / found;
        limit[i] = 1e6 / constant;
        ratio[i] = found / constant;
    }
    goal.ratio = median(ratio, BENCH_ROUNDS);
    *ret = (struct bench_result){
        .limit = median(limit, BENCH_ROUNDS),
        .unit = "us",
        .note = "a search for words among 60 procedures of one of 1700 municipalities, asked for "
                "by wrk on the same processors; limit: the same engine and a constant of that size",
    };
    bench_add_goal(ret, &goal);
    bench_set_ours(ret, ours, BENCH_ROUNDS);
    return 0;
}
