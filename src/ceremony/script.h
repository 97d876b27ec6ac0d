/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key ceremony as it is written down before it is held: who does what, in which order, and what
 * must come out. docs/key-ceremony.md describes the file.
 */
#pragma once

#include "base/bytes.h"
#include "ceremony/limits.h"

enum step_kind {
    STEP_PRESENT,     /* somebody says that he is there */
    STEP_CONFIRM,     /* somebody says that something was done or seen */
    STEP_FINGERPRINT, /* SHA-256 of a file */
    STEP_SPLIT,       /* a new secret, in shares */
    STEP_SHARE,       /* a custodian takes his */
    STEP_RESTORE,     /* enough custodians hand theirs in */
    STEP_KEY,         /* a key is made */
    STEP_RETIRE,      /* a key is given up */
    STEP_INSTALL,     /* what was made takes the place of what was there */
    STEP_CERTIFICATE, /* the key's own certificate as a CA */
    STEP_CLOSE,       /* the transcript ends */
    STEP_KINDS_
};

/* One section [step NAME], as it stands in the file. */
struct script_step {
    char *name;
    char *act; /* key "do" */
    char *role;
    char *who;
    char *say;
    char *expect;
    char *file;
    char *key;
    char *ca;
    char *issues_from; /* a date in Japan; NULL: at once */
    int64_t generation;
    int64_t issues_from_at; /* its first second; 0 if there is none */
    enum step_kind kind;
};

struct script {
    char *title;
    char *config;   /* of the jpki-signerd whose keys it is about */
    char *database; /* of the jpki-authorityd; NULL: no certificate is made */
    int64_t needed, shares;
    struct script_step steps[CEREMONY_STEPS_MAX];
    size_t count;
};

const char *step_kind_name(enum step_kind kind);

/* ERR_INPUT, naming the step, unless the ceremony can be held as it is written. */
MUST_CHECK int script_parse(struct bytes text, const char *name, struct script **ret,
                            struct err *err);
void script_free(struct script *script);
void script_freep(struct script **script);
/*
 * ERR_INPUT unless it brings a further generation of a CA: a key for it, opened by the custodians
 * of the keys in use, and its certificate, which is known for lead_days before it issues.
 */
MUST_CHECK int script_check_rotation(const struct script *script, int64_t now, int64_t lead_days,
                                     struct err *err);
/* The first step of a kind behind a place; count if there is none. */
size_t script_find(const struct script *script, size_t from, enum step_kind kind);
