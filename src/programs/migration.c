/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/migration.h"

#include "base/log.h"
#include "db/db.h"

static void tell(const struct db_migration *migration)
{
    log_event(LOG_LEVEL_NOTICE, "database.migrating",
              (struct log_field[]){LOG_TEXT("schema", migration->schema),
                                   LOG_INT("step", migration->step),
                                   LOG_INT("steps", migration->steps),
                                   LOG_INT("seconds", migration->seconds), LOG_END});
}

void migration_log(void)
{
    db_watch_migrations(tell);
}
