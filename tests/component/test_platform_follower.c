/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform that follows the authority's feed over a socket: what is revoked there is revoked here
 * soon, nothing is skipped over a break, and what is forged or old changes nothing.
 */
#include "platform/revocation/follower.h"

#include "authority/feed/store.h"
#include "authority/party/party.h"
#include "authority/store_sqlite.h"
#include "base/clock.h"
#include "base/hex.h"
#include "db/db.h"
#include "signer/role_party.h"
#include "support/authority_site.h"
#include "support/feed.h"
#include "support/httpclient.h"
#include "support/platform_site.h"
#include "support/tempdir.h"
#include "support/token_signer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 60000, FIRST_REVOKED = 2 };

static struct authority_site site;
static struct platform_site other;
static struct httpserver *door;
static struct tempdir lane;               /* where the follower, which outlives doors, finds them */
static char door_path[TEMPDIR_FILE_SIZE]; /* a link to the socket of the one that is open */
static struct privkey *token;
static struct test_feed feed; /* of the auth CA */
static struct test_pki later; /* the CAs' second generation, of other keys */
static struct test_feed later_feed;
static struct turns *platforms;
static struct follower *follower;

/* The status of the responder, where the feed does not decide. */
static struct status there;
static unsigned asked_there;

/* As signerd does it with a key of role party. */
static pthread_mutex_t signing = PTHREAD_MUTEX_INITIALIZER;

static int sign_request(enum signer_kind kind, struct bytes tbs, struct buf *ret, struct err *err)
{
    static const struct party_rules rules = {SITE_ORIGIN};
    CLEANUP(buf_done) struct buf spki = BUF_INIT;
    CLEANUP(buf_done) struct buf attributes = BUF_INIT;
    struct digest digest;
    int rc;

    if (kind != SIGNER_PARTY_REQUEST)
        return FAIL(err, ERR_UNTRUSTED, "only requests are signed here");
    TRY(privkey_spki(site.key, &spki, err));
    TRY(role_party_check(&rules, buf_bytes(&spki), tbs, &attributes, err));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&attributes), &digest, err));
    (void)pthread_mutex_lock(&signing); /* the two threads of a follower; signerd has one */
    rc = privkey_sign(site.key, &digest, ret, err);
    (void)pthread_mutex_unlock(&signing);
    return rc;
}

static int make(void **state)
{
    (void)state;
    authority_site_make(&site);
    test_pki_make_kind(&later, KEY_P384);
    return privkey_generate(2048, &token, NULL);
}

static int done(void **state)
{
    (void)state;
    privkey_freep(&token);
    test_pki_done(&later);
    authority_site_done(&site);
    return 0;
}

static void open_door(void)
{
    door = httpserver_start((struct http_server_options){.tables = authority_asked_routes,
                                                         .context = &site.authority,
                                                         .worker_open = signer_worker_open,
                                                         .worker_close = signer_worker_close,
                                                         .bell = authority_changes(site.store)});
    (void)unlink(door_path);
    assert_int_equal(symlink(door->path, door_path), 0);
}

static void add_snapshot(void)
{
    CLEANUP(buf_done) struct buf item = BUF_INIT;

    test_feed_snapshot(&feed, &item);
    site_keep_feed_item(&site, 1, &item);
}

/* One more certificate, and one revoked or released. */
static void add_delta(uint32_t revoked, uint32_t released)
{
    CLEANUP(buf_done) struct buf item = BUF_INIT;

    test_feed_step(&feed, (struct test_step){.issued = 1, .added = revoked, .released = released},
                   &item);
    site_keep_feed_item(&site, 1, &item);
}

