/* SPDX-License-Identifier: Apache-2.0 */
/* What a proxy says of the certificate that a TLS client has shown: refusals first. */
#include "x509/shown.h"

#include "support/pki.h"
#include "x509/limits.h"
#include "x509/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct test_pki pki;
static struct buf pem;

static int set_up(void **state)
{
    (void)state;
    test_pki_make_kind(&pki, KEY_P384);
    return pem_append(&pem, "CERTIFICATE", x509_cert_der(pki.certs[PROFILE_SIGN]), NULL);
}

static int tear_down(void **state)
{
    (void)state;
    buf_done(&pem);
    test_pki_done(&pki);
    return 0;
}

/* The first so many characters as escapes, and of the others those that nginx escapes. */
static void escape(struct bytes text, size_t escaped, struct buf *ret)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.ptr[i];

        if (i < escaped || strchr(" \n+/=", c) != NULL)
            assert_int_equal(buf_append_format(ret, NULL, "%%%02X", (unsigned)text.ptr[i]), 0);
        else
            assert_int_equal(buf_append_byte(ret, text.ptr[i], NULL), 0);
    }
}

static int read_text(struct buf *text, struct buf *ret)
{
    const char *escaped;

    assert_int_equal(buf_text(text, &escaped, NULL), 0);
    return shown_read(escaped, ret, NULL);
}

static void assert_refused(const char *escaped)
{
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    assert_int_equal(shown_read(escaped, &der, NULL), -ERR_INPUT);
    assert_int_equal(der.len, 0);
}

static void what_is_no_certificate_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf twice = BUF_INIT;
    CLEANUP(buf_done) struct buf der = BUF_INIT;

    (void)state;
    assert_refused("");
    assert_refused("%");
    assert_refused("%4");
    assert_refused("%4x");
    assert_refused("%2525");
    assert_refused("-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----%0A");
    escape(buf_bytes(&pem), 0, &twice);
    escape(buf_bytes(&pem), 0, &twice);
    assert_int_equal(read_text(&twice, &der), -ERR_INPUT);
}

static void a_certificate_is_read_as_nginx_writes_it(void **state)
{
    static const size_t without[] = {0, 1}; /* of the line feed at the end */

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf text = BUF_INIT;
        CLEANUP(buf_done) struct buf der = BUF_INIT;

        escape(bytes_part(buf_bytes(&pem), 0, pem.len - without[i]), 0, &text);
        assert_int_equal(read_text(&text, &der), 0);
        assert_true(bytes_equal(buf_bytes(&der), x509_cert_der(pki.certs[PROFILE_SIGN])));
    }
}

/* A certificate that is spelled with so many characters. */
static int read_of_length(size_t length)
{
    for (size_t without = 0; without < 2; without++)
        for (size_t escaped = 0; escaped < pem.len; escaped++) {
            CLEANUP(buf_done) struct buf text = BUF_INIT;
            CLEANUP(buf_done) struct buf der = BUF_INIT;

            escape(bytes_part(buf_bytes(&pem), 0, pem.len - without), escaped, &text);
            if (text.len == length)
                return read_text(&text, &der);
        }
    fail_msg("no spelling has %zu characters", length);
    return 0;
}

static void up_to_the_limit_it_is_read_and_not_one_past_it(void **state)
{
    (void)state;
    assert_int_equal(read_of_length(SHOWN_MAX), 0);
    assert_int_equal(read_of_length(SHOWN_MAX + 1), -ERR_INPUT);
}

/* ---- by the certificate itself ---- */

