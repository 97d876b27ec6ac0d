/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sandbox's owner has set, as the sandbox's builds of the daemons see it: a small file that
 * is mapped once and looked at on every request (as the clock is: clock_map.h). Faults that are
 * counted are counted down by whoever meets them, so the daemons may write to it.
 *
 * It is made anew at each start of the sandbox; what is set lasts as long as that run.
 */
#pragma once

#include "base/err.h"
#include "sandbox/limits.h"
#include "sandbox/named_fault.h"

#include <stdbool.h>

/* The environment variable that names the file. */
#define SANDBOX_POWERS_VARIABLE "JPKI_SANDBOX_POWERS"

enum { POWERS_VERSION = 2, POWERS_MAGIC_SIZE = 8, POWERS_SLOTS = 64, POWERS_NAME_WORDS = 4 };

/* A fault that is set until it is cleared. */
enum { POWERS_UNTIL_CLEARED = -1 };

struct powers_slot {
    int32_t left;  /* 0: not set; POWERS_UNTIL_CLEARED; else how often it will yet be met */
    int32_t times; /* how often it was met since it was set */
};

/* The whole file. It never leaves its machine. All but the first two members change. */
struct powers_page {
    char magic[POWERS_MAGIC_SIZE]; /* "JPKIPOWR" */
    uint32_t version;
    uint32_t is_loose; /* relying parties register redirect URIs of this computer by using them */
    /* Rotations of keys that were asked for, and those that the supervisor has seen to. */
    uint32_t turns_asked, turns_done;
    uint32_t turns_failed; /* the last one that could not be done; 0: none */
    uint32_t spare;
    uint64_t name_turn;               /* odd while the name is being changed */
    uint64_t name[POWERS_NAME_WORDS]; /* who logs in without being asked; "": nobody */
    struct powers_slot slots[POWERS_SLOTS];
};

struct powers_page powers_page_init(void);
/* Map the file behind a descriptor that may be written to; ERR_INPUT unless it is such a page. */
MUST_CHECK int powers_page_map(int fd, struct powers_page **ret, struct err *err);

/* Meet a fault: true if it is set, and then it is one time fewer. */
bool powers_take(struct powers_page *page, enum named_fault fault);
/* Left: 0, POWERS_UNTIL_CLEARED or a number of times. */
void powers_set(struct powers_page *page, enum named_fault fault, int32_t left);
struct powers_slot powers_get(const struct powers_page *page, enum named_fault fault);

/* Who logs in; one writer at a time. */
void powers_set_name(struct powers_page *page, const char *name);
void powers_get_name(const struct powers_page *page, char ret[SANDBOX_PERSONA_NAME_MAX + 1]);

bool powers_is_loose(const struct powers_page *page);
void powers_set_loose(struct powers_page *page, bool is_loose);

/* Ask for another rotation of keys; its number, from 1. */
uint32_t powers_ask_turn(struct powers_page *page);
/* For the supervisor: up to which number they are due; 0 if all were seen to. */
uint32_t powers_turn_due(const struct powers_page *page);
/* All up to that number are seen to, by one rotation. */
void powers_turn_seen(struct powers_page *page, uint32_t number, bool is_done);
/* Whether the rotation of this number was seen to, and whether it was done. */
bool powers_turn_is_over(const struct powers_page *page, uint32_t number, bool *ret_is_done);

/*
 * The page that the environment names, for a daemon, before it is confined; NULL if it names none.
 * It stays for as long as the process.
 */
MUST_CHECK int powers_open(struct powers_page **ret, struct err *err);
