/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libjpki-verify: verifies signatures that were made with the certificates of a My Number Card, on
 * your own machine. For servers of bodies that may receive revocation data.
 *
 * The library opens no connection, writes no file, logs nothing and needs libcrypto alone. It
 * decides by RFC 5280 and EN 319 102-1: signature, chain by key identifier, profile, policy,
 * validity and revocation, all at a time that you name. What is not known is never valid.
 *
 * Failures: a function that can fail returns 0, or -(enum jpki_error_kind) with a sentence in
 * *error, which may be NULL. What it would have returned through ret is then untouched. A verdict
 * is no failure, whichever it is. Pointers are not NULL unless it is said.
 *
 * Ownership: what you pass in stays yours and is copied where it is kept. What comes back through
 * ret is yours, to be released by the free function of its type, which accepts NULL. What a report
 * points to lives as long as the report.
 *
 * Threads: any number of threads may verify with one verifier at the same time, and read one
 * report. While a function that changes a verifier or frees it runs, nobody else may use it.
 * Nothing is kept outside of these objects but OpenSSL's hash functions; the thread's queue of
 * OpenSSL errors is emptied.
 *
 * Promise: within the soname libjpki-verify.so.0 no function goes away or changes its parameters,
 * no structure grows, no number changes its meaning. Functions and numbers may be added, so that a
 * reason that you do not know may come: jpki_reason_verdict() knows it.
 *
 * This is a library of OpenJPKI, which is unofficial. Manual: jpki-verify(3).
 */
#ifndef JPKI_VERIFY_H
#define JPKI_VERIFY_H

#include <jpki/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is taken at most; one more is refused. Documents have no limit. */
enum {
    JPKI_CAS_MAX = 64,                          /* CAs that a verifier trusts */
    JPKI_CA_FILE_MAX = 64 * 1024,               /* bytes of a file with one */
    JPKI_CRLS_MAX = 4096,                       /* lists that a verifier keeps in memory */
    JPKI_CRL_MAX = 64 * 1024 * 1024,            /* bytes of a list */
    JPKI_CRL_FILES_MAX = 4096,                  /* lists in a directory */
    JPKI_CRL_ENTRIES_MAX = 100000000,           /* revocations in all lists, 8 bytes each */
    JPKI_FEEDS_MAX = 64,                        /* copies of feeds that a verifier asks */
    JPKI_FEED_ITEM_MAX = 64 * 1024 * 1024,      /* bytes of a snapshot or delta, and of a file */
    JPKI_FEED_FILES_MAX = 4096,                 /* files of a feed in a directory */
    JPKI_REMEMBERED_MAX = 1000000,              /* certificates that a verifier remembers */
    JPKI_CERTIFICATE_MAX = 8192,                /* bytes of a certificate */
    JPKI_SIGNATURE_FILE_MAX = 16 * 1024 * 1024, /* bytes of a CMS structure */
    JPKI_ANSWER_MAX = 65536,                    /* bytes of an OCSP response */
    JPKI_CLOCK_SKEW = 60                        /* seconds that others' clocks may be ahead */
};

/* --- Whom to believe --------------------------------------------------------------------- */

typedef struct jpki_verifier jpki_verifier;

/* A verifier that trusts nobody and knows no revocation. JPKI_ERROR_NOMEM. */
JPKI_MUST_CHECK int jpki_verifier_new(jpki_verifier **ret, struct jpki_error *error);
void jpki_verifier_free(jpki_verifier *verifier);

/*
 * Trust the CA of this certificate, in DER or PEM. JPKI_ERROR_UNTRUSTED unless it is a self-signed
 * CA certificate with a key identifier; JPKI_ERROR_INPUT if it is none at all, or one too many.
 * The same one twice is one. Of CAs under one name each counts for what its own key signed.
 */
JPKI_MUST_CHECK int jpki_verifier_add_ca(jpki_verifier *verifier, struct jpki_bytes certificate,
                                         struct jpki_error *error);
