/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/variant.h"

#include "crypto/pbes2.h"
#include "sandbox/clock_map.h"
#include "sandbox/powers_http.h"
#include "sandbox/test_names.h"
#include "x509/name.h"

/*
 * The passphrases of a sandbox lie beside its keys, in files of theirs, and have nobody guess. Each
 * key is encrypted once and opened by each program and each start.
 */
const int pbes2_iterations = 1000;

int variant_clock(const struct clock **ret, struct err *err)
{
    TRY(powers_http_open(err));
    return sandbox_clock_open(ret, err);
}

int variant_check_ca_name(const char *name, struct err *err)
{
    return sandbox_check_ca_name(name, err);
}

static int check_name(struct bytes der, struct err *err)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT;
    const char *text;

    TRY(name_append_text(&name, der, err));
    TRY(buf_text(&name, &text, err));
    return sandbox_check_ca_name(text, err);
}

int variant_check_ca(const struct x509_cert *cert, struct err *err)
{
    TRY(check_name(x509_cert_tbs(cert)->subject, err));
    return check_name(x509_cert_tbs(cert)->issuer, err);
}

bool variant_is_sandbox(void)
{
    return true;
}

bool variant_holds_lists(void)
{
    return powers_meet(NAMED_CRL_STALE);
}

const struct http_powers *variant_powers(void)
{
    return powers_http();
}
