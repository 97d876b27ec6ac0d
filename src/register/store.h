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
#include "audit/tree.h"
#include "register/lifecycle.h"
#include "register/resident_code.h"

struct db;
struct register_store;

MUST_CHECK int register_store_open(const char *path, struct register_store **ret, struct err *err);
void register_store_close(struct register_store *store);
void register_store_closep(struct register_store **store);
/* For readiness probes. */
MUST_CHECK int register_store_ping(struct register_store *store, struct err *err);
/* For its audit log (audit/words.h), and who makes checkpoints of that (audit/keeper.h). */
struct db *register_store_db(struct register_store *store);

/* By which residents are told apart. */
struct resident_numbers {
    struct mynumber number;
    struct resident_code code; /* may be none */
};

#define RESIDENT_NUMBERS_INIT                                                                      \
    {                                                                                              \
        MYNUMBER_INIT, RESIDENT_CODE_INIT                                                          \
    }

void resident_numbers_done(struct resident_numbers *numbers);
/*
 * Add a resident, checked before (resident_check), under a new id, which is written to
 * resident->id. If the number is there already: with the same data its id and *ret_is_new false,
 * with other data ERR_CONFLICT. So it is if the resident code is another resident's.
 */
MUST_CHECK int register_add_resident(struct register_store *store, struct resident *resident,
                                     const struct resident_numbers *numbers,
                                     const struct audit_origin *by, bool *ret_is_new,
                                     struct err *err);
MUST_CHECK int register_get_resident(struct register_store *store, const char *id,
                                     struct resident *ret, struct err *err);
/*
 * Read an individual number. The use is recorded in the same transaction, so there is no reading
 * without a record; ERR_DENIED if it is not lawful (mynumber_use_check), which is recorded, too.
 */
MUST_CHECK int register_read_mynumber(struct register_store *store, const char *resident,
                                      const struct mynumber_use *use, struct mynumber *ret,
                                      struct err *err);

/*
 * Assign a card from the stock to a resident. A card of that serial that is this resident's
 * already is read into *card and *ret_is_new is false. ERR_CONFLICT if the serial is another's
 * or the resident has another card and this is no further one; but one that counts may be followed
 * by it (may_follow), and gives way when it is handed over. ERR_ABSENT if there is no such
 * resident.
 */
MUST_CHECK int register_add_card(struct register_store *store, struct card *card, bool may_follow,
                                 const struct audit_origin *by, bool *ret_is_new, struct err *err);
/* The one card of a resident that counts, active or suspended; ERR_ABSENT if there is none. */
MUST_CHECK int register_get_own_card(struct register_store *store, const char *resident,
                                     struct card *ret, struct err *err);
MUST_CHECK int register_get_card(struct register_store *store, const char *serial, struct card *ret,
                                 struct err *err);
/* Hand the card over. ERR_CONFLICT before its certificates are there. */
MUST_CHECK int register_activate_card(struct register_store *store, const char *serial,
                                      const struct audit_origin *by, struct err *err);

/* A request for a certificate: kept before the authority is asked, so that it can be asked again.
 */
struct issue {
    bool is_next; /* takes the place of the one that counts when that is renewed */
    char request_id[RESIDENT_ID_LEN + 1];
    char card[CARD_SERIAL_MAX + 1];
    enum cert_kind kind;
    struct buf request; /* PKCS#10 */
    int64_t not_after;
    struct buf certificate, ca_certificate; /* empty until issued */
};

void issue_done(struct issue *issue);

/* What a certificate is going to say, as it was when that was decided. */
struct issue_basis {
    const struct card *card;
    const struct resident *resident;
};
/*
 * Keep a request under a new request_id before asking for the certificate: from then on no act
 * passes that would end it. ERR_CONFLICT if one has passed since the basis was read (NULL: the
 * certificate says nothing of them). If the card has a
 * request of that kind already: with the same PKCS#10 it is read into *issue, whatever its
 * state. With another one it is for the next certificate, once, if the one that counts may be
 * renewed (life_is_renewable), and ERR_CONFLICT if not.
 */
MUST_CHECK int register_begin_issue(struct register_store *store, struct issue *issue,
                                    const struct issue_basis *basis, const struct audit_origin *by,
                                    struct err *err);
/* Keep the answer; one that is kept already stays. */
MUST_CHECK int register_finish_issue(struct register_store *store, const struct issue *issue,
                                     const struct audit_origin *by, struct err *err);
/* Forget a request the authority refused for good, so that the card can be tried with another. */
MUST_CHECK int register_drop_issue(struct register_store *store, const struct issue *issue,
                                   const struct audit_origin *by, struct err *err);
