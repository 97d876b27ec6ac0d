/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every rule of the role is broken once: a structure that passes gets one field changed and must
 * be refused with the sentence of that rule.
 */
#include "signer/role_ca.h"

#include "crypto/pubkey.h"
#include "support/pki.h"
#include "x509/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 86400 };

static struct test_pki pki;
static struct buf subject;
static struct ca_rules rules;
static struct ca_self self; /* with its CA certificate */

static int setup(void **state)
{
    const struct tbs *ca;
    const char *text;

    (void)state;
    test_pki_make(&pki);
    ca = x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]);
    assert_int_equal(name_append_text(&subject, ca->subject, NULL), 0);
    assert_int_equal(buf_text(&subject, &text, NULL), 0);
    rules = (struct ca_rules){.subject = text,
                              .subject_bits = 2048,
                              .ca_days = 3660,
                              .days = 1830,
                              .responder_days = 400,
                              .crl_days = 8};
    assert_int_equal(buf_append(&rules.policies[0], oid_der(OID_POLICY_SIGN_TEST), NULL), 0);
    rules.policy_count = 1;
    self = (struct ca_self){.spki = ca->spki, .certificate = ca};
    assert_int_equal(pubkey_key_id(x509_cert_pubkey(pki.certs[PROFILE_SIGN_CA]), self.key_id, NULL),
                     0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&subject);
    buf_done(&rules.policies[0]);
    buf_done(&rules.purposes[0]);
    test_pki_done(&pki);
    return 0;
}

typedef void change_fn(struct tbs *tbs);

static void change_serial_zero(struct tbs *tbs)
{
    static const uint8_t zero[] = {0};

    tbs->serial = BYTES_ARRAY(zero);
}

static void change_serial_five_bytes(struct tbs *tbs)
{
    static const uint8_t five[] = {1, 0, 0, 0, 0};

    tbs->serial = BYTES_ARRAY(five);
}

static void change_algorithm(struct tbs *tbs)
{
    tbs->algorithm_digest = DIGEST_SHA1;
}

static void change_algorithm_longer(struct tbs *tbs)
{
    tbs->algorithm_digest = DIGEST_SHA512;
}

static void change_algorithm_kind(struct tbs *tbs)
{
    tbs->algorithm_kind = KEY_P384;
}

static void change_unknown_critical(struct tbs *tbs)
{
    tbs->unknown_critical = oid_der(OID_AD_OCSP);
}

static void change_validity_backwards(struct tbs *tbs)
{
    tbs->not_after = tbs->not_before;
}

static void change_no_key_usage(struct tbs *tbs)
{
    tbs->has_key_usage = false;
}

static void change_criticality(struct tbs *tbs, enum oid id)
{
    for (size_t i = 0; i < tbs->extension_count; i++)
        if (tbs->extensions[i].id == id)
            tbs->extensions[i].is_critical = false;
}

static void change_key_usage_not_critical(struct tbs *tbs)
{
    change_criticality(tbs, OID_KEY_USAGE);
}

static void change_constraints_not_critical(struct tbs *tbs)
{
    change_criticality(tbs, OID_BASIC_CONSTRAINTS);
}

static void change_to_foreign_key(struct tbs *tbs)
{
    tbs->spki = test_pki_spki(&pki, PROFILE_AUTH_CA);
}

static void change_to_own_key(struct tbs *tbs)
{
    tbs->spki = self.spki;
}

static void change_broken_key(struct tbs *tbs)
{
    tbs->spki.len--;
}

static void change_subject(struct tbs *tbs)
{
    tbs->subject = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject;
}

static void change_subject_to_own(struct tbs *tbs)
{
    tbs->subject = self.certificate->subject;
}

static void change_subject_garbage(struct tbs *tbs)
{
    tbs->subject = BYTES_LITERAL("\x30\x05");
}

static void change_issuer(struct tbs *tbs)
{
    tbs->issuer = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject;
}

