/* SPDX-License-Identifier: Apache-2.0 */
#include "register/lifecycle.h"

#include "x509/validity.h"

#include <string.h>

/* Days of continued use after a move (pki.md 12); a day on which something happens is not counted
 * in its period (Civil Code, Article 140). */
enum {
    ARRIVE_DAYS = 30, /* from the day of leaving to being notified at the new place */
    NOTIFY_DAYS = 14, /* from moving in to notifying it */
    KEEP_DAYS = 90,   /* from notifying it to having the card continued */
    SECONDS_PER_DAY = 86400,
};

#define STATE(state_)       (1U << (state_))
#define MADE                (STATE(CARD_STOCK) | STATE(CARD_ISSUED))
#define HELD_BY_HAND        (STATE(CARD_ACTIVE) | STATE(CARD_SUSPENDED))
#define LIVING              (MADE | HELD_BY_HAND)
#define STANDING(standing_) (1U << (standing_))
#define REGISTERED          (STANDING(STANDING_HERE) | STANDING(STANDING_LEAVING))
#define BOTH(end_)                                                                                 \
    {                                                                                              \
        (end_), (end_)                                                                             \
    }
#define SIGN_ONLY(end_)                                                                            \
    {                                                                                              \
        (end_), END_NOT                                                                            \
    }

const char *cert_end_reason(enum cert_end end)
{
    static const char *const reasons[CERT_ENDS_] = {
        [END_UNCLAIMED] = "unspecified",          [END_LEAKED] = "keyCompromise",
        [END_CHANGED] = "affiliationChanged",     [END_SUPERSEDED] = "superseded",
        [END_CESSATION] = "cessationOfOperation", [END_HELD] = "certificateHold",
    };

    return reasons[end];
}

struct caldate life_days_after(struct caldate day, int days)
{
    int64_t noon = caltime_utc((struct caltime){day, 12, 0, 0}, JST_OFFSET_SECONDS);

    return caltime_at(noon + (int64_t)days * SECONDS_PER_DAY, JST_OFFSET_SECONDS).date;
}

static bool is_before(struct caldate a, struct caldate b)
{
    return caldate_compare(a, b) < 0;
}

static bool has_lapsed(const struct life_facts *facts)
{
    struct caldate last = facts->card->lapses_after;

    return last.year != 0 && is_before(last, facts->today);
}

static void lapse(struct life_effect *effect)
{
    effect->state = CARD_LAPSED;
    effect->ends[CERT_SIGN] = END_CESSATION;
    effect->ends[CERT_AUTH] = END_CESSATION;
}

/* The card is good for the way: until so many days behind the one on which its holder leaves. */
static int decide_move_out(const struct life_facts *facts, struct life_effect *effect,
                           struct err *err)
{
    (void)err;
    effect->lapses_after = life_days_after(facts->told, ARRIVE_DAYS);
    return 0;
}

/* Who comes too late, or notifies it too late, has a card no more; others have to bring it. */
static int decide_move_in(const struct life_facts *facts, struct life_effect *effect,
                          struct err *err)
{
    if (is_before(facts->today, facts->told))
        return FAIL(err, ERR_CONFLICT, "nobody has moved in on a day to come");
    if (has_lapsed(facts) || is_before(life_days_after(facts->told, NOTIFY_DAYS), facts->today))
        lapse(effect);
    else
        effect->lapses_after = life_days_after(facts->today, KEEP_DAYS);
    return 0;
}

static int decide_keep(const struct life_facts *facts, struct life_effect *effect, struct err *err)
{
    if (facts->before->standing != STANDING_HERE)
        return FAIL(err, ERR_CONFLICT, "the holder has not moved in yet");
    if (facts->card->lapses_after.year == 0)
        return FAIL(err, ERR_CONFLICT, "the card has no period that could run out");
    if (has_lapsed(facts))
        return FAIL(err, ERR_CONFLICT,
                    "the card was not brought in time after the move; it lapsed");
    effect->lapses_after = (struct caldate){0, 0, 0};
    return 0;
}

bool life_is_renewable(int64_t not_after, int64_t now)
{
    return not_after != 0 && now >= validity_renewal_opens(not_after);
}

