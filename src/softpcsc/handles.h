/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the numbers that programs get from the library stand for. A context or card that is in use
 * by one thread while another one releases it lives until the first has let it go.
 *
 * A child process starts with an empty table: its parent's connections stay the parent's.
 */
#pragma once

#include "softpcsc/link.h"
#include "softpcsc/readers.h"

#include <pthread.h>

struct context {
    long number;
    struct context *next;
    unsigned users;
    struct reader_entries readers;
    int cancel_fd;  /* an eventfd that ends a wait */
    unsigned waits; /* how many threads wait for changes now; guarded by the table */
};

struct handle {
    long number;
    struct handle *next;
    unsigned users;
    long context; /* the number of its context */
    char reader[WIRE_READER_NAME_MAX + 1];
    pthread_mutex_t mutex; /* one question at a time; guards what follows */
    struct link link;
    uint8_t protocol;
};

/* NULL without memory, or if there is no such number. The caller lets go what it got. */
struct context *context_new(const struct reader_entries *readers);
struct context *context_get(long number);
void context_let_gop(struct context **context);
/* No more found by its number, nor are its cards; those that wait are woken. False: none such. */
bool context_release(long number);
/* Wake those that wait for changes. False: no such context. */
bool context_cancel(long number);
/* Between these, context_cancel reaches this thread by cancel_fd. */
void context_wait_begin(struct context *context);
void context_wait_end(struct context *context);

/* Takes link; NULL without memory or context, and then link is closed. */
struct handle *handle_new(long context, const char *reader, struct link *link, uint8_t protocol);
struct handle *handle_get(long number);
void handle_let_gop(struct handle **handle);
bool handle_release(long number);
