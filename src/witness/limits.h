/* SPDX-License-Identifier: Apache-2.0 */
/* What a witness takes at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    WITNESS_LOGS_MAX = 16,   /* logs of one witness */
    WITNESS_NAME_MAX = 32,   /* bytes of what a log is called here: a-z 0-9 and "-" */
    WITNESS_ALARMS_MAX = 64, /* alarms of one log that are kept; more are counted and logged */
};
