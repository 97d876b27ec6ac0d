/* SPDX-License-Identifier: Apache-2.0 */
#include "support/procedures.h"

#include "audit/tree.h"
#include "portal/procedure/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const migrations[] = {audit_schema_v1,      audit_tree_schema_v1,
                                         portal_procedures_v1, portal_procedures_v2,
                                         portal_procedures_v3, NULL};
static const struct db_schema schema = {"portal", migrations};

static struct json *no_contact, *short_form;

void procedures_open(struct procedures *procedures, const char *path)
{
    static const char form[] =
        "{\"needs_signature\":true,\"fields\":[{\"name\":\"name\",\"label\":\"氏名\","
        "\"type\":\"text\",\"is_required\":true,\"prefill\":\"name\"}]}";

    no_contact = json_object_new();
    assert_int_equal(json_parse(bytes_text(form), &short_form, NULL), 0);
    assert_int_equal(db_open(path, &schema, &procedures->db, NULL), 0);
}

void procedures_close(struct procedures *procedures)
{
    db_closep(&procedures->db);
    json_freep(&no_contact);
    json_freep(&short_form);
}

struct audit_origin procedures_by(void)
{
    return audit_by_self(PROCEDURES_NOW);
}

void procedures_add_municipality(struct procedures *procedures, const char *code, const char *name)
{
    const struct audit_origin by = procedures_by();
    struct municipality municipality = {.prefecture = "東京都"};

    (void)snprintf(municipality.code, sizeof municipality.code, "%s", code);
    (void)snprintf(municipality.name, sizeof municipality.name, "%s", name);
    assert_int_equal(municipality_add(procedures->db, &municipality, &by, NULL), 0);
}

int64_t procedures_put(struct procedures *procedures, const char *owner, const char *code,
                       const char *name, const char *summary, const char *more)
{
    CLEANUP(json_freep) struct json *content = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const struct audit_origin by = procedures_by();
    struct procedure_text one = {.owner = owner, .code = code, .place = 10};
    int64_t id = 0;

    assert_int_equal(buf_append_format(&text, NULL,
                                       "{\"category\":\"childcare\",\"events\":[\"birth\"],"
                                       "\"name\":\"%s\",\"summary\":\"%s\"%s}",
                                       name, summary, more),
                     0);
    assert_int_equal(json_parse(buf_bytes(&text), &content, NULL), 0);
    one.content = content;
    one.form = short_form;
    assert_int_equal(procedure_put_text(procedures->db, &one, &by, &id, NULL), 0);
    return id;
}

struct procedure_offering procedures_plain(const char *municipality, int64_t text)
{
    return (struct procedure_offering){.municipality = municipality,
                                       .text = text,
                                       .from = "",
                                       .until = "",
                                       .department = "子育て支援課",
                                       .contact = no_contact};
}

void procedures_offer(struct procedures *procedures, const struct procedure_offering *offering,
                      char ret_psid[PSID_SIZE])
{
    const struct audit_origin by = procedures_by();

    assert_int_equal(procedure_offer(procedures->db, offering, &by, ret_psid, NULL), 0);
}