/*
 * The same for a file, or for every *.cer, *.crt, *.der and *.pem in a directory, one certificate
 * each. JPKI_ERROR_ABSENT if path does not exist. A bad file is named by the failure; those before
 * it are trusted then.
 */
JPKI_MUST_CHECK int jpki_verifier_load_cas(jpki_verifier *verifier, const char *path,
                                           struct jpki_error *error);

/*
 * Keep a revocation list (CRL, DER). JPKI_ERROR_INPUT if it is none, or of a form that is not read:
 * delta, indirect, for some reasons only. Whether it may be believed is decided at each
 * verification: the list that counts is signed by the CA's key, covers the certificate, and holds
 * at the time; of several the newest.
 */
JPKI_MUST_CHECK int jpki_verifier_add_crl(jpki_verifier *verifier, struct jpki_bytes crl,
                                          struct jpki_error *error);
/*
 * Look for lists at path, too: one file, or every *.crl in a directory. Each is read and its
 * signature checked once, at the first verification; a later one sees at once that names came or
 * went, and within a second that a file changed, so put new ones in place by rename(2). Several of
 * one place may be there: the one that held at the time is looked into. What is not there holds no
 * list; what is beyond the limits is not read, and nothing is valid then for want of it. NULL: look
 * nowhere.
 */
JPKI_MUST_CHECK int jpki_verifier_set_crl_path(jpki_verifier *verifier, const char *path,
                                               struct jpki_error *error);

/*
 * Remember so many certificates that trusted CAs issued, 0: none, as in the beginning. One that is
 * shown again costs a third of the time; whether it is revoked, and valid at the time and for the
 * use, is decided each time. They hold personal data for as long: until as many others came, a CA
 * is added, or the verifier is freed. JPKI_ERROR_INPUT above JPKI_REMEMBERED_MAX; each takes some
 * ten kilobytes.
 */
JPKI_MUST_CHECK int jpki_verifier_remember(jpki_verifier *verifier, size_t certificates,
                                           struct jpki_error *error);

/* Where a function of yours puts its answer. */
typedef struct jpki_answer jpki_answer;

/* Append to the answer. JPKI_ERROR_INPUT above JPKI_ANSWER_MAX: then there is no answer. */
int jpki_answer_put(jpki_answer *answer, struct jpki_bytes piece);

/*
 * Send an OCSP request (DER, RFC 6960) to the responder that the certificate names, by HTTP POST as
 * application/ocsp-request, and put the body of its answer. Returns 0 if it answered, anything
 * else if not. Called in the thread that verifies, so in several at once if you verify so; never
 * for a certificate whose CA is not trusted.
 */
typedef int jpki_ask_fn(void *context, const char *url, struct jpki_bytes request,
                        jpki_answer *answer);
/*
 * Sign with RSASSA-PKCS1-v1_5 and SHA-256, and put the signature. Returns 0 if it did. Threads as
 * above.
 */
typedef int jpki_sign_fn(void *context, struct jpki_bytes message, jpki_answer *answer);

/*
 * Ask by OCSP, before lists are looked at. Lists count only where the responder says nothing that
 * may be believed; where it says that it does not know the certificate, that stands. ask NULL:
 * nobody. context is handed through.
 */
void jpki_verifier_set_ocsp(jpki_verifier *verifier, jpki_ask_fn *ask, void *context);
/*
 * Sign the questions, as responders for registered verifiers want it (sigRequired): certificate
 * (DER) is that of the key behind sign. JPKI_ERROR_INPUT if it is none.
 */
JPKI_MUST_CHECK int jpki_verifier_set_ocsp_signer(jpki_verifier *verifier,
                                                  struct jpki_bytes certificate, jpki_sign_fn *sign,
                                                  void *context, struct jpki_error *error);

#define JPKI_NO_TIME INT64_MIN

/* --- The revocation feed ----------------------------------------------------------------- */

/*
 * A copy of the revocation feed of one CA (docs/revocation-feed.md): which of its certificates are
 * revoked, exactly, as new as what was taken in last. What is not covered is neither good nor
 * revoked.
 */