/* As "openssl req -x509 -newkey ec" makes them: signed with SHA-256 whatever the curve is. */
static const char p256[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBcjCCARmgAwIBAgIURQWtzVW3Pme2bxMmcZGOuFYSd9gwCgYIKoZIzj0EAwIw\n"
                           "DzENMAsGA1UEAwwEYmFuazAeFw0yNjExMjYxNjE4MDlaFw0zNjExMjMxNjE4MDla\n"
                           "MA8xDTALBgNVBAMMBGJhbmswWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS2t3MO\n"
                           "EAlYE+ibG2JXHbyCv+4Buydv1AvJFgzjZ0IOrNEAh9Oe7Rd+zvvHPSO2DDyObXrb\n"
                           "DRFvA9ITCKbQ43Bjo1MwUTAdBgNVHQ4EFgQUrBTldR5aQo0Yp0RmKTsgpfDkdiow\n"
                           "HwYDVR0jBBgwFoAUrBTldR5aQo0Yp0RmKTsgpfDkdiowDwYDVR0TAQH/BAUwAwEB\n"
                           "/zAKBggqhkjOPQQDAgNHADBEAiANdYBkOw6eZuNz/n9WDsIAr6FJXHvdDvkf+ivo\n"
                           "zsLkfwIgVs4aj8LMCPryxGNqU9yp1B0eiPMLu1A9Fb3Z2Yh6cgg=\n"
                           "-----END CERTIFICATE-----\n";
static const char p384[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBsDCCATagAwIBAgIUI9079qiwCOhUooJ8C/tNIigZiH8wCgYIKoZIzj0EAwIw\n"
                           "DzENMAsGA1UEAwwEYmFuazAeFw0yNjExMjYxNjE4MDlaFw0zNjExMjMxNjE4MDla\n"
                           "MA8xDTALBgNVBAMMBGJhbmswdjAQBgcqhkjOPQIBBgUrgQQAIgNiAATDdA2IgLS6\n"
                           "mDYN6RfsGnUHKPtMchOUGVKvGkjxi4Ip7WYP1+hpqUXG/KG2E9b0u4/Lmbz57VqS\n"
                           "OET9cM7mgprofwaEQF31QBANFxUBCPwWSm3NQ9pywFnBvuza8gUvReWjUzBRMB0G\n"
                           "A1UdDgQWBBSmr14EOmvMkpwQPCK++EvEov/IKjAfBgNVHSMEGDAWgBSmr14EOmvM\n"
                           "kpwQPCK++EvEov/IKjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA2gAMGUC\n"
                           "MAz7JGeiSR6wGDMb0iXd1buAwc5z4CzF4DpcvudM1i69MQXhDj3ekmK0e8mDUS5w\n"
                           "CwIxAMm6YLYeqomNd7CfuP0ofa1hJxRxyy2uoBcnCX3rP82aIyrZuptGCV9YtKxu\n"
                           "ur6lTw==\n"
                           "-----END CERTIFICATE-----\n";
static const char p521[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIB+jCCAVygAwIBAgIUCc7mvU6zhJYpYUc/Q42+UjgewtIwCgYIKoZIzj0EAwIw\n"
                           "DzENMAsGA1UEAwwEYmFuazAeFw0yNjExMjYxNjE4MDlaFw0zNjExMjMxNjE4MDla\n"
                           "MA8xDTALBgNVBAMMBGJhbmswgZswEAYHKoZIzj0CAQYFK4EEACMDgYYABAEwa47K\n"
                           "chq7SydZ0T44AFVLB0JMMEy4aRAhAc0UHpnL37J0fuF2Sry4TClKXiQZU6SYFclj\n"
                           "uN1H6hghgDyBQOPHTQHULw0VB1lJBOYvfJlBVaybR5IMmJGEmpbFzgwQAnhCPDc4\n"
                           "dSycTeyFCxQP0t7D72rjuqU8hm7ivWaEMdQVYlL3paNTMFEwHQYDVR0OBBYEFDdL\n"
                           "Bo7JyK8nZMqt14AfxgoRzua/MB8GA1UdIwQYMBaAFDdLBo7JyK8nZMqt14AfxgoR\n"
                           "zua/MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDgYsAMIGHAkIAjHybdQX3\n"
                           "uF3a83LMB63454qiSaUlpVS7inDKd/mF7NMillFcCvKNryp3ftfK1gGK++J0cNm+\n"
                           "i99hpvBXtJVs7m4CQRtWATuAT9jPKaoZLtSdZuA/zU+4g2dZSKfF16ikDn1jhIV+\n"
                           "WfbxuyP0fKgX0LHWPSKt/qui7Nlm2f1lTqIRLex7\n"
                           "-----END CERTIFICATE-----\n";
static const char ed25519[] = "-----BEGIN CERTIFICATE-----\n"
                              "MIIBMjCB5aADAgECAhRGVLiEvy0ORAuuQbLmsiiqKYrpPDAFBgMrZXAwDzENMAsG\n"
                              "A1UEAwwEYmFuazAeFw0yNjExMjYxNjE4MDlaFw0yNjEyMjYxNjE4MDlaMA8xDTAL\n"
                              "BgNVBAMMBGJhbmswKjAFBgMrZXADIQC9A9d91brY2A0cXSBcSoarP+ere3c/fJn+\n"
                              "6e/1F85t16NTMFEwHQYDVR0OBBYEFOn/0Z3xJ5dqqjYA14jpIkIj9ga/MB8GA1Ud\n"
                              "IwQYMBaAFOn/0Z3xJ5dqqjYA14jpIkIj9ga/MA8GA1UdEwEB/wQFMAMBAf8wBQYD\n"
                              "K2VwA0EAfswrXvXNJa42SUsQZxtS2cunOf1Zudqptp0e30KG4gmBhUQh7MSP2mXT\n"
                              "gsWoUjjIFjP5uMJ8OszGq+fYIjxqDg==\n"
                              "-----END CERTIFICATE-----\n";
static const char rsa1024[] = "-----BEGIN CERTIFICATE-----\n"
                              "MIIB+jCCAWOgAwIBAgIUZ6mXEQVbNXzKZHC/kGnpJS29cBwwDQYJKoZIhvcNAQEL\n"
                              "BQAwDzENMAsGA1UEAwwEYmFuazAeFw0yNjExMjYxNjE4MDlaFw0yNjEyMjYxNjE4\n"
                              "MDlaMA8xDTALBgNVBAMMBGJhbmswgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGB\n"
                              "AOTeB/+uCDfa/6OMofqheERaNg9Ce9VW0ITRKjJ/U44vo35P7x4lnHm6JRZI0n3t\n"
                              "jnrZMewjxOkF733Nfpeg5WU3Q/Hq3KyHvYyd3VvCdguUECPjeBgB17NRCIMPsfzj\n"
                              "pmMGKfox8ZMdLSmn2FJ78HN5EdgbgmGmJlKPK1k7csLFAgMBAAGjUzBRMB0GA1Ud\n"
                              "DgQWBBS3Pefhb/JDOtu8fIqrVOxALdw2CTAfBgNVHSMEGDAWgBS3Pefhb/JDOtu8\n"
                              "fIqrVOxALdw2CTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAGWA\n"
                              "Fhx9CTWVqpL8Zz7thB+Ftqwhhk/PvAPMITQo+lRFL+EtrGz2L+AVC4ETpSYkS7LC\n"
                              "1O5ZTy8Ed5dOzYQ9uw58zQ3CpDpNWMnkBvRyQasCnmo4VeSPQy9sI2WlWjW7fz3C\n"
                              "tHf39v4TerONPasSgGuM2/6tNFl9QHWRg/g484SQ\n"
                              "-----END CERTIFICATE-----\n";
/* Signed with RSASSA-PSS. */
static const char rsa2048[] = "-----BEGIN CERTIFICATE-----\n"
                              "MIIDaTCCAhygAwIBAgIUAZfzommPCZpzj5TqAVduny+JZLwwQgYJKoZIhvcNAQEK\n"
                              "MDWgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEF\n"
                              "AKIEAgIA3jAPMQ0wCwYDVQQDDARiYW5rMB4XDTI2MTEyNjE2MTgwOVoXDTI2MTIy\n"
                              "NjE2MTgwOVowDzENMAsGA1UEAwwEYmFuazCCASIwDQYJKoZIhvcNAQEBBQADggEP\n"
                              "ADCCAQoCggEBAM0uad+Mz41gr7ROHgzkunHpaizNVrTOHZaD+LfBLNmxoXpMFmtD\n"
                              "4lg/JzyMdKY31WG24iDWXosKFHq/5vXk2y3XtesKTJIUik/JYY5qMM256rB4hbWy\n"
                              "JSsScmBivGCMmFcClg2YJgbpPIg0Ud+10AzyoLB3N4mrbqr4RqQiTPoG4XBBs077\n"
                              "okiiNOmhYYkTud7toPw9s8g162Dc2ppxJQ/vWZht0fTXpaKkK9/f8TchvJlDAFoy\n"
                              "V1+R9omVSLcEcJJ4A9rRyU9NrvhluogSrKdazONIF2xtXEDKveTKswl/kfoXVorj\n"
                              "OMlZEQqO2Q/pHfGGR9VHVVW/fM6JUBMLeU8CAwEAAaNTMFEwHQYDVR0OBBYEFNxn\n"
                              "NT+/Ua75OUqS6rpOpc8TXmAUMB8GA1UdIwQYMBaAFNxnNT+/Ua75OUqS6rpOpc8T\n"
                              "XmAUMA8GA1UdEwEB/wQFMAMBAf8wQgYJKoZIhvcNAQEKMDWgDzANBglghkgBZQME\n"
                              "AgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIEAgIA3gOCAQEAMGGf\n"
                              "iIsrHWR9PHvJEqVZbO6fvKovZUpOh0uQuh7wBDZZXC0V3IOrYnazRfYpCqk78Ak0\n"
                              "30zL3ZXtHi68P96Gm/38IBsD38IzVhGAxT4UKqFw63Nkihd7Ovoc479TxiV5l143\n"
                              "rSziBL1y/pau2EuweKDb/ipjI7bUNUgwjnncrK59S8dffW3xi6khbvg8EGswomuM\n"
                              "Wtq4KDFmfNL1yk9seVxANAeXUFDPf+c8ooenGdzRzXVntM8QSH/t/+mm4th3sG3R\n"
                              "fK4NiUuiGIT9hK3NgHgBSnQg9+Yzvj46QLw6fKt1pESRSKOyrsMyhCaiMOdlFG7G\n"
                              "znKgku1K20O1OmP2GQ==\n"
                              "-----END CERTIFICATE-----\n";
enum { MADE_AT = 1795709889, TEN_YEARS = 3650 * 86400 };

static int take(const char *text, struct shown_bare *ret)
{
    CLEANUP(buf_done) struct buf written = BUF_INIT;
    const char *escaped;

    escape(bytes_text(text), 0, &written);
    assert_int_equal(buf_text(&written, &escaped, NULL), 0);
    return shown_take_bare(escaped, ret, NULL);
}

static void a_key_that_is_weak_or_of_another_kind_is_refused(void **state)
{
    const char *const texts[] = {p521, ed25519, rsa1024};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CLEANUP(shown_bare_done) struct shown_bare shown = SHOWN_BARE_INIT;

        assert_int_equal(take(texts[i], &shown), -ERR_INPUT);
        assert_int_equal(shown.der.len, 0);
    }
}

/* Octets behind it, another tag at the front, nothing in it, cut off. */
static void what_is_no_certificate_is_not_taken(void **state)
{
    static const char *const texts[] = {
        "", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"};
    CLEANUP(buf_done) struct buf twice = BUF_INIT;
    CLEANUP(shown_bare_done) struct shown_bare shown = SHOWN_BARE_INIT;
    char cut[sizeof p256];
    const char *text;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(take(texts[i], &shown), -ERR_INPUT);
    assert_int_equal(buf_append_text(&twice, p256, NULL), 0);
    assert_int_equal(buf_append_text(&twice, p384, NULL), 0);
    assert_int_equal(buf_text(&twice, &text, NULL), 0);
    assert_int_equal(take(text, &shown), -ERR_INPUT);
    memcpy(cut, p256, sizeof cut);
    cut[sizeof cut / 2] = '\0';
    assert_int_equal(take(cut, &shown), -ERR_INPUT);
    assert_int_equal(shown.der.len, 0);
}

static void keys_on_both_curves_are_taken_whoever_signed(void **state)
{
    const char *const texts[] = {p256, p384};
    CLEANUP(shown_bare_done) struct shown_bare rsa = SHOWN_BARE_INIT;
    CLEANUP(buf_done) struct buf again = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CLEANUP(shown_bare_done) struct shown_bare shown = SHOWN_BARE_INIT;
        CLEANUP(buf_done) struct buf text = BUF_INIT;

        assert_int_equal(take(texts[i], &shown), 0);
        assert_true(shown.not_before >= MADE_AT && shown.not_before < MADE_AT + 60);
        assert_int_equal(shown.not_after - shown.not_before, TEN_YEARS);
        assert_int_equal(pem_append(&text, "CERTIFICATE", buf_bytes(&shown.der), NULL), 0);
        assert_true(bytes_equal(buf_bytes(&text), bytes_text(texts[i])));
    }
    assert_int_equal(take(rsa2048, &rsa), 0);
    assert_int_equal(pem_append(&again, "CERTIFICATE", buf_bytes(&rsa.der), NULL), 0);
    assert_true(bytes_equal(buf_bytes(&again), bytes_text(rsa2048)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_certificate_is_refused),
        cmocka_unit_test(a_certificate_is_read_as_nginx_writes_it),
        cmocka_unit_test(up_to_the_limit_it_is_read_and_not_one_past_it),
        cmocka_unit_test(a_key_that_is_weak_or_of_another_kind_is_refused),
        cmocka_unit_test(what_is_no_certificate_is_not_taken),
        cmocka_unit_test(keys_on_both_curves_are_taken_whoever_signed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
