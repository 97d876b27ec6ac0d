/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the authority keeps, in the authority's own words: its CA certificates, every certificate
 * it has issued, and every revocation. No individual number, ever. Each function is one
 * transaction; what it acknowledged is durable, and who did it is in the audit log, in the same
 * transaction (parameter or member "by"). Any thread may call. Implemented for SQLite
 * (store_sqlite.c).
 *
 * Serial numbers are dense per CA from 1, which is the CA's own certificate. A number is given
 * out together with the bytes that will be signed under it, in one transaction and before the
 * signer is asked: whatever happens then, the same bytes can be asked for again.
 */
#pragma once

#include "audit/audit.h"
#include "audit/tree.h"
#include "authority/limits.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "http/bell.h"
#include "revocation/entry.h"
#include "revocation/runs.h"
#include "x509/limits.h"

struct db;
struct authority_store;

enum ca_kind { CA_SIGN, CA_AUTH, CA_KINDS_ };

enum {
    CA_SERIAL = 1,
    CRL_NAME_MAX = 2 * ROMAJI_MAX + 11, /* characters of "sign-", two places, a hyphen, "-g9" */
};

/* "sign", "auth" */
const char *ca_kind_name(enum ca_kind kind);
/* ERR_INPUT if there is no CA of that name. */
MUST_CHECK int ca_kind_from_name(const char *name, enum ca_kind *ret, struct err *err);

MUST_CHECK int authority_store_open(const char *path, struct authority_store **ret,
                                    struct err *err);
/* How many megabytes of it are in memory at most for what writes, as db_set_cache. */
MUST_CHECK int authority_store_set_cache(struct authority_store *store, unsigned megabytes,
                                         struct err *err);
void authority_store_close(struct authority_store *store);
void authority_store_closep(struct authority_store **store);
/*
 * Rings after each event: a revocation or release; and when a publication that was ordered is over.
 * Not for each certificate that is issued: whoever waits would be woken all the time.
 */
struct http_bell *authority_changes(struct authority_store *store);
MUST_CHECK int authority_store_ping(struct authority_store *store, struct err *err);
/* For its audit log (audit/words.h), and who makes checkpoints of that (audit/keeper.h). */
struct db *authority_store_db(struct authority_store *store);

/*
 * Keep the TBSCertificate of a CA before it is signed. If there is one already, signed or not,
 * nothing changes.
 */
MUST_CHECK int authority_begin_ca(struct authority_store *store, enum ca_kind kind,
                                  struct bytes tbs, struct err *err);
/* The TBSCertificate of a CA that is not signed yet; ERR_ABSENT if there is none. */
MUST_CHECK int authority_get_ca_tbs(struct authority_store *store, enum ca_kind kind,
                                    struct buf *ret, struct err *err);
MUST_CHECK int authority_finish_ca(struct authority_store *store, enum ca_kind kind,
                                   struct bytes certificate, const struct audit_origin *by,
                                   struct err *err);
/* The certificate of a CA; ERR_ABSENT until it is signed. */
MUST_CHECK int authority_get_ca(struct authority_store *store, enum ca_kind kind, struct buf *ret,
                                struct err *err);

/* A generation of a CA as it is kept. */
struct ca_generation {
    unsigned generation;
    uint32_t serial;
    int64_t issues_from;    /* 0 of the first */
    struct buf tbs;         /* what is to be signed; empty once it is */
    struct buf certificate; /* empty until it is signed */
};

#define CA_GENERATION_INIT                                                                         \
    {                                                                                              \
        0, 0, 0, BUF_INIT, BUF_INIT                                                                \
    }
void ca_generation_done(struct ca_generation *generation);

/* A further generation that is to be made. */
struct generation_order {
    enum ca_kind kind;
    unsigned generation; /* from 2 */
    int64_t issues_from;
    /* Makes the TBSCertificate for a serial number; called inside the transaction. */
    int (*build)(const void *context, uint32_t serial, struct buf *ret_tbs, struct err *err);
    const void *context;
};

/*
 * Take the next serial number of the CA for a further generation, and keep what is to be signed
 * under it. If that generation is there already, signed or not, nothing changes. ERR_CONFLICT
 * unless the one before is there and signed.
 */
