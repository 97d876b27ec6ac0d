/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/login/holder.h"

#include "platform/door.h"

/* From one certificate to the one before; the owner of what the key points to changes with it. */
static int step_back(const struct platform *platform, struct signer *signer,
                     const struct holder_key *from, struct linked *ret, struct err *err)
{
    CLEANUP(linked_done) struct linked former = {.is_there = false};

    TRY(door_before(platform, signer, from, &former, err));
    linked_done(ret);
    ret->is_there = former.is_there;
    buf_move(&ret->issuer, &former.issuer);
    buf_move(&ret->serial, &former.serial);
    return 0;
}

int holder_recognise(const struct platform *platform, struct signer *signer,
                     const struct holder_key *who, const char *session,
                     const struct audit_origin *by, struct err *err)
{
    CLEANUP(linked_done) struct linked former = {.is_there = false};
    struct holder_key at = *who;
    int rc = platform_know_holder(platform->store, who, err);

    if (rc != -ERR_ABSENT || !door_is_there(platform))
        return rc == -ERR_ABSENT ? 0 : rc;
    for (unsigned i = 0; i < LINKS_MAX; i++) {
        rc = step_back(platform, signer, &at, &former, err);
        if (rc == -ERR_ABSENT || (rc == 0 && !former.is_there))
            return 0;
        TRY(rc);
        at = (struct holder_key){buf_bytes(&former.issuer), buf_bytes(&former.serial)};
        rc = platform_know_holder(platform->store, &at, err);
        if (rc == 0)
            return platform_link_holder(platform->store, &at, who, session, by, err);
        if (rc != -ERR_ABSENT)
            return rc;
    }
    return 0;
}
