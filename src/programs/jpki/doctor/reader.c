/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the service to the card. A card is a My Number Card by its application and its label
 * (card.md 11.2, 1), never by its answer to reset.
 */
#include "programs/jpki/doctor/checks.h"

#include "base/file.h"
#include "base/i18n.h"
#include "base/sock.h"
#include "programs/jpki/common.h"
#include "programs/jpki/patience.h"
#include "reader/reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define POLKIT_ADVICE                                                                              \
    N_("pcscd 2 asks polkit: permit org.debian.pcsc-lite.access_pcsc and access_card to this "     \
       "user "                                                                                     \
       "by a rule in /etc/polkit-1/rules.d, or log in at the machine itself.")

static const char usual_socket[] = "/run/pcscd/pcscd.comm"; /* of pcsc-lite on Debian */

/* Failures that end everything: this machine's, not the card's. */
static bool is_our_trouble(int rc)
{
    return rc == -ERR_NOMEM;
}

enum fault { FAULT_PERMISSION, FAULT_NOBODY, FAULT_DENIED, FAULT_CLOSED, FAULT_ANSWER };

static const struct {
    const char *text, *advice;
} faults[] = {
    [FAULT_PERMISSION] = {N_("This user may not reach the PC/SC service"),
                          N_("Ask the administrator for access to the socket, or log in at the "
                             "machine itself.")},
    [FAULT_NOBODY] = {N_("The PC/SC service pcscd is not running"),
                      N_("Install and start it: apt install pcscd, systemctl start pcscd.socket")},
    [FAULT_DENIED] = {N_("The PC/SC service runs, but does not let this user in"), POLKIT_ADVICE},
    [FAULT_CLOSED] = {N_("The PC/SC service ends the connection at once"), POLKIT_ADVICE},
    [FAULT_ANSWER] = {N_("The PC/SC service does not answer well"),
                      N_("Restart it: systemctl restart pcscd.socket pcscd")},
};

/* why: what its library said; reached: what its socket did, if anything. */
static enum fault fault_of(const struct err *why, int rc, const struct err *reached)
{
    if (rc < 0)
        return reached->detail == EACCES ? FAULT_PERMISSION : FAULT_NOBODY;
    if (why->kind == ERR_DENIED)
        return FAULT_DENIED;
    /* How pcscd 2 treats whom polkit does not let in: its library then finds no service. */
    return why->kind == ERR_ABSENT ? FAULT_CLOSED : FAULT_ANSWER;
}

/* Why the list of readers could not be had. */
static void explain_service(struct findings *findings, const struct err *why)
{
    const char *named = environment("PCSCLITE_CSOCK_NAME");
    const char *path = named != NULL ? named : usual_socket;
    CLEANUP(fd_done) int fd = -1;
    struct err reached = {0};
    int rc = sock_connect(path, &fd, &reached);
    enum fault fault = fault_of(why, rc, &reached);

    findings_add(findings, "service", SEVERITY_WRONG, faults[fault].advice, "%s (%s)",
                 tr(faults[fault].text), path)
        ->is_absence = true;
}

static const char *advice_for(enum err_kind kind)
{
    if (kind == ERR_DENIED)
        return POLKIT_ADVICE;
    if (kind == ERR_ABSENT)
        return N_("Put a My Number Card in, with the chip where the reader expects it, and close "
                  "other programs that use cards.");
    return N_("Take the card out, wipe the contacts, and put it in again.");
}

/* Opens the card in a reader; what is no My Number Card is told and passed over. */
static int try_reader(struct findings *findings, const char *name, bool is_only, struct icc **ret,
                      struct err *err)
{
    struct reader *reader = NULL;
    struct icc *icc = NULL;
    struct err why = {0};
    int rc;

    patience_begin();
    rc = reader_connect(name, &reader, &why);
    if (rc == 0)
        rc = icc_open(reader, &icc, &why);
    patience_end();
    if (is_our_trouble(rc))
        return err_copy(err, &why);
    if (rc == 0) {
        findings_add(findings, "card", SEVERITY_FINE, NULL, tr("A %s is in reader '%s'."),
                     tr(kind_title(icc_token(icc)->kind)), name);
        *ret = icc;
        return 0;
    }
    findings_add(findings, "card", is_only ? SEVERITY_WRONG : SEVERITY_ADVICE, advice_for(why.kind),
                 "%s", why.text)
        ->is_absence = is_only;
    return 0;
}

static void tell_readers(struct findings *findings, const struct reader_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        findings_add(findings, "reader", SEVERITY_FINE, NULL,
                     list->entries[i].has_card ? tr("Reader '%s': a card is in it.")
                                               : tr("Reader '%s': no card."),
                     list->entries[i].name);
    if (list->count == 0)
        findings_add(findings, "reader", SEVERITY_WRONG,
                     N_("Connect one. Over the air it must read ISO 14443 type B cards; some need "
                        "their maker's driver."),
                     tr("No card reader is connected."))
            ->is_absence = true;
}

/* The first My Number Card counts; more than one is worth knowing. */
static int try_readers(struct findings *findings, const struct reader_list *list, const char *part,
                       struct icc **ret, struct err *err)
{
    size_t tried = 0;
    size_t found = 0;

    for (size_t i = 0; i < list->count; i++) {
        CLEANUP(icc_freep) struct icc *icc = NULL;

        if (!list->entries[i].has_card ||
            (part != NULL && strcasestr(list->entries[i].name, part) == NULL))
            continue;
        tried++;
        TRY(try_reader(findings, list->entries[i].name, false, &icc, err));
        found += icc != NULL;
        if (icc != NULL && *ret == NULL) {
            *ret = icc;
            icc = NULL;
        }
    }
    if (found > 1)
        findings_add(findings, "card", SEVERITY_ADVICE,
                     N_("Other commands want to be told which one: --reader or JPKI_READER."),
                     tr("%zu My Number Cards are there; the first one is looked at."), found);
    if (found == 0 && list->count > 0)
        findings_add(findings, "card", SEVERITY_WRONG, N_("Put a My Number Card into a reader."),
                     tried == 0 ? tr("No card is in a reader.")
                                : tr("None of the cards is a My Number Card."))
            ->is_absence = true;
    return 0;
}

int doctor_find_card(struct findings *findings, const char *reader, struct icc **ret,
                     struct err *err)
{
    struct reader_list list = {.count = 0};
    struct err why = {0};
    int rc;

    if (reader != NULL && reader_name_is_special(reader))
        return try_reader(findings, reader, true, ret, err);
    rc = reader_list(&list, &why);
    if (is_our_trouble(rc))
        return err_copy(err, &why);
    if (rc < 0) {
        explain_service(findings, &why);
        return 0;
    }
    findings_add(findings, "service", SEVERITY_FINE, NULL, tr("The PC/SC service answers."));
    tell_readers(findings, &list);
    return try_readers(findings, &list, reader, ret, err);
}
