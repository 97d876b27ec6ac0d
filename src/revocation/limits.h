/* SPDX-License-Identifier: Apache-2.0 */
/* What this room accepts at most; each has a test at the limit and one past it. */
#pragma once

enum {
    CRL_NUMBER_MAX = 20,    /* octets of cRLNumber; RFC 5280, 5.2.3 */
    CRL_EXTENSIONS_MAX = 8, /* extensions of one list */
    CRL_END_MAX = 4096,     /* bytes of a list in pieces before its entries, and behind them */
    REVOCATION_SPAN_MAX = 1 << 29, /* seconds between the first and last date of a set: 17 years */
    GAPS_MAX = 1000,               /* ranges of numbers without a certificate, of one CA */
    RUNS_MAX = 1000,               /* of serial numbers, by turns of generations of one CA */
    RUN_GENERATION_MAX = 9,        /* generations of one CA */
    REVOCATION_SERIAL_OCTETS = 4,  /* octets of a serial number; design 1 */
    FEED_CHANGES_MAX = 1 << 20,    /* revocations, and releases, in one delta of a feed */
    FEED_HEAD_MAX = 512,           /* bytes of the head of a snapshot or delta */
    FEED_ITEM_MAX = 64 << 20,      /* bytes of a snapshot or delta */
};