static int set_up(void **state)
{
    (void)state;
    authority_site_open(&site);
    test_feed_begin(&feed, &site.pki, PROFILE_FEED_AUTH);
    feed.now = SITE_NOW;
    add_snapshot();
    token_signer = (struct token_signer){.key = token, .sign = sign_request};
    platform_site_make(&other, &site.pki);
    lane = tempdir_make();
    other.platform.door.socket = tempdir_file(&lane, "door.sock", door_path);
    open_door();
    other.platform.door.origin = SITE_ORIGIN;
    other.platform.door.key = "party";
    there = (struct status){.answer = STATUS_NOT_KNOWN};
    asked_there = 0;
    assert_int_equal(turns_new(&other.platform, &platforms, NULL), 0);
    return x509_cert_parse(x509_cert_der(site.cert), &other.platform.door.certificate, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    follower_stopp(&follower);
    turns_freep(&platforms);
    httpserver_done(&door);
    tempdir_done(&lane);
    platform_site_done(&other);
    test_feed_done(&feed);
    authority_site_close(&site);
    return 0;
}

static void follow(void)
{
    const struct follower_options options = {.platforms = platforms, .clock = &other.clock};

    assert_int_equal(follower_start(&options, &follower, NULL), 0);
}

/* How the copy of an auth CA's feed stands. */
static struct follower_standing standing_of(const struct test_pki *pki)
{
    CLEANUP(buf_done) struct buf issuer = BUF_INIT;
    struct follower_standing standing;
    const char *text;

    assert_int_equal(
        hex_append(&issuer, x509_cert_tbs(pki->certs[PROFILE_AUTH_CA])->subject_key_id, NULL), 0);
    assert_int_equal(buf_text(&issuer, &text, NULL), 0);
    for (size_t i = 0; i < follower_count(follower); i++) {
        follower_standing(follower, i, &standing);
        if (standing.purpose == PURPOSE_LOGIN && strcmp(standing.issuer, text) == 0)
            return standing;
    }
    fail_msg("the feed of this CA is not followed");
    return standing;
}

static struct follower_standing standing(void)
{
    return standing_of(&site.pki);
}

/* Until the copy is at an edition. */
static void await_edition_of(const struct test_pki *pki, uint32_t edition)
{
    int64_t began = monotonic_ms();

    while (standing_of(pki).edition < edition && monotonic_ms() - began < PATIENCE_MS)
        (void)usleep(5000);
    assert_int_equal(standing_of(pki).edition, edition);
}

static void await_edition(uint32_t edition)
{
    await_edition_of(&site.pki, edition);
}

static void await_refusal(void)
{
    uint64_t before = standing().refused;

    for (int i = 0; i < PATIENCE_MS / 10 && standing().refused == before; i++)
        (void)usleep(10000);
    assert_true(standing().refused > before);
}

static int look_there(const void *context, const struct status_question *question,
                      struct report *report, struct status *ret, struct err *err)
{
    (void)context;
    (void)question;
    (void)err;
    asked_there++;
    *ret = there;
    if (there.answer == STATUS_NOT_KNOWN)
        report_add(report, REASON_OCSP_UNAVAILABLE);
    else
        status_report(&there, report);
    return 0;
}

/* What is found about an auth certificate of that CA and number, with a responder or without. */
static enum status_answer answer_of(const struct test_pki *pki, uint32_t serial,
                                    bool is_responder_there)
{
    const struct status_source responder = {look_there, NULL};
    const struct follower_way way = {follower, PURPOSE_LOGIN,
                                     is_responder_there ? &responder : NULL};
    const struct status_source source = follower_source(&way);
    struct profile_inputs inputs = test_pki_inputs(pki, PROFILE_AUTH);
    CLEANUP(x509_cert_freep) struct x509_cert *cert = NULL;
    struct report report = {.verdict = VERDICT_VALID};
    struct status status;

    inputs.serial = serial;
    inputs.spki = test_pki_spki(pki, PROFILE_AUTH);
    test_pki_issue(pki, PROFILE_AUTH, &inputs, &cert);
    const struct status_question question = {cert, pki->certs[PROFILE_AUTH_CA],
                                             clock_now(&other.clock)};

    assert_int_equal(source.look(source.context, &question, &report, &status, NULL), 0);
    assert_int_equal(status.answer == STATUS_GOOD, report.verdict == VERDICT_VALID);
    return status.answer;
}

static enum status_answer answer_about(uint32_t serial, bool is_responder_there)
{
    return answer_of(&site.pki, serial, is_responder_there);
}

static void forget_all(void)
{
    CLEANUP(db_txn_done) struct db_txn txn = DB_TXN_INIT;

    assert_int_equal(db_begin(site.store->db, &txn, NULL), 0);
    assert_int_equal(db_execute(&txn, "DELETE FROM feed_part", DB_NOTHING, NULL), 0);
    assert_int_equal(db_execute(&txn, "DELETE FROM feed_item", DB_NOTHING, NULL), 0);
    assert_int_equal(db_commit(&txn, NULL), 0);
}

static void what_is_forged_or_old_changes_nothing(void **state)
{
    CLEANUP(buf_done) struct buf old = BUF_INIT;
    CLEANUP(buf_done) struct buf forged = BUF_INIT;

    (void)state;
    test_feed_snapshot(&feed, &old);
    follow();
    await_edition(1);
    add_delta(FIRST_REVOKED, 0);
    await_edition(3);
    assert_int_equal(answer_about(FIRST_REVOKED, false), STATUS_REVOKED);

    test_feed_step(&feed, (struct test_step){.issued = 1, .released = FIRST_REVOKED}, &forged);
    forged.ptr[forged.len - 1] ^= 1; /* in what the head's digest is over */
    site_keep_feed_item(&site, 1, &forged);
    await_refusal();
    assert_int_equal(standing().edition, 3);
    assert_int_equal(answer_about(FIRST_REVOKED, false), STATUS_REVOKED);

    /* An authority that has forgotten, and offers what it had said before. */
    httpserver_done(&door);
    forget_all();
    site_keep_feed_item(&site, 1, &old);
    open_door();
    await_refusal();
    assert_int_equal(standing().edition, 3);
    assert_int_equal(answer_about(FIRST_REVOKED, false), STATUS_REVOKED);
}

static void whoever_may_not_ask_gets_nothing_and_asks_the_responder(void **state)
{
    const struct audit_origin by = audit_by_self(SITE_NOW);

    (void)state;
    assert_int_equal(authority_take_step(site.store, SITE_PARTY, PARTY_SUSPEND, &by, NULL), 0);
    follow();
    for (int i = 0; i < PATIENCE_MS / 10 && standing().failed == 0; i++)
        (void)usleep(10000);
    assert_true(standing().failed > 0);
    assert_int_equal(standing().edition, 0);
    assert_int_equal(answer_about(1, false), STATUS_NOT_KNOWN);
    there = (struct status){.answer = STATUS_GOOD};
    assert_int_equal(answer_about(1, true), STATUS_GOOD);
    assert_int_equal(asked_there, 1);
    assert_int_equal(authority_take_step(site.store, SITE_PARTY, PARTY_RESUME, &by, NULL), 0);
    await_edition(1);
}

static void a_revocation_is_here_soon_and_so_is_a_release(void **state)
{
    int64_t began_ms;

    (void)state;
    follow();
    await_edition(1);
    add_delta(0, 0); /* issues number 2 */
    await_edition(2);
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_GOOD);
    began_ms = monotonic_ms();
    add_delta(FIRST_REVOKED, 0);
    await_edition(3);
    print_message("# a revocation took %lld ms\n", (long long)(monotonic_ms() - began_ms));
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_REVOKED);
    add_delta(0, FIRST_REVOKED);
    await_edition(4);
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_GOOD);
    assert_int_equal(asked_there, 0);
    assert_int_equal(standing().refused, 0);
}

