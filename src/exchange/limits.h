/* SPDX-License-Identifier: Apache-2.0 */
/* What the exchange accepts at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    EXCHANGE_FILE_MAX = 1 << 20,     /* bytes of a table in data/exchange */
    EXCHANGE_ROWS_MAX = 4096,        /* rows of it */
    EXCHANGE_FIELD_MAX = 256,        /* bytes of one of its fields */
    EXCHANGE_ANSWER_MAX = 64 * 1024, /* bytes of what a provider answers */
    EXCHANGE_KEY_MAX = 64,        /* characters by which a question is told from its repetition */
    EXCHANGE_OUTAGES_SHOWN = 100, /* times of maintenance that are told at once */
    EXCHANGE_PAGE_MAX = 1000,     /* records of the log in one page */
    CIVIL_PEOPLE_MAX = 12,        /* of a household */
    CIVIL_NAME_MAX = 64,          /* characters of a name in it */
    CIVIL_PLACE_MAX = 200,        /* characters of an address or of where a family register is */
    CIVIL_SEAL_MAX = 8,           /* characters that a seal shows */
};
