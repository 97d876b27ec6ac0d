/* SPDX-License-Identifier: Apache-2.0 */
#include "iso7816/sw.h"

#include "base/i18n.h"

#include <stddef.h>

static const struct {
    uint16_t sw;
    const char *meaning;
} meanings[] = {
    {SW_OK, N_("done")},
    {SW_NO_COUNTER, N_("not verified, and no limit of tries")},
    {SW_TRIES_LEFT, N_("no try is left")},
    {SW_MEMORY_FAILURE, N_("the card could not write its memory")},
    {SW_NO_KEYS, N_("the card does not have this function")},
    {SW_WRONG_LENGTH, N_("wrong length")},
    {SW_NO_SECURE_MESSAGING, N_("secure messaging is not supported")},
    {SW_NO_SESSION, N_("secure messaging is not supported")},
    {SW_WRONG_FILE_TYPE, N_("the command does not fit the kind of file")},
    {SW_SECURITY_STATUS, N_("a PIN has to be given first")},
    {SW_METHOD_BLOCKED, N_("the PIN is blocked")},
    {SW_REFERENCE_BLOCKED, N_("the PIN is blocked")},
    {SW_CONDITIONS, N_("not possible in this state")},
    {SW_NO_CURRENT_FILE, N_("no file is selected")},
    {SW_WRONG_DATA, N_("the card does not accept the data")},
    {SW_NOT_SUPPORTED, N_("the card does not have this function")},
    {SW_FILE_NOT_FOUND, N_("no such file or application on the card")},
    {SW_RECORD_NOT_FOUND, N_("no such record")},
    {SW_WRONG_P1P2, N_("wrong parameters")},
    {SW_REFERENCE_NOT_FOUND, N_("no such data on the card")},
    {SW_WRONG_OFFSET, N_("past the end of the file")},
    {SW_WRONG_INS, N_("the card does not know this command")},
    {SW_WRONG_CLA, N_("the card does not know this class of commands")},
    {SW_NO_DIAGNOSIS, N_("the card gives no reason")},
};

const char *sw_meaning(uint16_t sw)
{
    unsigned tries;

    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].sw == sw)
            return meanings[i].meaning;
    }
    if (sw_tries_left(sw, &tries))
        return tries == 1 ? N_("not verified; one try is left")
                          : N_("not verified; tries are left");
    return N_("an answer that is not described");
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