typedef struct jpki_feed jpki_feed;

/* An empty copy, which covers nothing; of the CA of this certificate, DER or PEM. JPKI_ERROR_INPUT
 * or JPKI_ERROR_UNTRUSTED if it is none. */
JPKI_MUST_CHECK int jpki_feed_new(struct jpki_bytes ca_certificate, jpki_feed **ret,
                                  struct jpki_error *error);
void jpki_feed_free(jpki_feed *feed);

/*
 * Take in whatever of these items leads furthest: snapshots and deltas, in a row, in any order. now
 * is the time. *ret_taken (may be NULL) is how many; items of other CAs, old ones, and deltas that
 * do not follow are passed over. Where a delta is missing in between, the copy stays where it is:
 * take a snapshot. JPKI_ERROR_INPUT for what cannot be read, JPKI_ERROR_UNTRUSTED for what must not
 * be believed, after all others were taken; nothing of it gets into the copy.
 */
JPKI_MUST_CHECK int jpki_feed_take(jpki_feed *feed, struct jpki_bytes items, int64_t now,
                                   unsigned *ret_taken, struct jpki_error *error);
/* The same from a file, or from every *.feed in a directory. JPKI_ERROR_ABSENT if there is none. */
JPKI_MUST_CHECK int jpki_feed_load(jpki_feed *feed, const char *path, int64_t now,
                                   unsigned *ret_taken, struct jpki_error *error);

enum jpki_feed_answer { JPKI_FEED_NOT_COVERED = 0, JPKI_FEED_GOOD = 1, JPKI_FEED_REVOKED = 2 };

/*
 * Whether the certificate of this CA with that serial number (octets of the positive integer) is
 * revoked at a time between jpki_feed_this_update and jpki_feed_next_update. That the CA signed it
 * is for you to know.
 */
enum jpki_feed_answer jpki_feed_ask(const jpki_feed *feed, struct jpki_bytes serial, int64_t at);

/* Of the item that was taken in last: 0 and JPKI_NO_TIME if there was none. Fetch deltas behind
 * the edition. */
uint32_t jpki_feed_edition(const jpki_feed *feed);
/* Of the last revocation or release that is known. */
uint64_t jpki_feed_number(const jpki_feed *feed);
int64_t jpki_feed_this_update(const jpki_feed *feed);
int64_t jpki_feed_next_update(const jpki_feed *feed);

/*
 * Ask the feed first, then by OCSP and in lists what it does not cover. The feed is not copied: it
 * must live as long as the verifier, and nobody may verify while it takes something in.
 * JPKI_ERROR_INPUT above JPKI_FEEDS_MAX.
 */
JPKI_MUST_CHECK int jpki_verifier_add_feed(jpki_verifier *verifier, const jpki_feed *feed,
                                           struct jpki_error *error);

/* --- Verifying --------------------------------------------------------------------------- */

typedef struct jpki_report jpki_report;

/* For each of these at is the time that is judged at, in seconds since 1970 UTC. */

/*
 * A document with a detached CMS signature (RFC 5652, DER, one signer, signed attributes), made
 * with a sign certificate. JPKI_ERROR_INPUT if cms is no such structure.
 */
JPKI_MUST_CHECK int jpki_verify_document(const jpki_verifier *verifier, struct jpki_bytes cms,
                                         struct jpki_bytes document, int64_t at, jpki_report **ret,
                                         struct jpki_error *error);
/*
 * The same, reading the document from where fd stands to its end; it may be a pipe, and is never
 * held in memory. JPKI_ERROR_SYSTEM if it cannot be read. fd stays open.
 */
JPKI_MUST_CHECK int jpki_verify_document_fd(const jpki_verifier *verifier, struct jpki_bytes cms,
                                            int fd, int64_t at, jpki_report **ret,
                                            struct jpki_error *error);