/*
 * The first request behind a number (0: from the first) that was kept before a moment and has no
 * certificate yet; *number becomes its own. ERR_ABSENT if there is none.
 */
MUST_CHECK int register_find_unanswered(struct register_store *store, int64_t before,
                                        int64_t *number, struct issue *ret, struct err *err);
/* All certificates of the card that were asked for are there: stock becomes issued. */
MUST_CHECK int register_mark_issued(struct register_store *store, const char *serial,
                                    const struct audit_origin *by, struct err *err);

/* An act (register/lifecycle.h), as somebody tells it. */
struct act_order {
    const char *request_id;
    const struct life_act *act;
    const char *resident, *card;   /* which of the two it happens to; the other is NULL */
    const struct resident *change; /* what is told of the resident, checked before; may be NULL */
    struct caldate told;           /* year 0: no date */
    const char *details;           /* all that is told, in a form that is the same each time */
};

/*
 * Do what an act does: to the resident, to the cards that it concerns, and to their certificates,
 * whose revocations are ordered in the same transaction. The same act under the same id once more
 * changes nothing and *ret_is_new is false. ERR_CONFLICT if the id was another act's, if the act
 * cannot happen (lifecycle.h), if nothing would change, or while a certificate that it ends is
 * being issued; ERR_ABSENT if there is no such resident or card.
 */
MUST_CHECK int register_act(struct register_store *store, const struct act_order *order,
                            const struct audit_origin *by, bool *ret_is_new, struct err *err);

/* Whether an act changed something that stands on a card since it was handed over. */
MUST_CHECK int register_has_changed(struct register_store *store, const struct card *card,
                                    bool *ret, struct err *err);

/*
 * The first card behind a serial ("": from the first) that is over by its last day or by a period,
 * and by which of these acts; ERR_ABSENT if there is none.
 */
MUST_CHECK int register_find_over(struct register_store *store, struct caldate today,
                                  const char *behind, struct card *ret,
                                  const struct life_act **ret_act, struct err *err);

/* A state that a card came to, and by which act: its request id, empty if by none. */
struct card_step {
    int64_t at;
    enum card_state state;
    char act[ACT_ID_MAX + 1];
};

/* The index-th state of a card, from 0 in order; ERR_ABSENT behind the last. */
MUST_CHECK int register_get_card_step(struct register_store *store, const char *serial,
                                      unsigned index, struct card_step *ret, struct err *err);

enum revocation_state {
    REVOCATION_NONE, /* there was nothing to revoke */
    REVOCATION_PENDING,
    REVOCATION_DONE,
    REVOCATION_REFUSED, /* by the authority, for good */
    REVOCATIONS_
};

/* "none", "pending", "done", "refused" */
const char *revocation_state_name(enum revocation_state state);
/* What became of the revocations that an act ordered; of several, of the one that is behind. */
MUST_CHECK int register_get_revocation_state(struct register_store *store, const char *act,
                                             enum revocation_state *ret, struct err *err);

enum { REVOCATION_REASON_SIZE = 32 };

/* An order to revoke a certificate, for the authority. */
struct revocation_order {
    int64_t id;
    char request_id[RESIDENT_ID_LEN + 1];
    char act[ACT_ID_MAX + 1]; /* whose consequence it is */
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
/*
 * ERR_INPUT unless the card has an auth certificate, and lost its sign certificate by an act or has
 * one that may be renewed.
 */
MUST_CHECK int register_check_replaceable(struct register_store *store, const char *card,
                                          int64_t now, struct err *err);
/* How far the certificate of a kind on a card is. */
enum cert_standing {
    CERT_NONE, /* there is none that counts */
    CERT_ASKED,
    CERT_ISSUED,
    CERT_DUE, /* issued, and may be renewed */
    CERT_HELD,
    CERT_RENEWING, /* another one was asked for, which will take its place */
    CERT_STANDINGS_
};

extern const char *const cert_standing_names[CERT_STANDINGS_ + 1]; /* ended by NULL */
MUST_CHECK int register_get_certificates(struct register_store *store, const char *card,
                                         int64_t now, enum cert_standing ret[CERT_KINDS_],
                                         struct err *err);

/*
 * When the certificate ends, or ended, that the next one of this kind renews: 0 if the last one was
 * not ended to be renewed, or there was none.
 */
MUST_CHECK int register_get_renewed(struct register_store *store, const char *card,
                                    enum cert_kind kind, int64_t *ret_not_after, struct err *err);