/*
 * From three months before the end of a certificate on (pki.md 4). The new one is on the card by
 * then: nobody is without certificates, whatever fails on the way.
 */
static int decide_renew(const struct life_facts *facts, struct life_effect *effect, struct err *err)
{
    bool is_due = false;
    bool is_taken = false;

    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        effect->takes_next[kind] = facts->has_next[kind];
        if (!facts->has_next[kind])
            effect->ends[kind] = END_NOT;
        is_due = is_due || life_is_renewable(facts->not_after[kind], facts->now);
        is_taken = is_taken || facts->has_next[kind];
    }
    if (!is_taken && !is_due)
        return FAIL(err, ERR_CONFLICT,
                    "no certificate of the card ends within three months; it is not renewed yet");
    if (!is_taken)
        return FAIL(err, ERR_CONFLICT,
                    "new certificates are issued before the old ones end, and there are none yet");
    return 0;
}

/* The card ends with the stay, also when that becomes longer (and by its own years before). */
static int decide_stay(const struct life_facts *facts, struct life_effect *effect, struct err *err)
{
    struct caldate given = caltime_at(facts->card->issued_at, JST_OFFSET_SECONDS).date;

    if (is_before(facts->card->expires_on, facts->today))
        return FAIL(err, ERR_CONFLICT, "the card has expired; it needs another one");
    effect->expires_on = card_last_day(facts->after, given);
    return 0;
}

/* Who becomes Japanese may stay: the card lives as long as everybody's, unless it is over. */
static int decide_naturalisation(const struct life_facts *facts, struct life_effect *effect,
                                 struct err *err)
{
    (void)err;
    if (!is_before(facts->card->expires_on, facts->today))
        effect->expires_on = card_last_day(
            facts->after, caltime_at(facts->card->issued_at, JST_OFFSET_SECONDS).date);
    return 0;
}

static int decide_lapse(const struct life_facts *facts, struct life_effect *effect, struct err *err)
{
    if (!has_lapsed(facts))
        return FAIL(err, ERR_CONFLICT, "the card's period is not over");
    lapse(effect);
    return 0;
}

/* A certificate ends with its card, unless the card's end came nearer after it was issued. */
static int decide_expire(const struct life_facts *facts, struct life_effect *effect,
                         struct err *err)
{
    if (!is_before(facts->card->expires_on, facts->today))
        return FAIL(err, ERR_CONFLICT, "the card's last day is not over");
    for (int kind = 0; kind < CERT_KINDS_; kind++) {
        if (facts->not_after[kind] > day_end(facts->card->expires_on))
            effect->ends[kind] = END_CESSATION;
    }
    return 0;
}

/* Columns: name, meaning; of a card, of the register itself; tells; standings, standing; states,
 * state; ends. */
#define OF_RESIDENT               false, false
#define OF_CARD                   true, false
#define OF_REGISTER               true, true
#define SAME_STANDING(standings_) (standings_), STANDINGS_
#define SAME_STATE(states_)       (states_), CARD_STATES_
#define HERE                      STANDING(STANDING_HERE)

enum {
    MOVE,
    MOVE_OUT,
    MOVE_IN,
    NAME,
    SEX,
    BIRTH,
    STAY,
    NATURALISATION,
    ABROAD,
    DEATH,
    KEEP,
    LOSS,
    FOUND,
    REISSUE,
    RETURN,
    DESTROY,
    RENEW,
    REVOKE_SIGN,
    REVOKE,
    LEAK,
    PIN_RESET,
    NEXT_CARD,
    LAPSE,
    EXPIRE,
    ACTS_
};

