/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a provider becomes one that may be verified for: the steps in their order, and that notice
 * was given is believed of a real authority alone.
 */
#include "platform/operator/onboarding.h"

#include "authority/party/party.h"
#include "platform/verification/verifier.h"
#include "support/auditlog.h"
#include "support/door_site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct platform *const platform = &door_sites.platform.platform;
static const struct audit_origin by = {.at = TEST_PKI_NOW, .actor = "uid:1000"};

static int take(const char *client_id, enum onboarding_step step, const char *reference)
{
    const struct onboarding_act act = {client_id, step, reference};

    return onboarding_take(platform, door_signer, &act, &by, NULL);
}

static void assert_state(const char *client_id, const char *expected)
{
    unsigned state;

    assert_int_equal(platform_onboarding(platform->store, client_id, &state, NULL), 0);
    assert_string_equal(onboarding_states[state], expected);
}

static void give_notice(const char *provider)
{
    const struct notice notice = {provider, "見本銀行", "accounts", "口座開設"};

    assert_int_equal(
        authority_give_notice(door_sites.authority.store, SITE_PARTY, &notice, &by, NULL), 0);
}

static void steps_come_in_their_order(void **state)
{
    (void)state;
    assert_state("bank", "registered");
    assert_int_equal(take("bank", STEP_CERTIFY, NULL), -ERR_CONFLICT);
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT);
    assert_int_equal(take("bank", STEP_END, NULL), -ERR_CONFLICT);
    assert_int_equal(take("nobody", STEP_APPLY, NULL), -ERR_ABSENT);
    assert_int_equal(take("bank", STEP_APPLY, NULL), 0);
    assert_int_equal(take("bank", STEP_APPLY, NULL), -ERR_CONFLICT);
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT);
    assert_int_equal(take("bank", STEP_CERTIFY, NULL), 0); /* as the platform itself is */
    assert_state("bank", "certified");
    give_notice("bank");
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), 0);
    assert_int_equal(take("bank", STEP_NOTIFY, "a further service"), 0);
    assert_state("bank", "notified");
    assert_int_equal(take("bank", STEP_END, NULL), 0);
    assert_state("bank", "ended");
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT);
    assert_int_equal(take("bank", STEP_APPLY, NULL), 0);
    assert_state("shop", "registered"); /* each by itself */
}

static void notice_that_the_authority_does_not_know_is_none(void **state)
{
    (void)state;
    assert_int_equal(take("bank", STEP_APPLY, NULL), 0);
    assert_int_equal(take("bank", STEP_CERTIFY, "総務省 第7号"), 0);
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT);
    give_notice("shop"); /* of somebody else */
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT);
    give_notice("bank");
    assert_int_equal(
        authority_end_provider(door_sites.authority.store, SITE_PARTY, "bank", &by, NULL), 0);
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT); /* taken back */
    assert_state("bank", "certified");
}

static void without_the_authority_nothing_is_believed(void **state)
{
    const char *const socket = door_sites.platform.platform.door.socket;

    (void)state;
    assert_int_equal(take("bank", STEP_APPLY, NULL), 0);
    door_sites.platform.platform.door.socket = "/nowhere/at/all";
    assert_int_equal(take("bank", STEP_CERTIFY, NULL), -ERR_REMOTE);
    door_sites.platform.platform.door.socket = NULL;
    assert_int_equal(take("bank", STEP_CERTIFY, NULL), -ERR_CONFLICT);
    assert_int_equal(take("bank", STEP_CERTIFY, "総務省 第7号"), 0); /* its own */
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_CONFLICT);
    door_sites.platform.platform.door.socket = socket;
    assert_int_equal(
        authority_take_step(door_sites.authority.store, SITE_PARTY, PARTY_SUSPEND, &by, NULL), 0);
    assert_int_equal(take("bank", STEP_NOTIFY, NULL), -ERR_REMOTE);
    assert_state("bank", "certified");
}

static void who_is_certified_itself_is_a_verifier_until_it_ends(void **state)
{
    bool is_verifier = true;

    (void)state;
    assert_int_equal(take("bank", STEP_APPLY, NULL), 0);
    assert_int_equal(take("bank", STEP_CERTIFY, NULL), 0); /* as the platform is */
    assert_int_equal(platform_is_verifier(platform->store, "bank", &is_verifier, NULL), 0);
    assert_false(is_verifier);
    assert_int_equal(take("shop", STEP_APPLY, NULL), 0);
    assert_int_equal(take("shop", STEP_CERTIFY, "総務省 第8号"), 0);
    assert_int_equal(platform_is_verifier(platform->store, "shop", &is_verifier, NULL), 0);
    assert_true(is_verifier);
    assert_int_equal(take("shop", STEP_END, NULL), 0);
    assert_int_equal(platform_is_verifier(platform->store, "shop", &is_verifier, NULL), 0);
    assert_false(is_verifier);
}

static void each_step_is_kept_with_its_paper(void **state)
{
    char reference[STEP_REFERENCE_MAX + 2];
    CLEANUP(json_freep) struct json *steps = NULL;
    CLEANUP(json_freep) struct json *page = NULL;
    const char *text;

    (void)state;
    memset(reference, 'r', sizeof reference);
    reference[STEP_REFERENCE_MAX + 1] = '\0';
    assert_int_equal(take("bank", STEP_APPLY, reference), -ERR_INPUT);
    reference[STEP_REFERENCE_MAX] = '\0';
    assert_int_equal(take("bank", STEP_APPLY, reference), 0);
    assert_int_equal(take("bank", STEP_END, NULL), 0);
    assert_int_equal(platform_list_steps(platform->store, "bank", &steps, NULL), 0);
    assert_int_equal(json_count(steps), 2);
    assert_int_equal(json_get_text(json_at(steps, 0), "step", &text, NULL), 0);
    assert_string_equal(text, "apply");
    assert_int_equal(json_get_text(json_at(steps, 0), "reference", &text, NULL), 0);
    assert_string_equal(text, reference);
    assert_int_equal(json_get_text(json_at(steps, 1), "step", &text, NULL), 0);
    assert_string_equal(text, "end");
    assert_false(json_has(json_at(steps, 1), "reference"));
    assert_int_equal(audit_list(platform_store_db(platform->store), NULL, &page, NULL), 0);
    assert_log(json_steal(&page), "tenant.added self\ntenant.added self\n"
                                  "tenant.step uid:1000 apply\ntenant.step uid:1000 end\n");
}

static void of_two_at_the_same_time_one_takes_the_step(void **state)
{
    const struct onboarding_act act = {"bank", STEP_APPLY, NULL};

    (void)state;
    assert_int_equal(platform_take_step(platform->store, &act, 0, &by, NULL), 0);
    assert_int_equal(platform_take_step(platform->store, &act, 0, &by, NULL), -ERR_CONFLICT);
    assert_state("bank", "applied");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DOOR_SITES(steps_come_in_their_order),
        WITH_DOOR_SITES(notice_that_the_authority_does_not_know_is_none),
        WITH_DOOR_SITES(without_the_authority_nothing_is_believed),
        WITH_DOOR_SITES(who_is_certified_itself_is_a_verifier_until_it_ends),
        WITH_DOOR_SITES(each_step_is_kept_with_its_paper),
        WITH_DOOR_SITES(of_two_at_the_same_time_one_takes_the_step),
    };

    return cmocka_run_group_tests(tests, door_sites_make, door_sites_done);
}
