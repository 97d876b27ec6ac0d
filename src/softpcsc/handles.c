/* SPDX-License-Identifier: Apache-2.0 */
#include "softpcsc/handles.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    pthread_mutex_t mutex;
    struct context *contexts;
    struct handle *handles;
    long last_number;
    bool sees_forks;
} table = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void lock(void)
{
    (void)pthread_mutex_lock(&table.mutex);
}

static void unlock(void)
{
    (void)pthread_mutex_unlock(&table.mutex);
}

/*
 * What the parent has stays the parent's; memory that threads of it use at this moment cannot be
 * released here. Closing is allowed between fork and exec.
 */
static void forget_all(void)
{
    for (struct handle *handle = table.handles; handle != NULL; handle = handle->next)
        fd_done(&handle->link.fd);
    for (struct context *context = table.contexts; context != NULL; context = context->next)
        fd_done(&context->cancel_fd);
    table.handles = NULL;
    table.contexts = NULL;
    unlock();
}

static void see_forks(void)
{
    if (!table.sees_forks)
        table.sees_forks = pthread_atfork(lock, unlock, forget_all) == 0;
}

/* ---- with the mutex held ---- */

static struct context *find_context(long number)
{
    struct context *context = table.contexts;

    while (context != NULL && context->number != number)
        context = context->next;
    return context;
}

static struct handle *find_handle(long number)
{
    struct handle *handle = table.handles;

    while (handle != NULL && handle->number != number)
        handle = handle->next;
    return handle;
}

static void free_context(struct context *context)
{
    fd_done(&context->cancel_fd);
    free(context);
}

static void free_handle(struct handle *handle)
{
    link_close(&handle->link);
    (void)pthread_mutex_destroy(&handle->mutex);
    free(handle);
}

static void unlink_handle(struct handle *handle)
{
    struct handle **at = &table.handles;

    while (*at != handle)
        at = &(*at)->next;
    *at = handle->next;
    /* A thread that waits for an answer gets none any more. */
    (void)shutdown(handle->link.fd, SHUT_RDWR);
    if (--handle->users == 0)
        free_handle(handle);
}

static void unlink_handles_of(long context)
{
    struct handle *next;

    for (struct handle *handle = table.handles; handle != NULL; handle = next) {
        next = handle->next;
        if (handle->context == context)
            unlink_handle(handle);
    }
}

/* ---- contexts ---- */

struct context *context_new(const struct reader_entries *readers)
{
    struct context *context = calloc(1, sizeof *context);

    if (context == NULL)
        return NULL;
    context->readers = *readers;
    context->users = 2; /* the table and the caller */
    context->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (context->cancel_fd < 0) {
        free(context);
        return NULL;
    }
    lock();
    see_forks();
    context->number = ++table.last_number;
    context->next = table.contexts;
    table.contexts = context;
    unlock();
    return context;
}

struct context *context_get(long number)
{
    struct context *context;

    lock();
    context = find_context(number);
    if (context != NULL)
        context->users++;
    unlock();
    return context;
}

static void context_let_go(struct context *context)
{
    if (context == NULL)
        return;
    lock();
    if (--context->users == 0)
        free_context(context);
    unlock();
}

void context_let_gop(struct context **context)
{
    context_let_go(*context);
    *context = NULL;
}

static void wake(const struct context *context)
{
    const uint64_t one = 1;

    if (context->waits > 0)
        (void)!write(context->cancel_fd, &one, sizeof one);
}

bool context_release(long number)
{
    struct context *context;

    lock();
    context = find_context(number);
    if (context != NULL) {
        struct context **at = &table.contexts;

        while (*at != context)
            at = &(*at)->next;
        *at = context->next;
        unlink_handles_of(number);
        wake(context);
        if (--context->users == 0)
            free_context(context);
    }
    unlock();
    return context != NULL;
}

bool context_cancel(long number)
{
    const struct context *context;

    lock();
    context = find_context(number);
    if (context != NULL)
        wake(context);
    unlock();
    return context != NULL;
}

void context_wait_begin(struct context *context)
{
    uint64_t count;

    lock();
    if (context->waits++ == 0)
        (void)!read(context->cancel_fd, &count, sizeof count); /* one that came too late */
    unlock();
}

void context_wait_end(struct context *context)
{
    lock();
    context->waits--;
    unlock();
}

/* ---- cards ---- */

struct handle *handle_new(long context, const char *reader, struct link *link, uint8_t protocol)
{
    struct handle *handle = calloc(1, sizeof *handle);
    bool has_context;

    if (handle == NULL) {
        link_close(link);
        return NULL;
    }
    (void)pthread_mutex_init(&handle->mutex, NULL);
    (void)snprintf(handle->reader, sizeof handle->reader, "%s", reader);
    handle->context = context;
    handle->users = 2; /* the table and the caller */
    handle->link = *link;
    handle->protocol = protocol;
    *link = (struct link)LINK_INIT;
    lock();
    has_context = find_context(context) != NULL;
    if (has_context) {
        handle->number = ++table.last_number;
        handle->next = table.handles;
        table.handles = handle;
    }
    unlock();
    if (has_context)
        return handle;
    free_handle(handle);
    return NULL;
}

struct handle *handle_get(long number)
{
    struct handle *handle;

    lock();
    handle = find_handle(number);
    if (handle != NULL)
        handle->users++;
    unlock();
    return handle;
}

static void handle_let_go(struct handle *handle)
{
    if (handle == NULL)
        return;
    lock();
    if (--handle->users == 0)
        free_handle(handle);
    unlock();
}

void handle_let_gop(struct handle **handle)
{
    handle_let_go(*handle);
    *handle = NULL;
}

bool handle_release(long number)
{
    struct handle *handle;

    lock();
    handle = find_handle(number);
    if (handle != NULL)
        unlink_handle(handle);
    unlock();
    return handle != NULL;
}