const struct life_act life_acts[] = {
    [MOVE] = {"move", "has another address; the card was brought along", OF_RESIDENT, TELLS_ADDRESS,
              SAME_STANDING(HERE), SAME_STATE(LIVING), SIGN_ONLY(END_CHANGED), NULL},
    [MOVE_OUT] = {"move-out", "will leave for another municipality on a date", OF_RESIDENT,
                  TELLS_DATE, HERE, STANDING_LEAVING, SAME_STATE(LIVING), BOTH(END_NOT),
                  decide_move_out},
    [MOVE_IN] = {"move-in", "moved in on a date, from another municipality or from abroad",
                 OF_RESIDENT, TELLS_ADDRESS | TELLS_DATE,
                 STANDING(STANDING_LEAVING) | STANDING(STANDING_ABROAD), STANDING_HERE,
                 SAME_STATE(LIVING), SIGN_ONLY(END_CHANGED), decide_move_in},
    [NAME] = {"name", "has another name", OF_RESIDENT, TELLS_NAME, SAME_STANDING(REGISTERED),
              SAME_STATE(LIVING), SIGN_ONLY(END_CHANGED), NULL},
    [SEX] = {"sex", "has another entry of sex", OF_RESIDENT, TELLS_SEX, SAME_STANDING(REGISTERED),
             SAME_STATE(LIVING), SIGN_ONLY(END_CHANGED), NULL},
    [BIRTH] = {"birth", "was born on another day than was recorded", OF_RESIDENT, TELLS_BIRTH,
               SAME_STANDING(REGISTERED), SAME_STATE(LIVING), SIGN_ONLY(END_CHANGED), NULL},
    [STAY] = {"stay", "may stay in Japan until a date", OF_RESIDENT, TELLS_STAY,
              SAME_STANDING(REGISTERED), SAME_STATE(LIVING), BOTH(END_NOT), decide_stay},
    [NATURALISATION] = {"naturalisation", "became Japanese, under a name of their own choice",
                        OF_RESIDENT, TELLS_NAME, SAME_STANDING(REGISTERED), SAME_STATE(LIVING),
                        SIGN_ONLY(END_CHANGED), decide_naturalisation},
    [ABROAD] = {"abroad", "has moved abroad", OF_RESIDENT, 0, REGISTERED, STANDING_ABROAD, LIVING,
                CARD_LAPSED, BOTH(END_CESSATION), NULL},
    [DEATH] = {"death", "has died", OF_RESIDENT, 0, REGISTERED | STANDING(STANDING_ABROAD),
               STANDING_DEAD, LIVING, CARD_LAPSED, BOTH(END_CESSATION), NULL},
    [KEEP] = {"keep", "is used on after a move", OF_CARD, 0, SAME_STANDING(REGISTERED),
              SAME_STATE(STATE(CARD_ACTIVE)), BOTH(END_NOT), decide_keep},
    [LOSS] = {"loss", "is reported lost and stopped", OF_CARD, 0, SAME_STANDING(REGISTERED),
              STATE(CARD_ACTIVE), CARD_SUSPENDED, BOTH(END_HELD), NULL},
    [FOUND] = {"found", "was found again; its certificates are issued anew", OF_CARD, 0,
               SAME_STANDING(REGISTERED), STATE(CARD_SUSPENDED), CARD_ACTIVE, BOTH(END_SUPERSEDED),
               NULL},
    [REISSUE] = {"reissue", "makes way for another one", OF_CARD, 0, SAME_STANDING(REGISTERED),
                 HELD_BY_HAND, CARD_REPLACED, BOTH(END_SUPERSEDED), NULL},
    [RETURN] = {"return", "is given back", OF_CARD, 0, SAME_STANDING(REGISTERED), HELD_BY_HAND,
                CARD_RETURNED, BOTH(END_CESSATION), NULL},
    [DESTROY] = {"destroy", "is destroyed before it was handed over", OF_CARD, 0,
                 SAME_STANDING(REGISTERED), MADE, CARD_DESTROYED, BOTH(END_UNCLAIMED), NULL},
    [RENEW] = {"renew", "has new certificates for those that soon end", OF_CARD, 0,
               SAME_STANDING(REGISTERED), SAME_STATE(STATE(CARD_ACTIVE)), BOTH(END_SUPERSEDED),
               decide_renew},
    [REVOKE_SIGN] = {"revoke-sign", "loses its sign certificate, as the holder wishes", OF_CARD, 0,
                     SAME_STANDING(REGISTERED), SAME_STATE(STATE(CARD_ACTIVE)),
                     SIGN_ONLY(END_CESSATION), NULL},
    [REVOKE] = {"revoke", "loses both certificates, as the holder wishes", OF_CARD, 0,
                SAME_STANDING(REGISTERED), SAME_STATE(STATE(CARD_ACTIVE)), BOTH(END_CESSATION),
                NULL},
    [LEAK] = {"leak", "has keys that somebody else may have", OF_CARD, 0, SAME_STANDING(REGISTERED),
              SAME_STATE(HELD_BY_HAND), BOTH(END_LEAKED), NULL},
    [PIN_RESET] = {"pin-reset", "gets a PIN anew that was forgotten or locked", OF_CARD, TELLS_PIN,
                   SAME_STANDING(REGISTERED), SAME_STATE(STATE(CARD_ACTIVE)), BOTH(END_NOT), NULL},
    [NEXT_CARD] = {"next-card", "the next card was handed over", OF_REGISTER, 0,
                   SAME_STANDING(REGISTERED), HELD_BY_HAND, CARD_REPLACED, BOTH(END_SUPERSEDED),
                   NULL},
    [LAPSE] = {"lapse", "a period after a move ran out", OF_REGISTER, 0, SAME_STANDING(REGISTERED),
               SAME_STATE(LIVING), BOTH(END_NOT), decide_lapse},
    [EXPIRE] = {"expire", "its last day is over", OF_REGISTER, 0, SAME_STANDING(REGISTERED), LIVING,
                CARD_EXPIRED, BOTH(END_NOT), decide_expire},
    [ACTS_] = {.name = NULL},
};

