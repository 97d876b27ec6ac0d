/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/party/party.h"

#include "authority/authority.h"

#include <string.h>

const char *const party_roles[] = {[PARTY_VERIFIER] = "verifier",
                                   [PARTY_PLATFORM] = "platform",
                                   [PARTY_PUBLIC] = "public",
                                   [PARTY_ROLES_] = NULL};
const char *const party_states[] = {
    [PARTY_APPLIED] = "applied",     [PARTY_CERTIFIED] = "certified", [PARTY_ACTIVE] = "active",
    [PARTY_SUSPENDED] = "suspended", [PARTY_ENDED] = "ended",         [PARTY_STATES_] = NULL};
const char *const party_steps[] = {[PARTY_CERTIFY] = "certify",
                                   [PARTY_SUSPEND] = "suspend",
                                   [PARTY_RESUME] = "resume",
                                   [PARTY_END] = "end",
                                   [PARTY_STEPS_] = NULL};

enum party_state party_state_of(const struct party *party)
{
    if (party->ended_at != 0)
        return PARTY_ENDED;
    if (party->suspended_at != 0)
        return PARTY_SUSPENDED;
    if (party->notified_at != 0)
        return PARTY_ACTIVE;
    return party->certified_at != 0 ? PARTY_CERTIFIED : PARTY_APPLIED;
}

static int check_name(const char *what, const char *name, struct err *err)
{
    _Static_assert((int)VERIFIER_NAME_MAX == (int)REQUEST_ID_MAX, "names are spelt as ids");
    if (request_id_check(name, NULL) < 0)
        return FAIL(err, ERR_INPUT, "%s is not 1 to %d letters, digits and hyphens", what,
                    VERIFIER_NAME_MAX);
    return 0;
}

static int check_title(const char *what, const char *title, struct err *err)
{
    size_t len = strlen(title);

    if (len == 0 || len > PARTY_TITLE_MAX)
        return FAIL(err, ERR_INPUT, "%s is not 1 to %d bytes", what, PARTY_TITLE_MAX);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)title[i] < ' ' || title[i] == 0x7f)
            return FAIL(err, ERR_INPUT, "%s has a control character", what);
    }
    return 0;
}

int party_check(const struct party *party, struct err *err)
{
    TRY(check_name("name", party->name, err));
    TRY(check_title("title", party->title, err));
    if (!party->verifies[CA_SIGN] && !party->verifies[CA_AUTH])
        return FAIL(err, ERR_INPUT,
                    "a verifier is one of sign certificates, of auth ones, or both");
    return 0;
}

int notice_check(const struct notice *notice, struct err *err)
{
    TRY(check_name("provider", notice->provider, err));
    TRY(check_title("provider_title", notice->provider_title, err));
    TRY(check_name("service", notice->service, err));
    return check_title("service_title", notice->service_title, err);
}
