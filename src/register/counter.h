/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acts at a municipality's counter: record a resident, assign a card, have its certificates
 * issued, hand it over. Each may be repeated after a lost answer or a crash, and then goes on
 * where it was.
 */
#pragma once

#include "base/clock.h"
#include "register/store.h"

struct audit_keeper;
struct http_pages;
struct codes;    /* register/codes.h */
struct desk;     /* register/desk.h */
struct personal; /* register/personal.h */

/* What a running register consists of; read-only once it is open, so any thread may use it. */
struct counter {
    struct register_store *store;
    const struct municipalities *municipalities;
    const struct clock *clock;
    const char *authority; /* the path of authorityd's socket */
    const char *window;    /* four characters of this counter, behind the municipality's code */
    const struct personal *personal; /* makes card data; NULL: none is made here */
    const struct desk *desk;         /* for clerks; NULL: nobody can log in */
    const struct codes *codes;       /* for the exchange; NULL: none are told here */
    const struct http_pages *pages;  /* for browsers at the door; NULL: none */
    enum mynumber_rule rule;
    enum card_generation generation; /* of the cards that are given out */
    struct {
        const uid_t *uids;
        size_t count;
    } operators;                 /* may read the audit log, beside the server's listed peers */
    struct audit_keeper *keeper; /* makes checkpoints of the audit log; NULL: nobody does */
};

/* A resident's numbers as they were told. */
struct number_texts {
    const char *mynumber;
    const char *resident_code; /* NULL: none is known */
};

/* Check and record. resident->id is filled; *ret_is_new is false if all of it was there before. */
MUST_CHECK int counter_add_resident(const struct counter *counter, struct resident *resident,
                                    const struct number_texts *texts, const struct audit_origin *by,
                                    bool *ret_is_new, struct err *err);

/* A blank card for somebody. */
struct card_entry {
    const char *resident, *serial;
    const struct audit_origin *by;
    bool is_further; /* beside the card the resident has, or will have */
};

/*
 * Assign the blank card of that serial: security code, window and expiry are decided here.
 * ERR_DENIED for a further card where individual numbers are real: people have one. ERR_CONFLICT
 * if the resident has one that does not end soon, or does not live here, or may not stay.
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
 * Have the certificates of a card issued; those that were ended to be renewed live until the
 * birthday after (x509/validity.h). ERR_DENIED for a sign certificate under 15, ERR_INPUT and
 * ERR_UNTRUSTED for requests that are none or prove no possession, ERR_CONFLICT if the card has
 * certificates for other keys or may have none (life_check_issue), ERR_REMOTE while the authority
 * cannot be asked. On success issuing->issues hold the certificates.
 */
MUST_CHECK int counter_issue(const struct counter *counter, const char *serial,
                             const char *traceparent, struct issuing *issuing, struct err *err);
/*
 * Ask the authority again for each certificate that was asked for a minute ago or longer and has no
 * answer: something crashed, and whoever asked may never come back. *ret_count counts those that
 * came, also on failure; ERR_REMOTE ends it. One that is refused for good is forgotten.
 */
MUST_CHECK int counter_resume_issues(const struct counter *counter, unsigned *ret_count,
                                     struct err *err);
/* Hand the card over and read it. */
MUST_CHECK int counter_activate_card(const struct counter *counter, const char *serial,
                                     const struct audit_origin *by, struct card *ret,
                                     struct err *err);