MUST_CHECK int authority_begin_generation(struct authority_store *store,
                                          const struct generation_order *order, struct err *err);
MUST_CHECK int authority_finish_generation(struct authority_store *store, enum ca_kind kind,
                                           unsigned generation, struct bytes certificate,
                                           const struct audit_origin *by, struct err *err);
/* ERR_ABSENT if there is none. */
MUST_CHECK int authority_get_generation(struct authority_store *store, enum ca_kind kind,
                                        unsigned generation, struct ca_generation *ret,
                                        struct err *err);

/* The generation that a serial number belongs to, whether or not anything has it. */
MUST_CHECK int authority_generation_of(struct authority_store *store, enum ca_kind kind,
                                       uint32_t serial, unsigned *ret, struct err *err);

/* A certificate from its request on. */
struct record {
    enum ca_kind kind;
    unsigned generation; /* of the CA that issues it */
    uint32_t serial;
    int64_t reserved_at;
    int64_t not_after;
    struct buf tbs;         /* what is to be signed; empty once it is */
    struct buf certificate; /* empty until it is signed */
};

#define RECORD_INIT                                                                                \
    {                                                                                              \
        CA_SIGN, 0, 0, 0, 0, BUF_INIT, BUF_INIT                                                    \
    }
void record_done(struct record *record);

/* A request that passed all checks. */
struct reservation {
    enum ca_kind kind;
    unsigned generation; /* of the CA that is to issue it; 0 is the first */
    const char *request_id;
    const char *subject;       /* whose; NULL: nobody's */
    bool is_for_phone;         /* its key is in a phone, not on a card */
    struct digest fingerprint; /* of the whole request: tells a repetition from a misuse */
    struct digest key;         /* of the SubjectPublicKeyInfo */
    int64_t now, not_after;
    /* Makes the TBSCertificate for a serial number; called inside the transaction. */
    int (*build)(const void *context, uint32_t serial, struct buf *ret_tbs, struct err *err);
    const void *context;
};

/* A certificate that is signed, for the record of its number. */
struct completion {
    enum ca_kind kind;
    uint32_t serial;
    struct bytes certificate;
    bool is_responder; /* an OCSP responder's, not a holder's */
    const struct audit_origin *by;
};

/*
 * Take the next serial number for a request and keep what is to be signed under it. A request id
 * that is there already gives its record: with the same fingerprint and no other subject, else
 * ERR_CONFLICT.
 * ERR_CONFLICT too if a certificate for this key was asked for before, under any request.
 */
MUST_CHECK int authority_reserve(struct authority_store *store, const struct reservation *r,
                                 struct record *ret, struct err *err);
/* Keep the certificate. Keeping the same once more is fine. */
MUST_CHECK int authority_complete(struct authority_store *store,
                                  const struct completion *completion, struct err *err);
/*
 * The signer refused for good: forget the request. Its number goes to the next one, or, if the
 * signer has signed something else under it (is_spent), to nobody.
 */
MUST_CHECK int authority_release(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                                 bool is_spent, struct err *err);

MUST_CHECK int authority_get_record(struct authority_store *store, enum ca_kind kind,
                                    uint32_t serial, struct record *ret, struct err *err);
/* The first record above a serial number that is not signed yet; ERR_ABSENT if there is none. */
MUST_CHECK int authority_next_pending(struct authority_store *store, enum ca_kind kind,
                                      uint32_t above, struct record *ret, struct err *err);

/* A way to name a certificate: request_id, or else key, or else kind and serial. */
struct find_query {
    const char *request_id;
    struct bytes key; /* hash of the SubjectPublicKeyInfo */
    enum ca_kind kind;
    uint32_t serial;
};

/* What is known of a certificate beside its contents. */
struct found {
    enum ca_kind kind;
    unsigned generation; /* of the CA */
    uint32_t serial;
    int64_t reserved_at, not_after, revoked_at;
    bool is_signed, is_on_phone, is_revoked;
    enum crl_reason reason;      /* if it is revoked */
    char list[CRL_NAME_MAX + 1]; /* the name of its list; "": none yet */
};
/* ERR_ABSENT if there is none. */
MUST_CHECK int authority_find_certificate(struct authority_store *store,
                                          const struct find_query *query, struct found *ret,
                                          struct err *err);

