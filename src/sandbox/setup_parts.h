/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the setups of programs are made of: directories of one user, configurations, and commands
 * of ours that run to their end.
 */
#pragma once

#include "sandbox/roster.h"

enum { SETUP_WORDS_MAX = 10 };

/* How verifiers call the authority; what they sign depends on it. */
#define SETUP_VERIFIER_ORIGIN "https://authority.openjpki.test"

/* How the portal is called at the OpenID provider, with its port: its addresses go with that. */
#define SETUP_PORTAL_CLIENT "portal-%u"

/* What audit logs are called behind which the daemon's name stands, and what their witness is. */
#define SETUP_LOG_PREFIX "openjpki.test/audit/"
#define SETUP_WITNESS    "openjpki.test/witness"

/* One of our programs, to be run to its end as the user of a daemon. */
struct tool {
    const char *program;
    const char *words[SETUP_WORDS_MAX]; /* behind its name, NULL-terminated unless full */
    enum identity identity;
};

MUST_CHECK int setup_run(const struct roster *roster, const struct tool *tool, struct err *err);
/*
 * The same, and keep what it printed in DIR/below, with this mode, unless that file is there. The
 * file comes whole or not at all.
 */
MUST_CHECK int setup_keep(const struct roster *roster, const struct tool *tool, const char *below,
                          mode_t mode, struct err *err);

/*
 * The secret of somebody whom a tool adds, in DIR/below. Whoever was added by a start that did not
 * live to keep the secret gets another one by the second tool.
 */
MUST_CHECK int setup_keep_or(const struct roster *roster, const struct tool *add,
                             const struct tool *renew, const char *below, struct err *err);

/* The key of a relying party in DIR/below, made unless it is there; what others may see of it, a
 * JWK, is appended. */
MUST_CHECK int setup_have_key(const struct roster *roster, const char *below,
                              struct buf *ret_public, struct err *err);

/* The clinics that look up insurance at the portal of this configuration. */
MUST_CHECK int setup_clinics(const struct roster *roster, const char *conf, struct err *err);

/* A machine that prints certificates, the same. */
MUST_CHECK int setup_kiosk(const struct roster *roster, const char *conf, struct err *err);

/* A copy of DIR/from, which another program gave, as DIR/to for the eyes of one user. */
MUST_CHECK int setup_copy_key(const struct roster *roster, const char *from, const char *to,
                              enum identity identity, struct err *err);

/*
 * A directory below the sandbox's for one program alone; *ret_fd is closed by fd_done. What lies
 * above may belong to that program, so nothing is changed through a link it may have put there.
 */
MUST_CHECK int setup_open_owned(const char *path, enum identity identity, mode_t mode, int *ret_fd,
                                struct err *err);
/* The same, for that program's eyes only. */
MUST_CHECK int setup_make_owned(const char *path, enum identity identity, struct err *err);

/*
 * DIR/conf/NAME, readable by the group of the sandbox's programs; *ret_path by free_text. As in the
 * rows of the roster, "@" in the text stands for the sandbox's directory.
 */
MUST_CHECK int setup_write_conf(const struct roster *roster, const char *name,
                                const struct buf *text, char **ret_path, struct err *err);

/* What the names of the keys that sign now end with; they take turns with others. */
const char *setup_key_suffix(const struct roster *roster);

/* Lines with the CA certificates of all generations: auth_cas, and sign_cas if that is asked for.
 */
MUST_CHECK int setup_append_anchors(const struct roster *roster, bool with_sign, struct buf *text,
                                    struct err *err);

/* A line with the folder of an application for browsers; none where the build has left it out. */
MUST_CHECK int setup_append_pages(const struct roster *roster, const char *name, const char *key,
                                  struct buf *text, struct err *err);

/* Lines about checkpoints of the audit log of a daemon, "authority". */
MUST_CHECK int setup_append_checkpoints(const char *daemon, struct buf *text, struct err *err);

/* Lines of the portal's configuration about outside sites, whose file and keys are made. */
MUST_CHECK int setup_append_sites(const struct roster *roster, struct buf *text, struct err *err);

/* Whether there is anything by this name, a dangling link included. */
bool setup_exists(const char *path);
