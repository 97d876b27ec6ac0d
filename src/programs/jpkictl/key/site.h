/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a key ceremony is about. What it makes lies in KEYS.next until it is installed, in
 * one rename, so that a ceremony that is broken off has changed nothing. A rehearsal has all of
 * them in a directory of its own.
 */
#pragma once

#include "ceremony/script.h"
#include "signer/config.h"
#include "signer/quorum.h"

enum { SITE_ID_SIZE = 65 };

struct key_site {
    struct signer_config *config; /* redirected: keys are KEYS, its socket is ours */
    char *keys, *next;            /* KEYS and KEYS.next */
    char *root;                   /* of the rehearsal; NULL: it is none */
    char *database;               /* NULL: there is none */
    char ceremony[SITE_ID_SIZE];  /* which ceremony this is: marks what it makes */
    int lock;                     /* on KEYS; -1: it does not exist yet */
};

/* root is the directory of a rehearsal, or NULL. ERR_CONFLICT while a jpki-signerd is running. */
MUST_CHECK int site_open(const struct script *script, const char *root, struct key_site **ret,
                         struct err *err);
void site_close(struct key_site *site);
void site_closep(struct key_site **site);

/* Where a file of the script really is: in a rehearsal, of the same name in its directory. */
MUST_CHECK int site_path(const struct key_site *site, const char *path, char **ret,
                         struct err *err);
/* The quorum of the keys that are in use; ERR_ABSENT if there is none. */
MUST_CHECK int site_quorum(const struct key_site *site, struct quorum *ret, struct err *err);
/* Of KEYS.next. */
MUST_CHECK int site_next_quorum(const struct key_site *site, struct quorum *ret, struct err *err);
bool site_has_keys(const struct key_site *site);

/*
 * Make KEYS.next: the quorum, and the keys in use, which are encrypted anew where from and to are
 * two passphrases. from is empty where there are no keys yet. What was there is discarded.
 */
MUST_CHECK int site_stage(const struct key_site *site, const struct quorum *quorum,
                          const struct secret *from, const struct secret *to, struct err *err);
/* A key in KEYS.next, made anew; the SHA-256 of its SubjectPublicKeyInfo. */
MUST_CHECK int site_make_key(const struct key_site *site, const char *name,
                             const struct secret *passphrase, struct digest *ret, struct err *err);
/*
 * Leave a key out of KEYS.next; what it signed stays noted, so that no other key gets its name.
 * ERR_ABSENT if KEYS do not have it.
 */
MUST_CHECK int site_retire_key(const struct key_site *site, const char *name, struct err *err);
/* Nothing of KEYS.next is left. */
MUST_CHECK int site_discard(const struct key_site *site, struct err *err);
/*
 * Where root holds a ceremony, what it wrote among the keys and the database belongs to who owns
 * these folders, whose daemons read it.
 */
MUST_CHECK int site_hand_over(const struct key_site *site, struct err *err);
/* Whether KEYS are those that this ceremony made. */
bool site_is_installed(const struct key_site *site);
/* KEYS.next becomes KEYS, and what KEYS was is removed. It can be called again. */
MUST_CHECK int site_install(struct key_site *site, struct err *err);
