/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acts at a municipality's counter: record a resident, assign a card, have its certificates
 * issued, hand it over. Each may be repeated after a lost answer or a crash, and then goes on
 * where it was.
 */
#pragma once

#include "base/clock.h"
#include "register/store.h"

struct personal; /* register/personal.h */

/* What a running register consists of; read-only once it is open, so any thread may use it. */
struct counter {
    struct register_store *store;
    const struct municipalities *municipalities;
    const struct clock *clock;
    const char *authority; /* the path of authorityd's socket */
    const char *window;    /* four characters of this counter, behind the municipality's code */
    const struct personal *personal; /* makes card data; NULL: none is made here */
    enum mynumber_rule rule;
    struct {
        const uid_t *uids;
        size_t count;
    } operators; /* may read the audit log, beside the server's listed peers */
};

/* Check and record. resident->id is filled; *ret_is_new is false if all of it was there before. */
MUST_CHECK int counter_add_resident(const struct counter *counter, struct resident *resident,
                                    const char *mynumber, const struct audit_origin *by,
                                    bool *ret_is_new, struct err *err);

/* A blank card for somebody. */
struct card_entry {
    const char *resident, *serial;
    const struct audit_origin *by;
    bool is_further; /* beside the card the resident has, or will have */
};

/*
 * Assign the blank card of that serial: security code, window and expiry are decided here.
 * ERR_DENIED for a further card where individual numbers are real: people have one.
 */
MUST_CHECK int counter_add_card(const struct counter *counter, const struct card_entry *entry,
                                struct card *ret, bool *ret_is_new, struct err *err);

/* The requests a card made, and the certificates for them. */
struct issuing {
    const struct audit_origin *by;
    struct bytes requests[CERT_KINDS_]; /* PKCS#10; sign may be empty */
    struct issue issues[CERT_KINDS_];
};

void issuing_done(struct issuing *issuing);

/*
 * Have the certificates of a card issued. ERR_DENIED for a sign certificate under 15, ERR_INPUT
 * and ERR_UNTRUSTED for requests that are none or prove no possession, ERR_CONFLICT if the card
 * has certificates for other keys, ERR_REMOTE while the authority cannot be asked. On success
 * issuing->issues hold the certificates.
 */
MUST_CHECK int counter_issue(const struct counter *counter, const char *serial,
                             const char *traceparent, struct issuing *issuing, struct err *err);
/* Hand the card over and read it. */
MUST_CHECK int counter_activate_card(const struct counter *counter, const char *serial,
                                     const struct audit_origin *by, struct card *ret,
                                     struct err *err);

/* A move as the clerk enters it. */
struct move_entry {
    const char *resident, *request_id;
    const char *address, *address_substitutes; /* substitutes NULL: all as they are */
    const char *municipality;
    const struct audit_origin *by;
};

/*
 * Record a new address and order the revocation of the sign certificate, which is delivered at
 * once if the authority answers and later if not; *ret_state tells. ret is the resident afterwards.
 * ERR_INPUT for a bad id, address or municipality; else as register_move.
 */
MUST_CHECK int counter_move(const struct counter *counter, const struct move_entry *entry,
                            const char *traceparent, struct resident *ret,
                            enum revocation_state *ret_state, struct err *err);
