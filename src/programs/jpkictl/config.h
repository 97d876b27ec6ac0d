/* SPDX-License-Identifier: Apache-2.0 */
/* jpkictl's configuration: where everything is. jpkictl(1) describes the file. */
#pragma once

#include "base/bytes.h"

enum { CTL_DAEMONS_MAX = 16 };

/* One section [daemon NAME]. */
struct daemon_config {
    char *name;
    char *protocol; /* "http" or "signer" */
    char *socket;
};

struct ctl_config {
    char *signer; /* socket of the signerd that holds the verifier's key */
    char *key;
    char *certificate; /* of that key, as registered */
    char *anchors;     /* file or directory of CA certificates */
    char *ocsp_socket; /* one of the two, or neither: as the certificate says */
    char *ocsp_base;
    struct {
        char *platform;    /* its socket; NULL: there is no evidence of anything */
        char *witness;     /* socket of jpki-witnessd */
        char *origin_key;  /* file with the key of the platform's audit log */
        char *witness_key; /* and with the witness's */
        char *keys;        /* folders of signerd's keys, one a line */
        int64_t key_days;
        char *rules, *network, *restored, *entry, *contracts, *organisation, *officers; /* papers */
    } evidence;
    struct daemon_config daemon[CTL_DAEMONS_MAX];
    size_t daemon_count;
};

/*
 * The file that was given, or the one that JPKICTL_CONFIG names where path is NULL; ERR_USAGE if
 * there is neither, ERR_ABSENT if there is no such file, ERR_INPUT for what is wrong in it. Release
 * with ctl_config_free.
 */
MUST_CHECK int ctl_config_find(const char *path, struct ctl_config **ret, struct err *err);
void ctl_config_free(struct ctl_config *config);
void ctl_config_freep(struct ctl_config **config);
/* Of the section [verifier] and of each [daemon NAME]; ends with NULL. */
extern const struct conf_key *const ctl_config_tables[];
/* A commented sample. */
MUST_CHECK int ctl_config_sample(struct buf *ret, struct err *err);
