/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mails going out, and what was kept long enough going away. A mail says that there is a notice and
 * where; what the notice says stays on the portal's page.
 */
#pragma once

#include "base/chore.h"
#include "base/clock.h"
#include "db/db.h"
#include "fetch/mail.h"

struct mail_office {
    struct db *db;
    const struct clock *clock;
    const char *origin;        /* of the portal's pages */
    struct mail_server server; /* host NULL: nothing goes out */
    const char *from;          /* the portal's own address */
};

/*
 * Try the mail that is due for the longest time; ERR_ABSENT if none is. ERR_REMOTE, and it will be
 * tried again or was given up, if the server did not take it.
 */
MUST_CHECK int mail_step(const struct mail_office *office, struct err *err);

/* The thread that does so, for one office; zeros: there is none. */
struct mail_worker {
    const struct mail_office *office;
    void (*observe)(const struct err *failure); /* told what failed, in the thread; NULL: nobody */
    struct chore chore;
};
/* office outlives it, and worker stays where it is. */
MUST_CHECK int mail_worker_start(struct mail_worker *worker, struct err *err);
void mail_worker_stop(struct mail_worker *worker);
