/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifying side: responder, platform with its verifier and its providers, and what an operator
 * needs to ask about all of it.
 */
#include "sandbox/setup.h"

#include "base/file.h"
#include "base/json.h"
#include "fetch/fetch.h"
#include "sandbox/generations.h"
#include "sandbox/setup_parts.h"

#include <string.h>
#include <unistd.h>

enum { PEM_MAX = 16384 };

/* Fictional, as everybody here. */
static const struct provider {
    const char *client_id, *name, *origin;
    const char *service, *service_name; /* to whose consents holders may be asked */
} providers[] = {
    {"sample-bank", "見本銀行（試験用）", "https://bank.openjpki.test", "accounts", "口座"},
    {"sample-shop", "見本商店（試験用）", "https://shop.openjpki.test", "orders", "注文"},
};

/* What a responder of a generation answers with. */
static int append_responder(const char *kind, unsigned generation, struct buf *text,
                            struct err *err)
{
    char name[GENERATION_NAME_ROOM];

    generations_name(kind, generation, name);
    return buf_append_format(text, err,
                             "%s_key = ocsp-%s\n"
                             "%s_ca = @/anchors/%s.pem\n"
                             "%s_certificate = @/certificates/ocsp-%s.pem\n",
                             kind, name, kind, name, kind, name);
}

int setup_ocsp(struct roster *roster, struct err *err)
{
    unsigned count = generations_of_sandbox(roster->layout->dir, roster->generations);
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;

    TRY(buf_append_format(&text, err,
                          "[ocsp]\n"
                          "socket = @/ocsp/ocsp.sock\n"
                          "socket_mode = 0660\n"
                          "port = %u\n"
                          "authority = @/authority/authority.sock\n"
                          "signer = @/signer-ocsp/signer.sock\n"
                          "meter = @/ocsp/meter\n",
                          (unsigned)roster->ports->ocsp));
    TRY(buf_append_text(&text, timetable_ocsp_lines(roster->timetable), err));
    for (unsigned generation = 1; generation <= count; generation++) {
        TRY(append_responder("sign", generation, &text, err));
        TRY(append_responder("auth", generation, &text, err));
    }
    return setup_write_conf(roster, "ocspd.conf", &text, &conf, err);
}

/* The lines between those of the armour, which are base64 already (RFC 7468, 3). */
static int base64_of_pem(struct bytes pem, struct buf *ret, struct err *err)
{
    while (pem.len > 0) {
        const uint8_t *end = memchr(pem.ptr, '\n', pem.len);
        size_t len = end == NULL ? pem.len : (size_t)(end - pem.ptr);

        if (len > 0 && pem.ptr[0] != '-')
            TRY(buf_append(ret, bytes_of(pem.ptr, len), err));
        len += end != NULL;
        pem = bytes_of(pem.ptr + len, pem.len - len);
    }
    return 0;
}

/*
 * Tell the authority of a certificate, and whose it is if name is not NULL. The same once more is
 * fine.
 */
static int register_certificate(const struct roster *roster, const char *url, const char *name,
                                const char *key, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *authority = NULL;
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf pem = BUF_INIT;
    CLEANUP(buf_done) struct buf base64 = BUF_INIT;
    const char *text;

    TRY(path_format(&path, err, "%s/certificates/%s.pem", roster->layout->dir, key));
    TRY(layout_path(roster->layout, "authority/authority.sock", &authority, err));
    TRY(file_read(path, PEM_MAX, &pem, err));
    TRY(base64_of_pem(buf_bytes(&pem), &base64, err));
    TRY(buf_text(&base64, &text, err));
    if (name != NULL)
        TRY(json_put_text(body, "name", name, err));
    TRY(json_put_text(body, "certificate", text, err));
    const struct fetch_request request = {
        .socket = authority, .url = url, .body = body, .timeout_ms = 5000};
    return err_prefix(err, fetch(&request, &response, err), "registering the key %s", key);
}

/* Tell the authority that the platform verifies for a provider. The same once more is fine. */
static int give_notice(const struct roster *roster, size_t index, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(free_text) char *authority = NULL;

    TRY(layout_path(roster->layout, "authority/authority.sock", &authority, err));
    TRY(json_put_text(body, "provider", providers[index].client_id, err));
    TRY(json_put_text(body, "provider_title", providers[index].name, err));
    TRY(json_put_text(body, "service", providers[index].service, err));
    TRY(json_put_text(body, "service_title", providers[index].service_name, err));
    const struct fetch_request request = {.socket = authority,
                                          .url = "/v1/parties/verifier/notices",
                                          .body = body,
                                          .timeout_ms = 5000};
    return err_prefix(err, fetch(&request, &response, err), "giving notice of %s",
                      providers[index].client_id);
}

