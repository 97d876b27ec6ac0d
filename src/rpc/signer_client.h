/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client of jpki-signerd: asks for signatures over its Unix socket and never sees a key.
 *
 * One struct signer is one connection and belongs to one thread. It connects at the first call
 * and again after signerd was restarted; asking again is harmless, because signerd gives the same
 * signature for the same bytes. Failures of every call below:
 *   ERR_DENIED     this process may not use that key (signerd goes by user id)
 *   ERR_UNTRUSTED  signerd refuses to sign this; the text is signerd's sentence
 *   ERR_CONFLICT   the serial number, CRL number, edition or CA certificate of this key was used
 * for other bytes ERR_ABSENT     no such key ERR_INPUT      signerd cannot read the structure, or
 * an argument is longer than rpc/limits.h ERR_REMOTE     signerd is not there, too slow, or broken:
 * try later
 */
#pragma once

#include "base/secret.h"
#include "rpc/limits.h"

struct signer;

enum { SIGNER_DEADLINE_MS = 10000 };

/* What the bytes to be signed are; the value travels. */
enum signer_kind {
    SIGNER_CERTIFICATE = 1,    /* TBSCertificate (RFC 5280, 4.1), by role ca */
    SIGNER_CRL = 2,            /* TBSCertList (RFC 5280, 5.1), by role ca; signer_list_begin */
    SIGNER_OCSP_RESPONSE = 3,  /* ResponseData (RFC 6960, 4.2.1), by role ocsp */
    SIGNER_OCSP_REQUEST = 4,   /* TBSRequest (RFC 6960, 4.1.1), by role verifier */
    SIGNER_CV_CERTIFICATE = 5, /* body of a CV certificate (card.md 3.2), by role cv-root */
    /* Structures on a card, by role card-data; of its text applet (card.md 3.2): */
    SIGNER_CARD_DIGESTS = 6, /* DF31, DF32 */
    SIGNER_CARD_KEY = 7,     /* DF51 */
    /* and of its visual applet (card.md 3.3): */
    SIGNER_CARD_AGE = 8,     /* DF11, DF12 */
    SIGNER_CARD_FACE = 9,    /* three SHA-256, 96 bytes, signed in one DigestInfo */
    SIGNER_CARD_NUMBER = 10, /* DF41, DF42 */
    SIGNER_FEED = 11,        /* FeedHead (docs/revocation-feed.md), by role feed */
    /* SEQUENCE { request OCTET STRING, its certificate }, by role party: the signature is over the
       signed attributes of a detached CMS signature over the request. */
    SIGNER_PARTY_REQUEST = 12,
    SIGNER_CHECKPOINT = 14,  /* text of a checkpoint (room note), by role checkpoint */
    SIGNER_COSIGNATURE = 15, /* what a witness signs (room note), by role cosignature */
    SIGNER_TOKEN = 13, /* signing input of a JWS (RFC 7515, 5.1), by role jws; signed as a JWS is */
};

struct signer_key {
    char name[RPC_NAME_MAX + 1];
    char role[RPC_WORD_MAX + 1];      /* "ca", "ocsp", "verifier", "party", "feed", "token", "jws",
                                         "cv-root", "card-data", "checkpoint", "cosignature" */
    char algorithm[RPC_WORD_MAX + 1]; /* "RSA-2048", "P-256", "Ed25519" */
};

struct signer_status {
    char program[RPC_WORD_MAX + 1]; /* version of signerd */
    uint64_t uptime_s;
    uint64_t signatures;  /* given since it started */
    uint64_t refusals;    /* requests refused since it started */
    uint32_t connections; /* now, this one included */
    uint32_t keys;
    bool peers_separated; /* no peer runs under signerd's own user id */
    bool memory_locked;   /* no page of signerd can be swapped out */
};

/*
 * Remember where signerd listens; connects only to see that it answers and speaks our version.
 * path is copied.
 */
MUST_CHECK int signer_open(const char *path, struct signer **ret, struct err *err);
void signer_close(struct signer *signer);
void signer_closep(struct signer **signer); /* CLEANUP(signer_closep) struct signer *s = NULL; */
/* How long each later call may take, connecting included; SIGNER_DEADLINE_MS at first. */
void signer_set_deadline(struct signer *signer, int deadline_ms);

