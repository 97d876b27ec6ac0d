/* SPDX-License-Identifier: Apache-2.0 */
/* Tells a person at a terminal, once, that it is the card that is waited for. */
#pragma once

#include <stdbool.h>

/* Whether there is anybody to tell; without, the others do nothing. */
bool patience_is_of_use(void);

/*
 * The program waits for the card from here on, and from there no longer. After two seconds of
 * waiting, all of them together, a line is written on standard error. They do not nest: the first
 * end counts.
 */
void patience_begin(void);
void patience_end(void);
