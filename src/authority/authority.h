/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authority: CA certificates are made once, certificates are issued by profile. Private keys
 * are signerd's; this room builds what is to be signed and checks what comes back.
 */
#pragma once

#include "authority/store.h"
#include "authority/usage/fees.h"
#include "base/clock.h"
#include "rpc/signer_client.h"
#include "x509/cert.h"
#include "x509/holder.h"

#include <sys/types.h>

/*
 * One generation of a CA: a key and its certificate. All generations of a CA have one name and one
 * sequence of serial numbers; what one has issued is revoked in its own lists, and told by its own
 * responder and feed.
 */
struct ca {
    enum ca_kind kind;
    unsigned generation;        /* from 1 */
    char key[RPC_NAME_MAX + 1]; /* its name at signerd */
    int64_t issues_from;        /* what is issued from then on is its, until the next one begins */
    struct x509_cert *certificate;
};

/* All generations of one CA that are set up. */
struct ca_line {
    const char *key; /* at signerd, of the first (generation_name); NULL: nothing is signed */
    struct ca generations[GENERATIONS_MAX];
    unsigned count;
};

/* User ids that may do something beyond what the register, the server's listed peer, may. */
struct peer_list {
    const uid_t *uids;
    size_t count;
};

struct audit_keeper;
struct feed_maker;
struct feed_quota;

/* What a running authority consists of; read-only once it is open, so any thread may use it. */
struct authority {
    struct authority_store *store;
    const struct clock *clock;
    const char *signer;            /* the path of signerd's socket */
    const char *holder_origin;     /* how holders reach it; NULL: they do not */
    const char *verifier_origin;   /* how verifiers do */
    struct peer_list ocspd;        /* may read revocations and verifiers */
    struct peer_list operators;    /* may register verifiers */
    struct peer_list proxies;      /* end TLS for verifiers, and say who has come */
    struct feed_maker *feeds;      /* makes revocation feeds (feed.h); NULL: there are none */
    struct feed_quota *feed_quota; /* how often verifiers fetch them; NULL: as they like */
    struct audit_keeper *keeper;   /* makes checkpoints of the audit log; NULL: nobody does */
    struct crl_desk *desk;         /* where publications are ordered (crl/desk.h) */
    const struct fees *fees;       /* NULL: there are no statements */
    bool is_consent_from_receipt;  /* a consent counts from the day after its receipt, if said */
    struct ca_line cas[CA_KINDS_];
};

/*
 * Load the CA certificates of all generations into authority->cas; keys of the first generations
 * and the other members are set by the caller. ERR_CONFLICT if a CA is not set up yet.
 */
MUST_CHECK int authority_load_cas(struct authority *authority, struct err *err);
/* One of them. */
MUST_CHECK int authority_load_ca(struct authority *authority, enum ca_kind kind, struct err *err);
void authority_unload_cas(struct authority *authority);

/* A generation; NULL if there is none. */
const struct ca *authority_ca(const struct authority *authority, enum ca_kind kind,
                              unsigned generation);
/* The generation that issues at a moment: the newest that has begun to. */
const struct ca *authority_issuing_ca(const struct authority *authority, enum ca_kind kind,
                                      int64_t at);
/* By the identifier of its key, never by its name, which all generations share; NULL: none. */
const struct ca *authority_ca_by_key(const struct authority *authority, struct bytes key_id);

enum { GENERATION_SUFFIX_MAX = 3 }; /* characters of "-g9" */
/*
 * What belongs to a generation is called as that of the first one, with "-gN" behind it: keys,
 * lists, feeds. ERR_INPUT if that has more than size - 1 characters.
 */
MUST_CHECK int generation_name(const char *first, unsigned generation, char *ret, size_t size,
                               struct err *err);

/* A CA to be set up, or a further generation of one. */
struct ca_setup {
    enum ca_kind kind;
    const char *key; /* at signerd, of the first generation */
    const struct audit_origin *by;
    unsigned generation; /* 0 is the first */
    int64_t issues_from; /* of a later one */
};

/*
 * Make the certificate of a CA, self-signed by the generation's key at signerd, unless there is
 * one. ret is the certificate either way. Interrupted at any point, it can be called again.
 * ERR_CONFLICT for a generation that is not the next one, or for a key that is another's.
 */
MUST_CHECK int ca_init(struct authority_store *store, struct signer *signer,
                       const struct ca_setup *setup, struct buf *ret, struct err *err);

/* ERR_INPUT unless it is 1 to REQUEST_ID_MAX letters, digits and hyphens. */
MUST_CHECK int request_id_check(const char *id, struct err *err);

