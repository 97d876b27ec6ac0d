/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power is cut at the 1st, 2nd, ... operation that writes of everything a card does that
 * lasts, until it is done without a cut; and for each of these with every fate of what was not
 * synced (tests/support/powercut). What is left is a whole card, as before or as after, and who
 * was told something finds it so. The same with kill -9, and with a cut after a kill.
 */
#include "base/file.h"
#include "card/change.h"
#include "card/issue.h"
#include "card/state.h"
#include "card/store.h"
#include "support/memory_card.h"
#include "support/pki.h"
#include "support/power.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SEEDS = 6,
    SEEDS_PER_PIN = 2,
    OPERATIONS_MAX = 64,
    ATTEMPTS_MAX = 200,
    ATTACKERS = 4,
    FILE_SIZE_MAX = 1 << 20,
    PATH_SIZE = TEMPDIR_FILE_SIZE + 16,
};

static struct power power;
static char card_path[PATH_SIZE];
static const struct store_paths paths = {card_path, NULL};
static struct test_pki pki;
static struct x509_cert *certs[CARD_KEYS_]; /* over the keys of memory_card_key() */
static struct x509_cert *new_cert;          /* over the key below */
static struct secret new_key;               /* PrivateKeyInfo */
static struct image model;                  /* with everything a card can have */
static unsigned cuts, kills;

int __real_privkey_generate(unsigned bits, struct privkey **ret, struct err *err);
int __wrap_privkey_generate(unsigned bits, struct privkey **ret, struct err *err);

/* Once there is a key to be had, the same one again, because making one takes long. */
int __wrap_privkey_generate(unsigned bits, struct privkey **ret, struct err *err)
{
    return new_key.len > 0 ? privkey_import(secret_bytes(&new_key), ret, err)
                           : __real_privkey_generate(bits, ret, err);
}

/* Cards to begin with, as files. */
enum stage {
    STAGE_NONE,
    STAGE_KEYED,
    STAGE_PERSONAL,
    STAGE_NEW_KEY,
    STAGE_PINS, /* without the keys, which take long to load */
    STAGES_
};

static const char *const parts[] = {"card", "card.counters", "card.key"};

enum { PARTS = sizeof parts / sizeof parts[0] };

static struct buf stages[STAGES_][PARTS];

static void save_stage(enum stage stage)
{
    for (size_t i = 0; i < PARTS; i++) {
        char path[PATH_SIZE];

        (void)snprintf(path, sizeof path, "%s/%s", power.mount, parts[i]);
        assert_int_equal(file_read(path, FILE_SIZE_MAX, &stages[stage][i], NULL), 0);
    }
}

/* With nothing else on the disk, whatever a cut left there. */
static void load_stage(enum stage stage)
{
    power_order(&power, "cut none");
    power_clear(&power);
    for (size_t i = 0; i < PARTS && stage != STAGE_NONE; i++)
        power_put(&power, parts[i], buf_bytes(&stages[stage][i]));
    power_order(&power, "on");
}

static struct card *open_card(void)
{
    struct err err = {.text = ""};
    struct card *card = NULL;

    if (store_open(&paths, &card, &err) < 0)
        fail_msg("the card does not open: %s", err.text);
    return card;
}

/* A wrong PIN of the same form as this one, and one to change it to. */
struct pin_texts {
    const struct pin_form *form;
    const char *wrong, *next;
};

static const struct pin_texts *texts_of(enum card_pin pin)
{
    static const struct pin_texts texts[] = {
        {&pin_form_four, "0000", "5678"},
        {&pin_form_six, "000000", "010203"},
        {&pin_form_twelve, "000000000000", "210987654321"},
        {&pin_form_fourteen, "00000000000000", "41098765432109"},
        {&pin_form_password, "WRONG1", "XYZ789"},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].form == card_node(NODE_PIN, pin)->form)
            return &texts[i];
    }
    fail_msg("no PIN for file %04X", card_node(NODE_PIN, pin)->fid);
    return NULL;
}

static uint16_t answer(struct card *card, struct apdu apdu)
{
    CLEANUP(buf_done) struct buf command = BUF_INIT;
    CLEANUP(buf_done) struct buf response = BUF_INIT;
    struct bytes data;
    uint16_t sw;

    assert_int_equal(apdu_build(&apdu, &command, NULL), 0);
    assert_int_equal(card_apdu(card, buf_bytes(&command), &response, NULL), 0);
    assert_int_equal(apdu_split(buf_bytes(&response), &data, &sw, NULL), 0);
    return sw;
}