static void after_a_break_nothing_is_skipped(void **state)
{
    (void)state;
    follow();
    await_edition(1);
    httpserver_done(&door);
    for (uint32_t serial = 2; serial < 8; serial++)
        add_delta(serial, 0);
    open_door();
    await_edition(7);
    for (uint32_t serial = 2; serial < 8; serial++)
        assert_int_equal(answer_about(serial, false), STATUS_REVOKED);
    assert_int_equal(standing().taken, 7); /* one snapshot, and each delta */
}

static void what_is_not_covered_or_not_fresh_is_asked_elsewhere(void **state)
{
    (void)state;
    follow();
    await_edition(1);
    there = (struct status){.answer = STATUS_GOOD};
    assert_int_equal(answer_about(4000, true), STATUS_GOOD); /* issued since */
    assert_int_equal(asked_there, 1);
    add_delta(FIRST_REVOKED, 0);
    await_edition(2);
    httpserver_done(&door);
    other.clock = clock_fixed(SITE_NOW + 1000); /* nobody has confirmed for so long */
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_GOOD); /* the responder knows more */
    assert_int_equal(asked_there, 2);
    there = (struct status){.answer = STATUS_NOT_KNOWN};
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_REVOKED); /* within its term */
    other.clock = clock_fixed(SITE_NOW + TEST_FEED_SECONDS + 1);
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_NOT_KNOWN);
    open_door();
}

/* The authority has a second generation of the auth CA, whose feed covers number 1 and begins. */
static void begin_generation(void)
{
    struct ca_line *line = &site.authority.cas[CA_AUTH];
    struct ca *ca = &line->generations[1];
    CLEANUP(buf_done) struct buf item = BUF_INIT;

    *ca = (struct ca){.kind = CA_AUTH, .generation = 2};
    assert_int_equal(
        x509_cert_parse(x509_cert_der(later.certs[PROFILE_AUTH_CA]), &ca->certificate, NULL), 0);
    line->count = 2;
    test_feed_begin(&later_feed, &later, PROFILE_FEED_AUTH);
    later_feed.now = SITE_NOW;
    later_feed.edition = 100; /* one sequence for all feeds of a kind */
    test_feed_snapshot(&later_feed, &item);
    site_keep_feed_item(&site, 2, &item);
}