/* A request to revoke, checked before (revoke.c). */
struct revocation_request {
    const char *request_id;
    enum ca_kind kind;
    uint32_t serial;
    enum crl_reason reason;
    int64_t now;
    const struct audit_origin *by;
};

/* A revocation, or the release of a hold, as it was committed: an event. */
struct revoked {
    uint64_t number; /* from 1, without gaps, in the order of commits, over both CAs */
    enum ca_kind kind;
    uint32_t serial;
    int64_t at;             /* UTC seconds: since when it is revoked, or when the hold was lifted */
    enum crl_reason reason; /* of a release: CRL_CERTIFICATE_HOLD */
    bool is_release;
};

/*
 * Revoke: for ever, unless the reason is CRL_CERTIFICATE_HOLD. A request id that is there already
 * gives its revocation: for the same certificate and reason, else ERR_CONFLICT. A certificate on
 * hold can be revoked for another reason, once; it then is revoked since the hold began.
 * ERR_CONFLICT too if the certificate was revoked under another id or is not signed yet;
 * ERR_ABSENT if there is none with this number.
 */
MUST_CHECK int authority_add_revocation(struct authority_store *store,
                                        const struct revocation_request *request,
                                        struct revoked *ret, struct err *err);

/* A request to lift a hold, checked before (revoke.c). */
struct release_request {
    const char *request_id;
    enum ca_kind kind;
    uint32_t serial;
    int64_t now;
    const struct audit_origin *by;
};

/*
 * Lift a hold: the certificate counts again, and its entry leaves the lists. Only the auth
 * certificate of a phone can be released (pki.md 12): ERR_CONFLICT for every other, and unless it
 * is on hold. A request id that is there already gives its release, as with a revocation.
 */
MUST_CHECK int authority_add_release(struct authority_store *store,
                                     const struct release_request *request, struct revoked *ret,
                                     struct err *err);

/*
 * Whether the last event of a certificate is a release that was lawful when it was made: then its
 * entry may leave a list though the certificate is not over.
 */
MUST_CHECK int authority_was_released(struct authority_store *store, enum ca_kind kind,
                                      uint32_t serial, bool *ret, struct err *err);

/* The revocation of a certificate; ERR_ABSENT if it is not revoked, or no longer. */
MUST_CHECK int authority_get_revocation(struct authority_store *store, enum ca_kind kind,
                                        uint32_t serial, struct revoked *ret, struct err *err);

/* A phone that was enrolled, or is about to be; to be held: without the serials. */
struct phone {
    const char *request_id;
    uint32_t card; /* the number of the card's sign certificate */
    uint32_t serials[CA_KINDS_];
    int64_t now;
    const struct audit_origin *by;
    uint32_t card_auth; /* of the auth certificate beside it; 0: none is known */
};

/*
 * Keep a phone whose certificates are signed, and end the person's one before as superseded. A
 * request id that is there already changes nothing. ERR_CONFLICT if one of the card's certificates
 * or of the phone's has been revoked meanwhile.
 */
MUST_CHECK int authority_keep_phone(struct authority_store *store, const struct phone *phone,
                                    struct err *err);
/* Put both certificates of the person's phone on hold; ERR_CONFLICT if it has none in force. */
MUST_CHECK int authority_hold_phone(struct authority_store *store, const struct phone *phone,
                                    struct err *err);
/*
 * The number of the auth certificate on a card, the person's newest, by the number of its sign
 * certificate; 0 if none is known.
 */
MUST_CHECK int authority_find_card_auth(struct authority_store *store, uint32_t sign, uint32_t *ret,
                                        struct err *err);
/* Whose a certificate is; ERR_ABSENT if the register has not said so. */
MUST_CHECK int authority_get_subject(struct authority_store *store, enum ca_kind kind,
                                     uint32_t serial, char ret[SUBJECT_LEN + 1], struct err *err);
/*
 * Revoke certificates of phones that were signed and never given to anybody; only while nobody
 * enrols. *ret is how many.
 */
MUST_CHECK int authority_end_undelivered(struct authority_store *store,
                                         const struct audit_origin *by, unsigned *ret,
                                         struct err *err);