static uint8_t reference(enum card_pin pin)
{
    return 0x80 | (card_node(NODE_PIN, pin)->fid & 0x1f);
}

static void select_applet_of(struct card *card, enum card_pin pin)
{
    const struct applet *applet = card_node_applet(NODE_PIN, pin);

    card_reset(card);
    assert_int_equal(answer(card, (struct apdu){0x00, 0xa4, 0x04, 0x0c,
                                                bytes_of(applet->aid, applet->aid_len), 0, false}),
                     SW_OK);
}

static uint16_t verify(struct card *card, enum card_pin pin, const char *text)
{
    return answer(card,
                  (struct apdu){0x00, 0x20, 0x00, reference(pin), bytes_text(text), 0, false});
}

/* The tries a card tells of. */
static unsigned ask_tries(struct card *card, enum card_pin pin)
{
    uint16_t sw;

    select_applet_of(card, pin);
    sw = verify(card, pin, "");
    assert_int_equal(sw & 0xfff0, 0x63c0);
    return sw & 0x0f;
}

/* What a card is made to do, with an order carried out just before it. */
struct act {
    const char *name;
    enum stage stage;
    bool is_of_pin;
    enum card_pin pin;
    bool (*run)(const struct act *act, const char *order); /* whether it was told to be done */
    void (*judge)(const struct act *act, bool was_told);
    /* What the card says once it is open again; it must say so also after the next cut. */
    unsigned (*ask)(const struct act *act, struct card *card);
    bool (*is_kept)(unsigned before, unsigned after);
    unsigned operations; /* it has at least */
};

/* A wrong PIN. */

static bool run_wrong(const struct act *act, const char *order)
{
    CLEANUP(card_freep) struct card *card = open_card();
    unsigned tries = card_node(NODE_PIN, act->pin)->tries;
    uint16_t sw;

    select_applet_of(card, act->pin);
    power_order(&power, "%s", order);
    sw = verify(card, act->pin, texts_of(act->pin)->wrong);
    assert_true(sw == SW_MEMORY_FAILURE || sw == 0x63c0 + tries - 1);
    assert_int_equal(card->verified, 0);
    return sw != SW_MEMORY_FAILURE;
}

static void judge_wrong(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = open_card();
    unsigned most = card_node(NODE_PIN, act->pin)->tries;
    unsigned tries = ask_tries(card, act->pin);

    assert_in_range(tries, most - 1, was_told ? most - 1 : most);
}

static unsigned ask_act_tries(const struct act *act, struct card *card)
{
    return ask_tries(card, act->pin);
}

static bool is_not_more(unsigned before, unsigned after)
{
    return after <= before;
}

/* The right PIN after a wrong one. */

static bool run_right(const struct act *act, const char *order)
{
    CLEANUP(card_freep) struct card *card = open_card();
    const struct pin_texts *texts = texts_of(act->pin);
    uint16_t sw;

    select_applet_of(card, act->pin);
    assert_int_equal(verify(card, act->pin, texts->wrong) & 0xfff0, 0x63c0);
    power_order(&power, "%s", order);
    sw = verify(card, act->pin, memory_card_pin(act->pin));
    assert_true(sw == SW_MEMORY_FAILURE || sw == SW_OK);
    assert_int_equal(card->verified, sw == SW_OK ? CARD_PIN_BIT(act->pin) : 0);
    return sw == SW_OK;
}

static void judge_right(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = open_card();
    unsigned most = card_node(NODE_PIN, act->pin)->tries;
    unsigned tries = ask_tries(card, act->pin);

    assert_in_range(tries, was_told ? most : most - 2, most);
    if (tries == 0)
        return;
    assert_int_equal(verify(card, act->pin, memory_card_pin(act->pin)), SW_OK);
    assert_int_equal(ask_tries(card, act->pin), most);
}

/* CHANGE REFERENCE DATA. */

static bool run_change(const struct act *act, const char *order)
{
    CLEANUP(card_freep) struct card *card = open_card();
    const struct pin_texts *texts = texts_of(act->pin);
    uint16_t sw;

    select_applet_of(card, act->pin);
    assert_int_equal(verify(card, act->pin, memory_card_pin(act->pin)), SW_OK);
    power_order(&power, "%s", order);
    sw = answer(card, (struct apdu){0x00, 0x24, 0x01, reference(act->pin), bytes_text(texts->next),
                                    0, false});
    assert_true(sw == SW_MEMORY_FAILURE || sw == SW_OK);
    return sw == SW_OK;
}

