/* SPDX-License-Identifier: Apache-2.0 */
/* What single sign-on to outside sites is limited to; each has a test at the limit and past it. */
#pragma once

enum {
    SITES_MAX = 32,                /* in a file of sites */
    SITE_ID_MAX = 32,              /* letters of the name of one */
    SITE_WORDS_MAX = 180,          /* bytes of what it is called, and of what it is for */
    SITES_FILE_MAX = 256 << 10,    /* bytes of the file */
    SITE_VALUE_MAX = 255,          /* characters of nonce */
    SITE_STATE_MAX = 1024,         /* of state: libraries keep their own in it */
    SITE_CODE_SECONDS = 60,        /* an authorization code is good for */
    SITE_TOKEN_SECONDS = 300,      /* ID, logout and access tokens */
    SITE_LOGIN_SECONDS = 8 * 3600, /* a sign-on is remembered, to tell the site of its end */
    SITE_RATE = 10,                /* requests a second of a site with a token of its own */
    SITE_TELL_TRIES = 8,           /* to tell a site that somebody is out */
    SITE_TELL_SECONDS = 10,        /* to the next one; each time twice as long */
};
