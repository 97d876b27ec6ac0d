/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule is a row: a claim about the structure, and the sentence for one that breaks it. Rows are
 * tried in order, and a claim may rely on those before it.
 */
#include "signer/role_ca.h"

#include "crypto/pubkey.h"
#include "x509/name.h"

enum { DAY_SECONDS = 86400 };

struct facts {
    const struct ca_rules *rules;
    const struct ca_self *self;
    const struct tbs *tbs;
};

typedef bool claim_fn(const struct facts *facts);

struct rule {
    claim_fn *holds;
    const char *otherwise;
};

static bool is_critical(const struct tbs *tbs, enum oid id)
{
    const struct tbs_extension *extension = tbs_find(tbs, id);

    return extension != NULL && extension->is_critical;
}

static bool is_own_key_id(const struct facts *facts, struct bytes id)
{
    return bytes_equal(id, bytes_of(facts->self->key_id, KEY_ID_SIZE));
}

static bool is_in(struct bytes oid, const struct buf *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(oid, buf_bytes(&list[i])))
            return true;
    return false;
}

static bool lasts_at_most(const struct tbs *tbs, int64_t days)
{
    return tbs->not_after - tbs->not_before <= days * DAY_SECONDS;
}

/* Rules for everything a CA key signs. */

static bool has_small_serial(const struct facts *facts)
{
    return facts->tbs->serial.len <= 4 && tbs_serial_number(facts->tbs) > 0;
}

static bool has_our_algorithm(const struct facts *facts)
{
    return facts->tbs->algorithm_kind == KEY_RSA && facts->tbs->algorithm_digest == DIGEST_SHA256;
}

static bool has_no_unknown_critical(const struct facts *facts)
{
    return facts->tbs->unknown_critical.len == 0;
}

static bool ends_after_it_begins(const struct facts *facts)
{
    return facts->tbs->not_before < facts->tbs->not_after;
}

static bool has_critical_key_usage(const struct facts *facts)
{
    return facts->tbs->has_key_usage && is_critical(facts->tbs, OID_KEY_USAGE);
}

static const struct rule common_rules[] = {
    {has_small_serial, "the serial number is not 1 to 2^32-1"},
    {has_our_algorithm, "this key signs with sha256WithRSAEncryption only"},
    {has_no_unknown_critical, "a critical extension is not known here (RFC 5280, 4.2)"},
    {ends_after_it_begins, "the validity ends before it begins (RFC 5280, 4.1.2.5)"},
    {has_critical_key_usage, "keyUsage is missing or not critical (RFC 5280, 4.2.1.3)"},
};

/* Rules for the CA certificate. */

static bool is_for_own_key(const struct facts *facts)
{
    return bytes_equal(facts->tbs->spki, facts->self->spki);
}

static bool has_own_name(const struct facts *facts)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    return name_check(facts->tbs->subject, NULL) == 0 &&
           name_append_text(&text, facts->tbs->subject, NULL) == 0 &&
           bytes_equal(buf_bytes(&text), bytes_text(facts->rules->subject));
}

static bool is_self_issued(const struct facts *facts)
{
    return name_equal(facts->tbs->issuer, facts->tbs->subject);
}

static bool has_critical_constraints(const struct facts *facts)
{
    return is_critical(facts->tbs, OID_BASIC_CONSTRAINTS);
}

static bool has_usage_of_ca(const struct facts *facts)
{
    return facts->tbs->key_usage == (KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN);
}

static bool has_own_key_ids(const struct facts *facts)
{
    return is_own_key_id(facts, facts->tbs->subject_key_id) &&
           (facts->tbs->authority_key_id.len == 0 ||
            is_own_key_id(facts, facts->tbs->authority_key_id));
}

static bool has_nothing_of_a_holder(const struct facts *facts)
{
    return facts->tbs->purpose_count == 0 && facts->tbs->policy_count == 0 &&
           !facts->tbs->has_holder;
}

static bool lasts_no_longer_than_a_ca(const struct facts *facts)
{
    return lasts_at_most(facts->tbs, facts->rules->ca_days);
}

static const struct rule ca_rules[] = {
    {is_for_own_key, "CA:TRUE for a key that is not this one"},
    {has_own_name, "CA:TRUE under a name that is not this key's"},
    {is_self_issued, "CA:TRUE whose issuer is another name"},
    {has_critical_constraints, "basicConstraints is not critical (RFC 5280, 4.2.1.9)"},
    {has_usage_of_ca, "keyUsage of a CA is keyCertSign and cRLSign, no more and no less"},
    {has_own_key_ids, "a key identifier is not this key's (RFC 5280, 4.2.1.2)"},
    {has_nothing_of_a_holder, "a CA certificate has no purposes, policies or personal data"},
    {lasts_no_longer_than_a_ca, "the CA certificate is valid for longer than ca_days"},
};

/* Rules for certificates of others. */

static bool has_a_ca(const struct facts *facts)
{
    return facts->self->certificate != NULL;
}

