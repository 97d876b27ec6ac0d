/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases of before a migration, with what there was then, taken over by today's programs:
 * nothing is lost, nothing is made up, and what is new works with what is old.
 */
#include "audit/audit.h"
#include "audit/keeper.h"
#include "authapp/schema.h"
#include "authority/schema.h"
#include "db/db.h"
#include "exchange/holdings.h"
#include "platform/schema.h"
#include "portal/schema.h"
#include "register/schema.h"
#include "support/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MIGRATIONS_MAX = 64 };

#define TENANT                                                                                     \
    "INSERT INTO tenant (client_id, name, origin, key) VALUES ('bank', 'B', 'https://b', x'00');"  \
    "INSERT INTO tenant (client_id, name, origin, key) VALUES ('shop', 'S', 'https://s', x'01');"
#define HOLDER                                                                                     \
    "INSERT INTO holder VALUES (zeroblob(32), x'0a', x'0b');"                                      \
    "INSERT INTO verification (id, client_id, at, verdict) VALUES ('v', 'bank', 5, 'valid');"
#define SHOWN                                                                                      \
    "INSERT INTO tenant_holder VALUES ('bank', 'p', zeroblob(32), x'0a', x'0b', x'0c', x'0d', 7,"  \
    " NULL, NULL);"
#define CONSENT "INSERT INTO consent VALUES ('c', 'bank', 'p', 'accounts', 5, 10, 90, NULL, 1);"
#define QUESTION                                                                                   \
    "INSERT INTO latest_question VALUES ('q', 'bank', 'p', 'accounts', 5, x'0a', x'0b', x'0c',"    \
    " x'0d', 'r', 20, 0, NULL, NULL, 21);"                                                         \
    "INSERT INTO usage VALUES ('bank', '2026-11-26', 'latest', 3);"                                \
    "INSERT INTO notice VALUES ('bank', 3600);"

#define ISSUER "0123456789012345678901234567890123456789"
#define RESIDENT                                                                                   \
    "INSERT INTO resident (id, name, name_substitutes, address, address_substitutes, birth, sex,"  \
    " municipality, registered_at) VALUES ('r', 'N', '', 'A', '', '1990-04-15', 1, '13101', 5);"   \
    "INSERT INTO card (serial, resident, state, security_code, window_id, issued_at, expires_on,"  \
    " is_further) VALUES ('c', 'r', 'active', '1234', '131010001', 5, '2036-04-15', 0);"           \
    "INSERT INTO issue (request_id, card, kind, request, requested_at, not_after, certificate,"    \
    " ca_certificate) VALUES ('i', 'c', 'auth', x'01', 5, 9, x'02', x'03');"
#define ACCOUNT "INSERT INTO account VALUES ('a', 's', NULL, 5, 6);"
#define CLINIC                                                                                     \
    "INSERT INTO clinic VALUES ('1399999011', 'n', 'n', 5);"                                       \
    "INSERT INTO clinic_key VALUES ('k', '1399999011', 'n', 'terminal', zeroblob(32), 5, 0);"
#define EXCHANGED                                                                                  \
    "INSERT INTO exchange_person VALUES (1, 5);"                                                   \
    "INSERT INTO exchange_link VALUES (1, 'M13101', zeroblob(16));"                                \
    "INSERT INTO exchange_log (id, person, at, what, receiver, giver, duty, procedure, info,"      \
    " detail, is_hidden, audit) VALUES (1, 1, 5, 0, 'PORTAL', 'M13101', 'JM', 'JT', 'TM', '', 0, " \
    "1);"
#define ASKED                                                                                      \
    "INSERT INTO exchange_question VALUES (1, 1, 'PORTAL', 'old', 'M13101', 'TM', zeroblob(220),"  \
    " 3, 5, NULL, 5, 5, NULL), (2, 1, 'PORTAL', 'young', 'M13101', 'TM', zeroblob(220), 3, 6,"     \
    " NULL, 6, 6, NULL), (3, 1, 'PORTAL', 'free', 'M13101', 'TM', zeroblob(220), 3, 5, NULL, 5,"   \
    " 5, NULL);"                                                                                   \
    "INSERT INTO selfinfo_request VALUES ('one', 'a', 1, 2026, 5), ('two', 'a', 1, 2026, 5);"      \
    "INSERT INTO selfinfo_item VALUES ('one', 1, 'TM', 'M13101', 1), ('two', 1, 'TM', 'M13101',"   \
    " 1), ('two', 2, 'TM', 'M13101', 2);"
#define OFFERING                                                                                   \
    "INSERT INTO municipality VALUES ('13101', 'p', 'n', 5);"                                      \
    "INSERT INTO procedure_text VALUES (1, '', 'c', 1, 'other', 'n', '', 's', '{}', '', x'', x''," \
    " x'', 1, 5);"                                                                                 \
    "INSERT INTO procedure_offering VALUES ('131010000001', '13101', 1, 0, '', '', 0, 9, 'd',"     \
    " '{}', 1, 5);"

