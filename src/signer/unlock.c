/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Custodians come one after the other, so one connection at a time is enough, and who is slow is
 * cut off. What arrives stays in one locked piece of memory, which is wiped after each question.
 */
#include "signer/unlock.h"

#include "base/clock.h"
#include "base/daemon.h"
#include "base/file.h"
#include "base/sock.h"
#include "base/utf8.h"
#include "rpc/frame.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert((int)RPC_SHARE_SIZE == (int)SHARE_SIZE && (int)RPC_SET_SIZE == (int)SHARE_SET_SIZE,
               "the wire carries whole shares");

struct unlock {
    const struct unlock_setup *setup;
    struct gathering gathering;
    struct secret frame; /* room for one question */
    int64_t last_ms;     /* when a share came */
    uid_t uid;           /* who is connected */
    uint16_t version;    /* agreed with whoever is connected; 0 before the greeting */
};

static void event(const struct unlock *unlock, const char *name, unsigned share,
                  const struct err *why)
{
    const struct unlock_event what = {name, unlock->uid, share, unlock->gathering.count, why};

    unlock->setup->on_event(&what);
}

/* The next question of the connection; ERR_ABSENT when there are no more. */
static int receive(struct unlock *unlock, int fd, struct rpc_frame *ret, struct err *err)
{
    uint8_t *at = unlock->frame.ptr;
    struct bytes rest;
    size_t len;

    TRY(sock_read_exact(fd, at, RPC_HEADER_SIZE, err));
    rest = bytes_of(at, RPC_HEADER_SIZE);
    if (rpc_frame_take(&rest, ret, err) == 0)
        return 0;
    if (err->kind != ERR_ABSENT)
        return -(int)err->kind;
    len = (size_t)rpc_number(bytes_of(at + 16, 4));
    TRY(sock_read_exact(fd, at + RPC_HEADER_SIZE, len, err));
    rest = bytes_of(at, RPC_HEADER_SIZE + len);
    return rpc_frame_take(&rest, ret, err);
}

static int put_state(const struct unlock *unlock, struct buf *body, struct err *err)
{
    const struct quorum *quorum = unlock->gathering.quorum;
    unsigned given = 0;

    for (size_t i = 0; i < unlock->gathering.count; i++)
        given |= 1U << (unlock->gathering.shares[i].number - 1);
    TRY(rpc_put(body, RPC_TAG_SET, BYTES_ARRAY(quorum->set), err));
    TRY(rpc_put_number(body, RPC_TAG_NEEDED, quorum->needed, err));
    TRY(rpc_put_number(body, RPC_TAG_TOTAL, quorum->total, err));
    TRY(rpc_put_number(body, RPC_TAG_GIVEN, given, err));
    return rpc_put_number(body, RPC_TAG_REHEARSAL, quorum->is_rehearsal, err);
}

static int take_share(struct unlock *unlock, struct bytes share, struct err *err)
{
    TRY(gathering_add(&unlock->gathering, share, err));
    unlock->last_ms = monotonic_ms();
    event(unlock, "unlock.share", unlock->gathering.shares[unlock->gathering.count - 1].number,
          NULL);
    return 0;
}

static int greet(struct unlock *unlock, const struct rpc_fields *fields, struct buf *body,
                 struct err *err)
{
    uint64_t versions = rpc_number(fields->value[RPC_TAG_VERSIONS]);

    if (unlock->version != 0 || versions >> 16 > RPC_VERSION_HIGHEST ||
        (versions & 0xffff) < RPC_VERSION_LOWEST)
        return FAIL(err, ERR_INPUT, "the greeting comes first, once, and with our version");
    unlock->version = RPC_VERSION_LOWEST;
    return rpc_put_number(body, RPC_TAG_VERSION, unlock->version, err);
}

static int answer(struct unlock *unlock, const struct rpc_frame *frame, struct buf *body,
                  struct err *err)
{
    struct rpc_fields fields;

    if (frame->status != RPC_QUESTION)
        return FAIL(err, ERR_INPUT, "an answer where a question is expected");
    TRY(rpc_fields_parse(frame, &fields, err));
    if (frame->verb == RPC_HELLO)
        return greet(unlock, &fields, body, err);
    if (unlock->version == 0)
        return FAIL(err, ERR_INPUT, "the greeting comes first");
    if (frame->verb == RPC_SHARE)
        TRY(take_share(unlock, fields.value[RPC_TAG_SHARE], err));
    else if (frame->verb != RPC_QUORUM)
        return FAIL(err, ERR_REMOTE, "the keys are not open; this socket takes shares only");
    return put_state(unlock, body, err);
}

static int send_answer(int fd, const struct rpc_frame *frame, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;

    TRY(rpc_frame_append(&out, frame, err));
    return sock_write_all(fd, buf_bytes(&out), err);
}