static void add_later_delta(uint32_t revoked)
{
    CLEANUP(buf_done) struct buf item = BUF_INIT;

    test_feed_step(&later_feed, (struct test_step){.issued = 1, .added = revoked}, &item);
    site_keep_feed_item(&site, 2, &item);
}

static void each_generation_is_told_by_its_own_feed(void **state)
{
    (void)state;
    begin_generation();
    assert_int_equal(anchors_add(other.platform.auth_cas, later.certs[PROFILE_AUTH_CA], NULL), 0);
    follow();
    await_edition(1);
    await_edition_of(&later, 100);
    add_delta(0, 0);
    add_later_delta(FIRST_REVOKED);
    await_edition(2);
    await_edition_of(&later, 101);
    assert_int_equal(answer_about(FIRST_REVOKED, true), STATUS_GOOD);
    assert_int_equal(answer_of(&later, FIRST_REVOKED, true), STATUS_REVOKED);
    assert_int_equal(asked_there, 0);
    test_feed_done(&later_feed);
}

/* The same name and another key: nothing that is known of one is said of the other. */
static void a_look_alike_ca_has_no_feed(void **state)
{
    (void)state;
    assert_true(bytes_equal(x509_cert_tbs(later.certs[PROFILE_AUTH_CA])->subject,
                            x509_cert_tbs(site.pki.certs[PROFILE_AUTH_CA])->subject));
    follow();
    await_edition(1);
    assert_int_equal(answer_about(1, true), STATUS_GOOD);
    assert_int_equal(asked_there, 0);
    assert_int_equal(answer_of(&later, 1, true), STATUS_NOT_KNOWN);
    assert_int_equal(asked_there, 1);
}

static void forget_later(void *value)
{
    struct platform *platform = value;

    anchors_freep(&platform->auth_cas);
}

/* As a reload does it: a platform that believes one CA more has its turn, and then one less. */
static void a_generation_comes_and_goes_while_it_follows(void **state)
{
    struct platform more = other.platform;
    struct platform again = other.platform;
    int64_t began = monotonic_ms();

    (void)state;
    begin_generation();
    follow();
    await_edition(1);
    assert_int_equal(answer_of(&later, 1, true), STATUS_NOT_KNOWN);
    more.auth_cas = NULL;
    assert_int_equal(anchors_new(&more.auth_cas, NULL), 0);
    assert_int_equal(anchors_add(more.auth_cas, site.pki.certs[PROFILE_AUTH_CA], NULL), 0);
    assert_int_equal(anchors_add(more.auth_cas, later.certs[PROFILE_AUTH_CA], NULL), 0);
    assert_int_equal(follower_add(follower, &more, NULL), 0);
    assert_int_equal(follower_add(follower, &more, NULL), 0); /* again is not twice */
    assert_int_equal(turns_put(platforms, &more, forget_later, NULL), 0);
    await_edition_of(&later, 100);
    assert_int_equal(follower_count(follower), 3);
    assert_int_equal(answer_of(&later, 1, false), STATUS_GOOD);

    assert_int_equal(turns_put(platforms, &again, NULL, NULL), 0);
    while (standing_of(&later).edition != 0 && monotonic_ms() - began < PATIENCE_MS)
        (void)usleep(5000);
    assert_int_equal(answer_of(&later, 1, false), STATUS_NOT_KNOWN);
    assert_int_equal(answer_about(1, false), STATUS_GOOD);
    follower_stopp(&follower);
    test_feed_done(&later_feed);
}

#define WITH_DOOR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DOOR(what_is_forged_or_old_changes_nothing),
        WITH_DOOR(whoever_may_not_ask_gets_nothing_and_asks_the_responder),
        WITH_DOOR(a_revocation_is_here_soon_and_so_is_a_release),
        WITH_DOOR(after_a_break_nothing_is_skipped),
        WITH_DOOR(what_is_not_covered_or_not_fresh_is_asked_elsewhere),
        WITH_DOOR(each_generation_is_told_by_its_own_feed),
        WITH_DOOR(a_look_alike_ca_has_no_feed),
        WITH_DOOR(a_generation_comes_and_goes_while_it_follows),
    };

    return cmocka_run_group_tests(tests, make, done);
}
