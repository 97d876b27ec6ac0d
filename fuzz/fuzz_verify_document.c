/* SPDX-License-Identifier: Apache-2.0 */
#include "border/border.h"
#include "fuzz.h"

#include <jpki/verify.h>

/* The next part, after its length in three bytes; empty behind the end. */
static struct jpki_bytes take_part(struct bytes *rest)
{
    struct bytes part;
    size_t len;

    if (rest->len < 3)
        return give_bytes(bytes_of(NULL, 0));
    len = (size_t)rest->ptr[0] << 16 | (size_t)rest->ptr[1] << 8 | rest->ptr[2];
    part = bytes_part(*rest, 3, len);
    *rest = bytes_part(*rest, 3 + part.len, rest->len);
    return give_bytes(part);
}

/* Seconds in hexadecimal digits, so that seeds can be written by hand. */
static int64_t take_time(struct bytes *rest)
{
    int64_t at = 0;

    for (size_t i = 0; i < 8 && rest->len > 0; i++, *rest = bytes_part(*rest, 1, rest->len))
        at = at * 16 + rest->ptr[0] % 16;
    return at;
}

/* The verdict is the worst of its reasons, and an invalid signature names nobody. */
static void check_report(const jpki_report *report)
{
    enum jpki_verdict expected = JPKI_VALID;
    enum jpki_reason reason;

    for (size_t i = 0; (reason = jpki_report_reason(report, i)) != JPKI_REASON_NONE; i++) {
        FUZZ_CHECK(jpki_reason_name(reason) != NULL && jpki_reason_text(reason, "ja") != NULL);
        if (expected != JPKI_INVALID)
            expected = jpki_reason_verdict(reason);
        FUZZ_CHECK(expected != JPKI_VALID);
    }
    FUZZ_CHECK(jpki_report_verdict(report) == expected);
    for (int i = JPKI_NAME; i <= JPKI_ADDRESS_SUBSTITUTES; i++) {
        const char *value = jpki_report_attribute(report, (enum jpki_attribute)i);

        FUZZ_CHECK(value == NULL || expected != JPKI_INVALID);
        FUZZ_CHECK(value == NULL || jpki_report_serial(report).size > 0);
    }
    FUZZ_CHECK(expected != JPKI_VALID || jpki_report_status_time(report) != JPKI_NO_TIME);
}

static enum jpki_verdict verify(const jpki_verifier *verifier, struct jpki_bytes cms,
                                struct jpki_bytes document, int64_t at)
{
    enum jpki_verdict verdict = JPKI_INDETERMINATE;
    jpki_report *report = NULL;

    if (jpki_verify_document(verifier, cms, document, at, &report, NULL) < 0) {
        FUZZ_CHECK(report == NULL);
        return verdict;
    }
    verdict = jpki_report_verdict(report);
    check_report(report);
    jpki_report_free(report);
    return verdict;
}

/*
 * Everything from outside at once: time, CA, list, signature, document. What is valid is no longer
 * so when the document lacks a byte, or when nobody is trusted.
 */
FUZZ_TARGET(data, size)
{
    struct bytes rest = bytes_of(data, size);
    int64_t at = take_time(&rest);
    struct jpki_bytes ca = take_part(&rest);
    struct jpki_bytes list = take_part(&rest);
    struct jpki_bytes cms = take_part(&rest);
    jpki_verifier *verifier = NULL;
    jpki_verifier *stranger = NULL;

    FUZZ_CHECK(jpki_verifier_new(&verifier, NULL) == 0 && jpki_verifier_new(&stranger, NULL) == 0);
    (void)!jpki_verifier_add_ca(verifier, ca, NULL);
    (void)!jpki_verifier_add_crl(verifier, list, NULL);
    if (verify(verifier, cms, give_bytes(rest), at) == JPKI_VALID) {
        if (rest.len > 0)
            FUZZ_CHECK(verify(verifier, cms, give_bytes(bytes_part(rest, 1, rest.len)), at) ==
                       JPKI_INVALID);
        FUZZ_CHECK(verify(stranger, cms, give_bytes(rest), at) == JPKI_INDETERMINATE);
    }
    jpki_verifier_free(verifier);
    jpki_verifier_free(stranger);
    return 0;
}
