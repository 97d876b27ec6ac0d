/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded card sessions for tests of the client: the pieces every session is made of. */
#pragma once

#define REC_JPKI      "> 00A4040C 0A D392F000260100000001\n< 9000\n"
#define REC_TEXT      "> 00A4040C 0A D3921000310001010408\n< 9000\n"
#define REC_VISUAL    "> 00A4040C 0A D3921000310001010402\n< 9000\n"
#define REC_JUKI      "> 00A4040C 0A D3921000310001010401\n< 9000\n"
#define REC_COMMON    "> 00A4040C 0A D3921000310001010100\n< 9000\n"
#define REC_ISD       "> 00A4040C 07 A0000001510000\n< 9000\n"
#define REC_REMOVED   "! removed\n"
#define REC_SELECT(f) "> 00A4020C 02 " f "\n< 9000\n"
#define REC_TRIES(sw) "> 00200080\n< " sw "\n"
#define REC_PIN4(sw)  "> 00200080 04 31323334\n< " sw "\n"
#define REC_PIN6(sw)  "> 00200080 06 414243313233\n< " sw "\n"

/* Token information cut off after the label (card.md 3.1). */
#define REC_TOKEN                                                                                  \
    "> 00B00000 A0\n< 4A504B494150494343544F4B454E3220 20202020202020202020202020202020 9000\n"
#define REC_OPEN REC_JPKI REC_SELECT("0006") REC_TOKEN