/* How the digest was signed. Yours to know: they are not tried in turn. */
enum jpki_form {
    JPKI_FORM_DIGESTINFO = 1, /* PKCS#1 v1.5 over DigestInfo (RFC 8017, 8.2): as in documents */
    JPKI_FORM_BARE_HASH = 2,  /* PKCS#1 v1.5 over the hash alone, which does not say by which
                                 function: as the government's signing API makes it */
    JPKI_FORM_PSS = 3,        /* RSASSA-PSS (RFC 8017, 8.1): the same hash in MGF1, as many octets
                                 of salt as it has */
    JPKI_FORM_ECDSA = 4       /* by a P-384 key over SHA-384: Ecdsa-Sig-Value in DER */
};

/* A signature as a card returns it, and what belongs to it. */
struct jpki_raw_signature {
    enum jpki_use use;
    enum jpki_form form;
    enum jpki_hash hash;
    struct jpki_bytes digest; /* of the message, as long as hash makes it */
    struct jpki_bytes value;
    struct jpki_bytes certificate; /* of the signer, DER */
};

/*
 * JPKI_ERROR_INPUT if the certificate is malformed or its key makes no signatures of that form,
 * JPKI_ERROR_USAGE if the digest is not as long
 * as its hash makes it.
 */
JPKI_MUST_CHECK int jpki_verify_signature(const jpki_verifier *verifier,
                                          const struct jpki_raw_signature *signature, int64_t at,
                                          jpki_report **ret, struct jpki_error *error);
/* A certificate (DER) alone: whoever shows it need not be its holder. JPKI_ERROR_INPUT as above. */
JPKI_MUST_CHECK int jpki_verify_certificate(const jpki_verifier *verifier,
                                            struct jpki_bytes certificate, enum jpki_use use,
                                            int64_t at, jpki_report **ret,
                                            struct jpki_error *error);

/* --- What was found ---------------------------------------------------------------------- */

enum jpki_reason {
    JPKI_REASON_NONE = 0,
    JPKI_REASON_DOCUMENT_CHANGED = 1,
    JPKI_REASON_SIGNATURE_BROKEN = 2,
    JPKI_REASON_WEAK_HASH = 3,
    JPKI_REASON_SIGNER_CERTIFICATE_MISSING = 4,
    JPKI_REASON_SIGNER_CERTIFICATE_REPLACED = 5,
    JPKI_REASON_ISSUER_UNKNOWN = 6,
    JPKI_REASON_ISSUER_FORGED = 7,
    JPKI_REASON_NOT_YET_VALID = 8,
    JPKI_REASON_EXPIRED = 9,
    JPKI_REASON_ISSUER_NOT_VALID = 10,
    JPKI_REASON_WRONG_USAGE = 11,
    JPKI_REASON_WRONG_POLICY = 12,
    JPKI_REASON_WRONG_PROFILE = 13,
    JPKI_REASON_PROFILE_UNKNOWN = 14,
    JPKI_REASON_UNKNOWN_CRITICAL_EXTENSION = 15,
    JPKI_REASON_REVOKED = 16,
    JPKI_REASON_HELD = 17,
    JPKI_REASON_STATUS_UNKNOWN = 18,
    JPKI_REASON_CRL_MISSING = 19,
    JPKI_REASON_CRL_UNREADABLE = 20,
    JPKI_REASON_CRL_OTHER_ISSUER = 21,
    JPKI_REASON_CRL_FORGED = 22,
    JPKI_REASON_CRL_EXPIRED = 23,
    JPKI_REASON_CRL_FROM_FUTURE = 24,
    JPKI_REASON_OCSP_UNAVAILABLE = 25,
    JPKI_REASON_OCSP_MALFORMED = 26,
    JPKI_REASON_OCSP_REFUSED = 27,
    JPKI_REASON_OCSP_TRY_LATER = 28,
    JPKI_REASON_OCSP_RESPONDER = 29,
    JPKI_REASON_OCSP_FORGED = 30,
    JPKI_REASON_OCSP_NONCE = 31,
    JPKI_REASON_OCSP_OTHER_CERTIFICATE = 32,
    JPKI_REASON_OCSP_STALE = 33,
    JPKI_REASON_OCSP_FROM_FUTURE = 34,
    JPKI_REASON_CHALLENGE_EXPIRED = 35, /* not by the functions of this page */
    JPKI_REASON_REVOCATION_NOT_CHECKED = 36,
    JPKI_REASON_FEED_NOT_COVERED = 37,
    JPKI_REASON_FEED_TOO_OLD = 38,
    JPKI_REASON_HOLDERS_DIFFER = 39, /* this and all below: not by the functions of this page */
    JPKI_REASON_COVERAGE_BROKEN = 40,
    JPKI_REASON_ADDED_LATER = 41,
    JPKI_REASON_FORM_NOT_READ = 42
};

