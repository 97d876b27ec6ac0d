/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of one purpose, forked before the start page gives up its rights: it starts the
 * software card of a persona at one of a few places, and puts it away again. Nothing else can be
 * asked of it, by nobody but the page, whose socket has no name; it has the rights of the cards'
 * user and no others, and ends with the page.
 */
#pragma once

#include "sandbox/layout.h"

/* Whose sockets are DIR/phone/PLACE.direct and DIR/phone/PLACE.control. */
enum { KEEPER_PLACES = 5 };

struct keeper;

/* Before any thread is made. Both live as long as the keeper. */
MUST_CHECK int keeper_fork(const struct layout *layout, const char *bin_dir, struct keeper **ret,
                           struct err *err);
/* Puts every card away; accepts NULL. */
void keeper_free(struct keeper *keeper);

/*
 * Have a card served, a blank one if there is none yet; from any thread. ERR_INPUT for what is no
 * name or no place, ERR_CONFLICT if the place has a card, ERR_REMOTE if it could not be started.
 */
MUST_CHECK int keeper_take(struct keeper *keeper, const char *persona, unsigned place,
                           struct err *err);
/* No card is there afterwards. */
void keeper_put_away(struct keeper *keeper, unsigned place);
