/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"
#include "iso7816/apdu.h"
#include "iso7816/sw.h"

static bool lies_inside(struct bytes part, const uint8_t *data, size_t size)
{
    return part.len == 0 || (part.ptr >= data && part.ptr + part.len <= data + size);
}

/* What is built from a parsed command parses to the same command; the case survives. */
static void command(const uint8_t *data, size_t size)
{
    CLEANUP(buf_done) struct buf built = BUF_INIT;
    struct apdu apdu, back;

    if (apdu_parse(bytes_of(data, size), &apdu, NULL) < 0)
        return;
    FUZZ_CHECK(lies_inside(apdu.data, data, size));
    FUZZ_CHECK(apdu.ne <= APDU_NE_MAX);
    FUZZ_CHECK(apdu_build(&apdu, &built, NULL) == 0);
    FUZZ_CHECK(bytes_equal(buf_bytes(&built), bytes_of(data, size)));
    FUZZ_CHECK(apdu_parse(buf_bytes(&built), &back, NULL) == 0);
    FUZZ_CHECK(back.ne == apdu.ne && bytes_equal(back.data, apdu.data));
}

static void response(const uint8_t *data, size_t size)
{
    struct bytes payload;
    uint16_t sw;

    if (apdu_split(bytes_of(data, size), &payload, &sw, NULL) < 0)
        return;
    FUZZ_CHECK(lies_inside(payload, data, size) && payload.len == size - 2);
    FUZZ_CHECK(sw_meaning(sw) != NULL);
}

FUZZ_TARGET(data, size)
{
    command(data, size);
    response(data, size);
    return 0;
}