static unsigned ask_is_changed(const struct act *act, struct card *card)
{
    const struct pin_texts *texts = texts_of(act->pin);
    bool is_old, is_new;

    select_applet_of(card, act->pin);
    is_old = verify(card, act->pin, memory_card_pin(act->pin)) == SW_OK;
    is_new = verify(card, act->pin, texts->next) == SW_OK;
    assert_int_not_equal(is_old, is_new);
    return is_new;
}

static void judge_change(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = open_card();
    bool is_new = ask_is_changed(act, card);

    assert_true(is_new || !was_told);
}

static bool is_same(unsigned before, unsigned after)
{
    return after == before;
}

/* Personalisation. */

/* All files and PINs there are, but without the keys that nobody needs here. */
static struct card_personalisation personal(void)
{
    struct card_personalisation with = {
        .files =
            {
                [CARD_AUTH_CERT] = x509_cert_der(certs[CARD_KEY_AUTH]),
                [CARD_AUTH_CA_CERT] = x509_cert_der(pki.certs[PROFILE_AUTH_CA]),
                [CARD_SIGN_CERT] = x509_cert_der(certs[CARD_KEY_SIGN]),
                [CARD_SIGN_CA_CERT] = x509_cert_der(pki.certs[PROFILE_SIGN_CA]),
            },
        .token = {TOKEN_LABEL_PLASTIC, "OpenJPKI TEST", "SOFTCARD", NULL},
    };

    for (unsigned i = CARD_PRESENCE + 1; i < CARD_DATA_; i++)
        with.files[i] = buf_bytes(&model.data[i]);
    for (unsigned i = 0; i < CARD_PINS_; i++)
        with.pins[i] = bytes_text(memory_card_pin((enum card_pin)i));
    return with;
}

static bool run_personalise(const struct act *act, const char *order)
{
    const struct card_personalisation with = personal();
    CLEANUP(card_freep) struct card *card = open_card();

    (void)act;
    power_order(&power, "%s", order);
    return card_personalise(card, &with, NULL) == 0;
}

static unsigned ask_is_personal(const struct act *act, struct card *card)
{
    bool is_personal = image_is_personalised(&card->image);

    (void)act;
    assert_non_null(card->image.keys[CARD_KEY_SIGN]);
    assert_non_null(card->image.keys[CARD_KEY_AUTH]);
    for (unsigned i = 0; i < CARD_DATA_; i++)
        assert_int_equal(card->image.data[i].len > 0, is_personal && model.data[i].len > 0);
    for (unsigned i = 0; i < CARD_PINS_; i++)
        assert_int_equal(card->image.pins[i].is_set, is_personal && model.pins[i].is_set);
    return is_personal;
}

static void judge_personalise(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = open_card();

    assert_true(ask_is_personal(act, card) || !was_told);
}

/* A new sign key, and the certificate for it. */

static bool run_make_key(const struct act *act, const char *order)
{
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(card_freep) struct card *card = open_card();

    (void)act;
    power_order(&power, "%s", order);
    return card_make_key(card, CARD_KEY_SIGN, &spki, NULL) == 0;
}

static unsigned ask_has_new_key(const struct act *act, struct card *card)
{
    (void)act;
    assert_true(image_is_personalised(&card->image));
    return card->image.new_keys[CARD_KEY_SIGN] != NULL;
}

static void judge_make_key(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = open_card();

    assert_true(ask_has_new_key(act, card) || !was_told);
}

static bool run_recertify(const struct act *act, const char *order)
{
    const struct bytes with[CARD_DATA_] = {[CARD_SIGN_CERT] = x509_cert_der(new_cert)};
    CLEANUP(card_freep) struct card *card = open_card();

    (void)act;
    power_order(&power, "%s", order);
    return card_recertify(card, with, NULL) == 0;
}

/* The sign key and the sign certificate on the card belong together. */
static void assert_pair(const struct card *card)
{
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(x509_cert_parse(buf_bytes(&card->image.data[CARD_SIGN_CERT]), &cert, NULL), 0);
    assert_int_equal(privkey_spki(card->image.keys[CARD_KEY_SIGN], &spki, NULL), 0);
    assert_true(bytes_equal(pubkey_spki(x509_cert_pubkey(cert)), buf_bytes(&spki)));
}

