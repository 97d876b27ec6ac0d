/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/clock_map.h"
#include "sandbox/clock_text.h"
#include "sandbox/limits.h"

#include "fuzz.h"

#include <string.h>

/* Texts for the clock, and its file. */
FUZZ_TARGET(data, size)
{
    CLEANUP(buf_done) struct buf copy = BUF_INIT;
    struct clock_page page;
    char shown[CALTIME_TEXT_SIZE];
    const char *text;
    int64_t got, again;

    if (size == sizeof page) {
        memcpy(&page, data, size);
        if (clock_page_check(&page, NULL) == 0)
            FUZZ_CHECK(clock_page_offset(&page) >= 0 &&
                       clock_page_offset(&page) <= SANDBOX_CLOCK_LATEST_MAX);
    }
    FUZZ_CHECK(buf_copy(bytes_of(data, size), &copy, NULL) == 0);
    if (buf_text(&copy, &text, NULL) < 0)
        return 0;
    if (clock_shift_parse(text, &got, NULL) == 0)
        FUZZ_CHECK(got > 0 && got <= SANDBOX_CLOCK_LATEST_MAX);
    /* Away from both ends of the calendar, where a zone leads into a year that is not written. */
    if (clock_time_parse(text, &got, NULL) == 0 && got >= 0 && got <= SANDBOX_CLOCK_LATEST_MAX) {
        caltime_format(got, JST_OFFSET_SECONDS, shown);
        FUZZ_CHECK(clock_time_parse(shown, &again, NULL) == 0 && again == got);
    }
    return 0;
}