const struct life_act *const life_move = &life_acts[MOVE];
const struct life_act *const life_naturalisation = &life_acts[NATURALISATION];
const struct life_act *const life_renew = &life_acts[RENEW];
const struct life_act *const life_next_card = &life_acts[NEXT_CARD];
const struct life_act *const life_lapse = &life_acts[LAPSE];
const struct life_act *const life_expire = &life_acts[EXPIRE];

int life_act_find(const char *name, bool is_of_card, const struct life_act **ret, struct err *err)
{
    for (const struct life_act *act = life_acts; act->name != NULL; act++) {
        if (strcmp(act->name, name) == 0 && act->is_of_card == is_of_card && !act->is_own) {
            *ret = act;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "act is none that happens to %s",
                is_of_card ? "a card" : "a resident");
}

int life_check_resident(const struct life_act *act, const struct resident *resident,
                        struct err *err)
{
    static const char *const sentences[STANDINGS_] = {
        [STANDING_HERE] = "the resident has not notified a move to another municipality",
        [STANDING_LEAVING] = "the resident is moving to another municipality",
        [STANDING_ABROAD] = "the resident has moved abroad",
        [STANDING_DEAD] = "the resident is dead",
    };

    if ((act->standings & STANDING(resident->standing)) == 0)
        return FAIL(err, ERR_CONFLICT, "%s", sentences[resident->standing]);
    return 0;
}

bool life_concerns(const struct life_act *act, enum card_state state)
{
    return (act->states & STATE(state)) != 0;
}

int life_on_card(const struct life_act *act, const struct life_facts *facts,
                 struct life_effect *ret, struct err *err)
{
    const struct card *card = facts->card;
    struct life_effect effect = {
        .state = act->state == CARD_STATES_ ? card->state : act->state,
        .expires_on = card->expires_on,
        .lapses_after = card->lapses_after,
        .ends = {[CERT_SIGN] = act->ends[CERT_SIGN], [CERT_AUTH] = act->ends[CERT_AUTH]},
    };

    if (act->decide != NULL)
        TRY(act->decide(facts, &effect, err));
    *ret = effect;
    return 0;
}

int life_check_issue(const struct resident *resident, const struct card *card, struct caldate today,
                     struct err *err)
{
    if (resident->standing != STANDING_HERE)
        return FAIL(err, ERR_CONFLICT,
                    "the resident is %s; certificates are for those who live here",
                    standing_name(resident->standing));
    if (((MADE | STATE(CARD_ACTIVE)) & STATE(card->state)) == 0)
        return FAIL(err, ERR_CONFLICT, "the card is %s; it gets no certificates",
                    card_state_name(card->state));
    if (card->lapses_after.year != 0 && is_before(card->lapses_after, today))
        return FAIL(err, ERR_CONFLICT,
                    "the card was not brought in time after the move; it lapsed");
    return 0;
}
