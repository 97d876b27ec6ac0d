/* SPDX-License-Identifier: Apache-2.0 */
/* Dates as HTTP writes them (RFC 9110, 5.6.7). */
#pragma once

#include <stdint.h>

enum { HTTP_DATE_SIZE = 32 };

/* "Sun, 06 Nov 1994 08:49:37 GMT", for UTC seconds of the years 1 to 9999. */
void http_date_format(int64_t utc, char ret[HTTP_DATE_SIZE]);
