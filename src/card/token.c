/* SPDX-License-Identifier: Apache-2.0 */
#include "card/token.h"

#include <string.h>

enum {
    CERTIFICATE_IS_THERE = 0x8f, /* card.md 3.1, EF 0008 */

    OFFSET_LABEL = 0,
    OFFSET_MANUFACTURER = 32,
    OFFSET_MODEL = 64,
    OFFSET_SERIAL = 80,
    OFFSET_FIXED = 96,
    OFFSET_TIME = 144,
};

/* Flags, sessions, PIN lengths, memory and versions, as seen on real cards (card.md 3.1). */
static const uint8_t fixed[OFFSET_TIME - OFFSET_FIXED] = {
    0x00, 0x00, 0x04, 0x0d, /* RNG, login required, PIN and token set */
    0,    0,    0,    1,    0,    0,    0,    0,
    0,    0,    0,    1,    0,    0,    0,    0,    /* sessions: most, now; read-write: most, now */
    0,    0,    0,    16,   0,    0,    0,    6,    /* PIN: longest, shortest */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* public memory: all, free */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* private memory: all, free */
    '0',  '3',  '0',  '1',                          /* hardware, firmware */
};

static int put_text(uint8_t *to, const char *name, const char *text, size_t room, struct err *err)
{
    size_t len = strlen(text);

    if (len == 0 || len > room)
        return FAIL(err, ERR_INPUT, "%s has %zu characters, 1 to %zu fit", name, len, room);
    for (size_t i = 0; i < len; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return FAIL(err, ERR_INPUT, "%s is not printable ASCII", name);
    }
    memset(to, ' ', room);
    memcpy(to, text, len);
    return 0;
}

int token_build(const struct token_info *info, uint8_t ret[TOKEN_SIZE], struct err *err)
{
    uint8_t token[TOKEN_SIZE];

    TRY(put_text(token + OFFSET_LABEL, "the token label", info->label, TOKEN_LABEL_MAX, err));
    TRY(put_text(token + OFFSET_MANUFACTURER, "the manufacturer", info->manufacturer,
                 TOKEN_MANUFACTURER_MAX, err));
    TRY(put_text(token + OFFSET_MODEL, "the model", info->model, TOKEN_MODEL_MAX, err));
    TRY(put_text(token + OFFSET_SERIAL, "the serial", info->serial, TOKEN_SERIAL_MAX, err));
    memcpy(token + OFFSET_FIXED, fixed, sizeof fixed);
    memset(token + OFFSET_TIME, '9', TOKEN_SIZE - OFFSET_TIME);
    memcpy(ret, token, TOKEN_SIZE);
    return 0;
}

void presence_build(bool has_sign, bool has_auth, uint8_t ret[PRESENCE_SIZE])
{
    ret[0] = has_sign ? CERTIFICATE_IS_THERE : 0;
    ret[1] = has_auth ? CERTIFICATE_IS_THERE : 0;
    ret[2] = 0;
}
