/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the register keeps, in the register's own words. Each function is one transaction; what it
 * acknowledged is durable, and who did it (by) is in the audit log, in the same transaction. Any
 * thread may call. Implemented for SQLite (store_sqlite.c).
 *
 * Doing the same thing again with the same data succeeds and gives what is there, so a caller
 * that lost the answer may repeat its question.
 */
#pragma once

#include "audit/audit.h"
#include "register/mynumber.h"
#include "register/person.h"

struct register_store;

MUST_CHECK int register_store_open(const char *path, struct register_store **ret, struct err *err);
void register_store_close(struct register_store *store);
void register_store_closep(struct register_store **store);
/* For readiness probes. */
MUST_CHECK int register_store_ping(struct register_store *store, struct err *err);
/* The audit log behind a number, as audit_list (audit/audit.h). */
MUST_CHECK int register_list_audit(struct register_store *store, const char *since,
                                   struct json **ret, struct err *err);

/*
 * Add a resident, checked before (resident_check), under a new id, which is written to
 * resident->id. If the number is there already: with the same data its id and *ret_is_new false,
 * with other data ERR_CONFLICT.
 */
MUST_CHECK int register_add_resident(struct register_store *store, struct resident *resident,
                                     const struct mynumber *number, const struct audit_origin *by,
                                     bool *ret_is_new, struct err *err);
MUST_CHECK int register_get_resident(struct register_store *store, const char *id,
                                     struct resident *ret, struct err *err);
/*
 * Read an individual number. The use is recorded in the same transaction, so there is no reading
 * without a record; ERR_DENIED if it names no purpose or no actor.
 */
MUST_CHECK int register_read_mynumber(struct register_store *store, const char *resident,
                                      const struct mynumber_use *use, struct mynumber *ret,
                                      struct err *err);

/*
 * Assign a card from the stock to a resident. A card of that serial that is this resident's
 * already is read into *card and *ret_is_new is false. ERR_CONFLICT if the serial is another's
 * or the resident has another card and this is no further one; ERR_ABSENT if there is no such
 * resident.
 */
MUST_CHECK int register_add_card(struct register_store *store, struct card *card,
                                 const struct audit_origin *by, bool *ret_is_new, struct err *err);
MUST_CHECK int register_get_card(struct register_store *store, const char *serial, struct card *ret,
                                 struct err *err);
/* Hand the card over. ERR_CONFLICT before its certificates are there. */
MUST_CHECK int register_activate_card(struct register_store *store, const char *serial,
                                      const struct audit_origin *by, struct err *err);

enum cert_kind { CERT_SIGN, CERT_AUTH, CERT_KINDS_ };
/* "sign", "auth": also what the authority calls them. */
const char *cert_kind_name(enum cert_kind kind);

/* A request for a certificate: kept before the authority is asked, so that it can be asked again.
 */
struct issue {
    char request_id[RESIDENT_ID_LEN + 1];
    char card[CARD_SERIAL_MAX + 1];
    enum cert_kind kind;
    struct buf request; /* PKCS#10 */
    int64_t not_after;
    struct buf certificate, ca_certificate; /* empty until issued */
};

void issue_done(struct issue *issue);

/*
 * Keep a request under a new request_id before asking for the certificate. If the card has a
 * request of that kind already: with the same PKCS#10 it is read into *issue, whatever its
 * state; with another one ERR_CONFLICT.
 */
MUST_CHECK int register_begin_issue(struct register_store *store, struct issue *issue,
                                    const struct audit_origin *by, struct err *err);
/* Keep the answer; one that is kept already stays. */
MUST_CHECK int register_finish_issue(struct register_store *store, const struct issue *issue,
                                     const struct audit_origin *by, struct err *err);
/* Forget a request the authority refused for good, so that the card can be tried with another. */
MUST_CHECK int register_drop_issue(struct register_store *store, const struct issue *issue,
                                   const struct audit_origin *by, struct err *err);
/* All certificates of the card that were asked for are there: stock becomes issued. */
MUST_CHECK int register_mark_issued(struct register_store *store, const char *serial,
                                    struct err *err);

/* Somebody moves: the resident as it will be, checked before (resident_check). */
struct move {
    const char *request_id;
    struct resident resident;
};

/*
 * Record the new address. Where the resident's sign certificate says the old one, it no longer
 * counts, and an order to revoke it is kept in the same transaction; the same for further cards.
 * The same move under the same id once more changes nothing and *ret_is_new is false. ERR_CONFLICT
 * if the id was another move's, if the resident lives there already, or while a sign certificate is
 * being issued.
 */
MUST_CHECK int register_move(struct register_store *store, const struct move *move,
                             const struct audit_origin *by, bool *ret_is_new, struct err *err);

enum revocation_state {
    REVOCATION_NONE, /* there was nothing to revoke */
    REVOCATION_PENDING,
    REVOCATION_DONE,
    REVOCATION_REFUSED, /* by the authority, for good */
    REVOCATIONS_
};

/* "none", "pending", "done", "refused" */
const char *revocation_state_name(enum revocation_state state);
/* What became of the revocation that a move ordered; of several, of the one that is behind. */
MUST_CHECK int register_get_revocation_state(struct register_store *store, const char *move,
                                             enum revocation_state *ret, struct err *err);

enum { REVOCATION_REASON_SIZE = 32 };

/* An order to revoke a certificate, for the authority. */
struct revocation_order {
    int64_t id;
    char request_id[RESIDENT_ID_LEN + 1];
    char move[MOVE_ID_MAX + 1]; /* whose consequence it is */
    char kind[8];
    uint32_t serial;
    char reason[REVOCATION_REASON_SIZE];
};

/* The first pending order above an id; ERR_ABSENT if there is none. */
MUST_CHECK int register_next_revocation(struct register_store *store, int64_t above,
                                        struct revocation_order *ret, struct err *err);
/* Keep how an order ended; one that has ended stays as it is. */
MUST_CHECK int register_settle_revocation(struct register_store *store,
                                          const struct revocation_order *order,
                                          enum revocation_state state,
                                          const struct audit_origin *by, struct err *err);
/* ERR_INPUT unless the card has an auth certificate and lost its sign certificate by a move. */
MUST_CHECK int register_check_replaceable(struct register_store *store, const char *card,
                                          struct err *err);