static void change_usage_sign_only(struct tbs *tbs)
{
    tbs->key_usage = KEY_USAGE_KEY_CERT_SIGN;
}

static void change_usage_more(struct tbs *tbs)
{
    tbs->key_usage |= KEY_USAGE_DIGITAL_SIGNATURE;
}

static void change_usage_cert_sign(struct tbs *tbs)
{
    tbs->key_usage |= KEY_USAGE_KEY_CERT_SIGN;
}

static void change_usage_crl_sign(struct tbs *tbs)
{
    tbs->key_usage |= KEY_USAGE_CRL_SIGN;
}

static void change_usage_none(struct tbs *tbs)
{
    tbs->key_usage = 0;
}

static void change_subject_key_id(struct tbs *tbs)
{
    tbs->subject_key_id = bytes_part(self.spki, 0, KEY_ID_SIZE);
}

static void change_no_subject_key_id(struct tbs *tbs)
{
    tbs->subject_key_id.len = 0;
}

static void change_authority_key_id(struct tbs *tbs)
{
    tbs->authority_key_id = bytes_part(self.spki, 0, KEY_ID_SIZE);
}

static void change_no_authority_key_id(struct tbs *tbs)
{
    tbs->authority_key_id.len = 0;
}

static void change_authority_serial(struct tbs *tbs)
{
    static const uint8_t other[] = {99};

    tbs->authority_serial = BYTES_ARRAY(other);
}

static void change_authority_serial_alone(struct tbs *tbs)
{
    tbs->authority_issuer.len = 0;
}

static void change_authority_issuer(struct tbs *tbs)
{
    tbs->authority_issuer = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject;
}

static void change_policy(struct tbs *tbs)
{
    tbs->policies[0].oid = oid_der(OID_POLICY_SIGN); /* the real card's */
}

static void change_more_policies(struct tbs *tbs)
{
    tbs->policies[1].oid = oid_der(OID_POLICY_AUTH);
    tbs->policy_count = 2;
}

static void change_no_policy(struct tbs *tbs)
{
    tbs->policy_count = 0;
}

static void change_add_policy(struct tbs *tbs)
{
    tbs->policies[0].oid = oid_der(OID_POLICY_SIGN_TEST);
    tbs->policy_count = 1;
}

static void change_purpose(struct tbs *tbs)
{
    tbs->purposes[0] = oid_der(OID_CLIENT_AUTH);
    tbs->purpose_count = 1;
}

static void change_to_personal_data(struct tbs *tbs)
{
    tbs->has_holder = true;
}

static void change_before_the_ca(struct tbs *tbs)
{
    tbs->not_before = self.certificate->not_before - 1;
}

static void change_after_the_ca(struct tbs *tbs)
{
    tbs->not_after = self.certificate->not_after + 1;
}

static void change_too_long(struct tbs *tbs)
{
    tbs->not_after = tbs->not_before + 1830LL * DAY + 1;
}

static void change_ca_too_long(struct tbs *tbs)
{
    tbs->not_after = tbs->not_before + 3660LL * DAY + 1;
}

static void change_to_ca(struct tbs *tbs)
{
    tbs->is_ca = true;
}

struct row {
    change_fn *change;
    const char *sentence;
};

/* Either kind of structure, changed; ca says which profile it starts from. */
static void assert_refused(enum profile_kind start, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tbs tbs = *x509_cert_tbs(pki.certs[start]);
        enum ledger_kind kind = 0;
        struct err err = {0};

        rows[i].change(&tbs);
        assert_int_equal(role_ca_check(&rules, &self, &tbs, &kind, &err), -ERR_UNTRUSTED);
        assert_string_equal(err.text, rows[i].sentence);
        assert_int_equal(kind, 0);
    }
}