static int write_operator_conf(const struct roster *roster, struct err *err)
{
    static const struct {
        const char *name, *protocol, *socket;
    } daemons[] = {
        {"jpki-signerd-ca", "signer", "signer-ca/signer.sock"},
        {"jpki-signerd-ocsp", "signer", "signer-ocsp/signer.sock"},
        {"jpki-signerd-token", "signer", "signer-token/signer.sock"},
        {"jpki-signerd-card", "signer", "signer-card/signer.sock"},
        {"jpki-authorityd", "http", "authority/authority.sock"},
        {"jpki-registerd", "http", "register/counter.sock"},
        {"jpki-ocspd", "http", "ocsp/ocsp.sock"},
        {"jpki-platformd", "http", "platform/platform.sock"},
        {"jpki-authappd", "http", "authapp/authapp.sock"},
        {"jpki-portald", "http", "portal/portal.sock"},
        {"jpki-signerd-witness", "signer", "signer-witness/signer.sock"},
        {"jpki-witnessd", "http", "witness/witness.sock"},
    };
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;

    TRY(buf_append_text(&text,
                        "[verifier]\n"
                        "signer = @/signer-token/signer.sock\n"
                        "key = operator\n"
                        "certificate = @/certificates/operator.pem\n"
                        "anchors = @/anchors\n"
                        "ocsp_socket = @/ocsp/ocsp.sock\n"
                        "\n[evidence]\n"
                        "platform = @/platform/platform.sock\n"
                        "witness = @/witness/witness.sock\n"
                        "origin_key = @/note-keys/audit-platform\n"
                        "witness_key = @/note-keys/witness\n"
                        "keys = @/signer-token/keys\n",
                        err));
    for (size_t i = 0; i < sizeof daemons / sizeof daemons[0]; i++)
        TRY(buf_append_format(&text, err, "\n[daemon %s]\nprotocol = %s\nsocket = @/%s\n",
                              daemons[i].name, daemons[i].protocol, daemons[i].socket));
    return setup_write_conf(roster, "jpkictl.conf", &text, &conf, err);
}

/*
 * A provider whose key is nowhere was added by a start that did not live to keep the key: it gets
 * another one.
 */
static int have_provider(const struct roster *roster, const char *conf,
                         const struct provider *provider, struct err *err)
{
    const char *id = provider->client_id;
    struct tool add = {
        .program = "jpki-platformd",
        .words = {"tenant", "add", "--config", conf, "--name", provider->name, "--origin",
                  provider->origin, id},
        .identity = IDENTITY_PLATFORM,
    };
    struct tool renew = {
        .program = "jpki-platformd",
        .words = {"tenant", "renew-key", "--config", conf, id},
        .identity = IDENTITY_PLATFORM,
    };
    CLEANUP(free_text) char *below = NULL;

    TRY(path_format(&below, err, "providers/%s.key", id));
    return setup_keep_or(roster, &add, &renew, below, err);
}

/* The OpenID provider is a tenant, too; one for each port that it has had. */
static int have_authapp(const struct roster *roster, const char *conf, struct err *err)
{
    CLEANUP(free_text) char *id = NULL;
    CLEANUP(free_text) char *origin = NULL;
    struct provider provider = {.name = "認証アプリ（試験用）"};

    TRY(path_format(&id, err, "authapp-%u", (unsigned)roster->ports->authapp));
    TRY(path_format(&origin, err, "http://127.0.0.1:%u", (unsigned)roster->ports->authapp));
    provider.client_id = id;
    provider.origin = origin;
    return have_provider(roster, conf, &provider, err);
}

/* So is the portal, at which clinics' terminals are shown cards. */
static int have_portal(const struct roster *roster, const char *conf, struct err *err)
{
    CLEANUP(free_text) char *id = NULL;
    CLEANUP(free_text) char *origin = NULL;
    struct provider provider = {.name = "見本ポータル（試験用）"};

    TRY(path_format(&id, err, "portal-%u", (unsigned)roster->ports->portal));
    TRY(path_format(&origin, err, "http://127.0.0.1:%u", (unsigned)roster->ports->portal));
    provider.client_id = id;
    provider.origin = origin;
    return have_provider(roster, conf, &provider, err);
}

/* For whoever operates the platform with a card: the first one needs it from here. */
static int invite_operator(const struct roster *roster, const char *conf, struct err *err)
{
    static const char kept[] = "providers/operator.invitation";
    struct tool invite = {
        .program = "jpki-platformd",
        .words = {"operator", "invite", "--config", conf, "--name", "sandbox"},
        .identity = IDENTITY_PLATFORM,
    };

    return setup_keep(roster, &invite, kept, 0600, err);
}

int setup_append_pages(const struct roster *roster, const char *name, const char *key,
                       struct buf *text, struct err *err)
{
    CLEANUP(free_text) char *folder = NULL;
    CLEANUP(free_text) char *page = NULL;
    const char *dir = roster->layout->dir;
    bool is_inside;