/* As it is now. */
#define OFFERED                                                                                    \
    "INSERT INTO municipality VALUES ('13101', 'p', 'n', 5);"                                      \
    "INSERT INTO procedure_text (id, owner, code, place, category, name, alias, summary,"          \
    " folded_name, folded_summary, version, updated_at)"                                           \
    " VALUES (1, '', 'c', 1, 'other', 'n', '', 's', x'', x'', 1, 5);"                              \
    "INSERT INTO procedure_offering (psid, municipality, text, is_online, period_from, "           \
    "period_until,"                                                                                \
    " open_from, open_until, department, contact, version, updated_at)"                            \
    " VALUES ('131010000001', '13101', 1, 0, '', '', 0, 9, 'd',"                                   \
    " '{}', 1, 5);"

#define APPLIED                                                                                    \
    "INSERT INTO application VALUES ('a', 'account:a', '131010000001', '13101', 'n', '{}', '[]',"  \
    " 'draft', NULL, 0, 2, 3, 4, 5);"

/* After there were proxies. */
#define APPLIED_BY                                                                                 \
    "INSERT INTO application VALUES ('a', 'account:a', '131010000001', '13101', 'n', '{}', '[]',"  \
    " 'draft', NULL, 0, 2, 3, 4, 5, NULL, NULL);"

#define PARTY                                                                                      \
    "INSERT INTO party VALUES ('p', 'P', 'platform', 1, 1, 1, 1, 1, NULL, NULL);"                  \
    "INSERT INTO provider VALUES ('p', 'bank', 'B', 'poll', 1, NULL);"                             \
    "INSERT INTO service VALUES ('p', 'bank', 'accounts', 'A', 1);"                                \
    "INSERT INTO consent VALUES ('c', x'01', 'p', 'bank', 'accounts', '" SUBJECT                   \
    "', 3, x'02', x'03', 5, 6, 7, NULL);"                                                          \
    "INSERT INTO consent_event VALUES ('p', 'bank', 1, 'c', 'given', 5);"
#define SUBJECT "0123456789abcdef0123456789abcdef"

