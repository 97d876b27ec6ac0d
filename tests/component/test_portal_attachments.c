/* SPDX-License-Identifier: Apache-2.0 */
/* Attachments of applications: what is one, whose they are, and their limits. */
#include "support/portal_site.h"

#include "portal/application/applicant.h"
#include "portal/application/file.h"
#include "portal/application/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PNG        "\x89PNG\r\n\x1a\n....IEND\xae\x42\x60\x82"
#define JPEG       "\xff\xd8\xff....\xff\xd9"
#define PDF        "%PDF-1.7\n...\n%%EOF\n"
#define ZIP_COUNTS "\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZIP_END                                                                                    \
    "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" /* and two octets: how long the comment is */

static struct portal_site site;
static struct application draft;
static char ticket[TICKET_SIZE];

static struct db *db(void)
{
    return portal_store_db(site.portal.store);
}

static const char form[] =
    "{\"needs_signature\":false,\"fields\":[{\"name\":\"a\",\"label\":\"l\",\"type\":\"text\"}]"
    ","
    "\"attachments\":[{\"name\":\"photo\",\"label\":\"l\",\"types\":[\"png\",\"jpeg\"],"
    "\"max_files\":5},{\"name\":\"plan\",\"label\":\"l\",\"types\":[\"pdf\"]},"
    "{\"name\":\"b\",\"label\":\"l\",\"types\":[\"png\"],\"max_files\":5},"
    "{\"name\":\"c\",\"label\":\"l\",\"types\":[\"png\"],\"max_files\":5},"
    "{\"name\":\"d\",\"label\":\"l\",\"types\":[\"png\"],\"max_files\":5}]}";