#define SERIAL      "the serial number is not 1 to 2^32-1"
#define ALGORITHM   "this key signs with sha256WithRSAEncryption only"
#define CRITICAL    "a critical extension is not known here (RFC 5280, 4.2)"
#define BACKWARDS   "the validity ends before it begins (RFC 5280, 4.1.2.5)"
#define USAGE       "keyUsage is missing or not critical (RFC 5280, 4.2.1.3)"
#define CA_KEY_IDS  "a key identifier is not this key's (RFC 5280, 4.2.1.2)"
#define CA_USAGE    "keyUsage of a CA is keyCertSign and cRLSign, no more and no less"
#define CA_NAME     "CA:TRUE under a name that is not this key's"
#define CA_MORE     "a CA certificate has no purposes, policies or personal data"
#define OWN_ISSUER  "the issuer is not this key's own name"
#define OWN_KEY_ID  "authorityKeyIdentifier is not this key's (RFC 5280, 4.2.1.1)"
#define OWN_CA      "authorityKeyIdentifier names another certificate (RFC 5280, 4.2.1.1)"
#define SELF        "the subject is this CA itself"
#define SUBJECT_KEY "the subject's key is not RSA of the size in subject_bits"
#define EE_USAGE    "keyUsage is empty or has keyCertSign or cRLSign"
#define POLICY      "a certificate policy is missing or not in policies"
#define WITHIN      "the validity is not within the CA certificate's"

static void a_ca_certificate_that_breaks_a_rule_is_refused(void **state)
{
    static const struct row rows[] = {
        {change_serial_zero, SERIAL},
        {change_serial_five_bytes, SERIAL},
        {change_algorithm, ALGORITHM},
        {change_algorithm_longer, ALGORITHM},
        {change_algorithm_kind, ALGORITHM},
        {change_unknown_critical, CRITICAL},
        {change_validity_backwards, BACKWARDS},
        {change_no_key_usage, USAGE},
        {change_key_usage_not_critical, USAGE},
        {change_to_foreign_key, "CA:TRUE for a key that is not this one"},
        {change_broken_key, "CA:TRUE for a key that is not this one"},
        {change_subject, CA_NAME},
        {change_subject_garbage, CA_NAME},
        {change_issuer, "CA:TRUE whose issuer is another name"},
        {change_constraints_not_critical, "basicConstraints is not critical (RFC 5280, 4.2.1.9)"},
        {change_usage_sign_only, CA_USAGE},
        {change_usage_more, CA_USAGE},
        {change_subject_key_id, CA_KEY_IDS},
        {change_no_subject_key_id, CA_KEY_IDS},
        {change_authority_key_id, CA_KEY_IDS},
        {change_add_policy, CA_MORE},
        {change_purpose, CA_MORE},
        {change_to_personal_data, CA_MORE},
        {change_ca_too_long, "the CA certificate is valid for longer than ca_days"},
    };

    (void)state;
    assert_refused(PROFILE_SIGN_CA, rows, sizeof rows / sizeof rows[0]);
}

static void a_certificate_of_somebody_that_breaks_a_rule_is_refused(void **state)
{
    static const struct row rows[] = {
        {change_serial_zero, SERIAL},
        {change_serial_five_bytes, SERIAL},
        {change_algorithm, ALGORITHM},
        {change_algorithm_longer, ALGORITHM},
        {change_algorithm_kind, ALGORITHM},
        {change_unknown_critical, CRITICAL},
        {change_validity_backwards, BACKWARDS},
        {change_no_key_usage, USAGE},
        {change_key_usage_not_critical, USAGE},
        {change_issuer, OWN_ISSUER},
        {change_authority_key_id, OWN_KEY_ID},
        {change_no_authority_key_id, OWN_KEY_ID},
        {change_authority_serial, OWN_CA},
        {change_authority_serial_alone, OWN_CA},
        {change_authority_issuer, OWN_CA},
        {change_subject_to_own, SELF},
        {change_to_own_key, SELF},
        {change_broken_key, SUBJECT_KEY},
        {change_usage_cert_sign, EE_USAGE},
        {change_usage_crl_sign, EE_USAGE},
        {change_usage_none, EE_USAGE},
        {change_policy, POLICY},
        {change_more_policies, POLICY},
        {change_no_policy, POLICY},
        {change_purpose, "extKeyUsage has a purpose that is not in purposes"},
        {change_before_the_ca, WITHIN},
        {change_after_the_ca, WITHIN},
        {change_too_long, "the validity is longer than days"},
        /* CA:TRUE in somebody else's certificate is judged as a CA certificate. */
        {change_to_ca, "CA:TRUE for a key that is not this one"},
    };

    (void)state;
    assert_refused(PROFILE_SIGN, rows, sizeof rows / sizeof rows[0]);
}