void jpki_report_free(jpki_report *report);
enum jpki_verdict jpki_report_verdict(const jpki_report *report);
/* The nth reason, from 0; JPKI_REASON_NONE behind the last. A valid one has none. */
enum jpki_reason jpki_report_reason(const jpki_report *report, size_t nth);

/* "valid", "invalid", "indeterminate". */
const char *jpki_verdict_name(enum jpki_verdict verdict);
/* "document-changed": the name of the constant, in small letters. NULL for what is no reason. */
const char *jpki_reason_name(enum jpki_reason reason);
/* A sentence for people, UTF-8: in Japanese for language "ja", else in English. NULL as above. */
const char *jpki_reason_text(enum jpki_reason reason, const char *language);
/* What the reason does to the verdict: JPKI_INVALID outweighs JPKI_INDETERMINATE. */
enum jpki_verdict jpki_reason_verdict(enum jpki_reason reason);

/* When the signer claims to have signed, in seconds since 1970 UTC; JPKI_NO_TIME: no claim. */
int64_t jpki_report_signing_time(const jpki_report *report);

/* Who signed, as the certificate says it. */
enum jpki_attribute {
    JPKI_NAME = 1,    /* 氏名: surname, U+3000, given name */
    JPKI_ADDRESS = 2, /* 住所, from the prefecture on */
    JPKI_BIRTH = 3,   /* 生年月日, EYYYYMMDD: era (1 Meiji ... 5 Reiwa), Gregorian date */
    JPKI_SEX = 4,     /* 性別: 1 male, 2 female, 3 unknown */
    JPKI_NAME_SUBSTITUTES = 5, /* 代替文字: for each character of the name 1 if it stands for */
    JPKI_ADDRESS_SUBSTITUTES = 6 /* another, 0 if not; the same for the address */
};

/*
 * UTF-8. NULL if the certificate has none (those for logging in), if its CA is not trusted, and if
 * the verdict is JPKI_INVALID: then nobody stands for it.
 */
const char *jpki_report_attribute(const jpki_report *report, enum jpki_attribute attribute);

/*
 * For the verifier alone: whoever it verifies for learns none of this (公的個人認証法, duties of
 * 署名検証者). The certificate is the signer's (DER), empty if there was none to be read; it need
 * not be from a trusted CA. Key identifier of the CA and serial number (octets of the positive
 * integer) name it, and are empty unless a trusted CA signed it.
 */
struct jpki_bytes jpki_report_certificate(const jpki_report *report);
struct jpki_bytes jpki_report_issuer_key_id(const jpki_report *report);
struct jpki_bytes jpki_report_serial(const jpki_report *report);
/* When it was revoked or suspended; JPKI_NO_TIME: it is not, or that is not known, as by a feed. */
int64_t jpki_report_revoked_at(const jpki_report *report);
/* CRLReason (RFC 5280, 5.3.1); -1: not given. */
int jpki_report_revocation_reason(const jpki_report *report);
/* thisUpdate of the list or OCSP answer that was believed; JPKI_NO_TIME: none was. */
int64_t jpki_report_status_time(const jpki_report *report);

/* "0.1.0": of the library that runs, not of this page. */
const char *jpki_verify_version(void);

#ifdef __cplusplus
}
#endif

#endif
