/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/bench.h"

#include <stdlib.h>
#include <string.h>

/* "+F2:2:2048:SIGNATURES:VERIFICATIONS", a second. */
int openssl_sign_us(enum openssl_time time, double *ret_us, struct err *err)
{
    static const char mark[] = "+F2:2:2048:";
    /* Without -elapsed a second of processor time. */
    const char *const argv[] = {"/usr/bin/openssl",
                                "speed",
                                "-mr",
                                "-seconds",
                                "1",
                                time == OPENSSL_ELAPSED ? "-elapsed" : "rsa2048",
                                time == OPENSSL_ELAPSED ? "rsa2048" : NULL,
                                NULL};
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    const char *text;
    const char *at;
    double unused, rate;

    TRY(run_command(argv, &unused, &out, err));
    TRY(buf_text(&out, &text, err));
    at = strstr(text, mark);
    rate = at == NULL ? 0 : strtod(at + strlen(mark), NULL);
    if (rate <= 0)
        return FAIL(err, ERR_REMOTE, "openssl speed says nothing of rsa2048");
    *ret_us = 1e6 / rate;
    return 0;
}