/* The first migration that the database does not have, by words of it; what is there, and after. */
static const struct upgrade {
    const struct db_schema *schema;
    const char *marker, *before;
    const char *kept;    /* counts 1: all of it is as it was */
    const char *works;   /* can be written now */
    const char *refused; /* and this cannot */
} upgrades[] = {
    {&platform_schema, "CREATE TABLE tenant_holder", TENANT HOLDER,
     "SELECT count(*) FROM holder, verification, tenant WHERE holder.issuer = x'0a'"
     " AND verdict = 'valid' AND tenant.client_id = 'shop'"
     " AND NOT EXISTS (SELECT * FROM tenant_holder)",
     SHOWN,
     "INSERT INTO tenant_holder VALUES ('bank', 'q', x'01', x'0a', x'0b', NULL, NULL, NULL, NULL,"
     " NULL)"},
    {&platform_schema, "CREATE TABLE consent_poll", TENANT HOLDER SHOWN,
     "SELECT count(*) FROM tenant_holder WHERE client_id = 'bank' AND name = 'p' AND seen_at = 7"
     " AND newer_since IS NULL AND NOT EXISTS (SELECT * FROM consent)",
     CONSENT, "INSERT INTO consent VALUES ('d', 'shop', 'p', 'orders', 5, 10, 90, NULL, 1)"},
    {&platform_schema, "CREATE TABLE latest_question", TENANT HOLDER SHOWN CONSENT,
     "SELECT count(*) FROM consent WHERE id = 'c' AND attributes = 5 AND valid_until = 90"
     " AND withdrawn_at IS NULL AND told = 1",
     QUESTION,
     "INSERT INTO latest_question VALUES ('x', 'shop', 'p', 'accounts', 5, x'0a', x'0b', x'0c',"
     " x'0d', 'r', 20, 0, NULL, NULL, NULL)"},
    {&platform_schema, "CREATE TABLE event", TENANT HOLDER SHOWN CONSENT QUESTION,
     "SELECT count(*) FROM latest_question, usage, notice WHERE id = 'q' AND outcome IS NULL"
     " AND charged_at = 21 AND usage.count = 3 AND seconds = 3600"
     " AND NOT EXISTS (SELECT * FROM event)",
     "INSERT INTO event VALUES ('bank', 1, 'evt_1', 'consent.given', 30, '{}');"
     "INSERT INTO webhook VALUES ('w', 'bank', 'https://b/hook', 1, 0, 30, NULL);"
     "INSERT INTO delivery VALUES ('w', 'bank', 1, 'waiting', 0, 30, NULL);",
     "INSERT INTO delivery VALUES ('w', 'shop', 1, 'waiting', 0, 30, NULL)"},
    {&platform_schema, "CREATE TABLE tenant_environment", TENANT HOLDER SHOWN,
     "SELECT count(*) FROM tenant WHERE client_id = 'bank' AND environment = 0"
     " AND NOT EXISTS (SELECT * FROM tenant_environment)",
     "INSERT INTO tenant_environment VALUES ('shop', 'bank')",
     "INSERT INTO tenant_environment VALUES ('bank', 'bank')"},
    {&register_schema, "CREATE TABLE resident_code",
     "INSERT INTO resident (id, name, name_substitutes, address, address_substitutes, birth, sex,"
     " municipality, registered_at, subject) VALUES ('" SUBJECT "', 'A', '0', 'B', '0',"
     " '1990-04-15', 2, '13101', 5, '" SUBJECT "');"
     "INSERT INTO mynumber VALUES ('" SUBJECT "', CAST('123456789018' AS BLOB));",
     "SELECT count(*) FROM resident LEFT JOIN resident_code ON id = resident"
     " WHERE name = 'A' AND digits IS NULL",
     "INSERT INTO resident_code VALUES ('" SUBJECT "', CAST('24727059603' AS BLOB));",
     "INSERT INTO resident_code VALUES ('" SUBJECT "', CAST('24846016229' AS BLOB));"},
    {&platform_schema, "CREATE TABLE usage_day",
     TENANT "INSERT INTO verification (id, client_id, at, verdict) VALUES"
            " ('a', 'bank', 53999, 'valid'), ('b', 'bank', 54000, 'valid'),"
            " ('c', 'bank', 54001, 'valid'), ('d', 'shop', 54001, 'invalid');",
     "SELECT count(*) FROM (SELECT 1 FROM usage_day WHERE day = '1970-01-02' AND count = 2"
     " AND client_id = 'bank' AND verdict = 'valid' AND purpose = 'signature' AND method = '')"
     " JOIN usage_day AS other ON other.day = '1970-01-01' AND other.count = 1",
     "INSERT INTO usage_day VALUES ('bank', '1970-01-01', 'judgement', 'signature', 'valid', "
     "'lists', 1)",
     "INSERT INTO usage_day VALUES ('bank', '1970-01-01', 'judgement', 'signature', 'valid', '', "
     "1)"},
    {&register_schema, "CREATE TABLE auth_certificate", RESIDENT,
     "SELECT count(*) FROM issue WHERE request_id = 'i' AND certificate = x'02' AND is_indexed = 0"
     " AND NOT EXISTS (SELECT * FROM indexed_certificate)",
     "INSERT INTO indexed_certificate VALUES ('" ISSUER "', 7, 'i')",
     "INSERT INTO indexed_certificate VALUES ('" ISSUER "', 7, 'j')"},
    {&register_schema, "RENAME TO indexed_certificate",
     RESIDENT "INSERT INTO issue (request_id, card, kind, request, requested_at, not_after,"
              " certificate, ca_certificate, is_indexed)"
              " VALUES ('s', 'c', 'sign', x'01', 5, 9, x'02', x'03', 1);"
              "INSERT INTO auth_certificate VALUES ('" ISSUER "', 7, 'i');"
              "UPDATE issue SET is_indexed = 1;",
     "SELECT count(*) FROM issue AS s, issue AS a, indexed_certificate AS x"
     " WHERE s.request_id = 's' AND s.is_indexed = 0 AND a.request_id = 'i' AND a.is_indexed = 1"
     " AND x.request_id = 'i'",
     "INSERT INTO indexed_certificate VALUES ('" ISSUER "', 8, 's')",
     "INSERT INTO indexed_certificate VALUES ('" ISSUER "', 9, 's')"},
    {&portal_schema, "CREATE TABLE municipality", ACCOUNT,
     "SELECT count(*) FROM account WHERE id = 'a' AND sub = 's' AND used_at = 6"
     " AND NOT EXISTS (SELECT * FROM procedure_text)",
     OFFERED "INSERT INTO procedure_gram VALUES (7, 1);",
     "INSERT INTO procedure_offering (psid, municipality, text, is_online, period_from,"
     " period_until, open_from, open_until, department, contact, version, updated_at)"
     " VALUES ('131020000001', '13102', 1, 0, '', '', 0, 9, 'd', '{}', 1, 5)"},
    {&portal_schema, "CREATE TABLE gateway_client", ACCOUNT OFFERING,
     "SELECT count(*) FROM account, procedure_offering WHERE sub = 's' AND psid = '131010000001'"
     " AND NOT EXISTS (SELECT * FROM gateway_client)",
     "INSERT INTO gateway_client VALUES ('c', 'n', zeroblob(32), 20, 5)",
     "INSERT INTO gateway_client VALUES ('c', 'n', zeroblob(32), 20, 5)"},
    {&platform_schema, "verification ADD COLUMN record", TENANT HOLDER,
     "SELECT count(*) FROM verification WHERE id = 'v' AND verdict = 'valid' AND record IS NULL",
     "UPDATE verification SET record = 7",
     "INSERT INTO verification (id, client_id, at, verdict, record) VALUES ('v', 'bank', 5, "
     "'valid', 8)"},
    {&portal_schema, "CREATE TABLE exchange_person", ACCOUNT,
     "SELECT count(*) FROM account WHERE sub = 's' AND NOT EXISTS (SELECT * FROM exchange_log)",
     EXCHANGED, "INSERT INTO exchange_link VALUES (2, 'M13101', zeroblob(16))"},
    {&portal_schema, "CREATE TABLE selfinfo_request", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND NOT EXISTS (SELECT * FROM selfinfo_request)",
     "INSERT INTO selfinfo_request VALUES ('r', 'a', 1, 0, 5);"
     "INSERT INTO selfinfo_item VALUES ('r', 0, 'TM', 'M13101', NULL);",
     "INSERT INTO selfinfo_request VALUES ('s', 'nobody', 1, 0, 5)"},
    {&portal_schema, "CREATE TABLE municipality_key", ACCOUNT OFFERING,
     "SELECT count(*) FROM account, municipality WHERE sub = 's' AND municipality.code = '13101'"
     " AND NOT EXISTS (SELECT * FROM municipality_key)",
     "INSERT INTO municipality_key VALUES ('k', '13101', 'n', 'clerk', zeroblob(32), 5, 0)",
     "INSERT INTO municipality_key VALUES ('l', '13102', 'n', 'clerk', zeroblob(32), 5, 0)"},
    {&portal_schema, "CREATE TABLE application (", ACCOUNT OFFERING,
     "SELECT count(*) FROM account, municipality WHERE sub = 's' AND municipality.code = '13101'"
     " AND NOT EXISTS (SELECT * FROM application)",
     "INSERT INTO application VALUES ('a', 'account:a', '131010000001', '13101', 'n', '{}', '[]',"
     " 'submitted', '13101-20261126-000001', 1, 2, 3, 4, 5, NULL, NULL);"
     "INSERT INTO application_submission VALUES ('a', 1, 5, x'00', '');",
     "INSERT INTO application VALUES ('b', 'account:a', '131010000001', '13101', 'n', '{}', '[]',"
     " 'submitted', '13101-20261126-000001', 1, 2, 3, 4, 5, NULL, NULL)"},
    {&portal_schema, "exchange_log ADD COLUMN told", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND told = ''",
     "INSERT INTO exchange_log VALUES (2, 1, 6, 4, 'BANK', '', '', '', '', '', 0, 2, 'site|B|B');",
     "UPDATE exchange_log SET told = 'x'"},
    {&portal_schema, "CREATE TABLE exchange_removal", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM exchange_log WHERE receiver = 'PORTAL'"
     " AND NOT EXISTS (SELECT * FROM exchange_removal)",
     "INSERT INTO exchange_removal (at, before) VALUES (300000000, 6);"
     "INSERT INTO exchange_log VALUES (2, 1, 6, 0, 'PORTAL', '', '', '', '', '', 0, 2, '');"
     "DELETE FROM exchange_log WHERE at = 5;",
     "DELETE FROM exchange_log WHERE at = 6"},
    {&portal_schema, "CREATE TABLE mandate (", ACCOUNT OFFERING,
     "SELECT count(*) FROM account, municipality WHERE sub = 's' AND municipality.code = '13101'"
     " AND NOT EXISTS (SELECT * FROM mandate)",
     "INSERT INTO account VALUES ('b', 't', NULL, 5, 6);"
     "INSERT INTO mandate (id, kind, scopes, mandator, proxy, mandator_name, proxy_name,"
     " municipality, made_at, begun_at, ends_at) VALUES ('m', 'parent', 1, 'a', 'b', 'n', 'n',"
     " '13101', 5, 5, 9);"
     "INSERT INTO mandate_use VALUES ('m', 1, 6);",
     "INSERT INTO mandate (id, kind, scopes, mandator, proxy, mandator_name, proxy_name,"
     " municipality, made_at, begun_at, ends_at) VALUES ('m', 'parent', 1, 'a', 'b', 'n', 'n',"
     " '13101', 5, 5, 9)"},
    {&portal_schema, "CREATE TABLE mail_address", ACCOUNT OFFERING,
     "SELECT count(*) FROM account, procedure_offering WHERE sub = 's' AND psid = '131010000001'"
     " AND NOT EXISTS (SELECT * FROM notice) AND NOT EXISTS (SELECT * FROM mail_address)",
     "INSERT INTO notice VALUES (1, 'a', '', 'information.ready', '{}', '', 5, 9, 0, 0);"
     "INSERT INTO mail VALUES (1, 'a', 1, NULL, 'waiting', 0, 5, 5, '');",
     "INSERT INTO mail VALUES (2, 'a', 1, NULL, 'waiting', 0, 5, 5, '')"},
    {&portal_schema, "CREATE TABLE operator_client", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND NOT EXISTS (SELECT * FROM operator_consent)",
     "INSERT INTO operator_client VALUES ('c', 'approved', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL, NULL, NULL);"
     "INSERT INTO operator_consent VALUES ('k', 'c', 'a', 1, 'self-information', '13101', ' 1 ', 0,"
     " 5, 9, NULL, NULL, NULL);",
     "INSERT INTO operator_client VALUES ('d', 'applied', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL, NULL, NULL)"},
    {&portal_schema, "ALTER TABLE operator_client ADD COLUMN verdicts",
     "INSERT INTO operator_client VALUES ('c', 'approved', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5);",
     "SELECT count(*) FROM operator_client WHERE state = 'approved' AND verdicts IS NULL",
     "UPDATE operator_client SET verdicts = x'7b7d';",
     "INSERT INTO operator_client VALUES ('d', 'applied', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL, NULL, NULL)"},
    {&portal_schema, "ALTER TABLE operator_consent ADD COLUMN mandate",
     ACCOUNT
     "INSERT INTO operator_client VALUES ('c', 'approved', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL);"
     "INSERT INTO operator_consent VALUES ('k', 'c', 'a', 1, 'medical-insurance', '13101', ' 1 ', "
     "1,"
     " 5, 9, NULL, NULL);",
     "SELECT count(*) FROM operator_consent WHERE id = 'k' AND ends_at = 9 AND mandate IS NULL",
     "UPDATE operator_consent SET mandate = 'm';",
     "INSERT INTO operator_consent VALUES ('k', 'c', 'a', 1, 'medical-insurance', '13101', ' 1 ', "
     "1,"
     " 5, 9, NULL, NULL, 'm')"},
    {&portal_schema, "ALTER TABLE operator_client ADD COLUMN requester",
     "INSERT INTO operator_client VALUES ('c', 'applied', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 6, NULL);",
     "SELECT count(*) FROM operator_client WHERE confirmed_at = 5 AND requester IS NULL",
     "UPDATE operator_client SET requester = '192.0.2.7';",
     "INSERT INTO operator_client VALUES ('d', 'applied', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL, NULL, NULL)"},
    {&portal_schema, "CREATE TABLE application_signing", ACCOUNT OFFERING APPLIED,
     "SELECT count(*) FROM application WHERE id = 'a' AND state = 'draft' AND revision = 2"
     " AND NOT EXISTS (SELECT * FROM application_signing)",
     "INSERT INTO application_signing (application, id, address, code, expires_at)"
     " VALUES ('a', 'i', 'address', '123456', 9)",
     "INSERT INTO application_signing (application, id, address, code, expires_at)"
     " VALUES ('b', 'i', 'address', '123456', 9)"},
    {&portal_schema, "CREATE TABLE application_prepared", ACCOUNT OFFERED APPLIED_BY,
     "SELECT count(*) FROM application WHERE id = 'a' AND state = 'draft' AND revision = 2"
     " AND NOT EXISTS (SELECT * FROM application_prepared)",
     "INSERT INTO operator_client VALUES ('c', 'approved', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL, NULL, NULL);"
     "INSERT INTO application_prepared (application, client, client_name, client_name_en,"
     " told) VALUES ('a', 'c', 'n', 'n', 'draft')",
     "INSERT INTO application_prepared (application, client, client_name, client_name_en,"
     " told) VALUES ('b', 'c', 'n', 'n', 'draft')"},
    {&portal_schema, "ALTER TABLE application_prepared ADD COLUMN opened_at",
     ACCOUNT OFFERED APPLIED_BY
     "INSERT INTO operator_client VALUES ('c', 'approved', zeroblob(32), x'7b7d', zeroblob(32), '',"
     " 5, 5, NULL, NULL, NULL);"
     "INSERT INTO application_prepared VALUES ('a', 'c', 'n', 'n', 'draft')",
     "SELECT count(*) FROM application_prepared WHERE application = 'a' AND told = 'draft'"
     " AND opened_at = 0 AND taken_back_at IS NULL",
     "UPDATE application_prepared SET taken_back_at = 9",
     "INSERT INTO application_prepared (application, client, client_name, client_name_en,"
     " told) VALUES ('b', 'c', 'n', 'n', 'draft')"},
    {&portal_schema, "ALTER TABLE procedure_offering ADD COLUMN department_en",
     OFFERED "UPDATE procedure_offering SET department = '総合窓口'",
     "SELECT count(*) FROM procedure_offering WHERE department = '総合窓口'"
     " AND department_en = 'General counter'",
     "UPDATE procedure_offering SET department_en = ''",
     "INSERT INTO procedure_offering SELECT * FROM procedure_offering"},
    {&portal_schema, "CREATE TABLE application_reading", ACCOUNT OFFERING APPLIED_BY,
     "SELECT count(*) FROM application WHERE id = 'a' AND state = 'draft' AND revision = 2"
     " AND NOT EXISTS (SELECT * FROM application_reading)",
     "INSERT INTO application_reading VALUES ('a', 's', '123456', 0, '{}', 9, 'pending', '')",
     "INSERT INTO application_reading VALUES ('b', 's', '123456', 0, '{}', 9, 'pending', '')"},
    {&portal_schema, "CREATE TABLE clinic (", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND NOT EXISTS (SELECT * FROM eligibility_lookup)",
     "INSERT INTO clinic VALUES ('1399999011', 'n', 'n', 5);"
     "INSERT INTO clinic_key VALUES ('k', '1399999011', 'n', 'terminal', zeroblob(32), 5, 0, NULL);"
     "INSERT INTO eligibility_lookup VALUES"
     " (1, 'l', '1399999011', 'k', zeroblob(32), 9, 1, NULL, 5, 1, NULL, 0);"
     "INSERT INTO eligibility_consent VALUES ('c', 1, '1399999011', 1, 0, 5, 9, 0);"
     "INSERT INTO eligibility_reading VALUES ('r', 'c', 5);",
     "INSERT INTO eligibility_consent VALUES ('d', 1, '1399999011', 1, 0, 5, 9, 0)"},
    {&portal_schema, "CREATE TABLE kiosk_terminal", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND NOT EXISTS (SELECT * FROM kiosk_order)",
     "INSERT INTO kiosk_terminal VALUES ('K', 'n', zeroblob(32), 5, 0);"
     "INSERT INTO kiosk_order (id, terminal, nonce, made_at, state, payment, reference, document)"
     " VALUES ('o', 'K', zeroblob(32), 5, 'paid', 'p', '', x'');"
     "INSERT INTO kiosk_issued VALUES ('n', 'K', '13101', 'resident', 200, 5, zeroblob(32), 0);",
     "INSERT INTO kiosk_order (id, terminal, nonce, made_at, state, payment, reference, document)"
     " VALUES ('q', 'K', zeroblob(32), 5, 'paid', 'p', '', x'')"},
    {&register_schema, "CREATE INDEX resident_birth", RESIDENT, "SELECT count(*) FROM resident",
     "UPDATE resident SET birth = '1990-04-15'",
     "INSERT INTO mynumber VALUES ('nobody', zeroblob(12))"},
    {&portal_schema, "CREATE TABLE municipality_staff", ACCOUNT OFFERING,
     "SELECT count(*) FROM account, municipality WHERE sub = 's' AND municipality.code = '13101'"
     " AND NOT EXISTS (SELECT * FROM municipality_staff)",
     "INSERT INTO municipality_staff VALUES ('i', '13101', 'n', 'clerk', zeroblob(32), 9, 'a', 5,"
     " 0);"
     "INSERT INTO procedure_draft VALUES ('13101', 'c', 1, 'n', x'7b7d', 5, 'n', 0);",
     "INSERT INTO municipality_staff VALUES ('j', '13101', 'n', 'editor', zeroblob(32), 9, NULL, "
     "5, 0)"},
    {&portal_schema, "CREATE TABLE site_linkage (", ACCOUNT,
     "SELECT count(*) FROM account WHERE sub = 's' AND NOT EXISTS (SELECT * FROM site_linkage)",
     "INSERT INTO site_linkage VALUES ('a', 'tax', 'n', 5, NULL, NULL);"
     "INSERT INTO site_login VALUES ('i', zeroblob(32), 'a', 'tax', 'e', 'c', 'n', 5, 5, NULL,"
     " NULL);",
     "INSERT INTO site_linkage VALUES ('a', 'tax', 'm', 5, NULL, NULL)"},
    {&portal_schema, "CREATE TABLE gateway_outage", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND NOT EXISTS (SELECT * FROM gateway_outage)",
     "INSERT INTO gateway_outage VALUES (1, '*', 'outage', 't', 't', 5, NULL);",
     "INSERT INTO gateway_outage VALUES (1, '*', 'outage', 't', 't', 5, 6)"},
    {&portal_schema, "ALTER TABLE clinic_key ADD COLUMN certificate", CLINIC,
     "SELECT count(*) FROM clinic_key WHERE id = 'k' AND certificate IS NULL",
     "UPDATE clinic_key SET certificate = zeroblob(32);",
     "INSERT INTO clinic_key VALUES ('k', '1399999011', 'n', 'terminal', zeroblob(32), 5, 0, "
     "NULL)"},
    {&portal_schema, "ALTER TABLE application ADD COLUMN mandate", ACCOUNT OFFERING APPLIED,
     "SELECT count(*) FROM application WHERE id = 'a' AND state = 'draft' AND mandate IS NULL"
     " AND mandate_kind IS NULL",
     "UPDATE application SET mandate = 'm', mandate_kind = 'parent';",
     "INSERT INTO application SELECT * FROM application WHERE mandate = 'm'"},
    {&portal_schema, "ALTER TABLE application_signing ADD COLUMN opened",
     ACCOUNT OFFERING APPLIED_BY
     "INSERT INTO application_signing VALUES ('a', 'i', 'address', '123456', 9);",
     "SELECT count(*) FROM application_signing WHERE code = '123456' AND opened = 1",
     "UPDATE application_signing SET opened = opened + 1;",
     "INSERT INTO application_signing VALUES ('b', 'i', 'address', '123456', 9, 1)"},
    {&portal_schema, "CREATE INDEX exchange_question_age", ACCOUNT EXCHANGED ASKED,
     "SELECT count(*) FROM exchange_question WHERE key = 'old'",
     "INSERT INTO exchange_removal (at, before) VALUES (300000000, 6);"
     "DELETE FROM exchange_question WHERE key = 'free';",
     "DELETE FROM exchange_question WHERE key = 'young'"},
    {&portal_schema, "CREATE INDEX selfinfo_item_question", ACCOUNT EXCHANGED ASKED,
     "SELECT count(*) FROM selfinfo_item WHERE request = 'one'",
     "INSERT INTO exchange_removal (at, before) VALUES (300000000, 6);"
     "DELETE FROM exchange_question WHERE key = 'old';"
     "INSERT INTO selfinfo_request VALUES ('one', 'a', 1, 2026, 5);", /* it had no other item */
     "INSERT INTO selfinfo_request VALUES ('two', 'a', 1, 2026, 5)"},
    {&portal_schema, "ALTER TABLE kiosk_order ADD COLUMN local",
     "INSERT INTO kiosk_terminal VALUES ('K', 'n', zeroblob(32), 5, 0);"
     "INSERT INTO kiosk_order (id, terminal, nonce, made_at, state, payment, reference, document)"
     " VALUES ('o', 'K', zeroblob(32), 5, 'paid', 'p', '', x'');",
     "SELECT count(*) FROM kiosk_order WHERE id = 'o' AND payment = 'p' AND local IS NULL"
     " AND items = 0",
     "UPDATE kiosk_order SET local = zeroblob(16), items = 3",
     "INSERT INTO kiosk_order (id, terminal, nonce, made_at, state, payment, reference, document)"
     " VALUES ('q', 'K', zeroblob(32), 5, 'paid', 'p', '', x'')"},
    {&holdings_schema, "CREATE TABLE household",
     "INSERT INTO holding VALUES ('M13101', zeroblob(16), 'TM', x'7b7d');",
     "SELECT count(*) FROM holding WHERE NOT EXISTS (SELECT * FROM household)",
     "INSERT INTO household VALUES (1, 'M13101', 'o', 'M13101', '2014-05-05', '');"
     "INSERT INTO household_person VALUES (1, 0, 'M13101', zeroblob(16), 'head', 1, 0,"
     " '1990-04-15', '2020-01-01', 'n', 'f', 'm');"
     "INSERT INTO seal VALUES ('M13101', 1, zeroblob(16), '2020-01-01', 's', 0);",
     "INSERT INTO seal VALUES ('M13101', 2, zeroblob(16), '2020-01-01', 's', 0)"},
    {&holdings_schema, "CREATE TABLE relocation",
     "INSERT INTO household VALUES (1, 'M13101', 'o', 'M13101', '2014-05-05', '');",
     "SELECT count(*) FROM household WHERE NOT EXISTS (SELECT * FROM relocation)",
     "INSERT INTO relocation VALUES (1, 7);", "INSERT INTO relocation VALUES (1, 8)"},
    {&holdings_schema, "CREATE TABLE departure", "INSERT INTO relocation VALUES (1, 7);",
     "SELECT count(*) FROM relocation WHERE number = 7 AND NOT EXISTS (SELECT * FROM departure)",
     "INSERT INTO departure VALUES ('M13101', zeroblob(16), 'dead', '2026-11-20', 0);",
     "INSERT INTO departure VALUES ('M13101', zeroblob(16), 'abroad', '2026-11-21', 0)"},
    {&register_schema, "ALTER TABLE relocation",
     RESIDENT "INSERT INTO relocation (resident, left_municipality, left_address, municipality,"
              " since) SELECT id, '13101', 'a', '27100', '2026-11-20' FROM resident;",
     "SELECT count(*) FROM relocation WHERE standing = 'here'",
     "UPDATE relocation SET standing = 'dead';",
     "INSERT INTO relocation (resident, left_municipality, left_address, municipality, since,"
     " standing) VALUES ('nobody', '13101', 'a', '27100', '2026-11-20', 'here')"},
    {&register_schema, "CREATE TABLE relocation", RESIDENT,
     "SELECT count(*) FROM resident WHERE NOT EXISTS (SELECT * FROM relocation)",
     "INSERT INTO relocation (resident, left_municipality, left_address, municipality, since)"
     " SELECT id, '13101', 'a', '27100', '2026-11-20' FROM resident;",
     "INSERT INTO relocation (resident, left_municipality, left_address, municipality, since)"
     " VALUES ('nobody', '13101', 'a', '27100', '2026-11-20')"},
    {&portal_schema, "CREATE TABLE notice_sender (", ACCOUNT,
     "SELECT count(*) FROM account WHERE sub = 's' AND NOT EXISTS (SELECT * FROM notice_sent)"
     " AND NOT EXISTS (SELECT * FROM site_token)",
     "INSERT INTO notice_sender VALUES ('site.tax', 'n', 'n');"
     "INSERT INTO notice_sent VALUES ('i', 'site.tax', 'k', zeroblob(32), 'a', 1, 5, 9, NULL);"
     "INSERT INTO notice_sender_off VALUES ('a', 'site.tax', 5);"
     "INSERT INTO site_token VALUES (zeroblob(32), 'tax', 9);",
     "INSERT INTO notice_sent VALUES ('j', 'site.tax', 'k', zeroblob(32), 'a', 1, 5, 9, NULL)"},
    {&portal_schema, "CREATE TABLE procedure_body",
     OFFERING "INSERT INTO procedure_text VALUES (2, '', 'd', 1, 'other', 'n', '', 's', '{1}',"
              " '{2}', x'03', x'04', x'05', 1, 5);",
     "SELECT count(*) FROM procedure_text AS t JOIN procedure_body AS b ON b.text = t.id,"
     " procedure_offering AS o WHERE t.id = 2 AND content = '{1}' AND form = '{2}' AND has_form = 1"
     " AND folded_body = x'05' AND t.version = 1 AND psid = '131010000001'",
     "UPDATE procedure_text SET has_form = 0, folded_body = x'' WHERE id = 1;"
     "DELETE FROM procedure_text WHERE id = 2;",
     "INSERT INTO procedure_body VALUES (2, '{}', '')"},
    {&portal_schema, "CREATE TABLE exchange_log_by_person", ACCOUNT EXCHANGED,
     "SELECT count(*) FROM account, exchange_log WHERE sub = 's' AND receiver = 'PORTAL'"
     " AND person = 1 AND at = 5 AND audit = 1 AND told = ''",
     "INSERT INTO exchange_log VALUES (2, 1, 6, 4, 'BANK', '', '', '', '', '', 0, 2, 'site|B|B');",
     "DELETE FROM exchange_log WHERE id = 1"},
    {&authority_schema, "ALTER TABLE consent ADD COLUMN certificate", PARTY,
     "SELECT count(*) FROM consent JOIN consent_event ON consent = id WHERE id = 'c'"
     " AND document = x'02' AND signature = x'03' AND valid_until = 7 AND certificate IS NULL"
     " AND state = 'given'",
     "INSERT INTO consent SELECT 'd', x'09', party, provider, service, subject, attributes,"
     " document, signature, registered_at, valid_from, valid_until, withdrawn_at, x'04'"
     " FROM consent WHERE id = 'c';",
     "INSERT INTO consent SELECT 'e', x'09', party, provider, service, subject, attributes,"
     " document, signature, registered_at, valid_from, valid_until, withdrawn_at, x'04'"
     " FROM consent WHERE id = 'c'"},
};

