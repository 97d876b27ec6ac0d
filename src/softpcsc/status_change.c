/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCardGetStatusChange: what a program believes of each reader is compared with what the servers
 * say, who tell each change at once to those that watch.
 */
#include "base/clock.h"
#include "softpcsc/codes.h"
#include "softpcsc/handles.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>

#include <winscard.h>

#define PLUG_AND_PLAY "\\\\?PnP?\\Notification"

/* How often is looked after sockets that nobody serves (yet). */
enum { LOOK_MS = 200 };

/* A configured reader as it is now. */
struct seen {
    struct link link;
    bool is_wanted, is_there;
    uint8_t state, sharing;
    uint16_t counter;
    uint8_t atr[WIRE_ATR_SIZE];
    size_t atr_len;
};

struct wait {
    struct context *context;
    SCARD_READERSTATE *states;
    DWORD count;
    struct seen seen[WIRE_READERS_MAX];
    bool wants_all;   /* somebody waits for readers that come or go */
    unsigned readers; /* plugged in when the wait began */
    int64_t until_ms; /* INT64_MAX: for ever */
};

static void wait_done(struct wait *wait)
{
    for (unsigned i = 0; i < WIRE_READERS_MAX; i++)
        link_close(&wait->seen[i].link);
}

static bool is_plug_and_play(const SCARD_READERSTATE *state)
{
    return strcasecmp(state->szReader, PLUG_AND_PLAY) == 0;
}

/* The place of a reader in the list; -1 if it is not configured. */
static int place_of(const struct wait *wait, const char *name)
{
    const struct reader_entries *readers = &wait->context->readers;
    const struct reader_entry *entry = reader_entries_find(readers, name);

    return entry == NULL ? -1 : (int)(entry - readers->at);
}

static void lose(struct seen *seen)
{
    link_close(&seen->link);
    seen->is_there = false;
}

/* All that came; the last counts. */
static void receive(struct seen *seen)
{
    struct wire_answer answer;

    do {
        if (link_receive(&seen->link, &answer, NULL) < 0 || answer.code != WIRE_OK) {
            lose(seen);
            return;
        }
        seen->is_there = true;
        seen->state = answer.state;
        seen->sharing = answer.sharing;
        seen->counter = answer.counter;
        seen->atr_len = answer.atr.len;
        if (answer.atr.len > 0)
            memcpy(seen->atr, answer.atr.ptr, answer.atr.len);
    } while (link_has_more(&seen->link));
}

/* Readers that were not there may be now. */
static void look(struct wait *wait)
{
    const struct wire_request request = {.verb = WIRE_WATCH};

    for (unsigned i = 0; i < wait->context->readers.count; i++) {
        struct seen *seen = &wait->seen[i];

        if (seen->link.fd >= 0 || !(seen->is_wanted || wait->wants_all))
            continue;
        if (link_open(&seen->link, wait->context->readers.at[i].path, NULL) == 0 &&
            link_send(&seen->link, &request, NULL) == 0)
            receive(seen);
        else
            lose(seen);
    }
}

static unsigned count_readers(const struct wait *wait)
{
    unsigned count = 0;

    for (unsigned i = 0; i < WIRE_READERS_MAX; i++)
        count += wait->seen[i].is_there;
    return count;
}

/* What is so now in the terms of SCARD_READERSTATE, without the counter. */
static DWORD events_of(const struct seen *seen)
{
    DWORD events = (seen->state & WIRE_PRESENT) != 0 ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;

    if ((seen->state & WIRE_PRESENT) != 0 && seen->sharing == WIRE_SHARED)
        events |= SCARD_STATE_INUSE;
    if (seen->sharing == WIRE_EXCLUSIVE)
        events |= SCARD_STATE_EXCLUSIVE;
    return events;
}

/*
 * Whether a program that believes this has news in that: it believed one of a pair and the other is
 * so, or what it never knew is unknown to it no more.
 */
static bool is_news(DWORD believed, DWORD events)
{
    static const struct {
        DWORD believed, now;
    } pairs[] = {
        {SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE, SCARD_STATE_PRESENT | SCARD_STATE_EMPTY},
        {SCARD_STATE_EMPTY, SCARD_STATE_PRESENT},
        {SCARD_STATE_PRESENT | SCARD_STATE_ATRMATCH | SCARD_STATE_EXCLUSIVE | SCARD_STATE_INUSE,
         SCARD_STATE_EMPTY},
        {SCARD_STATE_INUSE, SCARD_STATE_EXCLUSIVE},
        {SCARD_STATE_EXCLUSIVE, SCARD_STATE_INUSE},
        {SCARD_STATE_MUTE, SCARD_STATE_PRESENT},
    };

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if ((believed & pairs[i].believed) != 0 && (events & pairs[i].now) != 0)
            return true;
    }
    return (believed & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0 &&
           (events & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) == 0;
}

/* A reader that is there. */
static bool compare_reader(SCARD_READERSTATE *state, const struct seen *seen)
{
    DWORD believed = state->dwCurrentState;
    DWORD counted = believed >> 16 & 0xffff;
    bool has_changed;

    state->dwEventState = events_of(seen);
    state->cbAtr = seen->atr_len;
    memcpy(state->rgbAtr, seen->atr, seen->atr_len);
    has_changed = believed == SCARD_STATE_UNAWARE || is_news(believed, state->dwEventState) ||
                  (counted != 0 && counted != seen->counter);
    state->dwEventState |= (DWORD)seen->counter << 16 | (has_changed ? SCARD_STATE_CHANGED : 0);
    return has_changed;
}