/* The auth CA's holder as a responder of the sign CA; only the parsed form matters here. */
static struct tbs responder(void)
{
    static const uint8_t serial[] = {9};
    struct tbs tbs = *x509_cert_tbs(pki.certs[PROFILE_SIGN]);

    tbs.serial = BYTES_ARRAY(serial);
    tbs.key_usage = KEY_USAGE_DIGITAL_SIGNATURE;
    tbs.policy_count = 0;
    tbs.has_holder = false;
    tbs.purposes[0] = oid_der(OID_OCSP_SIGNING);
    tbs.purpose_count = 1;
    tbs.extensions[tbs.extension_count++] = (struct tbs_extension){.id = OID_OCSP_NOCHECK};
    tbs.not_after = tbs.not_before + 400LL * DAY;
    return tbs;
}

static void change_to_second_purpose(struct tbs *tbs)
{
    tbs->purposes[1] = oid_der(OID_CLIENT_AUTH);
    tbs->purpose_count = 2;
}

static void change_no_nocheck(struct tbs *tbs)
{
    tbs->extension_count--;
}

static void change_responder_too_long(struct tbs *tbs)
{
    tbs->not_after++;
}

/* One that is as it should be, and each change of it. */
static void assert_appointed(struct tbs (*make)(void), const struct row *rows, size_t count)
{
    struct tbs good = make();
    enum ledger_kind kind = 0;

    assert_int_equal(role_ca_check(&rules, &self, &good, &kind, NULL), 0);
    assert_int_equal(kind, LEDGER_CERTIFICATE);
    for (size_t i = 0; i < count; i++) {
        struct tbs tbs = make();
        struct err err = {0};

        rows[i].change(&tbs);
        assert_int_equal(role_ca_check(&rules, &self, &tbs, &kind, &err), -ERR_UNTRUSTED);
        assert_string_equal(err.text, rows[i].sentence);
    }
}

static void a_responders_certificate_that_breaks_a_rule_is_refused(void **state)
{
    static const char usage[] = "keyUsage of an OCSP responder is digitalSignature, no more";
    static const char holder[] = "an OCSP responder's certificate has no policies or personal data";
    static const struct row rows[] = {
        {change_issuer, OWN_ISSUER},
        {change_no_authority_key_id, OWN_KEY_ID},
        {change_authority_key_id, OWN_KEY_ID},
        {change_to_own_key, SELF},
        {change_broken_key, SUBJECT_KEY},
        {change_key_usage_not_critical, USAGE},
        {change_before_the_ca, WITHIN},
        {change_to_second_purpose, "an OCSP responder has a purpose besides OCSPSigning"},
        {change_usage_cert_sign, usage},
        {change_usage_none, usage},
        {change_no_nocheck, "an OCSP responder's certificate without ocsp-nocheck"},
        {change_add_policy, holder},
        {change_to_personal_data, holder},
        {change_responder_too_long, "the validity is longer than responder_days"},
        {change_to_ca, "CA:TRUE for a key that is not this one"},
    };

    (void)state;
    assert_appointed(responder, rows, sizeof rows / sizeof rows[0]);
}

