/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-sandbox/environment.h"

#include "base/file.h"
#include "programs/jpki-sandbox/commands.h"
#include "programs/jpki-sandbox/issuer_keys.h"
#include "sandbox/state.h"
#include "sandbox/trace.h"

#include <stdlib.h>

/* Takes value, also if there is no room for it. */
static int put(struct environment *environment, const char *name, char *value, struct err *err)
{
    if (environment->count == ENVIRONMENT_MAX) {
        free(value);
        return FAIL(err, ERR_USAGE, "no room for the variable %s", name);
    }
    environment->list[environment->count++] = (struct variable){name, value, false};
    return 0;
}

static int put_reader(const struct layout *layout, bool has_reader, struct environment *ret,
                      struct err *err)
{
    char *value = NULL;

    if (has_reader)
        TRY(path_format(&value, err, "%s/pcscd/pcscd.comm", layout->dir));
    else
        TRY(path_format(&value, err, "direct:%s/card/direct.sock", layout->dir));
    return put(ret, has_reader ? "PCSCLITE_CSOCK_NAME" : "JPKI_READER", value, err);
}

static int put_urls(const struct json *state, struct environment *ret, struct err *err)
{
    static const struct {
        const char *service, *name;
    } rows[] = {{"platform", "JPKI_PLATFORM"},   {"ocsp", "JPKI_OCSP"},
                {"authority", "JPKI_AUTHORITY"}, {"authapp", "JPKI_AUTHAPP"},
                {"portal", "JPKI_PORTAL"},       {"counter", "JPKI_COUNTER"}};
    const struct json *urls = NULL;

    TRY(json_get_object(state, "urls", &urls, err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *url = NULL;
        char *value = NULL;

        TRY(json_get_text(urls, rows[i].service, &url, err));
        TRY(path_format(&value, err, "%s", url));
        TRY(put(ret, rows[i].name, value, err));
    }
    return 0;
}

/* Files below the sandbox's directory that programs are to use. */
static int put_paths(const struct layout *layout, struct environment *ret, struct err *err)
{
    static const struct {
        const char *name, *below;
    } rows[] = {
        {"JPKI_ANCHORS", "anchors"},
        {"JPKI_CARD_ANCHORS", "card-anchors"},
        {"JPKI_TRACE", TRACE_OF_OWNER},
        {"JPKI_TENANT_KEY_FILE", "providers/sample-bank.key"},
        {"JPKICTL_CONFIG", "conf/jpkictl.conf"},
        {"JPKI_TERMINAL_KEY_FILE", "providers/clinic-terminal.key"},
        {"JPKI_OPERATOR_KEY_FILE", "providers/clinic-operator.key"},
        {"JPKI_KIOSK_KEY_FILE", "providers/kiosk.key"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *value = NULL;

        TRY(layout_path(layout, rows[i].below, &value, err));
        TRY(put(ret, rows[i].name, value, err));
    }
    return 0;
}

int environment_of(const struct layout *layout, struct environment *ret, struct err *err)
{
    CLEANUP(json_freep) struct json *state = NULL;
    char *value = NULL;
    bool has_reader = false;

    TRY(state_read(layout, &state, err));
    TRY(json_get_bool(state, "reader", &has_reader, err));
    TRY(put_reader(layout, has_reader, ret, err));
    TRY(put_paths(layout, ret, err));
    TRY(issuer_keys_path(layout, &value, err));
    TRY(put(ret, "JPKI_ISSUER_KEY_FILE", value, err));
    TRY(put_urls(state, ret, err));
    TRY(own_folder(&value, err));
    TRY(put(ret, "PATH", value, err));
    ret->list[ret->count - 1].is_in_front = true;
    return 0;
}

void environment_done(struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++)
        free(environment->list[i].value);
}

int environment_set(const char *name, const char *value, struct err *err)
{
    return setenv(name, value, 1) < 0 ? FAIL_ERRNO(err, "setenv") : 0;
}

int environment_set_in_front(const char *name, const char *value, struct err *err)
{
    CLEANUP(free_text) char *whole = NULL;
    const char *before = secure_getenv(name);

    if (before == NULL || before[0] == '\0')
        return environment_set(name, value, err);
    TRY(path_format(&whole, err, "%s:%s", value, before));
    return environment_set(name, whole, err);
}

int environment_use(const struct environment *environment, struct err *err)
{
    for (size_t i = 0; i < environment->count; i++) {
        const struct variable *variable = &environment->list[i];

        TRY(variable->is_in_front ? environment_set_in_front(variable->name, variable->value, err)
                                  : environment_set(variable->name, variable->value, err));
    }
    return 0;
}
