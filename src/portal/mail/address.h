/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where somebody wants to be written to: the one thing the portal keeps that could say who he is,
 * with his consent, until he says otherwise. It counts once he has shown the code that was sent
 * there. Inside this room only.
 */
#pragma once

#include "portal/mail/queue.h"

struct mail_address {
    char address[MAILBOX_MAX + 1];
    char language[MAIL_LANGUAGE_SIZE];
    int64_t consented_at, confirmed_at; /* 0: not yet */
};
/* ERR_ABSENT if he has given none. */
MUST_CHECK int mail_address_get(struct db *db, const char *account, struct mail_address *ret,
                                struct err *err);
/*
 * In place of what was there; a code goes there. ERR_INPUT for an address or language that is none;
 * ERR_CONFLICT after MAIL_CODES_MAX codes in a day.
 */
MUST_CHECK int mail_address_give(struct db *db, const char *account, const char *address,
                                 const char *language, const struct audit_origin *by,
                                 struct err *err);
/*
 * ERR_UNTRUSTED for another code; ERR_CONFLICT if it does not count any more: it was tried too
 * often, or too late; ERR_ABSENT if nothing is to be proved.
 */
MUST_CHECK int mail_address_prove(struct db *db, const char *account, const char *code,
                                  const struct audit_origin *by, struct err *err);
/* It is deleted, and mails that wait with it. ERR_ABSENT if there is none. */
MUST_CHECK int mail_address_remove(struct db *db, const char *account,
                                   const struct audit_origin *by, struct err *err);
