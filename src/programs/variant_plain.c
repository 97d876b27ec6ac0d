/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/variant.h"

int variant_clock(const struct clock **ret, struct err *err)
{
    (void)err;
    *ret = &clock_system;
    return 0;
}

int variant_check_ca_name(const char *name, struct err *err)
{
    (void)name;
    (void)err;
    return 0;
}

int variant_check_ca(const struct x509_cert *cert, struct err *err)
{
    (void)cert;
    (void)err;
    return 0;
}

bool variant_is_sandbox(void)
{
    return false;
}

bool variant_holds_lists(void)
{
    return false;
}

const struct http_powers *variant_powers(void)
{
    return NULL;
}