/* The same key as one that signs feeds. */
static struct tbs feed_signer(void)
{
    struct tbs tbs = responder();

    tbs.purposes[0] = oid_der(OID_FEED_SIGNING);
    tbs.extension_count--;
    return tbs;
}

static void change_to_responder(struct tbs *tbs)
{
    tbs->purposes[tbs->purpose_count++] = oid_der(OID_OCSP_SIGNING);
}

static void a_feed_signers_certificate_that_breaks_a_rule_is_refused(void **state)
{
    static const char usage[] = "keyUsage of a signer of feeds is digitalSignature, no more";
    static const char holder[] =
        "the certificate of a signer of feeds has no policies or personal data";
    static const struct row rows[] = {
        {change_issuer, OWN_ISSUER},
        {change_to_own_key, SELF},
        {change_broken_key, SUBJECT_KEY},
        {change_before_the_ca, WITHIN},
        {change_to_second_purpose, "a signer of feeds has a purpose besides feedSigning"},
        {change_to_responder, "an OCSP responder has a purpose besides OCSPSigning"},
        {change_usage_cert_sign, usage},
        {change_usage_none, usage},
        {change_add_policy, holder},
        {change_to_personal_data, holder},
        {change_responder_too_long, "the validity is longer than responder_days"},
        {change_to_ca, "CA:TRUE for a key that is not this one"},
    };

    (void)state;
    assert_appointed(feed_signer, rows, sizeof rows / sizeof rows[0]);
}

enum { LIST_ENTRY_SIZE = 20 };

/* Two entries, of serial numbers 2 and 3, revoked in 2026. */
static const uint8_t list_entries[2 * LIST_ENTRY_SIZE] = {
    0x30, 18, 2, 1, 2, 0x17, 13, '2', '6', '0', '9', '2', '1', '0', '0', '0', '0', '0', '0', 'Z',
    0x30, 18, 2, 1, 3, 0x17, 13, '2', '6', '0', '9', '2', '1', '1', '4', '1', '3', '2', '0', 'Z',
};

static struct crl list(void)
{
    static const uint8_t number[] = {7};

    return (struct crl){.digest = DIGEST_SHA256,
                        .issuer = self.certificate->subject,
                        .this_update = TEST_PKI_NOW,
                        .next_update = TEST_PKI_NOW + 8 * DAY,
                        .entries = BYTES_ARRAY(list_entries),
                        .authority_key_id = bytes_of(self.key_id, KEY_ID_SIZE),
                        .number = BYTES_ARRAY(number)};
}

static void list_algorithm(struct crl *crl)
{
    crl->digest = DIGEST_SHA1;
}

static void list_issuer(struct crl *crl)
{
    crl->issuer = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject;
}

static void list_key_id(struct crl *crl)
{
    crl->authority_key_id = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA])->subject_key_id;
}

static void list_no_key_id(struct crl *crl)
{
    crl->authority_key_id.len = 0;
}

static void list_number_none(struct crl *crl)
{
    crl->number.len = 0;
}

static void list_number_too_large(struct crl *crl)
{
    static const uint8_t five[] = {1, 0, 0, 0, 0};

    crl->number = BYTES_ARRAY(five);
}

static void list_number_of_twenty(struct crl *crl)
{
    static const uint8_t twenty[20] = {1};

    crl->number = BYTES_ARRAY(twenty);
}

static void list_times_equal(struct crl *crl)
{
    crl->next_update = crl->this_update;
}

static void list_too_long(struct crl *crl)
{
    crl->next_update++;
}

static void list_before_the_ca(struct crl *crl)
{
    crl->this_update = self.certificate->not_before - 1;
    crl->next_update = crl->this_update + DAY;
}

static void list_after_the_ca(struct crl *crl)
{
    crl->this_update = self.certificate->not_after + 1;
    crl->next_update = crl->this_update + DAY;
}

