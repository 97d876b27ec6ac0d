/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script.h"

#include "base/caltime.h"
#include "base/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct script, member)
static const struct conf_key head_keys[] = {
    {"ceremony", "title", CONF_TEXT, AT(title), NULL, 0, 0, "what it is held for"},
    {"ceremony", "config", CONF_PATH, AT(config), NULL, 0, 0,
     "configuration of the jpki-signerd whose keys it is about"},
    {"ceremony", "database", CONF_PATH, AT(database), CONF_UNSET, 0, 0,
     "database of the jpki-authorityd, for steps that make certificates"},
    {"ceremony", "needed", CONF_INT, AT(needed), "3", 2, 16, "custodians that must come together"},
    {"ceremony", "shares", CONF_INT, AT(shares), "5", 2, 16, "custodians that have a share"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

#define AT(member) offsetof(struct script_step, member)
static const struct conf_key step_keys[] = {
    {"step NAME", "do", CONF_TEXT, AT(act), NULL, 0, 0, "what is done"},
    {"step NAME", "role", CONF_TEXT, AT(role), CONF_UNSET, 0, 0,
     "administrator, custodian, witness or auditor"},
    {"step NAME", "who", CONF_TEXT, AT(who), CONF_UNSET, 0, 0, "whose turn it is"},
    {"step NAME", "say", CONF_TEXT, AT(say), CONF_UNSET, 0, 0, "what is read out"},
    {"step NAME", "expect", CONF_TEXT, AT(expect), CONF_UNSET, 0, 0,
     "what must be typed, or the fingerprint there must be"},
    {"step NAME", "file", CONF_PATH, AT(file), CONF_UNSET, 0, 0, "file that is read or written"},
    {"step NAME", "key", CONF_TEXT, AT(key), CONF_UNSET, 0, 0, "name of the key at signerd"},
    {"step NAME", "ca", CONF_TEXT, AT(ca), CONF_UNSET, 0, 0, "sign or auth"},
    {"step NAME", "generation", CONF_INT, AT(generation), "1", 1, 9,
     "of the CA: a further one has the key NAME-gN"},
    {"step NAME", "issues_from", CONF_TEXT, AT(issues_from), CONF_UNSET, 0, 0,
     "date in Japan, YYYY-MM-DD, from which a further generation issues"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

enum { ROLE = 1, WHO = 2, SAY = 4, EXPECT = 8, FILE_ = 16, KEY = 32, CA = 64, FROM = 128 };

/* What a step must have; EXPECT may be missing everywhere, and what is not named may not be. */
static const struct {
    const char *name;
    unsigned needs, may;
} kinds[STEP_KINDS_] = {
    [STEP_PRESENT] = {"present", ROLE | WHO, 0},
    [STEP_CONFIRM] = {"confirm", WHO | SAY, EXPECT},
    [STEP_FINGERPRINT] = {"fingerprint", FILE_, EXPECT},
    [STEP_SPLIT] = {"split", 0, 0},
    [STEP_SHARE] = {"share", WHO | FILE_, 0},
    [STEP_RESTORE] = {"restore", 0, 0},
    [STEP_KEY] = {"key", KEY, 0},
    [STEP_RETIRE] = {"retire", KEY, 0},
    [STEP_INSTALL] = {"install", 0, 0},
    [STEP_CERTIFICATE] = {"certificate", KEY | CA | FILE_, FROM},
    [STEP_CLOSE] = {"close", 0, 0},
};

static const char *const roles[] = {"administrator", "custodian", "witness", "auditor"};

static struct conf_group group_of(struct script *script)
{
    return (struct conf_group){
        .prefix = "step",
        .keys = step_keys,
        .name = offsetof(struct script_step, name),
        .size = sizeof script->steps[0],
        .max = CEREMONY_STEPS_MAX,
        .items = script->steps,
        .count = &script->count,
    };
}

const char *step_kind_name(enum step_kind kind)
{
    return kinds[kind].name;
}

size_t script_find(const struct script *script, size_t from, enum step_kind kind)
{
    while (from < script->count && script->steps[from].kind != kind)
        from++;
    return from;
}

static int find_kind(struct script_step *step, struct err *err)
{
    for (unsigned i = 0; i < STEP_KINDS_; i++) {
        if (strcmp(step->act, kinds[i].name) != 0)
            continue;
        step->kind = (enum step_kind)i;
        return 0;
    }
    return FAIL(err, ERR_INPUT, "nothing is called %s", step->act);
}

static int check_members(const struct script_step *step, struct err *err)
{
    const struct {
        unsigned bit;
        const char *name, *value;
    } rows[] = {
        {ROLE, "role", step->role},
        {WHO, "who", step->who},
        {SAY, "say", step->say},
        {FILE_, "file", step->file},
        {EXPECT, "expect", step->expect},
        {KEY, "key", step->key},
        {CA, "ca", step->ca},
        {FROM, "issues_from", step->issues_from},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_needed = (kinds[step->kind].needs & rows[i].bit) != 0;
        bool is_known = is_needed || (kinds[step->kind].may & rows[i].bit) != 0;

        if (is_needed && rows[i].value == NULL)
            return FAIL(err, ERR_INPUT, "%s needs %s", step->act, rows[i].name);
        if (!is_known && rows[i].value != NULL)
            return FAIL(err, ERR_INPUT, "%s has no %s", step->act, rows[i].name);
    }
    return 0;
}

static bool is_role(const char *word)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(word, roles[i]) == 0)
            return true;
    return false;
}

/* Whether somebody has said, before a step, that he is there; role NULL: in whichever role. */
static bool is_present(const struct script *script, size_t before, const char *who,
                       const char *role)
{
    for (size_t i = 0; i < before; i++) {
        const struct script_step *step = &script->steps[i];

        if (step->kind == STEP_PRESENT && strcmp(step->who, who) == 0 &&
            (role == NULL || strcmp(step->role, role) == 0))
            return true;
    }
    return false;
}

static size_t count_role(const struct script *script, const char *role)
{
    size_t count = 0;

    for (size_t i = 0; i < script->count; i++)
        count += script->steps[i].kind == STEP_PRESENT && strcmp(script->steps[i].role, role) == 0;
    return count;
}

static int check_person(const struct script *script, size_t at, struct err *err)
{
    const struct script_step *step = &script->steps[at];

    if (step->kind == STEP_PRESENT && !is_role(step->role))
        return FAIL(err, ERR_INPUT, "there is no role %s", step->role);
    if (step->kind == STEP_PRESENT && is_present(script, at, step->who, NULL))
        return FAIL(err, ERR_INPUT, "%s is there already: nobody has two roles", step->who);
    if (step->kind == STEP_CONFIRM && !is_present(script, at, step->who, NULL))
        return FAIL(err, ERR_INPUT, "%s has not said that he is there", step->who);
    if (step->kind == STEP_SHARE && !is_present(script, at, step->who, "custodian"))
        return FAIL(err, ERR_INPUT, "%s is not there as a custodian", step->who);
    return 0;
}

/* A custodian has one share, and a file one share in it. */
static int check_share(const struct script *script, size_t at, struct err *err)
{
    const struct script_step *step = &script->steps[at];

    for (size_t i = 0; i < at; i++) {
        const struct script_step *other = &script->steps[i];

        if (other->kind != STEP_SHARE)
            continue;
        if (strcmp(other->who, step->who) == 0 || strcmp(other->file, step->file) == 0)
            return FAIL(err, ERR_INPUT, "the same custodian or file as in step %s", other->name);
    }
    return 0;
}

static int check_certificate(const struct script *script, struct script_step *step, struct err *err)
{
    struct caldate date;

    if (strcmp(step->ca, "sign") != 0 && strcmp(step->ca, "auth") != 0)
        return FAIL(err, ERR_INPUT, "ca: must be sign or auth");
    if (script->database == NULL)
        return FAIL(err, ERR_INPUT, "a certificate needs [ceremony] database");
    if ((step->generation > 1) != (step->issues_from != NULL))
        return FAIL(err, ERR_INPUT, "issues_from is for generation 2 and later, which need it");
    if (step->issues_from == NULL)
        return 0;
    TRY(err_prefix(err, caldate_parse_iso(step->issues_from, &date, err), "issues_from"));
    step->issues_from_at = caltime_utc((struct caltime){.date = date}, JST_OFFSET_SECONDS);
    return 0;
}

static int check_step(struct script *script, size_t at, struct err *err)
{
    struct script_step *step = &script->steps[at];

    TRY(check_members(step, err));
    TRY(check_person(script, at, err));
    if (step->kind == STEP_SHARE)
        TRY(check_share(script, at, err));
    if (step->kind == STEP_CERTIFICATE)
        TRY(check_certificate(script, step, err));
    if ((step->kind == STEP_CLOSE) != (at + 1 == script->count))
        return FAIL(err, ERR_INPUT, "close is the last step, and the last step is close");
    return 0;
}

/*
 * Between split and restore all shares are given and nothing else is made, so that whatever is made
 * can be opened by what the custodians hold: that was tried.
 */
static int check_split(const struct script *script, size_t split, struct err *err)
{
    size_t restore = script_find(script, split, STEP_RESTORE);
    size_t shares = 0;

    for (size_t i = 0; i < script->count; i++) {
        bool is_between = i > split && i < restore;

        if (script->steps[i].kind == STEP_SHARE && !is_between)
            return FAIL(err, ERR_INPUT, "step %s: shares are given between split and restore",
                        script->steps[i].name);
        shares += script->steps[i].kind == STEP_SHARE;
    }
    if (split < script->count && shares != (size_t)script->shares)
        return FAIL(err, ERR_INPUT, "%zu steps give a share, of %lld", shares,
                    (long long)script->shares);
    if (script_find(script, split + 1, STEP_SPLIT) < script->count)
        return FAIL(err, ERR_INPUT, "a ceremony splits once");
    return 0;
}

/* split, restore, key, install, certificate: each behind what it needs. */
static int check_order(const struct script *script, struct err *err)
{
    size_t split = script_find(script, 0, STEP_SPLIT);
    size_t restore = script_find(script, split < script->count ? split : 0, STEP_RESTORE);
    size_t install = script_find(script, 0, STEP_INSTALL);

    TRY(check_split(script, split, err));
    for (size_t i = 0; i < script->count; i++) {
        enum step_kind kind = script->steps[i].kind;

        if ((kind == STEP_KEY || kind == STEP_RETIRE) && (i < restore || i > install))
            return FAIL(err, ERR_INPUT,
                        "step %s: keys are made and given up between restore and install",
                        script->steps[i].name);
        if (kind == STEP_INSTALL && (i < restore || i != install))
            return FAIL(err, ERR_INPUT, "step %s: install comes once, behind restore",
                        script->steps[i].name);
        if (kind == STEP_CERTIFICATE && i < install)
            return FAIL(err, ERR_INPUT, "step %s: certificates are made behind install",
                        script->steps[i].name);
    }
    return 0;
}

static int check_roles(const struct script *script, struct err *err)
{
    if (script->needed > script->shares)
        return FAIL(err, ERR_INPUT, "more custodians are needed than have a share");
    if (count_role(script, "administrator") != 1)
        return FAIL(err, ERR_INPUT, "one administrator is present, no more and no fewer");
    if (count_role(script, "witness") + count_role(script, "auditor") == 0)
        return FAIL(err, ERR_INPUT, "no witness or auditor is present");
    if (count_role(script, "custodian") < (size_t)script->needed)
        return FAIL(err, ERR_INPUT, "fewer custodians are present than are needed");
    return 0;
}

static int check(struct script *script, struct err *err)
{
    if (script->count == 0)
        return FAIL(err, ERR_INPUT, "there is no section [step NAME]");
    for (size_t i = 0; i < script->count; i++)
        TRY(err_prefix(err, find_kind(&script->steps[i], err), "step %s", script->steps[i].name));
    for (size_t i = 0; i < script->count; i++)
        TRY(err_prefix(err, check_step(script, i, err), "step %s", script->steps[i].name));
    TRY(check_roles(script, err));
    return check_order(script, err);
}

/* The key of a further generation, made in the same ceremony. */
static bool makes_key(const struct script *script, const struct script_step *certificate)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s-g%lld", certificate->key,
                   (long long)certificate->generation);
    for (size_t i = 0; i < script->count; i++)
        if (script->steps[i].kind == STEP_KEY && strcmp(script->steps[i].key, name) == 0)
            return true;
    return false;
}