/* A request for a certificate, as the register asks. */
struct issue_request {
    enum ca_kind kind;
    const char *request_id;
    const char *subject;      /* whose, SUBJECT_LEN digits of the register's; NULL: no link */
    bool is_for_phone;        /* not for a card; set by phone.c alone */
    struct bytes csr;         /* PKCS#10 */
    int64_t not_after;        /* UTC seconds; the register knows birthday and card */
    const char *prefecture;   /* romaji */
    const char *municipality; /* romaji; sign only, NULL for auth */
    const char *window_id;
    const struct holder *holder; /* sign only, NULL for auth: it carries no personal data */
    const struct audit_origin *by;
};

/*
 * Issue the certificate of a request, or give the one that was issued for it before. Stored
 * before it is given. ERR_INPUT, ERR_UNTRUSTED (proof of possession) and ERR_CONFLICT are the
 * asker's; ERR_REMOTE while signerd cannot be asked, and then the same request may be repeated.
 * *ret holds the certificate.
 */
MUST_CHECK int authority_issue(const struct authority *authority, struct signer *signer,
                               const struct issue_request *request, struct record *ret,
                               struct err *err);

/* An OCSP responder that shall have a certificate. */
struct responder_request {
    enum ca_kind kind;
    unsigned generation; /* of the CA that appoints it; 0 is the first */
    struct bytes spki;   /* its public key */
    const struct audit_origin *by;
    bool is_renewal; /* no operator asks: what is over stays so */
};

/*
 * The certificate of an OCSP responder, valid for a year; the one that was made before if there is
 * one that does not end within APPOINTMENT_RENEW_S. ERR_CONFLICT for a key that has a certificate
 * of another kind or generation, or whose last certificate was revoked, ERR_ABSENT for a generation
 * that there is not; else as authority_issue.
 */
MUST_CHECK int authority_issue_responder(const struct authority *authority, struct signer *signer,
                                         const struct responder_request *request,
                                         struct record *ret, struct err *err);

/* A responder that wants its certificate followed by another for the same key. */
struct renewal_request {
    enum ca_kind kind;
    uint32_t serial; /* of the certificate it has */
    const struct audit_origin *by;
};

/*
 * The last certificate of a responder's key, made now if it is time for another. ERR_ABSENT if
 * there is no responder's certificate of that number; ERR_CONFLICT if the last one is over or
 * revoked.
 */
MUST_CHECK int authority_renew_responder(const struct authority *authority, struct signer *signer,
                                         const struct renewal_request *renewal, struct record *ret,
                                         struct err *err);

struct resumed {
    unsigned finished, failed;
};

/*
 * Have all records signed that an earlier run left unsigned. ERR_REMOTE at the first that signerd
 * cannot be asked for; a record that fails otherwise is counted and stays as it is.
 */
MUST_CHECK int authority_resume(const struct authority *authority, struct signer *signer,
                                struct resumed *ret, struct err *err);

/* Lift a hold, now (request->now is set). ERR_INPUT for a request id; else authority_add_release.
 */
MUST_CHECK int authority_release_hold(const struct authority *authority,
                                      struct release_request *request, struct revoked *ret,
                                      struct err *err);

/*
 * Revoke, now (request->now is set). ERR_INPUT for a request id or a reason that is none
 * for this kind of certificate; else as authority_add_revocation.
 */
MUST_CHECK int authority_revoke(const struct authority *authority,
                                struct revocation_request *request, struct revoked *ret,
                                struct err *err);

/*
 * Let a verifier ask the OCSP responders: its certificate is pinned, whoever issued it. ERR_INPUT
 * for a name that is no request id, and a certificate that is a CA's, may not sign, or is over.
 */
MUST_CHECK int authority_register_verifier(const struct authority *authority, const char *name,
                                           struct bytes certificate, const struct audit_origin *by,
                                           bool *ret_is_new, struct err *err);

/*
 * Publish all lists of revocations now; *ret is how many. Each replaces the one before only if it
 * stands up to being read again (publish.c); ERR_CONFLICT if it has lost an entry. All or none: the
 * failure says which list it was. Any thread may call.
 */
MUST_CHECK int authority_publish(const struct authority *authority, struct signer *signer,
                                 const struct audit_origin *by, unsigned *ret, struct err *err);

/* Some of the lists: which, who has it done, and how far. */
struct publishing {
    struct crl_due due;
    struct audit_origin by;
    const _Atomic bool *stop; /* becomes true: no further; NULL: to the end */
};
/*
 * The same with those that are due. Where it was stopped, none was published and nothing is noted:
 * *ret is 0.
 */
MUST_CHECK int authority_publish_due(const struct authority *authority, struct signer *signer,
                                     const struct publishing *run, unsigned *ret, struct err *err);