/* The keys this process may use, at most RPC_KEYS_MAX. */
MUST_CHECK int signer_list(struct signer *signer, struct signer_key ret[RPC_KEYS_MAX],
                           size_t *ret_count, struct err *err);
/* SubjectPublicKeyInfo, DER. */
MUST_CHECK int signer_public(struct signer *signer, const char *key, struct buf *ret_spki,
                             struct err *err);
/*
 * Sign a whole to-be-signed structure, DER, at most RPC_TBS_MAX bytes. signerd parses it, checks
 * it against the key's role, hashes and signs it with the algorithm named inside, or with
 * sha256WithRSAEncryption where none is (OCSP).
 *
 * A CA key takes one CA:TRUE certificate and one certificate for each serial number, for ever;
 * the same bytes may be asked again. So keep the bytes durably before asking: after a crash the
 * question can be repeated, and another one would be ERR_CONFLICT. In the same way a root of card
 * data certifies each of its subjects once.
 */
MUST_CHECK int signer_sign(struct signer *signer, const char *key, enum signer_kind kind,
                           struct bytes tbs, struct buf *ret_signature, struct err *err);

/* One of several structures to be signed, and what came of it. */
struct signer_wish {
    const char *key;
    enum signer_kind kind;
    struct bytes tbs;
    struct buf signature; /* BUF_INIT before */
    int rc;               /* 0 before; and the reason. The failures are those of signer_sign */
    struct err err;
};
/*
 * The same for up to RPC_WISHES_MAX structures in one round trip, which signerd signs side by side.
 * Each wish has its own outcome; if there is no signerd they all have that.
 */
void signer_sign_all(struct signer *signer, struct signer_wish *wishes, size_t count);

/*
 * A CRL of any size up to RPC_LIST_MAX, piece by piece as it is written: signerd checks and hashes
 * what comes, and keeps nothing of it. Begin it, for a key of role ca; hand over its TBSCertList in
 * order; and get the signature. After a failure it is to be begun anew, as after any other call in
 * between. Only beginning connects anew: a signerd that was restarted knows of no list.
 *
 * A CA key takes a CRL whose number is higher than those of all CRLs before, whatever they cover;
 * of the last one the same bytes may be asked again. Numbers are 1 to 2^32-1.
 */
MUST_CHECK int signer_list_begin(struct signer *signer, const char *key, struct err *err);
MUST_CHECK int signer_list_add(struct signer *signer, struct bytes piece, struct err *err);
MUST_CHECK int signer_list_end(struct signer *signer, struct buf *ret_signature, struct err *err);

/*
 * Unwrap a key (RSA-OAEP, SHA-256 and MGF1 with SHA-256, no label), 1 to RPC_PLAIN_MAX bytes, with
 * a key of role token. If that is on P-256, wrapped is the point of pubkey_agree, and the answer
 * what was agreed on: some key for every point. Whatever is wrong with it is ERR_UNTRUSTED with one
 * and the same text.
 */
MUST_CHECK int signer_unwrap(struct signer *signer, const char *key, struct bytes wrapped,
                             struct secret *ret, struct err *err);
MUST_CHECK int signer_status(struct signer *signer, struct signer_status *ret, struct err *err);

/* How far the custodians of a signerd are whose keys are not open yet. */
struct signer_quorum {
    uint8_t set[RPC_SET_SIZE];
    bool is_rehearsal;
    unsigned needed, total;
    unsigned given; /* bit N-1 is share N */
};

/*
 * These two go to the socket for custodians (unlock_socket), which knows nothing else and is gone
 * once the keys are open.
 */
MUST_CHECK int signer_quorum(struct signer *signer, struct signer_quorum *ret, struct err *err);
/*
 * Hand over one share, RPC_SHARE_SIZE bytes. ERR_INPUT if it is none; ERR_UNTRUSTED if it belongs
 * elsewhere or was changed; ERR_CONFLICT if it was given already.
 */
MUST_CHECK int signer_give_share(struct signer *signer, const struct secret *share,
                                 struct signer_quorum *ret, struct err *err);
