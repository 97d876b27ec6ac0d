/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the eight criteria for certifying a verifier ask (S257 to S264), and what can be seen of it
 * in a running platform and on its machine. What organisations do cannot be seen; for that the
 * operator names papers, which somebody has to read.
 */
#pragma once

#include "base/json.h"
#include "programs/jpkictl/config.h"
#include "programs/jpkictl/seen.h"

#include <sys/types.h>

enum criterion {
    CRITERION_RULES,
    CRITERION_NETWORK,
    CRITERION_ACCESS,
    CRITERION_RECORDS,
    CRITERION_ENTRY,
    CRITERION_OUTSIDE,
    CRITERION_ORGANISATION,
    CRITERION_OFFICERS,
    CRITERIA_
};

/* The worse, the later: a criterion has the worst of what was found for it. */
enum finding { FINDING_MET, FINDING_SUPPLIED, FINDING_UNSEEN, FINDING_NOT_MET, FINDINGS_ };

enum {
    EVIDENCE_TEXT_MAX = 400,
    OBSERVATIONS_MAX = 64,
    KEY_FOLDERS_MAX = 8, /* the zones of signerd on one machine */
    PAPERS_ = 7,
};

/* One thing that was looked at. */
struct observation {
    enum criterion criterion;
    enum finding finding;
    const char *looked_at; /* a msgid */
    char found[EVIDENCE_TEXT_MAX];
};

/* What is on this machine under a name of jpkictl's configuration. */
struct seen_process {
    const char *name;
    bool is_there;
    uid_t uid;
    bool gains_nothing; /* no_new_privs: it cannot become anybody else (prctl(2)) */
};
struct seen_keys_folder {
    char *path;
    bool is_there;
    unsigned files;
    unsigned open;     /* that others than their owner can read or write */
    int64_t oldest_at; /* when the oldest was written; 0: there is none */
};
struct seen_paper {
    bool is_named, is_there;
    int64_t changed_at;
    char hash[65]; /* SHA-256 of the file, hexadecimal */
};

/* Everything that findings are made of. */
struct gathered {
    const struct ctl_config *config;
    int64_t at;         /* by the platform's clock */
    struct json *facts; /* GET /v1/operator/evidence */
    struct {
        bool is_sound; /* each record is as it was written */
        struct err why;
        struct seen_log log;
        bool is_witnessed;      /* a witness is named, and has cosigned what this log continues */
        struct err unwitnessed; /* why not, if one is named */
    } audit;
    int64_t alarms; /* open ones; -1: the witness does not tell */
    struct seen_process processes[CTL_DAEMONS_MAX];
    size_t process_count;
    struct seen_keys_folder folders[KEY_FOLDERS_MAX];
    size_t folder_count;
    struct seen_paper papers[PAPERS_]; /* in the order of evidence_papers */
};

/* ERR_USAGE if the configuration names no platform; ERR_REMOTE, ERR_DENIED if it does not tell. */
MUST_CHECK int evidence_gather(const struct ctl_config *config, struct gathered *ret,
                               struct err *err);
void gathered_done(struct gathered *gathered);
/* Of this machine alone (host.c): nothing of it fails, what is not there is not there. */
MUST_CHECK int evidence_look_at_host(const struct ctl_config *config, struct gathered *ret,
                                     struct err *err);

struct evidence {
    struct observation observations[OBSERVATIONS_MAX];
    size_t count;
};
/* Judges what was gathered; ERR_REMOTE if the facts are malformed. */
MUST_CHECK int evidence_judge(const struct gathered *gathered, struct evidence *ret,
                              struct err *err);
/* The worst of a criterion; whoever had nothing looked at is unseen. */
enum finding evidence_of(const struct evidence *evidence, enum criterion criterion);

/* Where a criterion is from, and what it asks and what its operator has to supply, as msgids. */
struct criterion_row {
    const char *source, *title, *asks, *supply;
};
extern const struct criterion_row criteria[CRITERIA_];
extern const char *const finding_words[FINDINGS_];  /* "met", ...: JSON's */
extern const char *const finding_titles[FINDINGS_]; /* msgids */
/* The papers that can be named, by their keys in the configuration. */
struct paper_row {
    const char *key;
    enum criterion criterion;
    const char *title; /* a msgid */
    size_t offset;     /* of its path in struct ctl_config */
};
extern const struct paper_row evidence_papers[PAPERS_];

/* Facts that are told as they are, with what they mean; ended by a row of NULL. */
struct evidence_number {
    const char *key, *title;
};
extern const struct evidence_number evidence_numbers[];

MUST_CHECK int evidence_print(const struct gathered *gathered, const struct evidence *evidence,
                              struct err *err);
MUST_CHECK int evidence_put(const struct gathered *gathered, const struct evidence *evidence,
                            struct json *body, struct err *err);
/* A page by itself, without scripts, and that loads nothing. */
MUST_CHECK int evidence_page(const struct gathered *gathered, const struct evidence *evidence,
                             struct buf *ret, struct err *err);
