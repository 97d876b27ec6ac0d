/* SPDX-License-Identifier: Apache-2.0 */
#include "authapp/signing/page.h"

#include "authapp/authapp.h"
#include "authapp/page/way.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"

static int put_text(struct page *page, const struct signing *signing, struct err *err)
{
    CLEANUP(free_text) char *text = NULL;

    if (signing->text.len == 0)
        return 0;
    TRY(path_format(&text, err, "%.*s", (int)signing->text.len, (const char *)signing->text.ptr));
    return html_row(page, N_("What the service says of it"), text, err);
}

static int put_what(struct page *page, const struct client *client, const struct signing *signing,
                    struct err *err)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT;
    const char *digest;

    TRY(hex_append(&hex, digest_bytes(&signing->digest), err));
    TRY(buf_text(&hex, &digest, err));
    TRY(html_row(page, N_("Service"), client->name, err));
    TRY(html_row(page, N_("Its address"), client->origin, err));
    TRY(html_row(page, N_("What you sign"), signing->title, err));
    TRY(put_text(page, signing, err));
    TRY(html_row(page, N_("SHA-256 of it"), digest, err));
    return html_row(page, N_("Who will read your certificate"), signing->platform, err);
}

static int put_way(struct page *page, const struct authapp *authapp, const struct signing *signing,
                   struct err *err)
{
    CLEANUP(free_text) char *address = NULL;
    CLEANUP(free_text) char *document = NULL;
    struct way way = {
        .code = signing->code,
        .how = N_("Read this code with your phone, or give the address to jpki sign."),
        .what = N_("Address of this signing"),
        .verb = "sign"};

    TRY(path_format(&address, err, "%s/v1/signings/%s", authapp->origin, signing->session));
    TRY(path_format(&document, err, "%s/document", address));
    way.address = address;
    if (signing->has_document)
        TRY(html_link(page, document, N_("Read the document"), err));
    return html_put_way(page, &way, err);
}

int signing_show(struct http_call *call, const struct client *client, const struct signing *signing,
                 const char *login, struct err *err)
{
    CLEANUP(html_done) struct page page = {.words = NULL};
    CLEANUP(free_text) char *again = NULL;
    CLEANUP(free_text) char *cancel = NULL;

    TRY(path_format(&again, err, AUTHAPP_REALM "/login/%s?wait=1", login));
    TRY(path_format(&cancel, err, AUTHAPP_REALM "/login/%s/cancel", login));
    TRY(html_begin(call, N_("Sign with your card"), again, &page, err));
    TRY(html_say(&page, N_("You are logged in. Your card now signs, after the signature password."),
                 err));
    TRY(put_what(&page, client, signing, err));
    TRY(put_way(&page, call->context, signing, err));
    TRY(html_link(&page, again, N_("Go on, if this page does not do so by itself"), err));
    TRY(html_put_cancel(&page, cancel, err));
    return html_reply(call, 200, &page, err);
}
