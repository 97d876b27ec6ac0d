/* SPDX-License-Identifier: Apache-2.0 */
/* What jpki doctor looks at. Nothing here costs a try, and no check ends the others. */
#pragma once

#include "client/icc.h"
#include "programs/jpki/doctor/findings.h"
#include "verify/anchors.h"

/*
 * The PC/SC service, its readers and their cards; or the one reader that is named in a way only
 * reader_connect knows. *ret is the card to look at, NULL if there is none. reader: part of a
 * reader's name, or NULL. Fails only for trouble of this machine.
 */
MUST_CHECK int doctor_find_card(struct findings *findings, const char *reader, struct icc **ret,
                                struct err *err);
/* The card's PINs. */
MUST_CHECK int doctor_check_pins(struct findings *findings, struct icc *icc, struct err *err);
/* Its certificates, who issued them, and with them this computer's clock. */
MUST_CHECK int doctor_check_certificates(struct findings *findings, struct icc *icc,
                                         struct anchors *anchors, int64_t now, struct err *err);
/* The clock alone; for when there is no card to compare it with. */
void doctor_check_clock(struct findings *findings, int64_t now);
