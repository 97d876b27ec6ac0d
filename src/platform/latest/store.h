/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions for the latest attributes, as they are kept (platform/store.h): who asked about whom,
 * under which id the authority charges it, and what came of it; never an attribute. A question is
 * kept before the authority is asked, so that one whose answer was lost is asked again under the
 * same id and costs nothing more.
 */
#pragma once

#include "platform/door.h"
#include "platform/holder/store.h"

struct latest_wish {
    const char *client_id;
    const char *holder; /* pseudonym */
    const char *service;
    unsigned attributes; /* bits; 0: all that are consented to */
    const char *request; /* the tenant's own name for it, to ask again; NULL: none */
    int64_t at;
};

/* What is asked of the authority. Release with latest_question_done. */
struct latest_question {
    char id[DOOR_ID_SIZE];
    char client_id[CLIENT_ID_MAX + 1];
    char holder[HOLDER_NAME_SIZE];
    char service[LATEST_NAME_MAX + 1];
    unsigned attributes;
    struct sign_number presented;
};
void latest_question_done(struct latest_question *question);

/*
 * Keep a question, or find the one it repeats: of the same name, or the same one whose answer never
 * got back to the tenant. ERR_ABSENT for a holder that the tenant was not shown; ERR_UNTRUSTED if
 * he was never shown by a sign certificate; ERR_CONFLICT if the name was used for another question.
 */
MUST_CHECK int platform_begin_question(struct platform_store *store, const struct latest_wish *wish,
                                       struct latest_question *ret, struct err *err);

struct latest_result {
    const char *outcome; /* the authority's word: "given", ... */
    bool is_told;        /* it goes to the tenant now */
    /* Of "given" alone. */
    unsigned attributes;
    int64_t charged_at;
    const struct sign_number *newer;
};
/*
 * What the authority said. A hit is counted for the tenant once; when it is told, the tenant knows
 * the holder by the newer certificate.
 */
MUST_CHECK int platform_end_question(struct platform_store *store,
                                     const struct latest_question *question,
                                     const struct latest_result *result,
                                     const struct audit_origin *by, struct err *err);
/* The oldest question of before a moment to which no answer has come; ERR_ABSENT if there is none.
 */
MUST_CHECK int platform_open_question(struct platform_store *store, int64_t before,
                                      struct latest_question *ret, struct err *err);
/* What a tenant was told of a holder, and when: the body of an answer. */
MUST_CHECK int platform_list_told(struct platform_store *store, const char *client_id,
                                  const char *holder, struct json **ret, struct err *err);

/* A certificate to be watched: of a holder with a consent in force who has not been seen to have a
 * newer one. Release with watched_done. */
struct watched {
    char client_id[CLIENT_ID_MAX + 1];
    char holder[HOLDER_NAME_SIZE];
    struct sign_number number;
};
void watched_done(struct watched *watched);
/* The one behind another, which it replaces (client_id "": the first); ERR_ABSENT behind the last.
 */
MUST_CHECK int platform_next_watched(struct platform_store *store, int64_t now,
                                     struct watched *watched, struct err *err);
/* It has ended. */
MUST_CHECK int platform_see_end(struct platform_store *store, const struct watched *watched,
                                int64_t now, struct err *err);
/*
 * Tell tenants that newer data may exist, each at the end of the interval agreed with it (usual, in
 * seconds, where none was), so that it does not learn when a certificate ended.
 */
MUST_CHECK int platform_tell_of_newer(struct platform_store *store, int64_t now, int64_t usual,
                                      struct err *err);
/* Agree on an interval with a tenant. ERR_ABSENT if there is no such client. */
MUST_CHECK int platform_set_notice(struct platform_store *store, const char *client_id,
                                   int64_t seconds, const struct audit_origin *by, struct err *err);
