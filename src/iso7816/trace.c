/* SPDX-License-Identifier: Apache-2.0 */
#include "iso7816/trace.h"

#include "base/hex.h"
#include "iso7816/apdu.h"
#include "iso7816/sw.h"

struct kind {
    uint8_t ins;
    bool shows_data, shows_answer;
    const char *name;
};

/* A command that is not here shows neither its data nor its answer. */
static const struct kind kinds[] = {
    {0x20, false, true, "VERIFY"},
    {0x24, false, true, "CHANGE REFERENCE DATA"},
    {0x2A, true, false, "COMPUTE DIGITAL SIGNATURE"},
    {0x32, false, true, "CHANGE KEY"},
    {0x84, false, true, "GET CHALLENGE"},
    {0x88, true, false, "INTERNAL AUTHENTICATE"},
    {0xA4, true, true, "SELECT"},
    {0xB0, false, false, "READ BINARY"},
    {0xB2, false, false, "READ RECORD"},
    {0xCA, true, false, "GET DATA"},
};

static const struct kind *kind_of(uint8_t ins)
{
    static const struct kind unknown = {0, false, false, "unknown command"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].ins == ins)
            return &kinds[i];
    return &unknown;
}

static int append_bytes(struct bytes data, bool is_shown, struct buf *ret, struct err *err)
{
    if (data.len == 0)
        return 0;
    if (!is_shown)
        return buf_append_format(ret, err, ", %zu bytes not shown", data.len);
    TRY(buf_append_text(ret, " ", err));
    return hex_append(ret, data, err);
}

int trace_command(struct bytes command, struct buf *ret, struct err *err)
{
    struct apdu apdu;
    const struct kind *kind;

    if (apdu_parse(command, &apdu, NULL) < 0)
        return buf_append_format(ret, err, "> no command, %zu bytes not shown", command.len);
    kind = kind_of(apdu.ins);
    TRY(buf_append_format(ret, err, "> %02X%02X%02X%02X %s", apdu.cla, apdu.ins, apdu.p1, apdu.p2,
                          kind->name));
    TRY(append_bytes(apdu.data, kind->shows_data, ret, err));
    if (apdu.ne > 0)
        return buf_append_format(ret, err, ", up to %zu bytes wanted", apdu.ne);
    return 0;
}

int trace_response(struct bytes command, struct bytes response, struct buf *ret, struct err *err)
{
    struct apdu apdu;
    struct bytes data;
    uint16_t sw;

    if (apdu_split(response, &data, &sw, NULL) < 0)
        return buf_append_format(ret, err, "< no response, %zu bytes not shown", response.len);
    TRY(buf_append_format(ret, err, "< %04X %s", sw, sw_meaning(sw)));
    return append_bytes(
        data, apdu_parse(command, &apdu, NULL) == 0 && kind_of(apdu.ins)->shows_answer, ret, err);
}

int trace_exchange(struct bytes command, struct bytes response, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(trace_command(command, &text, err));
    TRY(buf_append_text(&text, "\n", err));
    if (response.len == 0)
        TRY(buf_append_text(&text, "< no answer", err));
    else
        TRY(trace_response(command, response, &text, err));
    TRY(buf_append_text(&text, "\n", err));
    return buf_append(ret, buf_bytes(&text), err);
}
