/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measurements against a peer in the same run, because only ratios survive a change of machine.
 * Each is the median of BENCH_ROUNDS rounds in which all parties take turns.
 */
#pragma once

#include "base/cli.h"
#include "base/json.h"

#include <sys/types.h>

enum { BENCH_ROUNDS = 5, BENCH_RUNS = 5 };

/* A promise that can be kept on any machine, because it is about a ratio. */
struct bench_goal {
    const char *what; /* "of openssl's rate" */
    double ratio, goal;
    bool is_least; /* the ratio is to be at least this, else at most */
};

/* Something else that was measured on the way: what ours is made of, how late the last ones are. */
struct bench_part {
    const char *what; /* "signerd, in time of a processor" */
    double value;
    const char *unit;
};

enum { BENCH_GOALS_MAX = 8, BENCH_PARTS_MAX = 6 };

struct bench_result {
    double ours;     /* less is better */
    double peer;     /* 0: there is none */
    double limit;    /* what cannot be beaten, or the goal; 0: there is none */
    double min, max; /* of ours over the rounds; both 0: there was one */
    struct bench_goal goals[BENCH_GOALS_MAX];
    size_t goal_count;
    struct bench_part parts[BENCH_PARTS_MAX];
    size_t part_count;
    const char *unit;
    const char *note; /* who peer and limit are */
};

extern const struct cli_command command_apdu;

typedef int bench_fn(struct bench_result *ret, struct err *err);
bench_fn bench_start;
bench_fn bench_card_info;
bench_fn bench_pcsc_apdu;
bench_fn bench_card_apdu;
bench_fn bench_card_sign;
bench_fn bench_card_many;
bench_fn bench_pin_verify;
bench_fn bench_card_make;
bench_fn bench_crl_write;
bench_fn bench_crl_read;
bench_fn bench_feed;
bench_fn bench_freshness;
bench_fn bench_issue;
bench_fn bench_scale;
bench_fn bench_verify;
bench_fn bench_platform_verify;
bench_fn bench_oidc_login;
bench_fn bench_portal_search;
bench_fn bench_tenants;
bench_fn bench_portal_log;
bench_fn bench_ocsp_cached;
bench_fn bench_ocsp_live;

/* Measure and print; the result is the exit code. */
int bench_run(const char *name, bench_fn *measure, bool as_json);

/* Where what takes long to make is kept for the next run; dir may be NULL and is borrowed. */
void bench_keep_in(const char *dir);
/*
 * That directory, made if need be: what bench_keep_in was given, else $JPKI_BENCH_DIR, else
 * $XDG_CACHE_HOME/openjpki or ~/.cache/openjpki; free_text.
 */
MUST_CHECK int bench_kept_dir(char **ret, struct err *err);

/* Leave out sizes above this one, 0: none; and what it was told. */
void bench_leave_out_above(int64_t largest);
uint64_t bench_largest(void);

/* The median of count values, which are reordered. */
double median(double *values, size_t count);
/* The median of the rounds into *ret, which becomes ours, with the least and the most. */
void bench_set_ours(struct bench_result *result, double *values, size_t count);
void bench_add_goal(struct bench_result *result, const struct bench_goal *goal);
void bench_add_part(struct bench_result *result, const struct bench_part *part);

/* The path of a file given relative to the folder of this program; free_text. */
MUST_CHECK int beside(const char *relative, char **ret, struct err *err);
/*
 * Run a command to its end, standard output into ret_out (may be NULL). Its time in microseconds.
 * ERR_REMOTE with what it said last unless its exit status is 0.
 */
MUST_CHECK int run_command(const char *const argv[], double *ret_us, struct buf *ret_out,
                           struct err *err);
/* Run it BENCH_RUNS times; the median. */
MUST_CHECK int time_command(const char *const argv[], double *ret_us, struct err *err);

/* Processor time so far of the threads a process has, in microseconds (proc(5), schedstat). */
MUST_CHECK int processor_time_us(pid_t pid, double *ret_us, struct err *err);

enum openssl_time {
    OPENSSL_PROCESSOR, /* beside processor time of ours */
    OPENSSL_ELAPSED,   /* beside time by the clock: both get less of it on a busy machine */
};
/* What one signature with RSA-2048 takes by openssl speed, in microseconds. */
MUST_CHECK int openssl_sign_us(enum openssl_time time, double *ret_us, struct err *err);

/* Connect to the first card there is, send SELECT count times; the median time of one. */
MUST_CHECK int apdu_measure(size_t count, double *ret_us, struct err *err);

/* A sandbox in a new directory, in front of which this process stands. */
struct lab {
    char *dir, *program;
    pid_t pid;
    double ready_us; /* from starting it until everything ran */
};

#define LAB_INIT                                                                                   \
    {                                                                                              \
        NULL, NULL, 0, 0                                                                           \
    }

MUST_CHECK int lab_up(struct lab *lab, struct err *err);
/* Issue a card, and let this process and its children reach it. ERR_ABSENT without a reader. */
MUST_CHECK int lab_insert_card(struct lab *lab, struct err *err);
/* Stop it and remove its directory. */
void lab_down(struct lab *lab);
