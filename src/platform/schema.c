/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/schema.h"

#include "audit/audit.h"
#include "audit/keeper.h"
#include "audit/tree.h"

static const char version_1[] =
    "CREATE TABLE wrapped (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;"

    "CREATE TABLE tenant ("
    " client_id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " key BLOB NOT NULL UNIQUE) STRICT;"

    /* id is random, so that nothing derived from it says anything about a certificate. */
    "CREATE TABLE holder ("
    " id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 32),"
    " issuer BLOB NOT NULL,"
    " serial BLOB NOT NULL,"
    " UNIQUE (issuer, serial)) STRICT;"

    "CREATE TABLE login ("
    " session TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " expires_at INTEGER NOT NULL,"
    " secret BLOB NOT NULL,"
    " code TEXT NOT NULL,"
    " wrong_codes INTEGER NOT NULL,"
    " holder BLOB REFERENCES holder (id)) STRICT;"

    "CREATE INDEX login_expiry ON login (expires_at);"

    "CREATE TABLE verification ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " at INTEGER NOT NULL,"
    " verdict TEXT NOT NULL) STRICT;";

/* Refused answers of a login, as far as they are in the audit log. */
static const char version_3[] = "ALTER TABLE login ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;";

/* Certificates that somebody was given after the one by which he is known here first. */
static const char holder_links_v1[] = "CREATE TABLE holder_link ("
                                      " issuer BLOB NOT NULL,"
                                      " serial BLOB NOT NULL,"
                                      " holder BLOB NOT NULL REFERENCES holder (id),"
                                      " PRIMARY KEY (issuer, serial)) STRICT, WITHOUT ROWID;";

/* What tenants had people sign, as long as it would count again. */
static const char authentication_v1[] =
    "CREATE TABLE authentication_spent ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " session TEXT NOT NULL,"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " expires_at INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, session, nonce)) STRICT, WITHOUT ROWID;"

    "CREATE INDEX authentication_spent_expiry ON authentication_spent (expires_at);";

/* What was told of a verification, and requests that are answered once whatever happens. */
static const char verifications_v2[] =
    "ALTER TABLE verification ADD COLUMN purpose TEXT NOT NULL DEFAULT 'signature';"
    "ALTER TABLE verification ADD COLUMN reasons TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE verification ADD COLUMN alg INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE verification ADD COLUMN digest BLOB NOT NULL DEFAULT x'';"

    "CREATE INDEX verification_page ON verification (client_id, at, id);"

    "CREATE TABLE verification_once ("
    " client_id TEXT NOT NULL,"
    " key TEXT NOT NULL,"
    " fingerprint BLOB NOT NULL,"
    " verification TEXT NOT NULL REFERENCES verification (id) ON DELETE CASCADE,"
    " at INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, key)) STRICT, WITHOUT ROWID;"

    "CREATE INDEX verification_once_age ON verification_once (at);"
    "CREATE INDEX verification_once_of ON verification_once (verification);";

/* Several keys of a tenant, what it may use, and what it used. */
static const char tenants_v2[] =
    "ALTER TABLE tenant ADD COLUMN environment INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tenant ADD COLUMN rate INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tenant ADD COLUMN quota INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tenant ADD COLUMN sources TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE tenant_key ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " name TEXT NOT NULL,"
    " role INTEGER NOT NULL,"
    " hash BLOB NOT NULL UNIQUE,"
    " made_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL) STRICT;"

    "CREATE INDEX tenant_key_of ON tenant_key (client_id);"

    "INSERT INTO tenant_key SELECT lower(hex(randomblob(11))), client_id, 'first', 0, key, 0, 0, "
    "0, 0"
    " FROM tenant;"
    "UPDATE tenant SET key = randomblob(16);"

    "CREATE TABLE tenant_usage ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " month TEXT NOT NULL,"
    " count INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, month)) STRICT, WITHOUT ROWID;";
/*
 * Whom each tenant was shown, and the number of the sign certificate that its attributes came
 * from; seen_at is when the platform saw that one end, newer_since what the tenant was told.
 */
static const char tenant_holders_v1[] =
    "CREATE TABLE tenant_holder ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " name TEXT NOT NULL,"
    " holder BLOB NOT NULL REFERENCES holder (id),"
    " issuer BLOB, serial BLOB, point BLOB, ocsp_url BLOB,"
    " seen_at INTEGER,"
    " newer_since INTEGER,"
    " ended_at INTEGER,"
    " PRIMARY KEY (client_id, name),"
    " UNIQUE (client_id, holder)) STRICT;"
    "CREATE INDEX tenant_holder_number ON tenant_holder (issuer, serial);";

