/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki/ask/pin.h"

#include "base/daemon.h"
#include "base/i18n.h"
#include "client/cert.h"
#include "programs/jpki/ask/pinentry.h"
#include "programs/terminal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { QUESTION_MAX = 256, NEW_PIN_ROUNDS = 3 };

struct question {
    int64_t fd;              /* -1: ask a person */
    const char *pinentry;    /* NULL: on the terminal */
    const char *description; /* for the pinentry */
    const char *prompt;
    const char *error; /* what was wrong with the answer before; NULL: nothing */
};

/* What happened while somebody typed, in the words of somebody who was asked for a PIN. */
static int tell(int rc, size_t most, struct err *err)
{
    if (rc == -ERR_USAGE)
        return FAIL(err, ERR_USAGE,
                    "there is no terminal to ask for the PIN on; use --pin-fd or --pinentry");
    if (rc == -ERR_INPUT)
        return FAIL(err, ERR_DENIED,
                    "no PIN is longer than %zu characters; nothing was sent to the card", most);
    if (rc == -ERR_DENIED)
        return FAIL(err, ERR_DENIED, "given up; nothing was sent to the card");
    return rc;
}

static int read_line(int fd, struct secret *line, size_t *ret_len, struct err *err)
{
    int rc = descriptor_read(fd, line, ret_len, err);

    return rc == -ERR_INPUT ? tell(rc, line->len, err) : rc;
}

static int ask(const struct question *question, struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret line = SECRET_INIT;
    struct pinentry_question window = {question->pinentry, question->description, question->prompt,
                                       question->error};
    size_t len = 0;

    TRY(process_no_dumps(err));
    TRY(secret_new(PIN_LINE_MAX, &line, err));
    if (question->fd >= 0)
        TRY(read_line((int)question->fd, &line, &len, err));
    else if (question->pinentry != NULL)
        TRY(pinentry_ask(&window, &line, &len, err));
    else {
        if (question->error != NULL)
            (void)fprintf(stderr, "%s\n", question->error);
        TRY(tell(terminal_ask(question->prompt, &line, &len, err), line.len, err));
    }
    secret_cut(&line, len);
    *ret = line;
    line = (struct secret)SECRET_INIT;
    return 0;
}

int pin_ask(enum icc_pin which, const struct pin_options *options, unsigned left,
            struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    char prompt[QUESTION_MAX];

    if (icc_pin_hint(which) != NULL)
        (void)snprintf(prompt, sizeof prompt, tr("%s: %s (tries left: %u)"),
                       tr(icc_pin_title(which)), tr(icc_pin_hint(which)), left);
    else
        (void)snprintf(prompt, sizeof prompt, tr("%s (tries left: %u)"), tr(icc_pin_title(which)),
                       left);
    TRY(ask(&(struct question){options->fd, options->pinentry, options->description, prompt, NULL},
            &pin, err));
    TRY(icc_pin_normalise(which, &pin, err));
    *ret = pin;
    pin = (struct secret)SECRET_INIT;
    return 0;
}

/*
 * One round of asking a person twice. *ret_error says what was wrong, NULL if nothing was; why
 * holds its text.
 */
static int ask_twice(enum icc_pin which, struct question *question, struct secret *ret,
                     struct err *why, struct err *err)
{
    CLEANUP(secret_done) struct secret first = SECRET_INIT;
    CLEANUP(secret_done) struct secret second = SECRET_INIT;
    char prompt[QUESTION_MAX];

    (void)snprintf(prompt, sizeof prompt, tr("New %s"), tr(icc_pin_title(which)));
    question->prompt = prompt;
    TRY(ask(question, &first, err));
    question->error = NULL;
    if (icc_pin_normalise(which, &first, why) < 0) {
        question->error = why->text;
        return 0;
    }
    (void)snprintf(prompt, sizeof prompt, tr("New %s once more"), tr(icc_pin_title(which)));
    TRY(ask(question, &second, err));
    if (icc_pin_normalise(which, &second, NULL) < 0 ||
        !bytes_equal_secret(secret_bytes(&first), secret_bytes(&second))) {
        question->error = tr("What was typed the second time is something else.");
        return 0;
    }
    *ret = first;
    first = (struct secret)SECRET_INIT;
    return 0;
}

int pin_ask_new(enum icc_pin which, const struct pin_options *options, int64_t fd,
                struct secret *ret, struct err *err)
{
    CLEANUP(secret_done) struct secret pin = SECRET_INIT;
    struct question question = {.fd = fd, .pinentry = options->pinentry};
    struct err why = {0};

    if (fd >= 0) {
        TRY(ask(&question, &pin, err));
        TRY(icc_pin_normalise(which, &pin, err));
    }
    question.description = tr("Do not take a date of birth or the code printed on the card.");
    if (fd < 0 && options->pinentry == NULL)
        (void)fprintf(stderr, "%s\n", question.description);
    for (int i = 0; i < NEW_PIN_ROUNDS && pin.len == 0; i++)
        TRY(ask_twice(which, &question, &pin, &why, err));
    if (pin.len == 0)
        return FAIL(err, ERR_DENIED, "%s", question.error);
    *ret = pin;
    pin = (struct secret)SECRET_INIT;
    return 0;
}

int pin_is_usable(struct icc *icc, enum icc_pin which, const struct pin_options *options,
                  unsigned *ret_left, struct err *err)
{
    const struct icc_pin_place *places;
    struct icc_presence presence;

    TRY(icc_read_presence(icc, &presence, err));
    if (which == ICC_PIN_SIGN && presence.is_told && !presence.sign)
        return FAIL(err, ERR_ABSENT,
                    "the card holds no signature certificate; its holder never got one, or it was "
                    "removed");
    (void)icc_pin_places(which, &places);
    return pin_is_usable_in(icc, which, places[0].app, options, ret_left, err);
}

int pin_is_usable_in(struct icc *icc, enum icc_pin which, enum icc_app app,
                     const struct pin_options *options, unsigned *ret_left, struct err *err)
{
    struct err why = {0};
    unsigned left;
    int rc;

    TRY(icc_pin_tries_in(icc, which, app, &left, err));
    rc = icc_pin_may_be_used(which, left, options->last_try, &why);
    if (rc < 0 && left == 1)
        return FAIL_WITH(err, why.kind, why.detail, "%s (--last-try gives it)", why.text);
    if (rc < 0)
        return err_copy(err, &why);
    *ret_left = left;
    return 0;
}

int confirm(const char *question, bool *ret_yes, struct err *err)
{
    char answer[16];

    if (isatty(STDIN_FILENO) != 1)
        return FAIL(err, ERR_USAGE, "nobody can be asked here; --yes says that it is meant");
    (void)fprintf(stderr, "%s [y/N] ", question);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        answer[0] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    *ret_yes = strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
    return 0;
}
