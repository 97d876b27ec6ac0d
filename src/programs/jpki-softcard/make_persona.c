/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter works with a card through its control socket. So this process is the card and the
 * counter: it serves the socket, in a directory of its own, while it asks there.
 */
#include "programs/jpki-softcard/make_persona.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/share.h"
#include "base/sock.h"
#include "card/control.h"
#include "sandbox/issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A directory that only this user can enter, with the socket in it. */
struct desk {
    char dir[sizeof "/tmp/jpki-softcard-XXXXXX"];
    char *socket;
};

static void desk_done(struct desk *desk)
{
    if (desk->socket != NULL)
        (void)unlink(desk->socket);
    if (desk->dir[0] != 0)
        (void)rmdir(desk->dir);
    free_text(&desk->socket);
}

static int desk_make(struct desk *desk, struct err *err)
{
    struct desk made = {.dir = "/tmp/jpki-softcard-XXXXXX"};

    if (mkdtemp(made.dir) == NULL)
        return FAIL_ERRNO(err, "no directory for the control socket");
    *desk = made;
    return path_format(&desk->socket, err, "%s/control", desk->dir);
}

/* The card answers on the desk's socket until the server is stopped. */
static int serve(const struct store_paths *paths, const struct desk *desk, struct slot **ret_slot,
                 struct http_server **ret_server, struct err *err)
{
    CLEANUP(card_freep) struct card *card = NULL;
    int listener;

    TRY(store_open(paths, &card, err));
    TRY(slot_new(card, ret_slot, err));
    card = NULL;
    TRY(sock_listen(desk->socket, 0600, &listener, err));
    return control_start(*ret_slot, listener, NULL, ret_server, err);
}

static int issue(const struct make_persona *make, const struct layout *layout,
                 const struct persona *persona, struct err *err)
{
    CLEANUP(desk_done) struct desk desk = {.socket = NULL};
    CLEANUP(slot_freep) struct slot *slot = NULL;
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    struct issued issued;

    TRY(desk_make(&desk, err));
    TRY(serve(make->paths, &desk, &slot, &server, err));
    TRY(issue_card(layout, desk.socket, persona, &issued, err));
    printf(tr("The card %s of %s is %s\n"), issued.serial, make->name, make->paths->card);
    return 0;
}

/* What store_make has made; a key that was there before stays. */
static void remove_card(const struct store_paths *paths, bool with_key)
{
    static const char *const ends[] = {"", ".counters", ".key"};

    for (size_t i = 0; i < (with_key ? 3 : 2); i++) {
        CLEANUP(free_text) char *path = NULL;

        if (path_format(&path, NULL, "%s%s", paths->card, ends[i]) == 0)
            (void)unlink(path);
    }
}

static int has_own_key(const struct store_paths *paths, bool *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(path_format(&path, err, "%s.key", paths->card));
    *ret = paths->key != NULL || access(path, F_OK) == 0;
    return 0;
}

int make_persona(const struct make_persona *make, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    CLEANUP(free_text) char *path = NULL;
    struct persona persona;
    bool has_key = false;
    pid_t supervisor;

    TRY(layout_init(make->sandbox, &layout, err));
    TRY(err_prefix(err, layout_running(&layout, &supervisor, err),
                   "a running sandbox issues the card where no --own-ca does"));
    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, &layout, &personas, err));
    TRY(persona_find(&personas, make->name, &persona, err));
    TRY(has_own_key(make->paths, &has_key, err));
    TRY(store_make_from(make->paths, make->blank, err));
    int rc = issue(make, &layout, &persona, err);
    if (rc < 0)
        remove_card(make->paths, !has_key);
    return rc;
}
