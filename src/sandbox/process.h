/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting one program: its own process group, its own user where we are root, its log, and a
 * promise by the kernel that it does not outlive us (PR_SET_PDEATHSIG).
 */
#pragma once

#include "base/bytes.h"
#include "sandbox/namespace.h"

#include <sys/types.h>

/* Users of a sandbox run by root; a plain user runs everything as himself. */
enum identity {
    IDENTITY_OWNER, /* whoever runs the sandbox */
    IDENTITY_SIGNER_CA,
    IDENTITY_AUTHORITY,
    IDENTITY_REGISTER,
    IDENTITY_CARD,
    IDENTITY_READER,
    IDENTITY_SIGNER_OCSP,
    IDENTITY_SIGNER_TOKEN,
    IDENTITY_OCSP,
    IDENTITY_PLATFORM,
    IDENTITY_SIGNER_CARD,
    IDENTITY_FIRST_CLERK, /* the card of that clerk */
    IDENTITY_SECOND_CLERK,
    IDENTITY_AUTHAPP,
    IDENTITY_SIGNER_WITNESS,
    IDENTITY_WITNESS,
    IDENTITY_PAGE,
    IDENTITY_PORTAL,
    IDENTITY_TAX_SITE,
    IDENTITY_PENSION_SITE,
    IDENTITIES_
};

/* The uid and gid of an identity: 64100 and up as root (never in passwd), else our own. */
uid_t identity_uid(enum identity identity);
/* The group that every identity is a member of. */
gid_t identity_group(void);
/* The one that the start page alone is in, for what nobody else of a sandbox has to see. */
gid_t identity_group_of_page(void);
/* Whether each program gets a uid of its own, so that SO_PEERCRED can tell them apart. */
bool identities_are_separate(void);
/*
 * Become that user for good, where we are root; a promise to end with our parent is kept. Before
 * any thread is made.
 */
MUST_CHECK int identity_assume(enum identity identity, struct err *err);

struct process {
    const char *const *argv; /* NULL-terminated; argv[0] is the absolute path of the program */
    const char *directory;   /* working directory */
    const char *log_path;    /* output and errors are appended here; NULL: they stay ours */
    const char *trace_path;  /* where it writes its steps (base/trace.h); NULL: nowhere */
    int output_fd;           /* standard output goes here instead; 0: it does not */
    enum identity identity;
    const struct namespace *ns; /* NULL: stays in the machine's network */
    const char *cover_pcscd;    /* directory to see as /run/pcscd; NULL: none */
};

/*
 * Start it. Everything up to and including execve(2) has happened when this returns 0; a failure
 * of any step in the child is reported with its reason, and no process is left.
 */
MUST_CHECK int process_start(const struct process *process, pid_t *ret, struct err *err);

/* SIGTERM to the process group, SIGKILL after timeout_ms; reaps it. Accepts pid 0. */
void process_stop(pid_t pid, int timeout_ms);
enum { PROCESS_ENDING_SIZE = 48 };
/* "ended with status 3" or "killed by signal 9", for people and state.json. */
void process_ending(int wait_status, char ret[PROCESS_ENDING_SIZE]);