/* Events in the order of their numbers, and which serial numbers of each CA are in use, by whom. */
struct revocation_page {
    struct revoked entries[FEED_PAGE_MAX];
    size_t count;
    uint64_t last;              /* everything up to this number is in this page or before it */
    bool is_last_page;          /* there is nothing behind it */
    uint32_t issued[CA_KINDS_]; /* the highest serial number that is signed; at least 1, the CA's */
    struct gaps gaps[CA_KINDS_];        /* numbers below that which are not */
    struct serial_runs runs[CA_KINDS_]; /* whose they are */
};

/*
 * The page behind a number, 0 for the first; one snapshot. ERR_CONFLICT if that number was not
 * given yet: whoever asks knows more than this database, which then is an old copy.
 */
MUST_CHECK int authority_list_revocations(struct authority_store *store, uint64_t since,
                                          struct revocation_page *ret, struct err *err);

/* A certificate of a verifier that may ask the OCSP responders; it may have several. */
struct verifier {
    char name[VERIFIER_NAME_MAX + 1];
    bool verifies[CA_KINDS_]; /* about whose certificates it may ask */
    struct buf certificate;   /* DER */
};

struct verifier_list {
    struct verifier entries[VERIFIERS_MAX];
    size_t count;
};

void verifier_list_done(struct verifier_list *list);

/*
 * Keep a verifier, checked before, as an active one of both kinds: the short way (party.h has the
 * long one). The same once more is fine (*ret_is_new false); ERR_CONFLICT if the name or the
 * certificate is another's, or there are VERIFIERS_MAX.
 */
MUST_CHECK int authority_add_verifier(struct authority_store *store, const char *name,
                                      struct bytes certificate, const struct audit_origin *by,
                                      bool *ret_is_new, struct err *err);
/* It ends; ERR_ABSENT if there is none of that name. */
MUST_CHECK int authority_remove_verifier(struct authority_store *store, const char *name,
                                         const struct audit_origin *by, struct err *err);
/* Those of active parties, by name; *ret is empty before (count 0) and released by
 * verifier_list_done. */
MUST_CHECK int authority_list_verifiers(struct authority_store *store, struct verifier_list *ret,
                                        struct err *err);

/* A list of revocations: what is known of it without its contents. */
struct crl_record {
    int64_t id;
    enum ca_kind kind;
    unsigned generation;         /* of the CA, whose key signs it */
    char name[CRL_NAME_MAX + 1]; /* "sign-Hyogo-ken-Kobe-shi", "auth-full-g2" */
    int64_t number;              /* 0: never published; so are all others then */
    int64_t this_update, next_update;
    int64_t entries;
    uint64_t seen; /* the last event there was, in this list or another */
    int64_t file;  /* where its bytes are */
};

/*
 * Give each signed certificate that was not looked at yet the list of its generation for its
 * distribution point, which is made if it is new. find gives point and name of a certificate, as
 * the first generation has it; ERR_ABSENT: none.
 */
struct crl_point {
    struct buf point; /* the whole Name; empty: the list of all that a CA has issued */
    char name[CRL_NAME_MAX + 1];
};
MUST_CHECK int authority_assign_points(struct authority_store *store,
                                       int (*find)(enum ca_kind kind, struct bytes certificate,
                                                   struct crl_point *ret, struct err *err),
                                       struct err *err);
/* Have a list of a generation, made if it is new: for those that no row names. */
MUST_CHECK int authority_add_crl(struct authority_store *store, enum ca_kind kind,
                                 unsigned generation, const struct crl_point *point,
                                 struct err *err);
/* The first list above an id; ERR_ABSENT if there is none. point (optional) is its Name. */
MUST_CHECK int authority_next_crl(struct authority_store *store, int64_t above,
                                  struct crl_record *ret, struct buf *ret_point, struct err *err);
/* Which lists are due: those never published, those of another time than they could be, ... */
struct crl_due {
    int64_t planned;        /* not published since this moment, */
    int64_t now;            /* or published later than this one, by a clock that went wrong */
    bool is_changed_enough; /* or some entry is missing; */
    /* but none of so many generations of a CA, the first ones, whose certificates are over. */
    unsigned over[CA_KINDS_];
};

