/* SPDX-License-Identifier: Apache-2.0 */
/* The portal for citizens. That it is a relying party of the OpenID provider is setup_authapp.c's.
 */
#include "sandbox/setup.h"

#include "sandbox/setup_parts.h"

/* The zone of its own key is full, so that of its log is where the register's is. */
int setup_portal(struct roster *roster, struct err *err)
{
    unsigned port = roster->ports->portal;
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;

    TRY(buf_append_format(&text, err,
                          "[portal]\n"
                          "socket = @/portal/portal.sock\n"
                          "socket_mode = 0660\n"
                          "operator_peers = %u\n"
                          "port = %u\n"
                          "origin = http://127.0.0.1:%u\n"
                          "database = @/portal/portal.db\n"
                          "provider_database = @/portal/provider.db\n"
                          "signer = @/signer-token/signer.sock\n"
                          "issuer = http://127.0.0.1:%u/api/realms/main\n"
                          "authapp = @/authapp/authapp.sock\n"
                          "register = @/register/counter.sock\n"
                          "audit_signer = @/signer-card/signer.sock\n",
                          (unsigned)identity_uid(IDENTITY_OWNER), port, port,
                          (unsigned)roster->ports->authapp));
    TRY(setup_append_checkpoints("portal", &text, err));
    TRY(setup_append_pages(roster, "portal", "pages_dir", &text, err));
    return setup_write_conf(roster, "portald.conf", &text, &conf, err);
}