static struct tempdir dir;
static char path[TEMPDIR_FILE_SIZE];

static int set_up(void **state)
{
    (void)state;
    dir = tempdir_make();
    (void)tempdir_file(&dir, "old.db", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tempdir_done(&dir);
    return 0;
}

/* One statement after the other, each to its ";". */
static int execute(struct db *db, const char *statements)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    TRY(db_begin(db, &txn, NULL));
    while (*statements != '\0') {
        CLEANUP(buf_done) struct buf one = BUF_INIT;
        size_t len = strcspn(statements, ";");
        const char *sql;

        TRY(buf_append(&one, bytes_of(statements, len), NULL));
        TRY(buf_text(&one, &sql, NULL));
        TRY(db_execute(&txn, sql, DB_NOTHING, NULL));
        statements += len + (statements[len] == ';');
    }
    return db_commit(&txn, NULL);
}

static int64_t number(struct db *db, const char *sql)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;
    CLEANUP(db_rows_done) struct db_rows rows = DB_ROWS_INIT;
    int64_t found = -1;

    assert_int_equal(db_begin_read(db, &txn, NULL), 0);
    assert_int_equal(db_query_one(&txn, sql, DB_NOTHING, &rows, NULL), 0);
    assert_int_equal(db_int(&rows, 0, &found, NULL), 0);
    return found;
}

