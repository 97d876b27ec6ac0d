/* SPDX-License-Identifier: Apache-2.0 */
/* libcrypto as somebody would use it who has a list to make or to read. */
#include "programs/jpki-bench/revocations.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

enum { KEY_BITS = 2048, DAY = 86400, KEY_ID_LEN = 20, LIST_NUMBER = 7 };

struct list_ca {
    EVP_PKEY *key;
    X509 *certificate;
    uint8_t *name, *spki;
    int name_len, spki_len;
    uint8_t key_id[KEY_ID_LEN];
};

static int fail(struct err *err)
{
    return FAIL(err, ERR_REMOTE, "libcrypto does not do what it is measured at");
}

static bool set_names(X509 *cert)
{
    X509_NAME *name = X509_get_subject_name(cert);
    const unsigned char organisation[] = "OpenJPKI TEST";

    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, organisation, -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1;
}

/* subjectKeyIdentifier and what makes it a CA. */
static bool add_extensions(struct list_ca *ca)
{
    static const struct {
        int nid;
        const char *value;
    } rows[] = {{NID_basic_constraints, "critical,CA:TRUE"},
                {NID_key_usage, "critical,keyCertSign,cRLSign"},
                {NID_subject_key_identifier, "hash"}};
    X509V3_CTX context;

    X509V3_set_ctx(&context, ca->certificate, ca->certificate, NULL, NULL, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, rows[i].nid, rows[i].value);
        bool is_added = extension != NULL && X509_add_ext(ca->certificate, extension, -1) == 1;

        X509_EXTENSION_free(extension);
        if (!is_added)
            return false;
    }
    return X509_pubkey_digest(ca->certificate, EVP_sha1(), ca->key_id, NULL) == 1;
}

static bool make(struct list_ca *ca)
{
    ca->key = EVP_RSA_gen(KEY_BITS);
    ca->certificate = X509_new();
    if (ca->key == NULL || ca->certificate == NULL || X509_set_version(ca->certificate, 2) != 1 ||
        ASN1_INTEGER_set(X509_get_serialNumber(ca->certificate), 1) != 1 ||
        X509_gmtime_adj(X509_getm_notBefore(ca->certificate), -DAY) == NULL ||
        X509_gmtime_adj(X509_getm_notAfter(ca->certificate), 10 * DAY) == NULL ||
        !set_names(ca->certificate) || X509_set_pubkey(ca->certificate, ca->key) != 1 ||
        !add_extensions(ca) || X509_sign(ca->certificate, ca->key, EVP_sha256()) == 0)
        return false;
    ca->name_len = i2d_X509_NAME(X509_get_subject_name(ca->certificate), &ca->name);
    ca->spki_len = i2d_PUBKEY(ca->key, &ca->spki);
    return ca->name_len > 0 && ca->spki_len > 0;
}

void list_ca_freep(struct list_ca **ca)
{
    if (*ca == NULL)
        return;
    EVP_PKEY_free((*ca)->key);
    X509_free((*ca)->certificate);
    OPENSSL_free((*ca)->name);
    OPENSSL_free((*ca)->spki);
    free(*ca);
    *ca = NULL;
}

int list_ca_new(struct list_ca **ret, struct err *err)
{
    struct list_ca *ca = calloc(1, sizeof *ca);

    if (ca == NULL)
        return FAIL_NOMEM(err);
    if (!make(ca)) {
        list_ca_freep(&ca);
        return fail(err);
    }
    *ret = ca;
    return 0;
}

struct bytes list_ca_spki(const struct list_ca *ca)
{
    return bytes_of(ca->spki, (size_t)ca->spki_len);
}

struct crl_head list_ca_head(const struct list_ca *ca)
{
    return (struct crl_head){.issuer = bytes_of(ca->name, (size_t)ca->name_len),
                             .authority_key_id = BYTES_ARRAY(ca->key_id),
                             .number = LIST_NUMBER,
                             .this_update = REVOCATIONS_NOW,
                             .next_update = REVOCATIONS_NOW + 2 * DAY};
}

int list_ca_sign(const struct list_ca *ca, const struct digest *digest, struct buf *ret,
                 struct err *err)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(ca->key, NULL);
    size_t len = KEY_BITS / 8;
    uint8_t signature[KEY_BITS / 8];
    bool is_signed = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
                     EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
                     EVP_PKEY_sign(context, signature, &len, digest->value, digest->len) == 1;

    EVP_PKEY_CTX_free(context);
    return is_signed ? buf_append(ret, bytes_of(signature, len), err) : fail(err);
}