/* Consents to tenants' services: not the documents, which the authority has. told: see its store.
 */
static const char tenant_consents_v1[] =
    "CREATE TABLE consent ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " service TEXT NOT NULL,"
    " attributes INTEGER NOT NULL,"
    " valid_from INTEGER NOT NULL,"
    " valid_until INTEGER NOT NULL,"
    " withdrawn_at INTEGER,"
    " told INTEGER NOT NULL,"
    " FOREIGN KEY (client_id, name) REFERENCES tenant_holder (client_id, name)) STRICT;"
    "CREATE INDEX consent_holder ON consent (client_id, name, service);"
    "CREATE INDEX consent_end ON consent (told, valid_until) WHERE withdrawn_at IS NULL;"

    "CREATE TABLE consent_poll ("
    " client_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant (client_id),"
    " polling_id TEXT NOT NULL,"
    " since INTEGER NOT NULL) STRICT;";

/*
 * Questions for the latest attributes and what came of them, never an attribute; what the
 * authority bills for it by tenant; the interval agreed with a tenant.
 */
static const char latest_v1[] =
    "CREATE TABLE latest_question ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " service TEXT NOT NULL,"
    " asked INTEGER NOT NULL,"
    " issuer BLOB NOT NULL, serial BLOB NOT NULL, point BLOB NOT NULL, ocsp_url BLOB NOT NULL,"
    " request TEXT,"
    " at INTEGER NOT NULL,"
    " told INTEGER NOT NULL,"
    " outcome TEXT,"
    " given INTEGER,"
    " charged_at INTEGER,"
    " UNIQUE (client_id, request),"
    " FOREIGN KEY (client_id, name) REFERENCES tenant_holder (client_id, name)) STRICT;"
    "CREATE INDEX latest_question_open ON latest_question (at) WHERE outcome IS NULL;"
    "CREATE INDEX latest_question_holder ON latest_question (client_id, name);"

    "CREATE TABLE usage ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " day TEXT NOT NULL,"
    " item TEXT NOT NULL,"
    " count INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, day, item)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE notice ("
    " client_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant (client_id),"
    " seconds INTEGER NOT NULL CHECK (seconds > 0)) STRICT;";

/* What tenants are told of without asking, and where to: the outbox. */
static const char events_v1[] =
    "CREATE TABLE event ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " number INTEGER NOT NULL,"
    " id TEXT NOT NULL UNIQUE,"
    " type TEXT NOT NULL,"
    " at INTEGER NOT NULL,"
    " body TEXT NOT NULL,"
    " PRIMARY KEY (client_id, number)) STRICT;"

    "CREATE TABLE webhook ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " url TEXT NOT NULL,"
    " generation INTEGER NOT NULL,"
    " before_until INTEGER NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " ended_at INTEGER) STRICT;"
    "CREATE INDEX webhook_tenant ON webhook (client_id);"

    "CREATE TABLE delivery ("
    " webhook TEXT NOT NULL REFERENCES webhook (id),"
    " client_id TEXT NOT NULL,"
    " number INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),"
    " tries INTEGER NOT NULL,"
    " due_at INTEGER NOT NULL,"
    " why TEXT,"
    " PRIMARY KEY (webhook, number),"
    " FOREIGN KEY (client_id, number) REFERENCES event (client_id, number)) STRICT;"
    "CREATE INDEX delivery_due ON delivery (client_id, due_at) WHERE state = 'waiting';";

/*
 * People who act for a tenant or, without one, for the operator; their sessions. Their logins are
 * at no tenant, so a login need not have one any more.
 */
static const char members_v1[] =
    "CREATE TABLE login_v2 ("
    " session TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT REFERENCES tenant (client_id),"
    " nonce BLOB NOT NULL CHECK (length(nonce) = 32),"
    " expires_at INTEGER NOT NULL,"
    " secret BLOB NOT NULL,"
    " code TEXT NOT NULL,"
    " wrong_codes INTEGER NOT NULL,"
    " holder BLOB REFERENCES holder (id),"
    " refusals INTEGER NOT NULL,"
    " invitation BLOB) STRICT;"
    "INSERT INTO login_v2 SELECT session, client_id, nonce, expires_at, secret, code, wrong_codes,"
    " holder, refusals, NULL FROM login;"
    "DROP TABLE login;"
    "ALTER TABLE login_v2 RENAME TO login;"
    "CREATE INDEX login_expiry ON login (expires_at);"

    "CREATE TABLE member ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " client_id TEXT REFERENCES tenant (client_id),"
    " name TEXT NOT NULL,"
    " role INTEGER NOT NULL,"
    " invitation BLOB UNIQUE,"
    " invited_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL,"
    " holder BLOB REFERENCES holder (id),"
    " bound_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL,"
    " removed_at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX member_of ON member (client_id);"
    "CREATE UNIQUE INDEX member_person ON member (holder, coalesce(client_id, ''))"
    " WHERE removed_at = 0 AND holder IS NOT NULL;"

    "CREATE TABLE session ("
    " token BLOB NOT NULL PRIMARY KEY,"
    " member TEXT NOT NULL REFERENCES member (id),"
    " csrf TEXT NOT NULL,"
    " made_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX session_of ON session (member, made_at);";