static void make_old(const struct db_schema *schema, const char *marker, const char *sql)
{
    const char *migrations[MIGRATIONS_MAX] = {NULL};
    const struct db_schema old = {schema->name, migrations};
    CLEANUP(db_closep) struct db *db = NULL;

    for (size_t i = 0; strstr(schema->migrations[i], marker) == NULL; i++) {
        migrations[i] = schema->migrations[i];
        assert_non_null(schema->migrations[i + 1]);
    }
    assert_int_equal(db_open(path, &old, &db, NULL), 0);
    assert_int_equal(execute(db, sql), 0);
}

static void a_database_of_before_is_taken_over(void **state)
{
    const struct upgrade *upgrade = *state;
    CLEANUP(db_closep) struct db *db = NULL;

    make_old(upgrade->schema, upgrade->marker, upgrade->before);
    assert_int_equal(db_open(path, upgrade->schema, &db, NULL), 0);
    assert_int_equal(number(db, upgrade->kept), 1);
    assert_int_equal(execute(db, upgrade->works), 0);
    assert_int_equal(execute(db, upgrade->refused), -ERR_CONFLICT);
    assert_int_equal(number(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

/* A log of before checkpoints goes on as it was, and has none yet. */
static void logs_of_before_checkpoints_go_on(void **state)
{
    static const struct db_schema *const schemas[] = {&register_schema, &authority_schema,
                                                      &platform_schema, &authapp_schema};
    static const struct audit_act act = {"thing.done", "thing"};
    const struct audit_event event = {&act, BYTES_LITERAL("x"), NULL};
    const struct audit_origin by = audit_by_self(5);

    (void)state;
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        CLEANUP(db_closep) struct db *db = NULL;
        CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

        (void)snprintf(path, sizeof path, "%s/%s.db", dir.path, schemas[i]->name);
        make_old(schemas[i], "CREATE TABLE audit_checkpoint", "");
        assert_int_equal(db_open(path, schemas[i], &db, NULL), 0);
        assert_int_equal(number(db, "SELECT count(*) FROM audit_checkpoint"), 0);
        assert_int_equal(db_begin(db, &txn, NULL), 0);
        assert_int_equal(audit_append(&txn, &by, &event, NULL), 0);
        assert_int_equal(db_commit(&txn, NULL), 0);
        assert_int_equal(number(db, "SELECT max(seq) FROM audit"), 1);
        assert_int_equal(execute(db, "INSERT INTO audit_checkpoint VALUES (1, 5, x'00')"), 0);
        assert_int_not_equal(execute(db, "INSERT INTO audit_checkpoint VALUES (1, 6, x'01')"), 0);
    }
}

int main(void)
{
    enum { COUNT = sizeof upgrades / sizeof upgrades[0] };
    struct CMUnitTest tests[COUNT + 1];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){upgrades[i].marker, a_database_of_before_is_taken_over,
                                       set_up, tear_down, (void *)(uintptr_t)&upgrades[i]};
    tests[COUNT] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
        logs_of_before_checkpoints_go_on, set_up, tear_down);
    return cmocka_run_group_tests_name("upgrades", tests, NULL, NULL);
}
