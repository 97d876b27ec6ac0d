/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A failing allocator: makes the nth allocation of the code under test fail, for n = 1, 2, ...
 *
 * Link with failalloc_dep, which wraps malloc, calloc, realloc, strdup, strndup and asprintf as
 * our own objects call them; calls inside shared libraries are left alone. One thread at a time.
 * What leaks on the way is found by the sanitizer build.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Make the nth allocation from now on fail, once; 0: none. */
void fail_allocation(unsigned nth);
/* The same for one after the other, each counted from the last that failed. nths is copied. */
void fail_allocations(const unsigned *nths, size_t count);
/* While it is true, allocations succeed and are not counted: they are of what is not under test. */
void spare_allocations(bool spared);
/* Whether the allocation that was to fail has been asked for. */
bool allocation_has_failed(void);
/* For wrappers of other calls that fail by the same count (support/failcalls.c); counts. */
bool allocation_fails_now(void);

/*
 * Run attempt with its 1st, 2nd, ... allocation failing until it no longer comes to that. Each
 * run that met a failure must return -ERR_NOMEM (asserted with cmocka), the last one 0. attempt
 * starts from nothing each time, and itself asserts that outputs are untouched when it fails.
 * Returns how many allocations failed.
 */
unsigned every_failed_allocation(int (*attempt)(void *context), void *context);