static unsigned ask_is_recertified(const struct act *act, struct card *card)
{
    bool is_new = bytes_equal(buf_bytes(&card->image.data[CARD_SIGN_CERT]),
                              x509_cert_der(new_cert));

    (void)act;
    assert_pair(card);
    assert_int_equal(card->image.new_keys[CARD_KEY_SIGN] == NULL, is_new);
    return is_new;
}

static void judge_recertify(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = open_card();

    assert_true(ask_is_recertified(act, card) || !was_told);
}

/* A card in stock. */

static bool run_make(const struct act *act, const char *order)
{
    (void)act;
    power_order(&power, "%s", order);
    return store_make(&paths, "A1", NULL) == 0;
}

static void judge_make(const struct act *act, bool was_told)
{
    CLEANUP(card_freep) struct card *card = NULL;

    (void)act;
    if (access(card_path, F_OK) < 0) {
        assert_false(was_told);
        assert_int_equal(store_make(&paths, "A1", NULL), 0);
    }
    card = open_card();
    assert_string_equal(card->image.serial, "A1");
}

static unsigned ask_exists(const struct act *act, struct card *card)
{
    (void)act;
    return (unsigned)strlen(card->image.serial);
}

/* A change replaces a file: create, mode, write, sync, rename, sync of the directory. */
static const struct act acts[] = {
    {.name = "make",
     .stage = STAGE_NONE,
     .run = run_make,
     .judge = judge_make,
     .ask = ask_exists,
     .is_kept = is_same,
     .operations = 15},
    {.name = "personalise",
     .stage = STAGE_KEYED,
     .run = run_personalise,
     .judge = judge_personalise,
     .ask = ask_is_personal,
     .is_kept = is_same,
     .operations = 5},
    {.name = "make a new key",
     .stage = STAGE_PERSONAL,
     .run = run_make_key,
     .judge = judge_make_key,
     .ask = ask_has_new_key,
     .is_kept = is_same,
     .operations = 5},
    {.name = "recertify",
     .stage = STAGE_NEW_KEY,
     .run = run_recertify,
     .judge = judge_recertify,
     .ask = ask_is_recertified,
     .is_kept = is_same,
     .operations = 5},
};

static const struct act pin_acts[] = {
    {.name = "wrong PIN",
     .stage = STAGE_PINS,
     .run = run_wrong,
     .judge = judge_wrong,
     .ask = ask_act_tries,
     .is_kept = is_not_more,
     .operations = 2},
    {.name = "right PIN",
     .stage = STAGE_PINS,
     .run = run_right,
     .judge = judge_right,
     .ask = ask_act_tries,
     .is_kept = is_not_more,
     .operations = 4},
    {.name = "new PIN",
     .stage = STAGE_PINS,
     .run = run_change,
     .judge = judge_change,
     .ask = ask_is_changed,
     .is_kept = is_same,
     .operations = 5},
};

enum { ACTS = sizeof acts / sizeof acts[0], PIN_ACTS = sizeof pin_acts / sizeof pin_acts[0] };

/* Everything a card does, with every PIN where it is about one. */
static void each_act(void (*each)(const struct act *act))
{
    for (size_t i = 0; i < ACTS; i++)
        each(&acts[i]);
    for (size_t i = 0; i < PIN_ACTS; i++) {
        for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
            struct act act = pin_acts[i];

            act.is_of_pin = true;
            act.pin = (enum card_pin)pin;
            if (model.pins[pin].is_set)
                each(&act);
        }
    }
}

/* Until it is done without a cut. */
static void cut_at_each(const struct act *act, const char *fate, unsigned seed)
{
    for (unsigned nth = 1; nth <= OPERATIONS_MAX; nth++) {
        char order[60];
        bool was_told;
        bool was_cut;

        (void)snprintf(order, sizeof order, "cut-at %u %s %u", nth, fate, seed + nth);
        load_stage(act->stage);
        was_told = act->run(act, order);
        was_cut = power_report(&power).is_off;
        assert_true(was_told || was_cut);
        power_order(&power, was_cut ? "on" : "kill-at 0");
        act->judge(act, was_told);
        if (!was_cut) {
            assert_true(nth > act->operations);
            return;
        }
        cuts++;
    }
    fail_msg("%s never ends", act->name);
}

