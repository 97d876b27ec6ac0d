/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpkictl/evidence/evidence.h"

#include "base/i18n.h"

const char *const finding_words[FINDINGS_] = {[FINDING_MET] = "met",
                                              [FINDING_SUPPLIED] = "supplied",
                                              [FINDING_UNSEEN] = "unseen",
                                              [FINDING_NOT_MET] = "not-met"};

const char *const finding_titles[FINDINGS_] = {
    [FINDING_MET] = N_("met, as far as can be seen"),
    [FINDING_SUPPLIED] = N_("a paper was supplied, which has to be read"),
    [FINDING_UNSEEN] = N_("cannot be seen from here"),
    [FINDING_NOT_MET] = N_("not met")};

const struct criterion_row criteria[CRITERIA_] = {
    [CRITERION_RULES] = {"S257", N_("Rules in writing"),
                         N_("that procedures, duties and powers, and audits are laid down"),
                         N_("the rules: procedures, duties and powers of those who do the work, "
                            "audits")},
    [CRITERION_NETWORK] = {"S258", N_("Protection against attacks over networks"),
                           N_("that attacks from outside, over the Internet above all, are kept "
                              "off in the network"),
                           N_("how the network is protected in front of this machine")},
    [CRITERION_ACCESS] = {"S259", N_("Nobody else can operate it"),
                          N_("that only those in charge can operate the system: identities and "
                             "rights of access are managed"),
                          N_("nothing more")},
    [CRITERION_RECORDS] = {"S260", N_("Records of what it does"),
                           N_("that logs are kept which an audit needs"),
                           N_("a record of the last time that a backup was restored")},
    [CRITERION_ENTRY] = {"S261", N_("Control of who enters"),
                         N_("that entering and leaving the place of its machines is controlled"),
                         N_("how the place of the machines is entered and left")},
    [CRITERION_OUTSIDE] = {"S262", N_("Work with other organisations"),
                           N_("that with whomever outside it works there are contracts, of "
                              "confidentiality above all"),
                           N_("the contracts with all whose systems and services it uses")},
    [CRITERION_ORGANISATION] = {"S263", N_("Organisation of information security"),
                                N_("that there are people who are responsible, and people who do "
                                   "the work"),
                                N_("who is responsible, and who does the work")},
    [CRITERION_OFFICERS] = {"S264", N_("Officers"),
                            N_("that no officer was sentenced for what the law names"),
                            N_("the declarations of the officers and of who is in charge")},
};

#define PAPER(key, criterion, title)                                                               \
    {                                                                                              \
#key, criterion, title, offsetof(struct ctl_config, evidence.key)                          \
    }
const struct paper_row evidence_papers[PAPERS_] = {
    PAPER(rules, CRITERION_RULES, N_("the rules")),
    PAPER(network, CRITERION_NETWORK, N_("the protection of the network in front")),
    PAPER(restored, CRITERION_RECORDS, N_("the last restoring of a backup")),
    PAPER(entry, CRITERION_ENTRY, N_("the control of who enters")),
    PAPER(contracts, CRITERION_OUTSIDE, N_("the contracts")),
    PAPER(organisation, CRITERION_ORGANISATION, N_("the organisation")),
    PAPER(officers, CRITERION_OFFICERS, N_("the declarations of the officers")),
};

const struct evidence_number evidence_numbers[] = {
    {"tenant_keys", N_("keys of tenants")},
    {"tenant_members", N_("people of tenants")},
    {"webhooks", N_("webhooks")},
    {"deliveries_waiting", N_("events on their way")},
    {"deliveries_dead", N_("events that were given up")},
    {"billed_questions", N_("questions that the authority bills")},
    {"audit_records", N_("records of the audit log")},
    {NULL, NULL},
};
