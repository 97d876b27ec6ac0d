/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

static _Atomic uint64_t counts[FAULTS_];

static const char *const names[FAULTS_] = {
    [FAULT_DISK_FULL] = "disk_full",
    [FAULT_DATABASE_UNREADABLE] = "database_unreadable",
    [FAULT_DATABASE_DAMAGED] = "database_damaged",
    [FAULT_DATABASE_BUSY] = "database_busy",
    [FAULT_DATABASE_TAKEN] = "database_taken",
    [FAULT_SIGNER_UNAVAILABLE] = "signer_unavailable",
    [FAULT_SIGNER_REFUSED] = "signer_refused",
    [FAULT_CLOCK_BACK] = "clock_back",
    [FAULT_LIST_REFUSED] = "list_refused",
    [FAULT_FEED_REFUSED] = "feed_refused",
    [FAULT_REQUEST_TOO_LARGE] = "request_too_large",
    [FAULT_REQUESTS_TOO_MANY] = "requests_too_many",
};

void fault_note(enum fault fault)
{
    counts[fault]++;
}

uint64_t fault_count(enum fault fault)
{
    return counts[fault];
}

const char *fault_name(enum fault fault)
{
    return names[fault];
}
