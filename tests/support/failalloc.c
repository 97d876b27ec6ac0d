/* SPDX-License-Identifier: Apache-2.0 */
#include "support/failalloc.h"

#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Far more allocations than anything under test makes: a loop that never ends is a defect. */
enum { ALLOCATIONS_MAX = 100000, FAILURES_MAX = 8 };

static unsigned countdown;
static bool has_failed, are_spared;
static unsigned later[FAILURES_MAX]; /* what comes after the countdown */
static size_t later_count, later_at;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
int __real_vasprintf(char **ret, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
int __wrap_vasprintf(char **ret, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **ret, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What _FORTIFY_SOURCE makes of them. */
int __wrap___vasprintf_chk(char **ret, int flag, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
int __wrap___asprintf_chk(char **ret, int flag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void fail_allocation(unsigned nth)
{
    fail_allocations(&nth, 1);
}

void fail_allocations(const unsigned *nths, size_t count)
{
    later_count = count < FAILURES_MAX ? count : FAILURES_MAX;
    for (size_t i = 0; i < later_count; i++)
        later[i] = nths[i];
    later_at = 0;
    countdown = later_count > 0 ? later[later_at++] : 0;
    has_failed = false;
}

void spare_allocations(bool spared)
{
    are_spared = spared;
}

bool allocation_has_failed(void)
{
    return has_failed;
}

bool allocation_fails_now(void)
{
    if (are_spared || countdown == 0 || --countdown > 0)
        return false;
    countdown = later_at < later_count ? later[later_at++] : 0;
    has_failed = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return allocation_fails_now() ? NULL : __real_realloc(ptr, size);
}

char *__wrap_strdup(const char *text)
{
    return allocation_fails_now() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return allocation_fails_now() ? NULL : __real_strndup(text, len);
}

int __wrap_vasprintf(char **ret, const char *fmt, va_list args)
{
    return allocation_fails_now() ? -1 : __real_vasprintf(ret, fmt, args);
}

int __wrap_asprintf(char **ret, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = __wrap_vasprintf(ret, fmt, args);
    va_end(args);
    return len;
}

int __wrap___vasprintf_chk(char **ret, int flag, const char *fmt, va_list args)
{
    (void)flag;
    return __wrap_vasprintf(ret, fmt, args);
}

int __wrap___asprintf_chk(char **ret, int flag, const char *fmt, ...)
{
    va_list args;
    int len;

    (void)flag;
    va_start(args, fmt);
    len = __wrap_vasprintf(ret, fmt, args);
    va_end(args);
    return len;
}

unsigned every_failed_allocation(int (*attempt)(void *context), void *context)
{
    for (unsigned nth = 1; nth < ALLOCATIONS_MAX; nth++) {
        bool met;
        int rc;

        fail_allocation(nth);
        rc = attempt(context);
        met = has_failed;
        fail_allocation(0);
        if (!met) {
            assert_int_equal(rc, 0);
            return nth - 1;
        }
        if (rc != -ERR_NOMEM)
            fail_msg("allocation %u failed and the call returned %d", nth, rc);
    }
    fail_msg("more than %d allocations", ALLOCATIONS_MAX);
    return 0;
}
