/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is found of what was gathered, criterion by criterion. A check adds one observation at
 * least, whether all is well or not: what was not looked at must not look as if it had been.
 */
#include "programs/jpkictl/evidence/evidence.h"

#include "base/caltime.h"
#include "base/i18n.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DAY = 86400, CERTIFICATE_DAYS = 30, PEOPLE_LEAST = 2, NAMES_SHOWN = 8 };

static void add(struct evidence *evidence, enum criterion criterion, enum finding finding,
                const char *looked_at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static void add(struct evidence *evidence, enum criterion criterion, enum finding finding,
                const char *looked_at, const char *format, ...)
{
    struct observation *one = &evidence->observations[evidence->count];
    va_list arguments;

    if (evidence->count == OBSERVATIONS_MAX)
        return; /* there are fewer checks than places: judge() has no loop without an end */
    evidence->count++;
    *one = (struct observation){criterion, finding, looked_at, ""};
    va_start(arguments, format);
    (void)vsnprintf(one->found, sizeof one->found, format, arguments);
    va_end(arguments);
}

static enum finding met_if(bool holds)
{
    return holds ? FINDING_MET : FINDING_NOT_MET;
}

/* ---- papers ---- */

static void judge_papers(const struct gathered *gathered, struct evidence *evidence)
{
    for (size_t i = 0; i < PAPERS_; i++) {
        const struct paper_row *row = &evidence_papers[i];
        const struct seen_paper *paper = &gathered->papers[i];
        char when[CALTIME_TEXT_SIZE];

        caltime_format(paper->changed_at, JST_OFFSET_SECONDS, when);
        if (paper->is_there)
            add(evidence, row->criterion, FINDING_SUPPLIED, row->title,
                tr("a file of %s, SHA-256 %s"), when, paper->hash);
        else if (paper->is_named)
            add(evidence, row->criterion, FINDING_NOT_MET, row->title,
                tr("the file that is named as %s is not there"), row->key);
        else
            add(evidence, row->criterion, FINDING_UNSEEN, row->title, tr("no file is named as %s"),
                row->key);
    }
}

/* ---- networks ---- */

static int judge_network(const struct gathered *gathered, struct evidence *evidence,
                         struct err *err)
{
    const char *origin;
    const char *webhooks;
    int64_t in_clear;

    TRY(json_get_text(gathered->facts, "origin", &origin, err));
    TRY(json_get_text(gathered->facts, "webhooks_to", &webhooks, err));
    TRY(json_get_int(gathered->facts, "webhooks_in_clear", &in_clear, err));
    add(evidence, CRITERION_NETWORK, met_if(strncmp(origin, "https://", 8) == 0),
        N_("how clients reach it"), tr("at %s; TLS has to end in front of it"), origin);
    add(evidence, CRITERION_NETWORK, met_if(strcmp(webhooks, "any") != 0),
        N_("whom it may be made to call"), tr("webhooks_to is %s"), webhooks);
    add(evidence, CRITERION_NETWORK, met_if(in_clear == 0), N_("where tenants are called"),
        tr("%lld webhooks are without TLS"), (long long)in_clear);
    return 0;
}

/* ---- processes ---- */

static bool shares_user(const struct gathered *gathered, size_t place)
{
    for (size_t i = 0; i < gathered->process_count; i++)
        if (i != place && gathered->processes[i].is_there &&
            gathered->processes[i].uid == gathered->processes[place].uid)
            return true;
    return false;
}

static void judge_process(const struct gathered *gathered, size_t place, struct evidence *evidence)
{
    const struct seen_process *process = &gathered->processes[place];

    if (!process->is_there)
        add(evidence, CRITERION_ACCESS, FINDING_NOT_MET, N_("processes"),
            tr("%s does not run, so that nothing is seen of it"), process->name);
    else if (process->uid == 0)
        add(evidence, CRITERION_ACCESS, FINDING_NOT_MET, N_("processes"), tr("%s runs as root"),
            process->name);
    else if (shares_user(gathered, place))
        add(evidence, CRITERION_ACCESS, FINDING_NOT_MET, N_("processes"),
            tr("%s runs as the user of another one, and is not separated from it"), process->name);
    else if (!process->gains_nothing)
        add(evidence, CRITERION_ACCESS, FINDING_NOT_MET, N_("processes"),
            tr("%s may gain rights that it has not (no_new_privs is off)"), process->name);
}

static void judge_processes(const struct gathered *gathered, struct evidence *evidence)
{
    size_t before = evidence->count;

    for (size_t i = 0; i < gathered->process_count; i++)
        judge_process(gathered, i, evidence);
    if (gathered->process_count == 0)
        add(evidence, CRITERION_ACCESS, FINDING_UNSEEN, N_("processes"), "%s",
            tr("the configuration has no [daemon NAME]"));
    else if (evidence->count == before)
        add(evidence, CRITERION_ACCESS, FINDING_MET, N_("processes"),
            tr("%zu run, each as a user of its own, and none may gain rights"),
            gathered->process_count);
}

/* ---- keys ---- */

static void judge_folder(const struct gathered *gathered, const struct seen_keys_folder *folder,
                         struct evidence *evidence)
{
    const int64_t days = folder->oldest_at == 0 ? 0 : (gathered->at - folder->oldest_at) / DAY;

    if (!folder->is_there) {
        add(evidence, CRITERION_ACCESS, FINDING_NOT_MET, N_("files of keys"),
            tr("%s cannot be looked into"), folder->path);
        return;
    }
    add(evidence, CRITERION_ACCESS, met_if(folder->open == 0), N_("files of keys"),
        tr("%s: %u keys, of which others than their owner can reach %u"), folder->path,
        folder->files, folder->open);
    add(evidence, CRITERION_ACCESS, met_if(days <= gathered->config->evidence.key_days),
        N_("age of keys"), tr("%s: the oldest is %lld days old, of %lld that it may be"),
        folder->path, (long long)days, (long long)gathered->config->evidence.key_days);
}

static void judge_keys(const struct gathered *gathered, struct evidence *evidence)
{
    for (size_t i = 0; i < gathered->folder_count; i++)
        judge_folder(gathered, &gathered->folders[i], evidence);
    if (gathered->folder_count == 0)
        add(evidence, CRITERION_ACCESS, FINDING_UNSEEN, N_("files of keys"), "%s",
            tr("the configuration names no folder of keys"));
}

static int judge_certificates(const struct gathered *gathered, struct evidence *evidence,
                              struct err *err)
{
    const struct json *list;

    TRY(json_get_array(gathered->facts, "certificates", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *name;
        int64_t ends;
        char when[CALTIME_TEXT_SIZE];

        TRY(json_get_text(json_at(list, i), "name", &name, err));
        TRY(json_get_int(json_at(list, i), "not_after", &ends, err));
        caltime_format(ends, JST_OFFSET_SECONDS, when);
        add(evidence, CRITERION_ACCESS,
            met_if(ends - gathered->at > (int64_t)CERTIFICATE_DAYS * DAY),
            N_("certificates of the platform"), tr("%s ends at %s"), name, when);
    }
    return 0;
}

/* ---- people ---- */

static int judge_people(const struct gathered *gathered, struct evidence *evidence, struct err *err)
{
    int64_t keys;
    int64_t endless;
    int64_t members;
    int64_t users;

    TRY(json_get_int(gathered->facts, "operator_keys", &keys, err));
    TRY(json_get_int(gathered->facts, "operator_keys_without_end", &endless, err));
    TRY(json_get_int(gathered->facts, "operator_members", &members, err));
    TRY(json_get_int(gathered->facts, "operator_users", &users, err));
    add(evidence, CRITERION_ACCESS, met_if(endless == 0), N_("keys of operators"),
        tr("%lld in force, of which %lld never expire"), (long long)keys, (long long)endless);
    add(evidence, CRITERION_ORGANISATION, met_if(keys + members + users >= PEOPLE_LEAST),
        N_("who can operate it"),
        tr("%lld people with cards, %lld keys, %lld users of the machine"), (long long)members,
        (long long)keys, (long long)users);
    return 0;
}

/* ---- records ---- */

static void judge_witness(const struct gathered *gathered, struct evidence *evidence)
{
    const struct seen *seen = &gathered->audit.log.seen;
    const bool is_behind = seen->checkpoint.size < (int64_t)gathered->audit.log.records &&
                           gathered->at - seen->cosigned_at > DAY;
    char when[CALTIME_TEXT_SIZE];

    if (!gathered->audit.is_witnessed) {
        add(evidence, CRITERION_RECORDS, FINDING_NOT_MET, N_("witness of the audit log"), "%s",
            gathered->audit.unwitnessed.text[0] == '\0'
                ? tr("none is named: nobody else would see that the log was written anew")
                : gathered->audit.unwitnessed.text);
        return;
    }
    caltime_format(seen->cosigned_at, JST_OFFSET_SECONDS, when);
    add(evidence, CRITERION_RECORDS, met_if(!is_behind), N_("witness of the audit log"),
        tr("it has cosigned %lld of %llu records at %s"), (long long)seen->checkpoint.size,
        (unsigned long long)gathered->audit.log.records, when);
}

static int judge_records(const struct gathered *gathered, struct evidence *evidence,
                         struct err *err)
{
    bool makes;

    TRY(json_get_bool(gathered->facts, "makes_checkpoints", &makes, err));
    if (gathered->audit.is_sound)
        add(evidence, CRITERION_RECORDS, FINDING_MET, N_("the audit log"),
            tr("%llu records, each hashed again: as they were written"),
            (unsigned long long)gathered->audit.log.records);
    else
        add(evidence, CRITERION_RECORDS, FINDING_NOT_MET, N_("the audit log"), "%s",
            gathered->audit.why.text);
    add(evidence, CRITERION_RECORDS, met_if(makes), N_("signed checkpoints"), "%s",
        makes ? tr("they are made") : tr("none are made"));
    judge_witness(gathered, evidence);
    if (gathered->alarms < 0)
        add(evidence, CRITERION_RECORDS, FINDING_UNSEEN, N_("alarms of the witness"), "%s",
            tr("no witness tells any"));
    else
        add(evidence, CRITERION_RECORDS, met_if(gathered->alarms == 0), N_("alarms of the witness"),
            tr("%lld that nobody took note of"), (long long)gathered->alarms);
    return 0;
}

/* ---- others ---- */

/* Tenants for which something was judged, although nobody was told that they are verified for. */
static int judge_tenants(const struct gathered *gathered, struct evidence *evidence,
                         struct err *err)
{
    CLEANUP(buf_done) struct buf names = BUF_INIT;
    const struct json *list;
    unsigned count = 0;
    const char *text;

    TRY(json_get_array(gathered->facts, "tenants", &list, err));
    for (size_t i = 0; i < json_count(list); i++) {
        const char *client_id;
        const char *state;
        int64_t judgements;

        TRY(json_get_text(json_at(list, i), "client_id", &client_id, err));
        TRY(json_get_text(json_at(list, i), "state", &state, err));
        TRY(json_get_int(json_at(list, i), "judgements", &judgements, err));
        if (judgements == 0 || strcmp(state, "notified") == 0 || strcmp(state, "ended") == 0)
            continue;
        if (count++ < NAMES_SHOWN)
            TRY(buf_append_format(&names, err, " %s (%s)", client_id, state));
    }
    TRY(buf_text(&names, &text, err));
    add(evidence, CRITERION_OUTSIDE, met_if(count == 0), N_("standing of the tenants"),
        tr("%u of %zu were verified for before they were certified and notice was given:%s"), count,
        json_count(list), text);
    return 0;
}

static int judge_authority(const struct gathered *gathered, struct evidence *evidence,
                           struct err *err)
{
    const struct json *words;
    bool asks;
    bool is_refused = false;

    TRY(json_get_bool(gathered->facts, "asks_authority", &asks, err));
    TRY(json_get_array(gathered->facts, "warnings", &words, err));
    for (size_t i = 0; i < json_count(words); i++) {
        const char *word = json_text(json_at(words, i));

        is_refused = is_refused || (word != NULL && strcmp(word, "registration_refused") == 0);
    }
    add(evidence, CRITERION_OUTSIDE, met_if(asks && !is_refused), N_("standing as a verifier"),
        "%s",
        is_refused ? tr("the authority takes no requests of it")
        : asks     ? tr("the authority knows it")
                   : tr("it asks no authority"));
    return 0;
}

int evidence_judge(const struct gathered *gathered, struct evidence *ret, struct err *err)
{
    int rc;

    *ret = (struct evidence){.count = 0};
    judge_papers(gathered, ret);
    judge_processes(gathered, ret);
    judge_keys(gathered, ret);
    rc = judge_network(gathered, ret, err);
    rc = rc < 0 ? rc : judge_certificates(gathered, ret, err);
    rc = rc < 0 ? rc : judge_people(gathered, ret, err);
    rc = rc < 0 ? rc : judge_records(gathered, ret, err);
    rc = rc < 0 ? rc : judge_tenants(gathered, ret, err);
    rc = rc < 0 ? rc : judge_authority(gathered, ret, err);
    return rc == -ERR_INPUT ? FAIL(err, ERR_REMOTE, "the platform's answer is malformed") : rc;
}

enum finding evidence_of(const struct evidence *evidence, enum criterion criterion)
{
    enum finding worst = FINDING_MET;
    bool is_there = false;

    for (size_t i = 0; i < evidence->count; i++) {
        const struct observation *one = &evidence->observations[i];

        if (one->criterion != criterion)
            continue;
        is_there = true;
        worst = one->finding > worst ? one->finding : worst;
    }
    return is_there ? worst : FINDING_UNSEEN;
}