    TRY(path_format(&folder, err, "%s/../share/openjpki/%s", roster->bin_dir, name));
    TRY(path_format(&page, err, "%s/index.html", folder));
    if (access(page, R_OK) < 0)
        return 0;
    is_inside = strncmp(folder, dir, strlen(dir)) == 0 && folder[strlen(dir)] == '/';
    return buf_append_format(text, err, "%s = %s%s\n", key, is_inside ? "@" : "",
                             is_inside ? folder + strlen(dir) : folder);
}

/* Whom the platform believes: all generations of both CAs. */
int setup_append_anchors(const struct roster *roster, bool with_sign, struct buf *text,
                         struct err *err)
{
    unsigned count = generations_of_sandbox(roster->layout->dir, roster->generations);

    for (unsigned generation = 1; generation <= count; generation++) {
        char sign[GENERATION_NAME_ROOM];
        char auth[GENERATION_NAME_ROOM];

        generations_name("sign", generation, sign);
        generations_name("auth", generation, auth);
        if (with_sign)
            TRY(buf_append_format(text, err, "sign_cas = @/anchors/%s.pem\n", sign));
        TRY(buf_append_format(text, err, "auth_cas = @/anchors/%s.pem\n", auth));
    }
    return 0;
}

static int write_platform_conf(const struct roster *roster, char **ret, struct err *err)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(buf_append_format(&text, err,
                          "[platform]\n"
                          "socket = @/platform/platform.sock\n"
                          "socket_mode = 0660\n"
                          "operator_peers = %u\n"
                          "port = %u\n"
                          "origin = http://127.0.0.1:%u\n"
                          "database = @/platform/platform.db\n"
                          "signer = @/signer-token/signer.sock\n",
                          (unsigned)identity_uid(IDENTITY_OWNER), (unsigned)roster->ports->platform,
                          (unsigned)roster->ports->platform));
    TRY(setup_append_checkpoints("platform", &text, err));
    TRY(setup_append_anchors(roster, true, &text, err));
    TRY(buf_append_format(&text, err,
                          "ocsp = @/ocsp/ocsp.sock\n"
                          "verifier_certificate = @/certificates/verifier.pem\n"
                          "authority = @/authority/verifier.sock\n"
                          "revocation = ocsp\n"
                          "authority_origin = " SETUP_VERIFIER_ORIGIN "\n"
                          "party_certificate = @/certificates/party.pem\n"
                          "warn_days = 30\n"
                          "webhooks = any\n"
                          "agreement_key = agreement\n"
                          "report_key = report%s\n"
                          "evidence = @/platform/evidence.db\n"
                          "evidence_key = evidence\n"
                          "reference_key = @/certificates/exchange-key.pem\n"
                          "reference_tenants = authapp-%u portal-%u\n",
                          setup_key_suffix(roster), (unsigned)roster->ports->authapp,
                          (unsigned)roster->ports->portal));
    TRY(setup_append_pages(roster, "console", "console_dir", &text, err));
    TRY(buf_append_text(&text, timetable_platform_lines(roster->timetable), err));
    return setup_write_conf(roster, "platformd.conf", &text, ret, err);
}

int setup_rewrite_platform(const struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    return write_platform_conf(roster, &conf, err);
}

int setup_platform(struct roster *roster, struct err *err)
{
    CLEANUP(free_text) char *conf = NULL;

    TRY(write_platform_conf(roster, &conf, err));
    TRY(register_certificate(roster, "/v1/verifiers", "verifier", "verifier", err));
    TRY(register_certificate(roster, "/v1/parties/verifier/certificates", NULL, "party", err));
    TRY(register_certificate(roster, "/v1/verifiers", "operator", "operator", err));
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
        TRY(have_provider(roster, conf, &providers[i], err));
    TRY(have_authapp(roster, conf, err));
    TRY(have_portal(roster, conf, err));
    TRY(invite_operator(roster, conf, err));
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
        TRY(give_notice(roster, i, err));
    return write_operator_conf(roster, err);
}

int setup_witness(struct roster *roster, struct err *err)
{
    static const struct {
        const char *name, *socket;
    } logs[] = {{"authority", "authority/authority.sock"},
                {"register", "register/counter.sock"},
                {"platform", "platform/platform.sock"},
                {"authapp", "authapp/authapp.sock"},
                {"portal", "portal/portal.sock"}};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    CLEANUP(free_text) char *conf = NULL;

    TRY(buf_append_format(&text, err,
                          "[witness]\n"
                          "socket = @/witness/witness.sock\n"
                          "socket_mode = 0660\n"
                          "peers = %u\n"
                          "database = @/witness/witness.db\n"
                          "signer = @/signer-witness/signer.sock\n"
                          "name = " SETUP_WITNESS "\n"
                          "poll_ms = 5000\n",
                          (unsigned)identity_uid(IDENTITY_OWNER)));
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++)
        TRY(buf_append_format(&text, err, "\n[log %s]\nsocket = @/%s\nkey = @/note-keys/audit-%s\n",
                              logs[i].name, logs[i].socket, logs[i].name));
    return setup_write_conf(roster, "witnessd.conf", &text, &conf, err);
}