static int set_up(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    char psid[PSID_SIZE], id[APPLICATION_ID_SIZE], owner[APPLICATION_OWNER_SIZE];

    (void)state;
    portal_site_make(&site);
    portal_site_offer(&site, form, psid);
    (void)snprintf(ticket, sizeof ticket, "%s", "the ticket");
    assert_int_equal(applicant_of_ticket(ticket, owner, NULL), 0);
    assert_int_equal(
        application_begin(db(), psid, &(struct beginner){.owner = owner}, &by, id, NULL), 0);
    assert_int_equal(application_get(db(), id, owner, &draft, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    application_done(&draft);
    portal_site_done(&site);
    return 0;
}

static struct portal_answer attach_as(const char *query, const char *content)
{
    char line[256], field[96];

    (void)snprintf(line, sizeof line, "POST /v1/applications/%s/files?%s", draft.id, query);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", ticket);
    return portal_ask_with(&site, NULL, line, field, "application/octet-stream", content);
}

/* Of something that bears no individual number. */
static struct portal_answer attach(const char *query, const char *content)
{
    char declared[160];

    (void)snprintf(declared, sizeof declared, "%s&document=other", query);
    return attach_as(declared, content);
}

static unsigned status(const char *query, const char *content)
{
    CLEANUP(portal_answer_done) struct portal_answer answer = attach(query, content);

    return answer.status;
}

static void what_bears_an_individual_number_is_refused(void **state)
{
    static const struct {
        const char *document;
        unsigned status;
    } rows[] = {{"other", 201},         {"card-front", 201},    {"resident-record", 201},
                {"card-back", 403},     {"number-notice", 403}, {"resident-record-number", 403},
                {"mynumber-card", 400}, {"card-back%20", 400},  {"", 400}};
    char query[96];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(query, sizeof query, "kind=photo&name=a.png&document=%s", rows[i].document);
        CLEANUP(portal_answer_done) struct portal_answer answer = attach_as(query, PNG);
        assert_int_equal(answer.status, rows[i].status);
    }
}

/* The back of a card is refused only if somebody has to say that it is one. */
static void what_a_file_shows_has_to_be_said(void **state)
{
    (void)state;
    CLEANUP(portal_answer_done)
    struct portal_answer silent = attach_as("kind=photo&name=a.png", PNG);
    assert_int_equal(silent.status, 400);
    CLEANUP(portal_answer_done)
    struct portal_answer said = attach_as("kind=photo&name=a.png&document=other", PNG);
    assert_int_equal(said.status, 201);
}

static void a_file_comes_back_as_it_was_and_for_saving_only(void **state)
{
    char line[128], field[96];

    (void)state;
    assert_int_equal(status("kind=plan&name=%E5%9B%B3%E9%9D%A2.pdf", PDF), 201);
    (void)snprintf(line, sizeof line, "GET /v1/applications/%s/files/1", draft.id);
    (void)snprintf(field, sizeof field, "Authorization: Bearer %s\r\n", ticket);
    CLEANUP(portal_answer_done)
    struct portal_answer file = portal_ask_with(&site, NULL, line, field, NULL, NULL);
    assert_int_equal(file.status, 200);
    assert_true(portal_has(&file, PDF));
    assert_true(portal_has(&file, "Content-Type: application/pdf"));
    assert_true(portal_has(&file, "Content-Disposition: attachment"));
    assert_true(portal_has(&file, "nosniff"));
    (void)snprintf(line, sizeof line, "GET /v1/applications/%s", draft.id);
    CLEANUP(portal_answer_done)
    struct portal_answer shown = portal_ask_with(&site, NULL, line, field, NULL, NULL);
    assert_true(portal_has(&shown, "図面.pdf"));
}

static void what_is_no_such_file_is_refused(void **state)
{
    static const struct {
        const char *query, *content;
    } rows[] = {
        {"kind=plan&name=a.pdf", PNG}, /* a picture that is called so */
        {"kind=photo&name=a.png", PDF},
        {"kind=photo&name=a.png", "<svg onload=alert(1)>"},
        {"kind=plan&name=a.pdf", "MZ"},
        {"kind=plan&name=a.pdf", "%PDF-1.7 cut off"},
        {"kind=other&name=a.pdf", PDF}, /* not asked for */
        {"kind=plan&name=..%2Fa.pdf", PDF},
        {"kind=plan&name=%2Fetc%2Fpasswd", PDF},
        {"kind=plan&name=a%5Cb.pdf", PDF},
        {"kind=plan&name=C:a.pdf", PDF},
        {"kind=plan&name=.htaccess", PDF},
        {"kind=plan&name=a.pdf.", PDF},
        {"kind=plan&name=-rf", PDF},
        {"kind=plan&name=a%E2%80%AEfdp.exe", PDF}, /* reads backwards */
        {"kind=plan&name=a%0Ab", PDF},
        {"kind=plan&name=a.pdf%00.png", PDF},
        {"kind=plan&name=%00", PDF},
        {"kind=plan&name=", PDF},
        {"kind=plan", PDF},
        {"name=a.pdf", PDF},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (status(rows[i].query, rows[i].content) != 400)
            fail_msg("taken: %s", rows[i].query);
}

static void types_are_told_from_octets(void **state)
{
    static const struct {
        struct bytes content;
        const char *type;
    } rows[] = {
        {BYTES_LITERAL(PNG), "png"},
        {BYTES_LITERAL(JPEG), "jpeg"},
        {BYTES_LITERAL(PDF), "pdf"},
        {BYTES_LITERAL(""), NULL},
        {BYTES_LITERAL("PK\3\4"), NULL},
        {BYTES_LITERAL("\x89PNG\r\n\x1a\n"), NULL}, /* has no end */
        {BYTES_LITERAL(JPEG "x"), NULL},
        {BYTES_LITERAL("x" PDF), NULL},
        /* an archive behind a document: its end record ends the file */
        {BYTES_LITERAL("%PDF-1.7 %%EOF" ZIP_END "\0\0"), NULL},
        {BYTES_LITERAL("%PDF-1.7" ZIP_END "\6\0%%EOF\n"), NULL},
        /* more behind it, which many programs let pass; of an archive whose numbers are elsewhere
         */
        {BYTES_LITERAL("\xff\xd8\xff" ZIP_END "\0\0 more \xff\xd9"), NULL},
        {BYTES_LITERAL("\xff\xd8\xffPK\5\6\xff\xff\xff\xff" ZIP_COUNTS "\0\0 more \xff\xd9"), NULL},
        /* archives that are opened wherever they begin */
        {BYTES_LITERAL("%PDF-1.7 Rar!\x1a\x07\1\0 %%EOF"), NULL},
        {BYTES_LITERAL("\xff\xd8\xff 7z\xbc\xaf\x27\x1c \xff\xd9"), NULL},
        /* pictures in which these four octets happen to be: numbers of no archive, or no room */
        {BYTES_LITERAL("\xff\xd8\xffPK\5\6\1\2\3\4" ZIP_COUNTS "\0\0 more \xff\xd9"), "jpeg"},
        {BYTES_LITERAL("\xff\xd8\xff" ZIP_END "\xff\xff more \xff\xd9"), "jpeg"},
        {BYTES_LITERAL("\xff\xd8\xffPK\5\6\0\0\0\0\xff\xd9"), "jpeg"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *type = attachment_type(rows[i].content);

        if (rows[i].type == NULL ? type != NULL : type == NULL || strcmp(type, rows[i].type) != 0)
            fail_msg("row %zu: %s", i, type == NULL ? "nothing" : type);
    }
}

static int add(const char *kind, const char *name, struct bytes content)
{
    struct attachment attachment = {.digest = BUF_INIT, .type = "png"};
    int64_t number;

    (void)snprintf(attachment.kind, sizeof attachment.kind, "%s", kind);
    (void)snprintf(attachment.name, sizeof attachment.name, "%s", name);
    return application_attach(db(), &draft, &attachment, content, &number, NULL);
}

static void there_are_so_many(void **state)
{
    const char *const kinds[] = {"photo", "b", "c", "d"};

    (void)state;
    assert_int_equal(status("kind=plan&name=a.pdf", PDF), 201);
    assert_int_equal(status("kind=plan&name=b.pdf", PDF), 400); /* one of that kind */
    for (int i = 0; i < APPLICATION_FILES_MAX - 1; i++)
        assert_int_equal(add(kinds[i / FORM_EACH_MAX], "a.png", BYTES_LITERAL(PNG)), 0);
    assert_int_equal(add("d", "a.png", BYTES_LITERAL(PNG)), -ERR_INPUT);
    assert_int_equal(application_detach(db(), &draft, 1, NULL), 0);
    assert_int_equal(application_detach(db(), &draft, 1, NULL), -ERR_ABSENT);
    assert_int_equal(add("d", "a.png", BYTES_LITERAL(PNG)), 0);
}

static void names_have_a_length(void **state)
{
    char name[APPLICATION_FILE_NAME_MAX + 2];

    (void)state;
    memset(name, 'n', sizeof name);
    name[APPLICATION_FILE_NAME_MAX + 1] = '\0';
    assert_int_equal(attachment_check_name(name, NULL), -ERR_INPUT);
    name[APPLICATION_FILE_NAME_MAX] = '\0';
    assert_int_equal(attachment_check_name(name, NULL), 0);
}

static void files_have_a_size(void **state)
{
    char *content = malloc(APPLICATION_FILE_MAX + 2);
    static const char end[] = "%%EOF";

    (void)state;
    assert_non_null(content);
    memset(content, 'x', APPLICATION_FILE_MAX + 1);
    content[APPLICATION_FILE_MAX + 1] = '\0';
    memcpy(content, "%PDF-", 5);
    memcpy(content + APPLICATION_FILE_MAX + 2 - sizeof end, end, sizeof end);
    assert_int_equal(status("kind=plan&name=a.pdf", content), 413);
    memcpy(content + APPLICATION_FILE_MAX + 1 - sizeof end, end, sizeof end);
    assert_int_equal(status("kind=plan&name=a.pdf", content), 201);
    free(content);
}

static void what_was_submitted_stays_as_it_was(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    struct submission submission = {.id = draft.id, .owner = draft.owner};
    char receipt[APPLICATION_RECEIPT_SIZE];

    (void)state;
    assert_int_equal(add("photo", "a.png", BYTES_LITERAL(PNG)), 0);
    submission.revision = 1;
    assert_int_equal(application_submit(db(), &submission, &by, receipt, NULL), 0);
    assert_int_equal(add("photo", "b.png", BYTES_LITERAL(PNG)), -ERR_CONFLICT);
    assert_int_equal(application_detach(db(), &draft, 1, NULL), -ERR_CONFLICT);
}

/* What they take is counted by the day, whether they were submitted or not. */
static void those_without_a_login_are_limited_as_a_whole(void **state)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    (void)state;
    assert_int_equal(db_begin(db(), &txn, NULL), 0);
    assert_int_equal(
        db_execute(&txn,
                   "INSERT INTO application " APPLICATION_COLUMNS
                   " SELECT 'o', 'ticket:o', psid, municipality, name, form,"
                   " answers, 'submitted', 'r', 1, 0, 0, made_at, changed_at - ?, NULL, NULL"
                   " FROM application",
                   DB_WITH(DB_INT(APPLICATION_TICKET_SECONDS)), NULL),
        0);
    assert_int_equal(
        db_execute(&txn,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
                   " INSERT INTO application_file (application, number, kind, name, type, digest, "
                   "content) SELECT 'o', i, 'b', 'a', 'png', zeroblob(32), x''"
                   " FROM n",
                   DB_WITH(DB_INT(APPLICATION_TICKET_FILES_MAX - 1)), NULL),
        0);
    assert_int_equal(db_commit(&txn, NULL), 0);
    assert_int_equal(status("kind=plan&name=a.pdf", PDF), 201); /* the last one there is room for */
    CLEANUP(portal_answer_done) struct portal_answer full = attach("kind=photo&name=a.png", PNG);
    assert_int_equal(full.status, 503);
    assert_true(portal_has(&full, "without a login"));
    draft.changed_at++; /* a second later those are of yesterday */
    assert_int_equal(add("photo", "a.png", BYTES_LITERAL(PNG)), 0);
}

/* Nobody reads them any more. */
static void those_of_a_draft_go_with_it(void **state)
{
    const struct audit_origin by = audit_by_self(PORTAL_SITE_NOW);
    const struct application_move move = {
        .id = draft.id, .owner = draft.owner, .to = APPLICATION_WITHDRAWN, .note = ""};
    CLEANUP(buf_done) struct buf content = BUF_INIT;
    char type[8];

    (void)state;
    assert_int_equal(add("photo", "a.png", BYTES_LITERAL(PNG)), 0);
    assert_int_equal(application_read_file(db(), draft.id, 1, type, &content, NULL), 0);
    assert_int_equal(application_move(db(), &move, &by, NULL), 0);
    assert_int_equal(application_read_file(db(), draft.id, 1, type, &content, NULL), -ERR_ABSENT);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(what_bears_an_individual_number_is_refused),
        EACH(what_a_file_shows_has_to_be_said),
        EACH(a_file_comes_back_as_it_was_and_for_saving_only),
        EACH(what_is_no_such_file_is_refused),
        cmocka_unit_test(types_are_told_from_octets),
        EACH(there_are_so_many),
        cmocka_unit_test(names_have_a_length),
        EACH(files_have_a_size),
        EACH(what_was_submitted_stays_as_it_was),
        EACH(those_without_a_login_are_limited_as_a_whole),
        EACH(those_of_a_draft_go_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
