/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The counter works with a card through its control socket. So this process is the card and the
 * counter: it serves the socket, in a directory of its own, while it asks there.
 */
#include "programs/jpki-softcard/make_issued.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/share.h"
#include "base/sock.h"
#include "card/control.h"
#include "programs/jpki-softcard/socket_folder.h"
#include "programs/jpki-softcard/wish_persona.h"
#include "sandbox/issue.h"

#include <stdio.h>

/* The card answers on the socket until the server is stopped. */
static int serve(const struct store_paths *paths, const char *socket, struct slot **ret_slot,
                 struct http_server **ret_server, struct err *err)
{
    CLEANUP(card_freep) struct card *card = NULL;
    int listener;

    TRY(store_open(paths, &card, err));
    TRY(slot_new(card, ret_slot, err));
    card = NULL;
    TRY(sock_listen(socket, 0600, &listener, err));
    return control_start(*ret_slot, listener, 0, NULL, ret_server, err);
}

static int issue(const struct make_issued *make, const struct layout *layout,
                 const struct persona *persona, struct err *err)
{
    CLEANUP(socket_folder_done) struct socket_folder desk = SOCKET_FOLDER_INIT;
    CLEANUP(slot_freep) struct slot *slot = NULL;
    CLEANUP(http_server_stopp) struct http_server *server = NULL;
    struct issued issued;

    TRY(socket_folder_make("control", &desk, err));
    TRY(serve(make->paths, desk.socket, &slot, &server, err));
    TRY(issue_card(layout, desk.socket, persona, &issued, err));
    printf(tr("The card %s of %s is %s\n"), issued.serial, make->who, make->paths->card);
    return 0;
}

/* The person of a name among those whom the sandbox has. */
static int find_persona(const struct layout *layout, const char *name, struct personas *personas,
                        struct persona *ret, struct err *err)
{
    CLEANUP(free_text) char *path = NULL;

    TRY(share_path("openjpki/personas.json", &path, err));
    TRY(personas_load(path, layout, personas, err));
    return persona_find(personas, name, ret, err);
}

int make_issued(const struct make_issued *make, struct err *err)
{
    CLEANUP(personas_done) struct personas personas = {0};
    CLEANUP(layout_done) struct layout layout = LAYOUT_INIT;
    bool had_key = store_has_key(make->paths);
    struct persona persona;
    pid_t supervisor;
    int rc;

    if (make->wish != NULL)
        TRY(err_prefix(err, wish_as_persona(make->wish, &persona, err), "%s", make->who));
    TRY(layout_init(make->sandbox, &layout, err));
    TRY(err_prefix(err, layout_running(&layout, &supervisor, err),
                   "a running sandbox issues the card where no --own-ca does"));
    if (make->wish == NULL)
        TRY(find_persona(&layout, make->who, &personas, &persona, err));
    TRY(store_make_from(make->paths, make->blank, err));
    rc = issue(make, &layout, &persona, err);
    if (rc < 0)
        store_remove(make->paths, !had_key);
    return rc;
}
