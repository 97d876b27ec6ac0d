/* SPDX-License-Identifier: Apache-2.0 */
/* Where a daemon is while it changes the schema of an older database: in its log. */
#pragma once

/* Before the database is opened. */
void migration_log(void);