struct crl_ids {
    int64_t *ids; /* ascending; released by free */
    size_t count;
};

/* ret->count 0: none. */
MUST_CHECK int authority_list_due(struct authority_store *store, const struct crl_due *due,
                                  struct crl_ids *ret, struct err *err);
/* The next number of a CA's lists; given once, whatever becomes of it. */
MUST_CHECK int authority_take_crl_number(struct authority_store *store, enum ca_kind kind,
                                         uint64_t *ret, struct err *err);

/* The number of the last event, 0 before the first. */
MUST_CHECK int authority_last_event(struct authority_store *store, uint64_t *ret, struct err *err);

/* A revocation on its way into lists. */
struct listed {
    struct revocation entry;
    int64_t crl;       /* the list of its distribution point; 0: none */
    int64_t not_after; /* of the certificate */
};

enum { LISTED_PAGE = 4096 };
struct listed_page {
    struct listed entries[LISTED_PAGE];
    size_t count; /* fewer than LISTED_PAGE: it is the last */
};

struct listed_query {
    enum ca_kind kind;
    unsigned generation;
    uint32_t above; /* serial number */
    uint64_t seen;  /* up to this event */
};
/*
 * The certificates of a generation that were revoked at an event, by ascending serial number. In
 * pages, so that nobody has to wait for all of them; asked again behind the last, with the same
 * seen, nothing is left out, because nothing changes in the past but holds: those that
 * became final since are there, those that were lifted since are not.
 */
MUST_CHECK int authority_list_entries(struct authority_store *store,
                                      const struct listed_query *query, struct listed_page *ret,
                                      struct err *err);

/* Whether a certificate was over before a moment; not if there is none. */
MUST_CHECK int authority_was_over(struct authority_store *store, enum ca_kind kind, uint32_t serial,
                                  int64_t at, bool *ret, struct err *err);

/*
 * Copy the published list of that name into a file, a part at a time; ERR_ABSENT if there is none.
 * *ret_file (optional) is which bytes they are: other ones have another number. work, unless it is
 * NULL, is the publication that it is for; ERR_REMOTE if that is to stop.
 */
struct crl_work;
MUST_CHECK int authority_copy_crl(struct authority_store *store, const char *name, int fd,
                                  struct crl_work *work, int64_t *ret_file, struct err *err);

/* A published list as an open file, to be read by pread alone. Nobody changes it. */
struct open_crl {
    int fd; /* the caller's, to be closed */
    size_t size;
    int64_t file; /* as authority_copy_crl */
};
/* ERR_ABSENT if there is none of that name. */
MUST_CHECK int authority_open_crl(struct authority_store *store, const char *name,
                                  struct open_crl *ret, struct err *err);
/*
 * Keep the bytes of a list beside those that count; *ret_file is where. They do not count before
 * authority_publish_crls, and are gone after authority_drop_crl_files.
 */
MUST_CHECK int authority_stage_crl(struct authority_store *store, const char *name,
                                   struct bytes der, int64_t *ret_file, struct err *err);
/*
 * Replace lists by newer ones, all or none: records have the ids and all that is new. ERR_CONFLICT
 * if one has a later number already, or a list that was published is gone.
 */
MUST_CHECK int authority_publish_crls(struct authority_store *store,
                                      const struct crl_record *records, size_t count,
                                      const struct audit_origin *by, struct err *err);
/* Forget what was staged, and what was replaced. One publication at a time. */
MUST_CHECK int authority_drop_crl_files(struct authority_store *store, struct err *err);
/* A file without a name beside the database, for what is too large for memory. */
MUST_CHECK int authority_store_scratch(struct authority_store *store, int *ret_fd, struct err *err);

/* How publishing goes. */
struct crl_publication {
    int64_t published_at;       /* the last one; 0: none yet */
    int64_t failed_at;          /* a later one failed; 0: none */
    char failure[ERR_TEXT_MAX]; /* why */
};
MUST_CHECK int authority_get_publication(struct authority_store *store, struct crl_publication *ret,
                                         struct err *err);
/* A publication that was made replaces a failure; failure NULL: it was made. */
MUST_CHECK int authority_note_publication(struct authority_store *store, int64_t at,
                                          const char *failure, struct err *err);
