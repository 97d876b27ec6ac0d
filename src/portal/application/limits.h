/* SPDX-License-Identifier: Apache-2.0 */
/* What applications are limited to; each has a test at the limit and one past it. */
#pragma once

enum {
    APPLICATION_PREPARED_MAX = 3, /* drafts of an owner that one service prepared */
    FORM_NAME_MAX = 40,           /* characters of the name of a field */
    FORM_LABEL_MAX = 80,          /* characters of what is asked */
    FORM_HELP_MAX = 300,          /* characters of what helps to answer */
    FORM_ENGLISH_LABEL_MAX = 160, /* and in English, which takes more of them */
    FORM_ENGLISH_HELP_MAX = 600,  /* the same of what helps */
    FORM_FIELDS_MAX = 64,         /* fields of a form */
    FORM_OPTIONS_MAX = 64,        /* options of a field */
    FORM_ANSWER_MAX = 2000,       /* characters of an answer */
    FORM_FILES_MAX = 8,           /* kinds of attachments of a form */
    FORM_EACH_MAX = 5,            /* attachments of one kind */

    APPLICATION_FILE_MAX = 1000 *
                           1024,     /* bytes of an attachment: fits into a value of the database */
    APPLICATION_FILES_MAX = 16,      /* attachments of an application */
    APPLICATION_FILE_NAME_MAX = 100, /* characters of the name of one */
    APPLICATION_NOTE_MAX = 1000,     /* characters of what is said with a state */
    APPLICATION_TAKEN_BACK_MAX = 10, /* of an owner that one service took back, while kept */
    APPLICATION_OPEN_MAX = 20,       /* drafts of one account */
    APPLICATION_BEGUN_MAX = 200,     /* of one account never submitted, withdrawn ones among them */
    APPLICATION_TICKETS_MAX = 10000, /* the same without a login, all together */
    APPLICATION_TICKET_FILES_MAX = 4000, /* attachments without a login in a day, all together */
    APPLICATION_SIGNINGS_MAX = 20,       /* signings of one account that the app keeps at a time */
    APPLICATION_SIGNING_KEPT = 3600,     /* seconds that it keeps one after its end */
    APPLICATION_DRAFT_SECONDS = 30 * 86400, /* that a draft is kept after its last change */
    APPLICATION_TICKET_SECONDS = 86400,     /* the same without a login */
    APPLICATION_READING_SECONDS = 240,      /* that a form waits for what a card says */
    APPLICATION_READING_CODES_MAX = 3,      /* wrong codes after which it waits in vain */
    APPLICATION_READING_MAX = 16384,        /* characters of what a card says, encrypted */
    APPLICATION_PAGE_MAX = 100,             /* applications in one answer */
};
