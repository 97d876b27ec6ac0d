/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signerd for tests: a directory with its configuration and the CA keys of a test PKI, and the
 * server of the signer room in a child process. Everything fails the running test.
 */
#pragma once

#include "support/pki.h"
#include "support/tempdir.h"

#include <sys/types.h>

struct signer_site {
    struct tempdir dir;
    char config[TEMPDIR_FILE_SIZE]; /* DIR/conf */
    char socket[TEMPDIR_FILE_SIZE]; /* DIR/s */
    char keys[TEMPDIR_FILE_SIZE];   /* DIR/keys */
};

/*
 * Keys sign-ca and auth-ca, which this user and allow_uid may use; their ledgers are empty, their
 * CA certificates not signed yet.
 */
void signer_site_make(struct signer_site *site, const struct test_pki *pki, uid_t allow_uid);
void signer_site_done(struct signer_site *site);
/* One more key, with an empty ledger; its section comes by signer_site_configure. */
void signer_site_add_key(const struct signer_site *site, const char *name,
                         const struct privkey *key);
/* Write the configuration anew; allow is the value of allow_uid for sign-ca, more is appended. */
void signer_site_configure(const struct signer_site *site, const char *allow, const char *more);

/*
 * Serve in a child until it is told to stop; connections stall for at most stall_ms. Returns when
 * it answers.
 */
pid_t signer_site_start(const struct signer_site *site, int stall_ms);
/* Send the signal and wait; returns the exit status, or 128 + signal. */
int signer_site_stop(pid_t pid, int signal);