static bool is_issued_here(const struct facts *facts)
{
    return name_equal(facts->tbs->issuer, facts->self->certificate->subject);
}

static bool names_this_key(const struct facts *facts)
{
    return is_own_key_id(facts, facts->tbs->authority_key_id);
}

/* authorityCertIssuer and authorityCertSerialNumber come together or not (RFC 5280, 4.2.1.1). */
static bool names_this_ca(const struct facts *facts)
{
    const struct tbs *ca = facts->self->certificate;

    if (facts->tbs->authority_issuer.len == 0 && facts->tbs->authority_serial.len == 0)
        return true;
    return name_equal(facts->tbs->authority_issuer, ca->issuer) &&
           bytes_equal(facts->tbs->authority_serial, ca->serial);
}

static bool is_about_somebody_else(const struct facts *facts)
{
    return !name_equal(facts->tbs->subject, facts->self->certificate->subject) &&
           !bytes_equal(facts->tbs->spki, facts->self->spki);
}

static bool has_allowed_key(const struct facts *facts)
{
    CLEANUP(pubkey_freep) struct pubkey *key = NULL;

    return pubkey_from_spki_rsa(facts->tbs->spki, &key, NULL) == 0 &&
           (int64_t)pubkey_bits(key) == facts->rules->subject_bits;
}

static bool has_usage_of_holder(const struct facts *facts)
{
    return facts->tbs->key_usage != 0 &&
           (facts->tbs->key_usage & (KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN)) == 0;
}

static bool has_allowed_policies(const struct facts *facts)
{
    const struct tbs *tbs = facts->tbs;

    for (size_t i = 0; i < tbs->policy_count; i++)
        if (!is_in(tbs->policies[i].oid, facts->rules->policies, facts->rules->policy_count))
            return false;
    return tbs->policy_count > 0;
}

static bool has_allowed_purposes(const struct facts *facts)
{
    const struct tbs *tbs = facts->tbs;

    for (size_t i = 0; i < tbs->purpose_count; i++)
        if (!is_in(tbs->purposes[i], facts->rules->purposes, facts->rules->purpose_count))
            return false;
    return true;
}

static bool lies_within_the_ca(const struct facts *facts)
{
    const struct tbs *ca = facts->self->certificate;

    return facts->tbs->not_before >= ca->not_before && facts->tbs->not_after <= ca->not_after;
}

static bool lasts_no_longer_than_allowed(const struct facts *facts)
{
    return lasts_at_most(facts->tbs, facts->rules->days);
}

/* What every certificate of others has in common, whoever they are. */
static const struct rule issued_rules[] = {
    {has_a_ca, "this key has no CA certificate yet"},
    {is_issued_here, "the issuer is not this key's own name"},
    {names_this_key, "authorityKeyIdentifier is not this key's (RFC 5280, 4.2.1.1)"},
    {names_this_ca, "authorityKeyIdentifier names another certificate (RFC 5280, 4.2.1.1)"},
    {is_about_somebody_else, "the subject is this CA itself"},
    {has_allowed_key, "the subject's key is not RSA of the size in subject_bits"},
    {lies_within_the_ca, "the validity is not within the CA certificate's"},
};

static const struct rule holder_rules[] = {
    {has_usage_of_holder, "keyUsage is empty or has keyCertSign or cRLSign"},
    {has_allowed_policies, "a certificate policy is missing or not in policies"},
    {has_allowed_purposes, "extKeyUsage has a purpose that is not in purposes"},
    {lasts_no_longer_than_allowed, "the validity is longer than days"},
};

/* Rules for the certificate of an OCSP responder (RFC 6960, 4.2.2.2). */

static bool is_responder(const struct tbs *tbs)
{
    return tbs_has_purpose(tbs, OID_OCSP_SIGNING);
}

static bool has_no_other_purpose(const struct facts *facts)
{
    return facts->tbs->purpose_count == 1;
}

static bool has_usage_of_responder(const struct facts *facts)
{
    return facts->tbs->key_usage == KEY_USAGE_DIGITAL_SIGNATURE;
}

static bool has_nocheck(const struct facts *facts)
{
    return tbs_find(facts->tbs, OID_OCSP_NOCHECK) != NULL;
}

static bool names_no_holder(const struct facts *facts)
{
    return facts->tbs->policy_count == 0 && !facts->tbs->has_holder;
}

static bool lasts_no_longer_than_a_responder(const struct facts *facts)
{
    return lasts_at_most(facts->tbs, facts->rules->responder_days);
}

static const struct rule responder_rules[] = {
    {has_no_other_purpose, "an OCSP responder has a purpose besides OCSPSigning"},
    {has_usage_of_responder, "keyUsage of an OCSP responder is digitalSignature, no more"},
    {has_nocheck, "an OCSP responder's certificate without ocsp-nocheck"},
    {names_no_holder, "an OCSP responder's certificate has no policies or personal data"},
    {lasts_no_longer_than_a_responder, "the validity is longer than responder_days"},
};

