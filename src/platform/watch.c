/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/watch.h"

#include "base/chore.h"
#include "platform/door.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { TICK_MS = 500, RETRY_MS = 60000, DAY_SECONDS = 86400 };

const char *const warning_words[WARNINGS_] = {
    [WARNING_CERTIFICATE_ENDS] = "certificate_ends_soon",
    [WARNING_CERTIFICATE_OVER] = "certificate_over",
    [WARNING_REGISTRATION_REFUSED] = "registration_refused",
    [WARNING_REGISTRATION_PARTLY] = "registration_partly",
};

struct watch {
    struct watch_options options;
    struct chore chore;
    atomic_bool warns[WARNINGS_];
    _Atomic int64_t answered_at;
    /* The thread's own: */
    struct turn *asked_as; /* the turn of the platform that asked last; held, so it is no other's */
    int64_t asked_day;
    int64_t next_ms; /* monotonic: not before, after a failure */
    bool has_failed;
};

static void set(struct watch *watch, enum warning warning, bool warns)
{
    if (atomic_exchange(&watch->warns[warning], warns) == warns || watch->options.report == NULL)
        return;
    watch->options.report(warning, warns);
}

/* ---- certificates ---- */

static void look_at(const struct x509_cert *certificate, int64_t now, int64_t warn_s,
                    bool *ret_ends, bool *ret_over)
{
    int64_t left;

    if (certificate == NULL)
        return;
    left = x509_cert_tbs(certificate)->not_after - now;
    *ret_over = *ret_over || left < 0;
    *ret_ends = *ret_ends || (left >= 0 && left < warn_s);
}

static void look_at_certificates(struct watch *watch, const struct platform *platform)
{
    int64_t now = clock_now(watch->options.clock);
    bool ends = false;
    bool over = false;

    look_at(platform->ocsp.certificate, now, platform->warn_s, &ends, &over);
    look_at(platform->door.certificate, now, platform->warn_s, &ends, &over);
    set(watch, WARNING_CERTIFICATE_ENDS, ends);
    set(watch, WARNING_CERTIFICATE_OVER, over);
}

/* ---- registration ---- */

static int ask(const struct platform *platform, struct standing *ret, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = NULL;

    TRY(signer_open(platform->signer, &signer, err));
    return door_standing(platform, signer, ret, err);
}

/* Whether the authority has answered that it does not answer: not what keeps it from answering. */
static bool is_refused(const struct err *why)
{
    return why->detail == 401 || why->detail == 403 || why->detail == 422;
}

static void note_answer(struct watch *watch, int rc, const struct standing *standing)
{
    set(watch, WARNING_REGISTRATION_REFUSED, rc < 0);
    set(watch, WARNING_REGISTRATION_PARTLY,
        rc == 0 && !(standing->verifies_sign && standing->verifies_auth));
    watch->answered_at = clock_now(watch->options.clock);
    watch->has_failed = false;
}

static void look_up(struct watch *watch, const struct platform *platform)
{
    struct standing standing = {.verifies_sign = false};
    struct err why = {0};
    int rc = ask(platform, &standing, &why);

    if (rc == 0 || is_refused(&why)) {
        note_answer(watch, rc, &standing);
        return;
    }
    watch->next_ms = monotonic_ms() + RETRY_MS;
    watch->asked_day = -1;
    if (!watch->has_failed && watch->options.failed != NULL)
        watch->options.failed(&why);
    watch->has_failed = true;
}

/* At the start, on another day, and as another platform than before, whose file may be another. */
static void look(struct watch *watch)
{
    CLEANUP(turn_releasep) struct turn *turn = turns_hold(watch->options.platforms);
    const struct platform *platform = turn_value(turn);
    int64_t day = clock_now(watch->options.clock) / DAY_SECONDS;
    bool is_other = turn != watch->asked_as;

    look_at_certificates(watch, platform);
    if (!door_is_there(platform) || (!is_other && day == watch->asked_day) ||
        (!is_other && monotonic_ms() < watch->next_ms))
        return;
    watch->asked_day = day;
    look_up(watch, platform);
    turn_release(watch->asked_as);
    watch->asked_as = turn;
    turn = NULL;
}

/* ---- the thread ---- */

static void *run(void *argument)
{
    struct watch *watch = argument;

    do
        look(watch);
    while (chore_rest(&watch->chore, TICK_MS));
    return NULL;
}

int watch_start(const struct watch_options *options, struct watch **ret, struct err *err)
{
    struct watch *watch = calloc(1, sizeof *watch);
    int rc;

    if (watch == NULL)
        return FAIL_NOMEM(err);
    watch->options = *options;
    watch->asked_day = -1;
    rc = chore_start(&watch->chore, run, watch, err);
    if (rc < 0) {
        free(watch);
        return rc;
    }
    *ret = watch;
    return 0;
}

void watch_stopp(struct watch **watch)
{
    if (*watch == NULL)
        return;
    chore_stop(&(*watch)->chore);
    turn_release((*watch)->asked_as);
    free(*watch);
    *watch = NULL;
}

bool watch_warns(const struct watch *watch, enum warning warning)
{
    return atomic_load(&watch->warns[warning]);
}

int64_t watch_answered_at(const struct watch *watch)
{
    return watch->answered_at;
}
