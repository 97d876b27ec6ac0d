/* SPDX-License-Identifier: Apache-2.0 */
/* Municipalities as the tables of the exchange have them. */
#pragma once

#include "exchange/tables.h"
#include "portal/procedure/store.h"

/*
 * What the portal calls a municipality that is a body there: its name behind its prefecture's.
 * ERR_INPUT if the body is no municipality, or the table has no prefecture that fits.
 */
MUST_CHECK int municipality_of_body(const struct tables *tables, const struct body *body,
                                    struct municipality *ret, struct err *err);
/* The code of the body that a municipality is there; NULL if it is none. */
const char *municipality_body(const struct tables *tables, const char *municipality);
