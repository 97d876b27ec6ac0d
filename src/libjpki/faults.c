/* SPDX-License-Identifier: Apache-2.0 */
/* Names and sentences; the Japanese is part of the library (faults_ja.h, made from po/ja.po). */
#include "libjpki/faults.h"

#include "border/sentence.h"
#include "libjpki/faults_ja.h"

#include <string.h>

#define ROW(fault) [DATA_##fault] = JPKI_FAULT_##fault

static const enum jpki_fault faults[] = {
    ROW(ISSUER_UNKNOWN), ROW(SIGNATURE_NOT_READABLE), ROW(CARD_NOT_PROVEN),
    ROW(NOT_SIGNED),     ROW(CERTIFICATE_FORGED),     ROW(SIGNATURE_BROKEN),
    ROW(NUMBER_CHANGED), ROW(ATTRIBUTES_CHANGED),     ROW(CARD_KEY_FORGED),
    ROW(CARD_COPIED),
};
_Static_assert(sizeof faults / sizeof faults[0] == DATA_FAULTS_, "each fault has its number");

enum jpki_fault fault_outside(enum data_fault fault)
{
    return faults[fault];
}

/* DATA_FAULTS_ if there is none. */
static enum data_fault fault_inside(enum jpki_fault outside)
{
    enum data_fault fault = 0;

    while (fault < DATA_FAULTS_ && faults[fault] != outside)
        fault++;
    return fault;
}

const char *jpki_fault_name(enum jpki_fault fault)
{
    enum data_fault inside = fault_inside(fault);

    return inside == DATA_FAULTS_ ? NULL : data_fault_name(inside);
}

const char *jpki_fault_text(enum jpki_fault fault, const char *language)
{
    enum data_fault inside = fault_inside(fault);
    const char *english = inside == DATA_FAULTS_ ? NULL : data_fault_text(inside);

    return sentence_in(language, BYTES_ARRAY(faults_ja), english);
}

enum jpki_verdict jpki_fault_verdict(enum jpki_fault fault)
{
    enum data_fault inside = fault_inside(fault);
    struct authenticity alone = {.has = {false}};

    if (inside == DATA_FAULTS_)
        return JPKI_INDETERMINATE;
    alone.has[inside] = true;
    return authenticity_is_forged(&alone) ? JPKI_INVALID : JPKI_INDETERMINATE;
}