static void cut_with_every_fate(const struct act *act)
{
    static const char *const fates[] = {"none", "all", "names", "data", "torn"};

    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++)
        cut_at_each(act, fates[i], 0);
    for (unsigned seed = 1; seed <= (act->is_of_pin ? SEEDS_PER_PIN : SEEDS); seed++)
        cut_at_each(act, "some", seed * OPERATIONS_MAX);
}

static void a_cut_anywhere_leaves_a_whole_card_and_what_was_told(void **state)
{
    (void)state;
    each_act(cut_with_every_fate);
    assert_true(cuts > 1000);
}

/* In a process of its own, which is killed after the nth operation; false if it came to its end. */
static bool kill_after(const struct act *act, unsigned nth)
{
    char order[20];
    pid_t pid;
    int status;

    (void)snprintf(order, sizeof order, "kill-at %u", nth);
    load_stage(act->stage);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(act->run(act, order) ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        kills++;
        return true;
    }
    assert_int_equal(status, 0);
    return false;
}

/* The disk may still not have what the card says after a kill. The next cut must not unsay it. */
static void kill_then_cut(const struct act *act)
{
    for (unsigned nth = 1; kill_after(act, nth); nth++) {
        CLEANUP(card_freep) struct card *card = NULL;
        unsigned before;

        assert_true(nth < OPERATIONS_MAX);
        if (access(card_path, F_OK) < 0)
            continue;
        card = open_card();
        before = act->ask(act, card);
        power_order(&power, "cut none");
        card_freep(&card);
        power_order(&power, "on");
        card = open_card();
        assert_true(act->is_kept(before, act->ask(act, card)));
        cuts++;
    }
}

static void kill_at_each(const struct act *act)
{
    unsigned nth = 1;

    while (kill_after(act, nth)) {
        act->judge(act, false);
        assert_true(nth++ < OPERATIONS_MAX);
    }
    assert_true(nth > act->operations);
}

static void a_kill_anywhere_leaves_a_whole_card(void **state)
{
    (void)state;
    each_act(kill_at_each);
}

static void what_a_card_says_after_a_kill_survives_a_cut(void **state)
{
    (void)state;
    each_act(kill_then_cut);
}

static void make_and_exit(const struct store_paths *with)
{
    _exit(store_make(with, "A1", NULL) == 0 ? 0 : 1);
}

/* On another disk than the card: what syncs the card's folder does not sync the key's. */
static void a_key_file_that_a_killed_process_left_survives_a_cut(void **state)
{
    CLEANUP(tempdir_done) struct tempdir dir = tempdir_make();
    char key[PATH_SIZE];
    char file[TEMPDIR_FILE_SIZE];
    struct store_paths apart = {tempdir_file(&dir, "card", file), key};
    int status = SIGKILL;

    (void)state;
    (void)snprintf(key, sizeof key, "%s/key", power.mount);
    for (unsigned nth = 1; WIFSIGNALED(status); nth++) {
        CLEANUP(card_freep) struct card *card = NULL;
        pid_t pid;

        load_stage(STAGE_NONE);
        (void)unlink(file);
        power_order(&power, "kill-at %u", nth);
        pid = fork();
        if (pid == 0)
            make_and_exit(&apart);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (access(file, F_OK) < 0)
            assert_int_equal(store_make(&apart, "A1", NULL), 0);
        power_order(&power, "cut none");
        power_order(&power, "on");
        assert_int_equal(store_open(&apart, &card, NULL), 0);
        assert_true(nth < OPERATIONS_MAX);
    }
    assert_int_equal(status, 0);
}

/* Who cuts the power whenever it seems fit, to try one PIN more. */
static void attack(enum card_pin pin, unsigned seed)
{
    static const char *const fates[] = {"none", "all", "some", "some"};
    unsigned most = card_node(NODE_PIN, pin)->tries;
    unsigned answered = 0;
    uint16_t sw = 0;

    srand(seed);
    load_stage(STAGE_PINS);
    for (unsigned i = 0; sw != SW_REFERENCE_BLOCKED; i++) {
        CLEANUP(card_freep) struct card *card = open_card();

        assert_true(i < ATTEMPTS_MAX);
        select_applet_of(card, pin);
        power_order(&power, "cut-at %u %s %u", (unsigned)rand() % 4, fates[rand() % 4],
                    (unsigned)rand());
        sw = verify(card, pin, texts_of(pin)->wrong);
        answered += (sw & 0xfff0) == 0x63c0;
        assert_true(answered <= most);
        power_order(&power, "cut none");
        card_freep(&card);
        power_order(&power, "on");
        cuts++;
    }
}