/* Keys of the operator, beside the users of its machine. */
static const char operator_keys_v1[] = "CREATE TABLE operator_key ("
                                       " id TEXT NOT NULL PRIMARY KEY,"
                                       " name TEXT NOT NULL,"
                                       " hash BLOB NOT NULL UNIQUE,"
                                       " made_at INTEGER NOT NULL,"
                                       " expires_at INTEGER NOT NULL,"
                                       " revoked_at INTEGER NOT NULL) STRICT;";

/* Documents that tenants may have verified whole, which are verifiers themselves. */
static const char documents_v1[] =
    "ALTER TABLE verification ADD COLUMN kind TEXT NOT NULL DEFAULT 'signature';"

    "CREATE TABLE verification_signature ("
    " verification TEXT NOT NULL REFERENCES verification (id) ON DELETE CASCADE,"
    " place INTEGER NOT NULL,"
    " verdict TEXT NOT NULL,"
    " reasons TEXT NOT NULL,"
    " covers TEXT NOT NULL,"
    " PRIMARY KEY (verification, place)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE tenant_verifier ("
    " client_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant (client_id),"
    " since INTEGER NOT NULL) STRICT;";

/* Public keys that reports were signed with: a report outlives its key. */
static const char reports_v1[] = "CREATE TABLE report_key ("
                                 " kid TEXT NOT NULL PRIMARY KEY,"
                                 " jwk TEXT NOT NULL,"
                                 " since INTEGER NOT NULL) STRICT;";

/* How each tenant came to be one that may be verified for, step by step. */
static const char onboarding_v1[] = "CREATE TABLE tenant_step ("
                                    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
                                    " number INTEGER NOT NULL,"
                                    " step INTEGER NOT NULL,"
                                    " at INTEGER NOT NULL,"
                                    " reference TEXT,"
                                    " PRIMARY KEY (client_id, number)) STRICT;";

/* What tenants used by days (usage/store.h). How revocation was looked up before is not known. */
static const char usage_days_v1[] =
    "CREATE TABLE usage_day ("
    " client_id TEXT NOT NULL REFERENCES tenant (client_id),"
    " day TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " purpose TEXT NOT NULL,"
    " verdict TEXT NOT NULL,"
    " method TEXT NOT NULL,"
    " count INTEGER NOT NULL,"
    " PRIMARY KEY (client_id, day, kind, purpose, verdict, method)) STRICT, WITHOUT ROWID;"

    "INSERT INTO usage_day SELECT client_id, date(at + 32400, 'unixepoch'), 'judgement', purpose,"
    " verdict, '', count(*) FROM verification GROUP BY 1, 2, 4, 5;";

/* Whose test environment a tenant is, each provider's one. */
static const char environments_v1[] =
    "CREATE TABLE tenant_environment ("
    " client_id TEXT PRIMARY KEY NOT NULL REFERENCES tenant (client_id),"
    " live TEXT NOT NULL UNIQUE REFERENCES tenant (client_id)) STRICT;";

/* The number of the record of its judging, for those that are made from here on. */
static const char verification_records_v1[] = "ALTER TABLE verification ADD COLUMN record INTEGER;";

static const char *const migrations[] = {version_1,
                                         audit_schema_v1,
                                         version_3,
                                         audit_tree_schema_v1,
                                         holder_links_v1,
                                         authentication_v1,
                                         verifications_v2,
                                         tenants_v2,
                                         tenant_holders_v1,
                                         tenant_consents_v1,
                                         latest_v1,
                                         events_v1,
                                         members_v1,
                                         operator_keys_v1,
                                         documents_v1,
                                         reports_v1,
                                         onboarding_v1,
                                         audit_checkpoint_schema_v1,
                                         usage_days_v1,
                                         environments_v1,
                                         verification_records_v1,
                                         NULL};

const struct db_schema platform_schema = {"platform", migrations};