/* Rules for the certificate of a key that signs a revocation feed. */
static const struct rule feed_rules[] = {
    {has_no_other_purpose, "a signer of feeds has a purpose besides feedSigning"},
    {has_usage_of_responder, "keyUsage of a signer of feeds is digitalSignature, no more"},
    {names_no_holder, "the certificate of a signer of feeds has no policies or personal data"},
    {lasts_no_longer_than_a_responder, "the validity is longer than responder_days"},
};

static int keep(const struct facts *facts, const struct rule *rules, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!rules[i].holds(facts))
            return FAIL(err, ERR_UNTRUSTED, "%s", rules[i].otherwise);
    return 0;
}

#define KEEP(facts, rules, err) keep(facts, rules, sizeof(rules) / sizeof(rules)[0], err)

int role_ca_check(const struct ca_rules *rules, const struct ca_self *self, const struct tbs *tbs,
                  enum ledger_kind *ret_kind, struct err *err)
{
    const struct facts facts = {rules, self, tbs};

    TRY(KEEP(&facts, common_rules, err));
    if (tbs->is_ca) {
        TRY(KEEP(&facts, ca_rules, err));
    } else {
        TRY(KEEP(&facts, issued_rules, err));
        if (is_responder(tbs))
            TRY(KEEP(&facts, responder_rules, err));
        else if (tbs_has_purpose(tbs, OID_FEED_SIGNING))
            TRY(KEEP(&facts, feed_rules, err));
        else
            TRY(KEEP(&facts, holder_rules, err));
    }
    *ret_kind = tbs->is_ca ? LEDGER_CA : LEDGER_CERTIFICATE;
    return 0;
}

/* Rules for a CRL. */

struct list_facts {
    const struct ca_rules *rules;
    const struct ca_self *self;
    const struct crl *crl;
    uint64_t number; /* 0: more than eight octets */
};

typedef bool list_claim_fn(const struct list_facts *facts);

static bool list_has_a_ca(const struct list_facts *facts)
{
    return facts->self->certificate != NULL;
}

static bool list_has_our_algorithm(const struct list_facts *facts)
{
    return facts->crl->digest == DIGEST_SHA256;
}

static bool list_is_issued_here(const struct list_facts *facts)
{
    return bytes_equal(facts->crl->issuer, facts->self->certificate->subject);
}

static bool list_names_this_key(const struct list_facts *facts)
{
    return bytes_equal(facts->crl->authority_key_id, bytes_of(facts->self->key_id, KEY_ID_SIZE));
}

static bool list_has_small_number(const struct list_facts *facts)
{
    return facts->number > 0 && facts->number <= UINT32_MAX;
}

static bool list_ends_after_it_begins(const struct list_facts *facts)
{
    return facts->crl->this_update < facts->crl->next_update;
}

static bool list_lies_within_the_ca(const struct list_facts *facts)
{
    const struct tbs *ca = facts->self->certificate;

    return facts->crl->this_update >= ca->not_before && facts->crl->this_update <= ca->not_after;
}

static bool list_lasts_no_longer_than_allowed(const struct list_facts *facts)
{
    return facts->crl->next_update - facts->crl->this_update <=
           facts->rules->crl_days * DAY_SECONDS;
}

static const struct {
    list_claim_fn *holds;
    const char *otherwise;
} list_rules[] = {
    {list_has_a_ca, "this key has no CA certificate yet"},
    {list_has_our_algorithm, "this key signs with sha256WithRSAEncryption only"},
    {list_is_issued_here, "the issuer of the CRL is not this key's own name"},
    {list_names_this_key, "authorityKeyIdentifier of the CRL is not this key's"},
    {list_has_small_number, "the CRL number is not 1 to 2^32-1"},
    {list_ends_after_it_begins, "nextUpdate of the CRL is not after its thisUpdate"},
    {list_lies_within_the_ca, "thisUpdate of the CRL is not within the CA's validity"},
    {list_lasts_no_longer_than_allowed, "nextUpdate of the CRL is later than crl_days allow"},
};

int role_ca_check_entry(uint32_t *last, const struct crl *crl, const struct revocation *entry,
                        struct err *err)
{
    if (entry->serial <= *last)
        return FAIL(err, ERR_UNTRUSTED, "entries of the CRL are not in ascending order");
    if (entry->at > crl->this_update)
        return FAIL(err, ERR_UNTRUSTED, "serial number %u is revoked after thisUpdate",
                    entry->serial);
    *last = entry->serial;
    return 0;
}

int role_ca_check_list(const struct ca_rules *rules, const struct ca_self *self,
                       const struct crl *crl, uint32_t *ret_number, struct err *err)
{
    struct list_facts facts = {rules, self, crl, 0};

    if (crl_number(crl, &facts.number, NULL) < 0)
        facts.number = 0;
    for (size_t i = 0; i < sizeof list_rules / sizeof list_rules[0]; i++)
        if (!list_rules[i].holds(&facts))
            return FAIL(err, ERR_UNTRUSTED, "%s", list_rules[i].otherwise);
    *ret_number = (uint32_t)facts.number;
    return 0;
}