static void an_attacker_with_the_plug_gets_no_try_more(void **state)
{
    (void)state;
    for (unsigned pin = 0; pin < CARD_PINS_; pin++) {
        for (unsigned seed = 1; model.pins[pin].is_set && seed <= ATTACKERS; seed++)
            attack((enum card_pin)pin, seed);
    }
}

/* Making a stock of cards to begin with. */

static void issue(enum profile_kind kind, const struct privkey *key, struct x509_cert **ret)
{
    struct profile_inputs inputs = test_pki_inputs(&pki, kind);
    CLEANUP(buf_done) struct buf spki = BUF_INIT;

    assert_int_equal(privkey_spki(key, &spki, NULL), 0);
    inputs.spki = buf_bytes(&spki);
    test_pki_issue(&pki, kind, &inputs, ret);
}

static void put_keys(struct card *card)
{
    for (unsigned i = CARD_KEY_SIGN; i <= CARD_KEY_AUTH; i++) {
        CLEANUP(secret_done) struct secret der = SECRET_INIT;

        assert_int_equal(privkey_export(memory_card_key((enum card_key)i), &der, NULL), 0);
        assert_int_equal(privkey_import(secret_bytes(&der), &card->image.keys[i], NULL), 0);
    }
    assert_int_equal(card->storage->save_image(card->storage, &card->image, NULL), 0);
}

static void make_stages(void)
{
    const struct card_personalisation with = personal();
    CLEANUP(card_freep) struct card *card = NULL;

    assert_int_equal(store_make(&paths, "A1", NULL), 0);
    card = open_card();
    put_keys(card);
    save_stage(STAGE_KEYED);
    assert_int_equal(card_personalise(card, &with, NULL), 0);
    save_stage(STAGE_PERSONAL);
    assert_int_equal(
        privkey_import(secret_bytes(&new_key), &card->image.new_keys[CARD_KEY_SIGN], NULL), 0);
    assert_int_equal(card->storage->save_image(card->storage, &card->image, NULL), 0);
    save_stage(STAGE_NEW_KEY);
    privkey_freep(&card->image.new_keys[CARD_KEY_SIGN]);
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        privkey_freep(&card->image.keys[i]);
    assert_int_equal(card->storage->save_image(card->storage, &card->image, NULL), 0);
    save_stage(STAGE_PINS);
}

static int set_up(void **state)
{
    CLEANUP(privkey_freep) struct privkey *key = NULL;

    (void)state;
    power_start(&power);
    (void)snprintf(card_path, sizeof card_path, "%s/card", power.mount);
    memory_card_image(&model);
    test_pki_make(&pki);
    issue(PROFILE_AUTH, memory_card_key(CARD_KEY_AUTH), &certs[CARD_KEY_AUTH]);
    issue(PROFILE_SIGN, memory_card_key(CARD_KEY_SIGN), &certs[CARD_KEY_SIGN]);
    assert_int_equal(privkey_generate(2048, &key, NULL), 0);
    issue(PROFILE_SIGN, key, &new_cert);
    assert_int_equal(privkey_export(key, &new_key, NULL), 0);
    make_stages();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    print_message("# %u cuts and %u kills in all\n", cuts, kills);
    power_stop(&power);
    for (size_t i = 0; i < STAGES_ * PARTS; i++)
        buf_done(&stages[i / PARTS][i % PARTS]);
    for (unsigned i = 0; i < CARD_KEYS_; i++)
        x509_cert_freep(&certs[i]);
    x509_cert_freep(&new_cert);
    secret_done(&new_key);
    image_done(&model);
    test_pki_done(&pki);
    memory_card_release_keys();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_anywhere_leaves_a_whole_card_and_what_was_told),
        cmocka_unit_test(a_kill_anywhere_leaves_a_whole_card),
        cmocka_unit_test(what_a_card_says_after_a_kill_survives_a_cut),
        cmocka_unit_test(a_key_file_that_a_killed_process_left_survives_a_cut),
        cmocka_unit_test(an_attacker_with_the_plug_gets_no_try_more),
    };
    const char *reason = power_prepare();

    if (reason != NULL) {
        (void)printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