static int check_generation(const struct script *script, const struct script_step *step,
                            int64_t earliest, struct err *err)
{
    if (step->generation < 2)
        return FAIL(err, ERR_INPUT, "a rotation makes generation 2 or later, not the first");
    if (!makes_key(script, step))
        return FAIL(err, ERR_INPUT, "no step makes the key %s-g%lld", step->key,
                    (long long)step->generation);
    if (step->issues_from_at < earliest)
        return FAIL(err, ERR_INPUT,
                    "issues_from: verifiers would not have the certificate by then; it must be "
                    "later");
    return 0;
}

int script_check_rotation(const struct script *script, int64_t now, int64_t lead_days,
                          struct err *err)
{
    size_t at = script_find(script, 0, STEP_CERTIFICATE);

    if (at == script->count)
        return FAIL(err, ERR_INPUT, "a rotation makes a certificate");
    if (script_find(script, 0, STEP_RESTORE) > script_find(script, 0, STEP_SPLIT))
        return FAIL(err, ERR_INPUT, "a rotation begins with the custodians of the keys in use");
    for (; at < script->count; at = script_find(script, at + 1, STEP_CERTIFICATE))
        TRY(err_prefix(err,
                       check_generation(script, &script->steps[at], now + lead_days * 86400, err),
                       "step %s", script->steps[at].name));
    return 0;
}

int script_parse(struct bytes text, const char *name, struct script **ret, struct err *err)
{
    CLEANUP(script_freep) struct script *script = calloc(1, sizeof *script);
    struct conf_group group;

    if (script == NULL)
        return FAIL_NOMEM(err);
    group = group_of(script);
    TRY(conf_parse(text, name, head_keys, script, &group, err));
    TRY(err_prefix(err, check(script, err), "%s", name));
    *ret = script;
    script = NULL;
    return 0;
}

void script_free(struct script *script)
{
    struct conf_group group;

    if (script == NULL)
        return;
    group = group_of(script);
    conf_group_done(&group);
    conf_done(head_keys, script);
    free(script);
}

void script_freep(struct script **script)
{
    script_free(*script);
    *script = NULL;
}