static bool compare_missing(SCARD_READERSTATE *state)
{
    bool has_changed = (state->dwCurrentState & SCARD_STATE_UNKNOWN) == 0;

    state->cbAtr = 0;
    state->dwEventState = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE;
    if (has_changed)
        state->dwEventState |= SCARD_STATE_CHANGED;
    return has_changed;
}

static bool compare_one(const struct wait *wait, SCARD_READERSTATE *state)
{
    int place;

    state->dwEventState = 0;
    if ((state->dwCurrentState & SCARD_STATE_IGNORE) != 0)
        return false;
    if (is_plug_and_play(state)) {
        if (count_readers(wait) == wait->readers)
            return false;
        state->dwEventState = SCARD_STATE_CHANGED;
        return true;
    }
    place = place_of(wait, state->szReader);
    if (place < 0 || !wait->seen[place].is_there)
        return compare_missing(state);
    return compare_reader(state, &wait->seen[place]);
}

static bool compare_all(const struct wait *wait)
{
    bool has_changed = false;

    for (DWORD i = 0; i < wait->count; i++)
        has_changed = compare_one(wait, &wait->states[i]) || has_changed;
    return has_changed;
}

/* No reader is named, or all are to be ignored: pcsclite does not wait then. */
static bool is_about_nothing(const struct wait *wait)
{
    for (DWORD i = 0; i < wait->count; i++) {
        if ((wait->states[i].dwCurrentState & SCARD_STATE_IGNORE) == 0)
            return false;
    }
    return true;
}

static int poll_ms(const struct wait *wait)
{
    int64_t left_ms = wait->until_ms == INT64_MAX ? LOOK_MS : wait->until_ms - monotonic_ms();
    bool must_look = wait->wants_all && count_readers(wait) < wait->context->readers.count;

    for (unsigned i = 0; i < wait->context->readers.count; i++)
        must_look = must_look || (wait->seen[i].is_wanted && !wait->seen[i].is_there);
    if (!must_look && wait->until_ms == INT64_MAX)
        return -1;
    if (must_look && left_ms > LOOK_MS)
        left_ms = LOOK_MS;
    return left_ms < 0 ? 0 : (int)(left_ms > INT32_MAX ? INT32_MAX : left_ms);
}

/* Until something may have changed. */
static LONG sleep_once(struct wait *wait)
{
    struct pollfd polls[WIRE_READERS_MAX + 1] = {{wait->context->cancel_fd, POLLIN, 0}};
    int count;

    for (unsigned i = 0; i < WIRE_READERS_MAX; i++)
        polls[i + 1] = (struct pollfd){wait->seen[i].link.fd, POLLIN, 0};
    count = poll(polls, WIRE_READERS_MAX + 1, poll_ms(wait));
    if (count < 0)
        return errno == EINTR ? SCARD_S_SUCCESS : SCARD_F_INTERNAL_ERROR;
    if (polls[0].revents != 0)
        return SCARD_E_CANCELLED;
    for (unsigned i = 0; i < WIRE_READERS_MAX; i++) {
        if (polls[i + 1].revents != 0)
            receive(&wait->seen[i]);
    }
    return SCARD_S_SUCCESS;
}

static LONG run(struct wait *wait)
{
    LONG code = SCARD_S_SUCCESS;

    look(wait);
    wait->readers = count_readers(wait);
    while (code == SCARD_S_SUCCESS && !compare_all(wait) && !is_about_nothing(wait)) {
        if (wait->until_ms != INT64_MAX && wait->until_ms <= monotonic_ms())
            return SCARD_E_TIMEOUT;
        code = sleep_once(wait);
        look(wait);
    }
    return code;
}

/* Which readers are asked for. */
static LONG prepare(struct wait *wait)
{
    for (DWORD i = 0; i < wait->count; i++) {
        int place;

        if (wait->states[i].szReader == NULL)
            return SCARD_E_INVALID_VALUE;
        place = place_of(wait, wait->states[i].szReader);
        if (place >= 0)
            wait->seen[place].is_wanted = true;
        else if (is_plug_and_play(&wait->states[i]))
            wait->wants_all = true;
        else
            return SCARD_E_UNKNOWN_READER;
    }
    return SCARD_S_SUCCESS;
}

PCSC_API LONG SCardGetStatusChange(SCARDCONTEXT hContext, DWORD dwTimeout,
                                   SCARD_READERSTATE *rgReaderStates, DWORD cReaders)
{
    CLEANUP(context_let_gop) struct context *context = NULL;
    CLEANUP(wait_done) struct wait wait = {.states = rgReaderStates, .count = cReaders};
    LONG code;

    for (unsigned i = 0; i < WIRE_READERS_MAX; i++)
        wait.seen[i].link = (struct link)LINK_INIT;
    if ((rgReaderStates == NULL && cReaders > 0) || cReaders > WIRE_READERS_MAX)
        return SCARD_E_INVALID_PARAMETER;
    context = context_get(hContext);
    if (context == NULL)
        return SCARD_E_INVALID_HANDLE;
    wait.context = context;
    wait.until_ms = dwTimeout == INFINITE ? INT64_MAX : monotonic_ms() + (int64_t)dwTimeout;
    code = prepare(&wait);
    if (code != SCARD_S_SUCCESS)
        return code;
    context_wait_begin(context);
    code = run(&wait);
    context_wait_end(context);
    return code;
}
