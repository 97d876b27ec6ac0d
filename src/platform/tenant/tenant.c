/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/tenant/tenant.h"

#include "base/random_text.h"
#include "base/utf8.h"
#include "platform/login/store.h"
#include "platform/tenant/sources.h"

#include <stdio.h>
#include <string.h>

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789.-"
#define ID_CHARACTERS   HOST_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What follows the host: nothing, or a port. */
static bool is_port(const char *text, const char *usual)
{
    size_t digits;

    if (*text == '\0')
        return true;
    digits = strspn(text + 1, "0123456789");
    /* One spelling only: clients sign the origin without its usual port (RFC 6454, 6.2). */
    return *text == ':' && text[1] != '0' && digits >= 1 && digits <= 5 &&
           text[1 + digits] == '\0' && strcmp(text, usual) != 0;
}

/* The host without the scheme; NULL if the scheme is another, or HTTP in the clear to elsewhere. */
static const char *host_of(const char *origin)
{
    static const char *const starts[] = {"https://", "http://"};
    static const char *const loopback[] = {"127.0.0.1", "localhost"};
    const char *host;

    if (strncmp(origin, starts[0], strlen(starts[0])) == 0)
        return origin + strlen(starts[0]);
    if (strncmp(origin, starts[1], strlen(starts[1])) != 0)
        return NULL;
    host = origin + strlen(starts[1]);
    for (size_t i = 0; i < sizeof loopback / sizeof loopback[0]; i++) {
        size_t len = strlen(loopback[i]);

        if (strncmp(host, loopback[i], len) == 0 && (host[len] == ':' || host[len] == '\0'))
            return host;
    }
    return NULL;
}

int origin_check(const char *origin, struct err *err)
{
    const char *host = host_of(origin);
    size_t len = host == NULL ? 0 : strspn(host, HOST_CHARACTERS);

    if (len == 0 || !is_port(host + len, origin[4] == 's' ? ":443" : ":80") ||
        strlen(origin) > TENANT_ORIGIN_MAX)
        return FAIL(err, ERR_INPUT,
                    "an origin is https://HOST[:PORT] in lower case, at most %d bytes; http is for "
                    "127.0.0.1 and localhost",
                    TENANT_ORIGIN_MAX);
    return 0;
}

/* It is shown on people's screens before they give their PIN. */
int tenant_name_check(const char *name, size_t most, struct err *err)
{
    size_t len = strlen(name);

    return len >= 1 && len <= most && utf8_is_shown(bytes_text(name))
               ? 0
               : FAIL(err, ERR_INPUT, "a name is 1 to %zu bytes of UTF-8 without controls", most);
}

int tenant_rules_check(const struct tenant_rules *rules, struct err *err)
{
    if (rules->rate < 0 || rules->rate > TENANT_RATE_MAX)
        return FAIL(err, ERR_INPUT, "a rate is 1 to %d requests a second", TENANT_RATE_MAX);
    if (rules->quota < 0 || rules->quota > TENANT_QUOTA_MAX)
        return FAIL(err, ERR_INPUT, "a quota is 1 to %d judgements a month", TENANT_QUOTA_MAX);
    return sources_check(rules->sources, err);
}

static int inputs_check(const struct tenant_inputs *inputs, struct err *err)
{
    size_t id = strlen(inputs->client_id);

    if (id == 0 || id > CLIENT_ID_MAX || strspn(inputs->client_id, ID_CHARACTERS) != id)
        return FAIL(err, ERR_INPUT, "a client id is 1 to %d letters, digits, hyphens and dots",
                    CLIENT_ID_MAX);
    if (strcmp(inputs->client_id, LOGIN_CONSOLE_CLIENT) == 0)
        return FAIL(err, ERR_INPUT, "the client id %s is the platform's own", inputs->client_id);
    TRY(tenant_name_check(inputs->name, TENANT_NAME_MAX, err));
    TRY(tenant_rules_check(&inputs->rules, err));
    return origin_check(inputs->origin, err);
}

static int make_key(char ret[TENANT_KEY_SIZE], struct digest *ret_hash, struct err *err)
{
    TRY(random_text(ret, TENANT_KEY_SIZE, err));
    return digest_compute(DIGEST_SHA256, bytes_text(ret), ret_hash, err);
}

