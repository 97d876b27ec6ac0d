/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OpenID provider, and three relying parties: one with a key of its own as the profile authapp
 * demands it, one with a secret, and the portal. Their redirect URIs are on this computer.
 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "sandbox/setup_parts.h"

#define FOLDER "authapp/clients/"

/* "%s" is where the set of its keys goes. */
static const char bank[] =
    "{\"client_id\":\"sample-bank\",\"client_name\":\"見本銀行（試験用）\",\"profile\":\"authapp\","
    "\"redirect_uris\":[\"http://127.0.0.1/callback\"],"
    "\"post_logout_redirect_uris\":[\"http://127.0.0.1/logged-out\"],"
    "\"grant_types\":[\"authorization_code\",\"refresh_token\",\"client_credentials\"],"
    "\"scope\":\"openid name address birthdate gender sign\",\"jwks\":{\"keys\":[%s]}}\n";

static const char shop[] =
    "{\"client_id\":\"sample-shop\",\"client_name\":\"見本商店（試験用）\",\"profile\":\"basic\","
    "\"redirect_uris\":[\"http://127.0.0.1/callback\"],"
    "\"post_logout_redirect_uris\":[\"http://127.0.0.1/logged-out\"],"
    "\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
    "\"scope\":\"openid name address birthdate gender\"}\n";

/* "%u" is where the portal is; its key is signerd's, and it publishes it. */
static const char portal[] =
    "{\"client_id\":\"" SETUP_PORTAL_CLIENT
    "\",\"client_name\":\"見本ポータル（試験用）\",\"profile\":\"authapp\","
    "\"redirect_uris\":[\"http://127.0.0.1:%u/login/callback\"],"
    "\"post_logout_redirect_uris\":[\"http://127.0.0.1:%u/\"],"
    "\"backchannel_logout_uri\":\"http://127.0.0.1:%u/login/ended\","
    "\"grant_types\":[\"authorization_code\",\"client_credentials\"],"
    "\"scope\":\"openid person_reference "
    "sign\",\"person_reference\":true,\"jwks_uri\":\"http://127.0.0.1:%u/login/"
    "keys\"}\n";

/* The bank's key, which nobody but whoever plays the bank has, and its metadata. */
static int write_bank(const struct roster *roster, struct buf *ret, struct err *err)
{
    CLEANUP(buf_done) struct buf public = BUF_INIT;
    const char *text;

    TRY(setup_have_key(roster, FOLDER "sample-bank.jwk", &public, err));
    TRY(buf_text(&public, &text, err));
    return buf_append_format(ret, err, bank, text);
}

static int write_metadata(const struct roster *roster, const char *below, const struct buf *text,
                          char **ret_path, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(layout_path(roster->layout, below, &path, err));
    TRY(file_replace(path, 0644, buf_bytes(text), err));
    *ret_path = path;
    path = NULL;
    return 0;
}

/*
 * What is printed is the secret of whoever has one. A relying party that a start has added which
 * did not live to keep that gets another one.
 */
static int have_client(const struct roster *roster, const char *conf, const char *file,
                       const char *id, const char *below, struct err *err)
{
    struct tool add = {
        .program = "jpki-authappd",
        .words = {"client", "add", "--config", conf, file},
        .identity = IDENTITY_AUTHAPP,
    };
    struct tool rotate = {
        .program = "jpki-authappd",
        .words = {"client", "rotate", "--config", conf, id},
        .identity = IDENTITY_AUTHAPP,
    };

    return setup_keep_or(roster, &add, &rotate, below, err);
}

static int copy_platform_key(const struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *from = NULL;

    TRY(path_format(&from, err, "providers/authapp-%u.key", (unsigned)roster->ports->authapp));
    return setup_copy_key(roster, from, "conf/authapp-platform.key", IDENTITY_AUTHAPP, err);
}

static int write_conf(const struct roster *roster, char **ret, struct err *err)
{
    unsigned port = roster->ports->authapp;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err,
                          "[authapp]\n"
                          "socket = @/authapp/authapp.sock\n"
                          "socket_mode = 0660\n"
                          "operator_peers = %u\n"
                          "port = %u\n"
                          "origin = http://127.0.0.1:%u\n"
                          "database = @/authapp/authapp.db\n"
                          "signer = @/signer-token/signer.sock\n"
                          "seal_key = authapp-seal\n"
                          "token_keys = authapp-es%s authapp-rs%s\n"
                          "platform = @/platform/platform.sock\n"
                          "platform_key = @/conf/authapp-platform.key\n",
                          (unsigned)identity_uid(IDENTITY_OWNER), port, port,
                          setup_key_suffix(roster), setup_key_suffix(roster)));
    TRY(setup_append_checkpoints("authapp", &text, err));
    TRY(setup_append_anchors(roster, false, &text, err));
    return setup_write_conf(roster, "authappd.conf", &text, ret, err);
}

static int have_portal(const struct roster *roster, const char *conf, struct err *err)
{
    unsigned port = roster->ports->portal;
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;
    CLEANUP(free_text) char *file = NULL;
    CLEANUP(free_text) char *id = NULL;
    CLEANUP(free_text) char *added = NULL;

    TRY(path_format(&id, err, SETUP_PORTAL_CLIENT, port));
    TRY(path_format(&added, err, FOLDER "%s.added", id));
    TRY(buf_append_format(&metadata, err, portal, port, port, port, port, port));
    TRY(write_metadata(roster, FOLDER "portal.json", &metadata, &file, err));
    return have_client(roster, conf, file, id, added, err);
}

int setup_rewrite_authapp(const struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    return write_conf(roster, &conf, err);
}

int setup_authapp(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;
    CLEANUP(free_text) char *folder = NULL;
    CLEANUP(free_text) char *bank_file = NULL;
    CLEANUP(free_text) char *shop_file = NULL;
    CLEANUP(buf_done) struct buf metadata = BUF_INIT;
    CLEANUP(fd_done) int fd = -1;

    TRY(layout_path(roster->layout, "authapp/clients", &folder, err));
    TRY(setup_open_owned(folder, IDENTITY_OWNER, 0755, &fd, err));
    TRY(copy_platform_key(roster, err));
    TRY(write_conf(roster, &conf, err));
    TRY(write_bank(roster, &metadata, err));
    TRY(write_metadata(roster, FOLDER "sample-bank.json", &metadata, &bank_file, err));
    TRY(have_client(roster, conf, bank_file, "sample-bank", FOLDER "sample-bank.added", err));
    buf_clear(&metadata);
    TRY(buf_append_text(&metadata, shop, err));
    TRY(write_metadata(roster, FOLDER "sample-shop.json", &metadata, &shop_file, err));
    TRY(have_client(roster, conf, shop_file, "sample-shop", FOLDER "sample-shop.secret", err));
    return have_portal(roster, conf, err);
}