static int refuse(int fd, struct rpc_frame *reply, const struct err *why, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct bytes sentence = bytes_part(bytes_text(why->text), 0, RPC_SENTENCE_MAX);

    if (!utf8_is_valid(sentence) || sentence.len == 0)
        sentence = BYTES_LITERAL("refused");
    TRY(rpc_put(&body, RPC_TAG_SENTENCE, sentence, err));
    reply->status = rpc_status_of(why->kind);
    reply->body = buf_bytes(&body);
    return send_answer(fd, reply, err);
}

/* One question; whatever is wrong with it is told, and does not end the connection. */
static int exchange(struct unlock *unlock, int fd, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_frame question;
    struct rpc_frame reply;
    struct err why = {0};
    int rc = receive(unlock, fd, &question, err);

    if (rc == 0)
        rc = answer(unlock, &question, &body, &why);
    else
        return rc;
    wipe(unlock->frame.ptr, unlock->frame.len);
    reply = (struct rpc_frame){RPC_VERSION_LOWEST, question.verb, RPC_DONE, question.id,
                               buf_bytes(&body)};
    if (rc == 0)
        return send_answer(fd, &reply, err);
    event(unlock, "unlock.refused", 0, &why);
    return refuse(fd, &reply, &why, err);
}

static void serve_one(struct unlock *unlock)
{
    CLEANUP(fd_done) int fd = accept4(unlock->setup->listener, NULL, NULL, SOCK_CLOEXEC);
    struct sock_peer peer;
    struct err err = {0};
    int rc;

    if (fd < 0 || sock_peer(fd, &peer, &err) < 0)
        return;
    unlock->uid = peer.uid;
    unlock->version = 0;
    if (peer.uid != 0 && peer.uid != geteuid()) {
        (void)FAIL(&err, ERR_DENIED, "user %u is no custodian here", (unsigned)peer.uid);
        event(unlock, "unlock.refused", 0, &err);
        return;
    }
    rc = sock_timeout(fd, unlock->setup->stall_ms, &err);
    while (rc == 0 && !gathering_is_complete(&unlock->gathering))
        rc = exchange(unlock, fd, &err);
    if (rc < 0 && rc != -ERR_ABSENT)
        event(unlock, "unlock.refused", 0, &err);
    wipe(unlock->frame.ptr, unlock->frame.len);
}

/* How long to wait for the next custodian; -1 is for ever. */
static int patience(const struct unlock *unlock)
{
    int64_t left = unlock->last_ms + unlock->setup->forget_ms - monotonic_ms();

    if (unlock->gathering.count == 0)
        return -1;
    return left > 0 ? (int)left : 0;
}

static int take_signal(const struct unlock *unlock, bool *ret_stopped, struct err *err)
{
    enum daemon_signal signal;

    TRY(daemon_wait(unlock->setup->signals, &signal, err));
    if (signal == DAEMON_STOP)
        *ret_stopped = true; /* there is nothing to reload yet */
    return 0;
}

static int gather(struct unlock *unlock, bool *ret_stopped, struct err *err)
{
    while (!*ret_stopped && !gathering_is_complete(&unlock->gathering)) {
        struct pollfd rows[] = {{.fd = unlock->setup->signals, .events = POLLIN},
                                {.fd = unlock->setup->listener, .events = POLLIN}};
        int ready = poll(rows, 2, patience(unlock));

        if (ready < 0 && errno != EINTR)
            return FAIL_ERRNO(err, "cannot wait for custodians");
        if (ready == 0) {
            gathering_clear(&unlock->gathering);
            event(unlock, "unlock.forgotten", 0, NULL);
        }
        if (ready > 0 && rows[1].revents != 0)
            serve_one(unlock);
        if (ready > 0 && rows[0].revents != 0)
            TRY(take_signal(unlock, ret_stopped, err));
    }
    return 0;
}

static void unlock_done(struct unlock *unlock)
{
    gathering_clear(&unlock->gathering);
    secret_done(&unlock->frame);
}

int unlock_wait(const struct quorum *quorum, const struct unlock_setup *setup, struct secret *ret,
                bool *ret_stopped, struct err *err)
{
    CLEANUP(unlock_done) struct unlock unlock = {.setup = setup, .gathering = {.quorum = quorum}};

    *ret_stopped = false;
    TRY(secret_new(RPC_HEADER_SIZE + RPC_BODY_MAX, &unlock.frame, err));
    event(&unlock, "unlock.waiting", 0, NULL);
    TRY(gather(&unlock, ret_stopped, err));
    return *ret_stopped ? 0 : gathering_join(&unlock.gathering, ret, err);
}