static void list_older_than_an_entry(struct crl *crl)
{
    crl->this_update--;
    crl->next_update--;
}

static void list_with_an_entry_twice(struct crl *crl)
{
    static uint8_t twice[2 * LIST_ENTRY_SIZE];

    memcpy(twice, list_entries, sizeof twice);
    twice[LIST_ENTRY_SIZE + 4] = 2;
    crl->entries = BYTES_ARRAY(twice);
}

/* The head and each entry, as a list in pieces is checked. */
static int check_list(const struct ca_self *by, const struct crl *crl, uint32_t *ret_number,
                      struct err *err)
{
    struct bytes entries = crl->entries;
    struct revocation entry;
    uint32_t number;
    uint32_t last = 0;

    TRY(role_ca_check_list(&rules, by, crl, &number, err));
    while (entries.len > 0) {
        TRY(crl_next(&entries, &entry, err));
        TRY(role_ca_check_entry(&last, crl, &entry, err));
    }
    *ret_number = number;
    return 0;
}

static void a_list_that_breaks_a_rule_is_refused(void **state)
{
    static const char number[] = "the CRL number is not 1 to 2^32-1";
    static const char key_id[] = "authorityKeyIdentifier of the CRL is not this key's";
    static const char within[] = "thisUpdate of the CRL is not within the CA's validity";
    static const struct {
        void (*change)(struct crl *crl);
        const char *sentence;
    } rows[] = {
        {list_algorithm, ALGORITHM},
        {list_issuer, "the issuer of the CRL is not this key's own name"},
        {list_key_id, key_id},
        {list_no_key_id, key_id},
        {list_number_none, number},
        {list_number_too_large, number},
        {list_number_of_twenty, number},
        {list_times_equal, "nextUpdate of the CRL is not after its thisUpdate"},
        {list_too_long, "nextUpdate of the CRL is later than crl_days allow"},
        {list_before_the_ca, within},
        {list_after_the_ca, within},
        {list_older_than_an_entry, "serial number 3 is revoked after thisUpdate"},
        {list_with_an_entry_twice, "entries of the CRL are not in ascending order"},
    };
    uint32_t ret_number = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct crl crl = list();
        struct err err = {0};

        rows[i].change(&crl);
        assert_int_equal(check_list(&self, &crl, &ret_number, &err), -ERR_UNTRUSTED);
        assert_string_equal(err.text, rows[i].sentence);
        assert_int_equal(ret_number, 0);
    }
}

static void a_list_passes_once_there_is_a_ca(void **state)
{
    static const uint8_t largest[] = {0xff, 0xff, 0xff, 0xff};
    struct ca_self young = self;
    struct crl crl = list();
    uint32_t number = 0;

    (void)state;
    young.certificate = NULL;
    assert_int_equal(check_list(&young, &crl, &number, NULL), -ERR_UNTRUSTED);
    crl.entries.len--;
    assert_int_equal(check_list(&self, &crl, &number, NULL), -ERR_INPUT);
    crl.entries.len++;
    assert_int_equal(check_list(&self, &crl, &number, NULL), 0);
    assert_int_equal(number, 7);
    crl.number = BYTES_ARRAY(largest);
    crl.entries.len = 0;
    assert_int_equal(check_list(&self, &crl, &number, NULL), 0);
    assert_int_equal(number, UINT32_MAX);
}

static void a_certificate_of_another_ca_is_refused(void **state)
{
    const struct tbs *tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH]);
    enum ledger_kind kind;

    (void)state;
    assert_int_equal(role_ca_check(&rules, &self, tbs, &kind, NULL), -ERR_UNTRUSTED);
    tbs = x509_cert_tbs(pki.certs[PROFILE_AUTH_CA]);
    assert_int_equal(role_ca_check(&rules, &self, tbs, &kind, NULL), -ERR_UNTRUSTED);
}

