/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start page of a sandbox: one HTML file, one script and what they show, as JSON; and beside it
 * the control API (control.h), by which programs and a page with forms change what is set.
 */
#pragma once

#include "http/server.h"
#include "sandbox/layout.h"
#include "sandbox/phone.h"

enum page_file { PAGE_HTML, PAGE_SCRIPT, PAGE_STYLE, PAGE_ICON, PAGE_FILES_ };

struct page {
    const struct layout *layout;
    struct buf files[PAGE_FILES_];
    /* For the control API; set by whoever serves it. */
    struct powers_page *powers;
    struct phone *phone;
};

/*
 * Read the files from a folder (share/openjpki/start). ERR_ABSENT if one is missing, ERR_INPUT if
 * one has more than PAGE_FILE_BYTES_MAX. layout outlives the page.
 */
MUST_CHECK int page_load(const char *folder, const struct layout *layout, struct page *ret,
                         struct err *err);
void page_done(struct page *page);

/*
 * GET / and its files, and GET /v1/state, /v1/trace and /v1/personas: what the commands status,
 * trace and persona list of jpki-sandbox print with --json. The server's context is the struct
 * page.
 */
extern const struct route page_routes[];
extern const struct route *const page_tables[]; /* with those of the control API */
extern const struct http_about page_about;
