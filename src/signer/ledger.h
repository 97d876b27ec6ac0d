/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a CA key has signed, durably: one CA certificate, one certificate for each serial number,
 * for ever, and the highest number of a CRL. Of a key that signs feeds: the highest edition; of
 * one that signs a log's checkpoints: the greatest size.
 *
 * The last SIGNERD_LEDGER_WINDOW serial numbers are kept with the digest of what was signed, so
 * that the same bytes can be asked for again; of all earlier ones only the highest is kept, and
 * no serial number up to it is signed any more. The file stays small whatever is issued.
 *
 * One process, one thread: keyring.h holds the lock on the directory.
 */
#pragma once

#include "crypto/digest.h"

struct ledger;

enum ledger_kind {
    LEDGER_CA = 1,          /* a certificate for the key itself */
    LEDGER_CERTIFICATE = 2, /* a certificate for somebody else */
    LEDGER_LIST = 4,        /* a CRL, an edition of a feed, a checkpoint: a key has one of them */
};

/* What is about to be signed. */
struct ledger_entry {
    enum ledger_kind kind;
    uint32_t serial;      /* or the number of the CRL */
    struct digest digest; /* SHA-256 of the to-be-signed structure */
};

/*
 * An empty ledger for the key with this SHA-256 of its SubjectPublicKeyInfo. One that is there
 * already is replaced if nothing is in it (its key was never made), else ERR_CONFLICT.
 */
MUST_CHECK int ledger_create(const char *path, const struct digest *key, struct err *err);
/*
 * ERR_ABSENT if the file is missing: a key without its ledger must not sign. ERR_INPUT if the
 * file is damaged or belongs to another key; entries that were not synced may be cut off or
 * unreadable, because a crash leaves that, and their signatures never left. Writes the file anew,
 * so that all that was read is known to be on disk.
 */
MUST_CHECK int ledger_open(const char *path, const struct digest *key, struct ledger **ret,
                           struct err *err);
void ledger_close(struct ledger *ledger);
void ledger_closep(struct ledger **ledger);

/* Whether the key has signed its CA certificate; *ret is the SHA-256 of what it signed. */
bool ledger_has_ca(const struct ledger *ledger, struct digest *ret);
/*
 * Note an entry, or find that the same one is there. ERR_CONFLICT if its serial number, or the CA
 * certificate, is taken by other bytes or too old to know, or if the CRL's number is not higher
 * than the last one. It is durable after the next ledger_sync, and no signature may leave before.
 * Once a sync has failed, or somebody has put another file under the path, every later call fails:
 * what is on disk is no longer known.
 */
MUST_CHECK int ledger_add(struct ledger *ledger, const struct ledger_entry *entry, struct err *err);
/* Make all that was added durable. Costs nothing if nothing was. */
MUST_CHECK int ledger_sync(struct ledger *ledger, struct err *err);
/* Both. */
MUST_CHECK int ledger_note(struct ledger *ledger, const struct ledger_entry *entry,
                           struct err *err);