static void nothing_but_the_ca_certificate_comes_before_it(void **state)
{
    struct ca_self young = self;
    enum ledger_kind kind;
    struct err err;

    (void)state;
    young.certificate = NULL;
    assert_int_equal(
        role_ca_check(&rules, &young, x509_cert_tbs(pki.certs[PROFILE_SIGN]), &kind, &err),
        -ERR_UNTRUSTED);
    assert_string_equal(err.text, "this key has no CA certificate yet");
    assert_int_equal(
        role_ca_check(&rules, &young, x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]), &kind, NULL), 0);
    assert_int_equal(kind, LEDGER_CA);
}

static void keys_of_another_size_are_refused(void **state)
{
    struct ca_rules larger = rules;
    enum ledger_kind kind;
    struct err err;

    (void)state;
    larger.subject_bits = 3072;
    assert_int_equal(
        role_ca_check(&larger, &self, x509_cert_tbs(pki.certs[PROFILE_SIGN]), &kind, &err),
        -ERR_UNTRUSTED);
    assert_string_equal(err.text, SUBJECT_KEY);
}

static void a_purpose_that_is_configured_passes(void **state)
{
    struct tbs tbs = *x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    enum ledger_kind kind;

    (void)state;
    change_purpose(&tbs);
    assert_int_equal(role_ca_check(&rules, &self, &tbs, &kind, NULL), -ERR_UNTRUSTED);
    assert_int_equal(buf_append(&rules.purposes[0], oid_der(OID_CLIENT_AUTH), NULL), 0);
    rules.purpose_count = 1;
    assert_int_equal(role_ca_check(&rules, &self, &tbs, &kind, NULL), 0);
    rules.purpose_count = 0;
}

static void what_lies_on_a_limit_passes(void **state)
{
    static const uint8_t largest[] = {0xff, 0xff, 0xff, 0xff};
    struct tbs tbs = *x509_cert_tbs(pki.certs[PROFILE_SIGN]);
    enum ledger_kind kind = 0;

    (void)state;
    tbs.serial = BYTES_ARRAY(largest);
    tbs.not_before = self.certificate->not_before;
    tbs.not_after = tbs.not_before + 1830LL * DAY;
    assert_int_equal(role_ca_check(&rules, &self, &tbs, &kind, NULL), 0);
    assert_int_equal(kind, LEDGER_CERTIFICATE);
    tbs.not_after = self.certificate->not_after;
    tbs.not_before = tbs.not_after - 1830LL * DAY;
    assert_int_equal(role_ca_check(&rules, &self, &tbs, &kind, NULL), 0);
}

static void both_kinds_pass_as_the_profiles_make_them(void **state)
{
    enum ledger_kind kind = 0;

    (void)state;
    assert_int_equal(
        role_ca_check(&rules, &self, x509_cert_tbs(pki.certs[PROFILE_SIGN_CA]), &kind, NULL), 0);
    assert_int_equal(kind, LEDGER_CA);
    assert_int_equal(
        role_ca_check(&rules, &self, x509_cert_tbs(pki.certs[PROFILE_SIGN]), &kind, NULL), 0);
    assert_int_equal(kind, LEDGER_CERTIFICATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ca_certificate_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_certificate_of_somebody_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_responders_certificate_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_feed_signers_certificate_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_list_that_breaks_a_rule_is_refused),
        cmocka_unit_test(a_list_passes_once_there_is_a_ca),
        cmocka_unit_test(a_certificate_of_another_ca_is_refused),
        cmocka_unit_test(nothing_but_the_ca_certificate_comes_before_it),
        cmocka_unit_test(keys_of_another_size_are_refused),
        cmocka_unit_test(a_purpose_that_is_configured_passes),
        cmocka_unit_test(what_lies_on_a_limit_passes),
        cmocka_unit_test(both_kinds_pass_as_the_profiles_make_them),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
