/* SPDX-License-Identifier: Apache-2.0 */
#include "support/exchange_site.h"

#include "audit/audit.h"
#include "audit/tree.h"
#include "exchange/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const migrations[] = {
    audit_schema_v1,       audit_tree_schema_v1,  exchange_schema_v1, exchange_notes_v1,
    exchange_retention_v1, exchange_retention_v2, exchange_log_v2,    NULL};
static const struct db_schema schema = {"exchange", migrations};

void exchange_site_open(struct exchange_site *site)
{
    struct err err = {0};

    memset(site, 0, sizeof *site);
    site->dir = tempdir_make();
    site->clock = clock_fixed(EXCHANGE_SITE_NOW);
    site->by = audit_by_role(EXCHANGE_SITE_NOW, "body", "PORTAL", NULL);
    assert_int_equal(tables_load(EXCHANGE_DATA, &site->tables, NULL), 0);
    assert_int_equal(hours_load(EXCHANGE_DATA, &site->hours, NULL), 0);
    site->x = (struct exchange){
        .tables = site->tables,
        .hours = site->hours,
        .clock = &site->clock,
        .capacity = 5,
        .rate = 8,
        .rate_seconds = 60,
        .answer_seconds = 3600,
        .keep_seconds = 86400,
        .retry_seconds = 10,
    };
    if (db_open(tempdir_file(&site->dir, "x.db", site->path), &schema, &site->x.db, &err) < 0)
        fail_msg("%s", err.text);
}

void exchange_site_close(struct exchange_site *site)
{
    db_closep(&site->x.db);
    tables_freep(&site->tables);
    hours_freep(&site->hours);
    tempdir_done(&site->dir);
}

void exchange_site_reopen(struct exchange_site *site)
{
    db_closep(&site->x.db);
    assert_int_equal(db_open(site->path, &schema, &site->x.db, NULL), 0);
}

int64_t exchange_site_person(struct exchange_site *site, uint8_t byte, const char *body)
{
    struct exchange_link link = {.body = body};
    int64_t person = 0;

    memset(link.portal.value, byte, sizeof link.portal.value);
    link.code = link.portal;
    assert_int_equal(exchange_link(&site->x, &link, &site->by, &person, NULL), 0);
    return person;
}

struct exchange_question exchange_site_question(int64_t person, const char *key)
{
    return (struct exchange_question){
        .person = person,
        .asker = "PORTAL",
        .provider = "M13101",
        .duty = "JM99000000000001",
        .procedure = "JT99000000000001",
        .info = "TM00000000000002",
        .department = "portal",
        .user = "person",
        .key = key,
    };
}
