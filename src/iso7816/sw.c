/* SPDX-License-Identifier: Apache-2.0 */
#include "iso7816/sw.h"

#include <stddef.h>

static const struct {
    uint16_t sw;
    const char *meaning;
} meanings[] = {
    {SW_OK, "done"},
    {SW_NO_COUNTER, "not verified, and no limit of tries"},
    {SW_TRIES_LEFT, "no try is left"},
    {SW_MEMORY_FAILURE, "the card could not write its memory"},
    {SW_WRONG_LENGTH, "wrong length"},
    {SW_NO_SECURE_MESSAGING, "secure messaging is not supported"},
    {SW_WRONG_FILE_TYPE, "the command does not fit the kind of file"},
    {SW_SECURITY_STATUS, "a PIN has to be given first"},
    {SW_METHOD_BLOCKED, "the PIN is blocked"},
    {SW_REFERENCE_BLOCKED, "the PIN is blocked"},
    {SW_CONDITIONS, "not possible in this state"},
    {SW_NO_CURRENT_FILE, "no file is selected"},
    {SW_WRONG_DATA, "the card does not accept the data"},
    {SW_NOT_SUPPORTED, "the card does not have this function"},
    {SW_FILE_NOT_FOUND, "no such file or application on the card"},
    {SW_RECORD_NOT_FOUND, "no such record"},
    {SW_WRONG_P1P2, "wrong parameters"},
    {SW_REFERENCE_NOT_FOUND, "no such data on the card"},
    {SW_WRONG_OFFSET, "past the end of the file"},
    {SW_WRONG_INS, "the card does not know this command"},
    {SW_WRONG_CLA, "the card does not know this class of commands"},
    {SW_NO_DIAGNOSIS, "the card gives no reason"},
};

const char *sw_meaning(uint16_t sw)
{
    unsigned tries;

    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].sw == sw)
            return meanings[i].meaning;
    }
    if (sw_tries_left(sw, &tries))
        return tries == 1 ? "not verified; one try is left" : "not verified; tries are left";
    return "an answer that is not described";
}

bool sw_tries_left(uint16_t sw, unsigned *ret)
{
    if ((sw & 0xfff0) != SW_TRIES_LEFT)
        return false;
    *ret = sw & 0xf;
    return true;
}

uint16_t sw_with_tries(unsigned tries)
{
    return (uint16_t)(SW_TRIES_LEFT | (tries > 0xf ? 0xf : tries));
}

bool sw_is_blocked(uint16_t sw)
{
    return sw == SW_TRIES_LEFT || sw == SW_METHOD_BLOCKED || sw == SW_REFERENCE_BLOCKED;
}
