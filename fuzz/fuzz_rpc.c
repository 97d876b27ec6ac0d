/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/frame.h"

#include "fuzz.h"

static bool is_inside(struct bytes part, const uint8_t *data, size_t size)
{
    return part.len == 0 || (part.ptr >= data && part.ptr + part.len <= data + size);
}

/* Questions and answers: what is taken lies in the input and is written again as it was. */
FUZZ_TARGET(data, size)
{
    struct bytes rest = bytes_of(data, size);
    struct bytes before = rest;
    struct rpc_frame frame;

    while (rpc_frame_take(&rest, &frame, NULL) == 0) {
        CLEANUP(buf_done) struct buf again = BUF_INIT;
        struct rpc_fields fields;

        FUZZ_CHECK(is_inside(frame.body, data, size));
        FUZZ_CHECK(rpc_frame_append(&again, &frame, NULL) == 0);
        FUZZ_CHECK(bytes_start_with(before, buf_bytes(&again)));
        FUZZ_CHECK(before.len - rest.len == again.len);
        before = rest;
        if (rpc_fields_parse(&frame, &fields, NULL) < 0)
            continue;
        for (int tag = 0; tag < RPC_TAGS_; tag++)
            FUZZ_CHECK(is_inside(fields.value[tag], frame.body.ptr, frame.body.len));
        if (frame.verb == RPC_LIST && frame.status == RPC_DONE)
            while (rpc_fields_next(&frame.body, &fields, NULL) == 0)
                FUZZ_CHECK(fields.value[RPC_TAG_KEY].len <= RPC_NAME_MAX);
    }
    FUZZ_CHECK(rest.ptr == before.ptr && rest.len == before.len);
    return 0;
}
