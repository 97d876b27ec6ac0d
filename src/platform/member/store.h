/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members and their sessions as they are kept (platform/store.h): people with a card who act for a
 * tenant, or for the platform's operator. Of a code, a cookie and a key only hashes are kept.
 */
#pragma once

#include "platform/login/store.h"
#include "platform/tenant/store.h"

enum {
    MEMBER_ID_SIZE = 23,     /* 16 octets in base64url and a NUL */
    MEMBER_SECRET_SIZE = 44, /* 32 octets: invitations, cookies, tokens against forgery */
};

struct member {
    char id[MEMBER_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1]; /* "": of the operator */
    char name[MEMBER_NAME_MAX + 1];
    enum tenant_role role; /* of an operator's: ROLE_OWNER */
    int64_t invited_at;    /* UTC seconds, as all below; 0: never */
    int64_t ends_at;       /* the last second of the invitation */
    int64_t bound_at;      /* to a card */
    int64_t used_at;       /* when a session began last */
};

/* "owner", ..., of an operator's "operator". */
const char *member_role(const struct member *member);

/*
 * One more, by the SHA-256 of an invitation. ERR_ABSENT if there is no such client, ERR_CONFLICT if
 * it has MEMBERS_MAX.
 */
MUST_CHECK int platform_invite_member(struct platform_store *store, const struct member *member,
                                      const struct digest *invitation,
                                      const struct audit_origin *by, struct err *err);
/* Those of a client ("": the operator's), in the order they were invited. */
MUST_CHECK int platform_list_members(struct platform_store *store, const char *client_id,
                                     struct member ret[MEMBERS_MAX], unsigned *ret_count,
                                     struct err *err);
/* His sessions end with it. ERR_ABSENT if he is none of this client's. */
MUST_CHECK int platform_remove_member(struct platform_store *store, const char *client_id,
                                      const char *id, const struct audit_origin *by,
                                      struct err *err);
/* ERR_DENIED unless somebody may still accept it. */
MUST_CHECK int platform_check_invitation(struct platform_store *store,
                                         const struct digest *invitation, int64_t now,
                                         struct err *err);

/* A session of the console that is to begin. */
struct console_opening {
    const char *login;         /* which was answered */
    struct digest secret;      /* of its opener */
    struct digest token;       /* of the new session's cookie */
    const char *csrf;          /* what requests that change something must show */
    const struct digest *ends; /* the session that this browser had; NULL: none */
};
/*
 * Whoever answered the login becomes the member that the login's invitation is for, or is the one
 * he is already: of several, the one whose session began last. The login is gone then, also if he
 * is nobody's: ERR_DENIED. ERR_CONFLICT if he is a member of that client already, or nobody
 * answered yet; ERR_ABSENT if the login is over.
 */
MUST_CHECK int platform_open_session(struct platform_store *store,
                                     const struct console_opening *opening,
                                     const struct audit_origin *by, struct member *ret,
                                     struct err *err);

struct console_session {
    struct digest token;
    struct member member;
    char csrf[MEMBER_SECRET_SIZE];
    int64_t made_at, used_at;
};
/* ERR_DENIED if there is none of that cookie, its time is over, or its member is none any more. */
MUST_CHECK int platform_get_session(struct platform_store *store, const struct digest *token,
                                    int64_t now, struct console_session *ret, struct err *err);
/* Note that it was used; to the minute. */
MUST_CHECK int platform_use_session(struct platform_store *store,
                                    const struct console_session *session, int64_t now,
                                    struct err *err);
/* One that is over already is fine. */
MUST_CHECK int platform_end_session(struct platform_store *store,
                                    const struct console_session *session,
                                    const struct audit_origin *by, struct err *err);
