/* SPDX-License-Identifier: Apache-2.0 */
/* The part of a page that says where a card has to answer, and with which code. */
#pragma once

#include "authapp/page/html.h"

struct way {
    const char *address, *code;
    const char *how;  /* msgid: who is to be given the address */
    const char *what; /* msgid: what it is the address of */
    const char *verb; /* of jpki, that answers there */
};
MUST_CHECK int html_put_way(struct page *page, const struct way *way, struct err *err);
/* A button for whoever does not want to wait: a form to that path. */
MUST_CHECK int html_put_cancel(struct page *page, const char *path, struct err *err);
