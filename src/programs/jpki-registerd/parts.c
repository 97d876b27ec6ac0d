/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-registerd/parts.h"

#include "base/file.h"
#include "base/share.h"
#include "carddata/font.h"
#include "http/pages.h"
#include "register/codes.h"
#include "register/personal.h"

#include <stdlib.h>

int municipalities_path(char **ret, struct err *err)
{
    return share_path("openjpki/municipalities.tsv", ret, err);
}

int load_municipalities(const struct registerd_config *config, struct municipalities **ret,
                        struct err *err)
{
    CLEANUP(free_text) char *own = NULL;
    const char *path = config->municipalities;
    int rc;

    if (path == NULL) {
        TRY(municipalities_path(&own, err));
        path = own;
    }
    rc = municipalities_load(path, ret, err);
    return rc == -ERR_ABSENT ? FAIL(err, ERR_INPUT, "%s: no such file", path) : rc;
}

static int load_anchors(const struct registerd_config *config, struct anchors **ret,
                        struct err *err)
{
    CLEANUP(anchors_freep) struct anchors *anchors = NULL;
    int rc;

    TRY(anchors_new(&anchors, err));
    rc = anchors_load(anchors, config->clerk_anchors, err);
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_INPUT, "clerk_anchors: %s does not exist", config->clerk_anchors);
    TRY(err_prefix(err, rc, "clerk_anchors"));
    *ret = anchors;
    anchors = NULL;
    return 0;
}

int open_desk(const struct registerd_config *config, struct desk **ret, struct err *err)
{
    struct anchors *anchors;

    if (config->clerk_anchors == NULL)
        return 0;
    TRY(load_anchors(config, &anchors, err));
    TRY(desk_new(anchors, config->clerk_origin, ret, err));
    (*ret)->door_origin = config->counter_origin;
    return 0;
}

/* ---- while serving ---- */

/* What the counter sees of the parts. */
static void fill_counter(struct parts *parts)
{
    struct counter *counter = &parts->counter;
    const struct registerd_config *config = &parts->config;

    counter->municipalities = parts->municipalities;
    counter->authority = config->authority;
    counter->personal = parts->personal;
    counter->desk = parts->desk;
    counter->pages = parts->pages;
    counter->window = config->window;
    counter->rule = config->rule;
    counter->generation = config->generation;
    counter->operators.uids = config->operators.uids;
    counter->operators.count = config->operators.count;
}

/* Pages of the counter ask jpki agent, which has the clerk's card (docs/card-protocol.md). */
static int load_pages(struct parts *parts, struct err *err)
{
    const char *folder = parts->config.counter_dir;

    if (folder == NULL)
        return 0;
    TRY(err_prefix(err, http_pages_load(folder, &parts->pages, err), "counter_dir"));
    http_pages_let_ask(parts->pages, "http://127.0.0.1:25754");
    return 0;
}

int parts_read(const char *path, struct parts *ret, struct err *err)
{
    TRY(registerd_config_read(path, &ret->config, err));
    TRY(load_pages(ret, err));
    TRY(load_municipalities(&ret->config, &ret->municipalities, err));
    TRY(open_desk(&ret->config, &ret->desk, err));
    fill_counter(ret);
    return 0;
}

int parts_open_personal(struct parts *parts, struct err *err)
{
    const struct registerd_config *config = &parts->config;
    const struct personal_setup setup = {
        .signer = config->card_signer,
        .certificate = {config->text_certificate, config->visual_certificate},
        .font = config->font,
    };

    if (config->card_signer == NULL)
        return 0;
    TRY(err_prefix(err, personal_open(&setup, &parts->personal, err), "card data"));
    fill_counter(parts);
    return 0;
}

int parts_open_codes(struct parts *parts, struct err *err)
{
    const struct registerd_config *config = &parts->config;
    const struct codes_setup setup = {
        .signer = config->exchange_signer,
        .key = config->exchange_key,
        .uids = config->exchange.uids,
        .count = config->exchange.count,
    };

    if (config->exchange_signer == NULL)
        return 0;
    TRY(err_prefix(err, codes_open(&setup, parts->counter.store, &parts->codes, err),
                   "exchange_signer"));
    parts->counter.codes = parts->codes;
    return 0;
}

void parts_done(struct parts *parts)
{
    codes_freep(&parts->codes);
    desk_freep(&parts->desk);
    http_pages_freep(&parts->pages);
    personal_freep(&parts->personal);
    municipalities_freep(&parts->municipalities);
    registerd_config_done(&parts->config);
}

void parts_freep(struct parts **parts)
{
    if (*parts == NULL)
        return;
    parts_done(*parts);
    free(*parts);
    *parts = NULL;
}

/* Whoever is logged in stays so; whether anybody can at all is for a restart. */
static int follow_desk(const struct parts *first, struct parts *parts, struct err *err)
{
    struct anchors *anchors;

    if ((first->config.clerk_anchors == NULL) != (parts->config.clerk_anchors == NULL))
        return FAIL(err, ERR_INPUT, "clerk_anchors comes and goes by a restart only");
    if (parts->config.clerk_anchors == NULL)
        return 0;
    TRY(load_anchors(&parts->config, &anchors, err));
    return desk_follow(first->desk, anchors, &parts->desk, err);
}

int parts_follow(const char *path, const struct parts *first, struct parts **ret, struct err *err)
{
    CLEANUP(parts_freep) struct parts *parts = calloc(1, sizeof *parts);

    if (parts == NULL)
        return FAIL_NOMEM(err);
    parts->counter = first->counter;
    TRY(registerd_config_read(path, &parts->config, err));
    TRY(service_check_reload(registerd_keys, &first->config, &parts->config, registerd_reloaded,
                             err));
    TRY(load_pages(parts, err));
    TRY(load_municipalities(&parts->config, &parts->municipalities, err));
    TRY(follow_desk(first, parts, err));
    TRY(parts_open_personal(parts, err));
    fill_counter(parts);
    *ret = parts;
    parts = NULL;
    return 0;
}

void parts_add_files(const struct parts *parts, const char *path, const char *own,
                     struct service *service)
{
    const struct registerd_config *config = &parts->config;
    const char *const files[] = {
        path,
        config->municipalities == NULL ? own : config->municipalities,
        config->clerk_anchors,
        config->counter_dir,
        config->text_certificate,
        config->visual_certificate,
        config->card_signer == NULL ? NULL
        : config->font == NULL      ? FONT_PATH
                                    : config->font,
    };

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        service_add_reloaded(service, files[i]);
}
