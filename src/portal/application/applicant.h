/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who applies: somebody who has logged in, or, where nothing is to be signed, somebody with the
 * ticket that he was given when he began (portal.md, S304): Authorization: Bearer TICKET.
 */
#pragma once

#include "http/route.h"
#include "portal/application/store.h"
#include "portal/limits.h"

enum { TICKET_SIZE = 44 };

struct applicant {
    char owner[APPLICATION_OWNER_SIZE];
    struct application_proxy proxy; /* by which he applies for the owner */
    struct audit_origin by;
    uint8_t code[PORTAL_CODE_SIZE]; /* by which the register knows who acts: he signs */
    bool has_code;
};

/* ERR_DENIED for nobody. A ticket that is none is somebody's to whom nothing belongs. */
MUST_CHECK int applicant_find(const struct http_call *call, struct applicant *ret, struct err *err);
/* The same for who begins: with a new ticket (else empty) for somebody without a session. The row
 * lets everybody in, so here it is noted that the session is in use, and the mandate. */
MUST_CHECK int applicant_begin(struct http_call *call, struct applicant *ret,
                               char ret_ticket[TICKET_SIZE], struct err *err);
/* The owner that a ticket makes. */
MUST_CHECK int applicant_of_ticket(const char *ticket, char ret[APPLICATION_OWNER_SIZE],
                                   struct err *err);
extern const struct http_access portal_applicant;
