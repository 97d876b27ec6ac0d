/* SPDX-License-Identifier: Apache-2.0 */
/* What the register accepts at most. Each is tested at the limit and one past it. */
#pragma once

enum {
    MUNICIPALITY_FILE_MAX = 1 << 20, /* bytes of the list of municipalities */
    MUNICIPALITY_FIELD_MAX = 64,     /* bytes of one of its columns */
    MUNICIPALITY_MAX = 4096,         /* municipalities in it */

    CARD_SERIAL_MAX = 16, /* the serialNumber field of EF 0006, card.md 3.1 */
    ACT_ID_MAX = 64,      /* characters of an act's request id */
    ACTOR_MAX = 64,       /* bytes of who reads an individual number */

    CHALLENGES_MAX = 256,          /* logins that wait for their answer */
    SESSIONS_MAX = 1024,           /* clerks who are logged in */
    SEARCH_RESULTS_MAX = 50,       /* residents that a search tells, or cards of one */
    REGISTER_RELOCATIONS_MAX = 20, /* that the exchange is told at once */
    LOSS_ADDRESS_MIN = 3,          /* characters of an address that somebody has to say */
    FILING_PATH_MAX = 128,         /* bytes of what a signed request is sent to */
    FILING_BYTES_MAX = 32 * 1024,  /* of a signed request */
    APPLICATION_BYTES_MAX = 16384, /* of what somebody who becomes a clerk has signed */
};