/* live is the tenant whose test environment it is; NULL: nobody's. */
static int add(struct platform_store *store, const char *live, const struct tenant_inputs *inputs,
               const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE], struct err *err)
{
    struct tenant tenant = {.name = ""};
    char key[TENANT_KEY_SIZE];
    struct digest hash;

    TRY(inputs_check(inputs, err));
    memcpy(tenant.client_id, inputs->client_id, strlen(inputs->client_id));
    memcpy(tenant.name, inputs->name, strlen(inputs->name));
    memcpy(tenant.origin, inputs->origin, strlen(inputs->origin));
    tenant.rules = inputs->rules;
    TRY(make_key(key, &hash, err));
    TRY(live == NULL ? platform_add_tenant(store, &tenant, &hash, by, err)
                     : platform_add_test_tenant(store, live, &tenant, &hash, by, err));
    memcpy(ret_key, key, sizeof key);
    return 0;
}

int tenant_add(struct platform_store *store, const struct tenant_inputs *inputs,
               const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE], struct err *err)
{
    return add(store, NULL, inputs, by, ret_key, err);
}

int tenant_add_test(struct platform_store *store, const char *live,
                    const struct tenant_inputs *inputs, const struct audit_origin *by,
                    char ret_key[TENANT_KEY_SIZE], struct err *err)
{
    return add(store, live, inputs, by, ret_key, err);
}

/* A key of that role, without expiry. */
static int describe_key(const char *client_id, const char *name, int64_t now,
                        struct tenant_key *ret, struct err *err)
{
    *ret = (struct tenant_key){.role = ROLE_OWNER, .made_at = now};
    (void)snprintf(ret->client_id, sizeof ret->client_id, "%s", client_id);
    (void)snprintf(ret->name, sizeof ret->name, "%s", name);
    return random_text(ret->id, sizeof ret->id, err);
}

int tenant_role_read(const char *name, enum tenant_role *ret, struct err *err)
{
    for (unsigned i = 0; i < ROLES_; i++) {
        if (strcmp(tenant_roles[i], name) == 0) {
            *ret = (enum tenant_role)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "a role is owner, developer, auditor or billing");
}

int tenant_add_key(struct platform_store *store, const struct key_inputs *inputs,
                   const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE],
                   struct tenant_key *ret, struct err *err)
{
    struct tenant_key made;
    char key[TENANT_KEY_SIZE];
    struct digest hash;

    TRY(tenant_name_check(inputs->name, TENANT_KEY_NAME_MAX, err));
    TRY(describe_key(inputs->client_id, inputs->name, by->at, &made, err));
    TRY(tenant_role_read(inputs->role, &made.role, err));
    if (inputs->expires_at != 0 && inputs->expires_at <= by->at)
        return FAIL(err, ERR_INPUT, "a key that expires does so later than now");
    made.expires_at = inputs->expires_at;
    TRY(make_key(key, &hash, err));
    TRY(platform_add_tenant_key(store, &made, &hash, by, err));
    memcpy(ret_key, key, sizeof key);
    *ret = made;
    return 0;
}

int tenant_renew_key(struct platform_store *store, const char *client_id,
                     const struct audit_origin *by, char ret_key[TENANT_KEY_SIZE], struct err *err)
{
    struct tenant_key made;
    char key[TENANT_KEY_SIZE];
    struct digest hash;

    TRY(describe_key(client_id, "renewed", by->at, &made, err));
    TRY(make_key(key, &hash, err));
    TRY(platform_set_tenant_key(store, &made, &hash, by, err));
    memcpy(ret_key, key, sizeof key);
    return 0;
}

int tenant_of_key(struct platform_store *store, const char *key, int64_t now, struct tenant *ret,
                  struct err *err)
{
    struct digest hash;
    int rc;

    TRY(digest_compute(DIGEST_SHA256, bytes_text(key), &hash, err));
    rc = platform_get_tenant_by_key(store, &hash, now, ret, err);
    return rc == -ERR_ABSENT ? FAIL(err, ERR_DENIED, "this key is no tenant's") : rc;
}
