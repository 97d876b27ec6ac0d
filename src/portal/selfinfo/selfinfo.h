/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is held about a person, for that person: names are asked for, each becomes a question of the
 * exchange, and the answers come later (exchange/exchange.h). A request is kept before anybody is
 * asked; what could not be asked yet is asked when the request is looked at again.
 */
#pragma once

#include "base/json.h"
#include "http/route.h"
#include "portal/account/store.h"
#include "portal/selfinfo/store.h"

struct portal;

/* ERR_REMOTE if this portal has no exchange. */
MUST_CHECK int selfinfo_exchange(const struct portal *portal, const struct exchange **ret,
                                 struct err *err);
/*
 * The exchange's number of an account's owner. ERR_CONFLICT if the register could not be asked who
 * it is at the login: another login is needed.
 */
MUST_CHECK int selfinfo_person(const struct portal *portal, const struct session *own,
                               const struct audit_origin *by, int64_t *ret, struct err *err);

/* Which names, of which municipality (five digits), of which year (0: all that is held). */
struct selfinfo_wish {
    const struct json *infos; /* texts */
    const char *area;
    int64_t year;
};
/*
 * Take a request and ask what can be asked. ERR_INPUT for names that there are none of;
 * ERR_CONFLICT if a code of the person is needed that this session cannot have any more; ERR_REMOTE
 * if the register cannot be asked for it.
 */
MUST_CHECK int selfinfo_request(const struct portal *portal, const struct session *own,
                                const struct selfinfo_wish *wish, const struct audit_origin *by,
                                struct selfinfo_request *ret, struct err *err);
/* Ask what has not been asked, as far as that is possible now. */
MUST_CHECK int selfinfo_continue(const struct portal *portal, struct selfinfo_request *request,
                                 const struct audit_origin *by, struct err *err);

/* ---- the steps of it, for whoever asks by somebody's consent ---- */

/* Which bodies have what is wanted: the items of a request. ERR_INPUT as selfinfo_request. */
MUST_CHECK int selfinfo_read_wish(const struct tables *tables, const struct selfinfo_wish *wish,
                                  struct selfinfo_request *request, struct err *err);
/* Have each of them know whom it is asked about; the failures are selfinfo_request's. */
MUST_CHECK int selfinfo_learn_codes(const struct portal *portal, const struct session *own,
                                    const struct selfinfo_request *request,
                                    const struct audit_origin *by, struct err *err);
/*
 * Ask for an item that was not asked for yet, if that is possible now: it has its question then,
 * which the caller keeps. user is the asker's own name of whom it is for.
 */
MUST_CHECK int selfinfo_ask_item(const struct portal *portal,
                                 const struct selfinfo_request *request, struct selfinfo_item *item,
                                 const char *user, const struct audit_origin *by, struct err *err);
/* How an item stands, and what was handed over (NULL: not wanted). */
MUST_CHECK int selfinfo_find_standing(const struct portal *portal,
                                      const struct selfinfo_request *request,
                                      const struct selfinfo_item *item,
                                      struct exchange_standing *ret, struct buf *ret_answer,
                                      struct err *err);
/* Whether nothing more will come. */
bool selfinfo_is_over(enum exchange_state state);

/* A request for its owner: how far each name is, and with_records what was handed over. */
MUST_CHECK int selfinfo_tell(const struct portal *portal, const struct selfinfo_request *request,
                             bool with_records, struct json **ret, struct err *err);
extern const struct http_member selfinfo_standing_members[]; /* of each of its items */
/* All names with their items, and the bodies that have them. */
MUST_CHECK int selfinfo_tell_catalogue(const struct tables *tables, struct json **ret,
                                       struct err *err);