int list_ca_save(const struct list_ca *ca, const char *key, const char *certificate,
                 struct err *err)
{
    BIO *key_file = BIO_new_file(key, "w");
    BIO *certificate_file = BIO_new_file(certificate, "w");
    bool is_saved = key_file != NULL && certificate_file != NULL &&
                    PEM_write_bio_PrivateKey(key_file, ca->key, NULL, NULL, 0, NULL, NULL) == 1 &&
                    PEM_write_bio_X509(certificate_file, ca->certificate) == 1;

    BIO_free(key_file);
    BIO_free(certificate_file);
    return is_saved ? 0 : fail(err);
}

/* Takes nothing over that it was given; what libcrypto took is the list's. */
static bool add_revoked(X509_CRL *list, const struct revocation *entry, ASN1_INTEGER *serial,
                        ASN1_TIME *date, ASN1_ENUMERATED *reason)
{
    X509_REVOKED *revoked = X509_REVOKED_new();
    bool is_ready = revoked != NULL && ASN1_INTEGER_set_uint64(serial, entry->serial) == 1 &&
                    ASN1_TIME_set(date, entry->at) != NULL &&
                    ASN1_ENUMERATED_set(reason, (long)entry->reason) == 1 &&
                    X509_REVOKED_set_serialNumber(revoked, serial) == 1 &&
                    X509_REVOKED_set_revocationDate(revoked, date) == 1 &&
                    X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0) == 1;

    if (is_ready && X509_CRL_add0_revoked(list, revoked) == 1)
        return true;
    X509_REVOKED_free(revoked);
    return false;
}

static bool fill(X509_CRL *list, uint32_t count)
{
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ASN1_TIME *date = ASN1_TIME_new();
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    bool is_good = serial != NULL && date != NULL && reason != NULL;

    for (uint32_t i = 0; is_good && i < count; i++) {
        const struct revocation entry = made_up_at(i);

        is_good = add_revoked(list, &entry, serial, date, reason);
    }
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(date);
    ASN1_ENUMERATED_free(reason);
    return is_good;
}

/* Version, names, dates, cRLNumber and authorityKeyIdentifier. */
static bool set_head(X509_CRL *list, const struct list_ca *ca)
{
    ASN1_TIME *from = ASN1_TIME_set(NULL, REVOCATIONS_NOW);
    ASN1_TIME *until = ASN1_TIME_set(NULL, REVOCATIONS_NOW + 2 * DAY);
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
    bool is_set = from != NULL && until != NULL && number != NULL && id != NULL &&
                  ASN1_INTEGER_set(number, LIST_NUMBER) == 1 &&
                  X509_CRL_set_version(list, 1) == 1 &&
                  X509_CRL_set_issuer_name(list, X509_get_subject_name(ca->certificate)) == 1 &&
                  X509_CRL_set1_lastUpdate(list, from) == 1 &&
                  X509_CRL_set1_nextUpdate(list, until) == 1;

    if (is_set)
        is_set = (id->keyid = ASN1_OCTET_STRING_dup(X509_get0_subject_key_id(ca->certificate))) !=
                     NULL &&
                 X509_CRL_add1_ext_i2d(list, NID_authority_key_identifier, id, 0, 0) == 1 &&
                 X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, 0) == 1;
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    ASN1_INTEGER_free(number);
    AUTHORITY_KEYID_free(id);
    return is_set;
}

int peer_write_list(const struct list_ca *ca, uint32_t count, int fd, struct err *err)
{
    X509_CRL *list = X509_CRL_new();
    BIO *out = BIO_new_fd(fd, BIO_NOCLOSE);
    bool is_written = list != NULL && out != NULL && set_head(list, ca) && fill(list, count) &&
                      X509_CRL_sort(list) == 1 && X509_CRL_sign(list, ca->key, EVP_sha256()) > 0 &&
                      i2d_X509_CRL_bio(out, list) == 1;

    BIO_free(out);
    X509_CRL_free(list);
    return is_written ? 0 : fail(err);
}

int peer_read_list(const struct list_ca *ca, struct bytes der, struct err *err)
{
    const unsigned char *at = der.ptr;
    X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)der.len);
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    const struct revocation one = made_up_at(REVOCATIONS_PEERS / 2);
    X509_REVOKED *found = NULL;
    bool is_read = list != NULL && serial != NULL &&
                   ASN1_INTEGER_set_uint64(serial, one.serial) == 1 &&
                   X509_CRL_verify(list, ca->key) == 1 &&
                   X509_CRL_get0_by_serial(list, &found, serial) == 1;

    ASN1_INTEGER_free(serial);
    X509_CRL_free(list);
    return is_read ? 0 : fail(err);
}
