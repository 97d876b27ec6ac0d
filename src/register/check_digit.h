/* SPDX-License-Identifier: Apache-2.0 */
/* The digit that the numbers of people end with. */
#pragma once

#include <stddef.h>

/*
 * The right one behind so many digits: 11 for an individual number (card.md 11.1), 10 for a
 * resident code; -1 if they are no digits.
 */
int check_digit_of(const char *digits, size_t count);
