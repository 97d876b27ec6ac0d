/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question, one answer. A connection is given up as soon as anything on it is not as it
 * should be, so the next call never meets the remains of this one. A connection that was made
 * earlier may have died with the signerd behind it: then, and only then, the question is asked a
 * second time on a fresh one, which signerd's contract makes harmless.
 */
#include "rpc/signer_client.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/sock.h"
#include "rpc/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct signer {
    char *path;
    int fd; /* -1: not connected */
    uint16_t version;
    uint32_t last_id;
    int deadline_ms;
    struct buf in; /* the answer, which the fields of a call point into */
};

/* What a question is made of; the answer's fields come back in it. */
struct call {
    enum rpc_verb verb;
    struct bytes body;
    bool goes_on;     /* with what was asked before, on the same connection */
    int64_t deadline; /* monotonic milliseconds */
    struct bytes answer;
    struct rpc_fields fields;
};

static int wait_for(int fd, short events, int64_t deadline, struct err *err)
{
    struct pollfd ready = {.fd = fd, .events = events};
    int64_t left = deadline - monotonic_ms();
    int rc;

    do
        rc = left <= 0 ? 0 : poll(&ready, 1, (int)left);
    while (rc < 0 && errno == EINTR && (left = deadline - monotonic_ms()) > 0);
    if (rc < 0)
        return FAIL_ERRNO(err, "cannot wait for the signer");
    if (rc == 0)
        return FAIL(err, ERR_REMOTE, "the signer did not answer in time");
    return 0;
}

static int send_all(int fd, struct bytes data, int64_t deadline, struct err *err)
{
    while (data.len > 0) {
        ssize_t put = send(fd, data.ptr, data.len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (put < 0 && (errno == EAGAIN || errno == EINTR)) {
            TRY(wait_for(fd, POLLOUT, deadline, err));
            continue;
        }
        if (put < 0)
            return FAIL(err, ERR_ABSENT, "the signer closed the connection");
        data = bytes_part(data, (size_t)put, data.len);
    }
    return 0;
}

/* The next frame, of which some may be there; *taken is where it begins, and then where it ends. */
static int receive_next(struct signer *signer, size_t *taken, int64_t deadline,
                        struct rpc_frame *ret, struct err *err)
{
    for (;;) {
        struct bytes rest = bytes_part(buf_bytes(&signer->in), *taken, signer->in.len);
        int rc = rpc_frame_take(&rest, ret, err);
        ssize_t got;

        if (rc == 0)
            *taken = signer->in.len - rest.len;
        if (rc != -ERR_ABSENT)
            return rc;
        TRY(wait_for(signer->fd, POLLIN, deadline, err));
        TRY(buf_reserve(&signer->in, 4096, err));
        got = recv(signer->fd, signer->in.ptr + signer->in.len, 4096, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (got <= 0)
            return FAIL(err, ERR_ABSENT, "the signer closed the connection");
        signer->in.len += (size_t)got;
    }
}

static int check_taken(const struct signer *signer, size_t taken, struct err *err)
{
    return taken == signer->in.len ? 0
                                   : FAIL(err, ERR_REMOTE, "the signer sent more than was asked");
}

/* The only frame of an answer. */
static int receive_frame(struct signer *signer, int64_t deadline, struct rpc_frame *ret,
                         struct err *err)
{
    size_t taken = 0;

    buf_clear(&signer->in);
    TRY(receive_next(signer, &taken, deadline, ret, err));
    return check_taken(signer, taken, err);
}

/* Id 0 is no question's: signerd refuses the connection itself. */
static bool is_refusal_of(const struct rpc_frame *frame, uint32_t id)
{
    return frame->status > RPC_DONE && (frame->id == id || frame->id == 0);
}

/* The sentence of a refusal is signerd's own, and so is its kind. */
static int take_answer(const struct rpc_frame *frame, struct call *call, uint32_t id,
                       bool *ret_answered, struct err *err)
{
    char sentence[RPC_SENTENCE_MAX + 1];

    TRY(rpc_fields_parse(frame, &call->fields, err));
    if (is_refusal_of(frame, id)) {
        *ret_answered = true;
        rpc_text(call->fields.value[RPC_TAG_SENTENCE], sentence, sizeof sentence);
        return FAIL(err, rpc_status_kind(frame->status), "%s", sentence);
    }
    if (frame->status != RPC_DONE || frame->id != id || frame->verb != call->verb)
        return FAIL(err, ERR_INPUT, "it belongs to another question");
    *ret_answered = true;
    call->answer = frame->body;
    return 0;
}

static uint32_t next_id(struct signer *signer)
{
    if (++signer->last_id == 0)
        signer->last_id = 1;
    return signer->last_id;
}

/*
 * One exchange. *ret_answered tells whether an answer of the right form came; if none did,
 * ERR_ABSENT is a connection that has ended and ERR_INPUT a malformed answer.
 */
static int exchange(struct signer *signer, struct call *call, bool *ret_answered, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    struct rpc_frame frame = {
        .version = call->verb == RPC_HELLO ? RPC_VERSION_LOWEST : signer->version,
        .verb = call->verb,
        .status = RPC_QUESTION,
        .id = next_id(signer),
        .body = call->body,
    };
    int rc;

    TRY(rpc_frame_append(&out, &frame, err));
    /* A signer that refuses the connection says so and closes before it reads. */
    rc = send_all(signer->fd, buf_bytes(&out), call->deadline, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    TRY(receive_frame(signer, call->deadline, &frame, err));
    return take_answer(&frame, call, signer->last_id, ret_answered, err);
}

/* Without an answer it is the signer's fault, whatever it was. */
static int blame_signer(int rc, bool answered, struct err *err)
{
    if (answered || (rc != -ERR_INPUT && rc != -ERR_ABSENT))
        return rc;
    (void)err_prefix(err, rc, "no answer");
    if (err != NULL)
        err->kind = ERR_REMOTE;
    return -ERR_REMOTE;
}

static int greet(struct signer *signer, int64_t deadline, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct call call = {.verb = RPC_HELLO, .deadline = deadline};
    bool answered = false;
    uint64_t version;
    int rc;

    TRY(rpc_put_number(&body, RPC_TAG_VERSIONS, RPC_VERSION_LOWEST << 16 | RPC_VERSION_HIGHEST,
                       err));
    call.body = buf_bytes(&body);
    rc = exchange(signer, &call, &answered, err);
    if (rc < 0)
        return blame_signer(rc, answered, err);
    version = rpc_number(call.fields.value[RPC_TAG_VERSION]);
    if (version < RPC_VERSION_LOWEST || version > RPC_VERSION_HIGHEST)
        return FAIL(err, ERR_REMOTE, "the signer chose version %u", (unsigned)version);
    signer->version = (uint16_t)version;
    return 0;
}

static void hang_up(struct signer *signer)
{
    fd_done(&signer->fd);
}

static int connect_to(struct signer *signer, int64_t deadline, struct err *err)
{
    int rc = sock_connect(signer->path, &signer->fd, err);

    /* No socket file means no signerd: to its caller the same as one that does not listen. */
    if (rc == -ERR_ABSENT)
        return FAIL(err, ERR_REMOTE, "%s: the signer is not running", signer->path);
    TRY(rc);
    rc = greet(signer, deadline, err);
    if (rc < 0)
        hang_up(signer);
    return rc;
}

/* The result of a call that ended so, for the operator to see. */
static int noted(int rc)
{
    if (rc == -ERR_REMOTE)
        fault_note(FAULT_SIGNER_UNAVAILABLE);
    else if (rc == -ERR_DENIED || rc == -ERR_UNTRUSTED || rc == -ERR_CONFLICT ||
             rc == -ERR_ABSENT || rc == -ERR_INPUT)
        fault_note(FAULT_SIGNER_REFUSED);
    return rc;
}

static int ask_twice(struct signer *signer, struct call *call, struct err *err)
{
    bool was_connected = signer->fd >= 0;
    bool answered = false;
    int rc;

    call->deadline = monotonic_ms() + signer->deadline_ms;
    if (!was_connected && call->goes_on)
        return FAIL(err, ERR_REMOTE, "the signer went away in the middle of a list");
    if (!was_connected)
        TRY(connect_to(signer, call->deadline, err));
    rc = exchange(signer, call, &answered, err);
    if (rc == -ERR_ABSENT && !answered && was_connected && !call->goes_on) {
        hang_up(signer);
        TRY(connect_to(signer, call->deadline, err));
        rc = exchange(signer, call, &answered, err);
    }
    if (!answered)
        hang_up(signer);
    return blame_signer(rc, answered, err);
}

static int ask(struct signer *signer, struct call *call, struct err *err)
{
    return noted(ask_twice(signer, call, err));
}

int signer_open(const char *path, struct signer **ret, struct err *err)
{
    CLEANUP(signer_closep) struct signer *signer = calloc(1, sizeof *signer);

    if (signer == NULL)
        return FAIL_NOMEM(err);
    signer->fd = -1;
    signer->deadline_ms = SIGNER_DEADLINE_MS;
    signer->path = strdup(path);
    if (signer->path == NULL)
        return FAIL_NOMEM(err);
    TRY(noted(connect_to(signer, monotonic_ms() + signer->deadline_ms, err)));
    *ret = signer;
    signer = NULL;
    return 0;
}

void signer_close(struct signer *signer)
{
    if (signer == NULL)
        return;
    hang_up(signer);
    buf_done(&signer->in);
    free(signer->path);
    free(signer);
}

void signer_closep(struct signer **signer)
{
    signer_close(*signer);
    *signer = NULL;
}

void signer_set_deadline(struct signer *signer, int deadline_ms)
{
    signer->deadline_ms = deadline_ms;
}

int signer_list(struct signer *signer, struct signer_key ret[RPC_KEYS_MAX], size_t *ret_count,
                struct err *err)
{
    struct call call = {.verb = RPC_LIST};
    struct rpc_fields one;
    size_t count = 0;

    TRY(ask(signer, &call, err));
    while (rpc_fields_next(&call.answer, &one, NULL) == 0) {
        rpc_text(one.value[RPC_TAG_KEY], ret[count].name, sizeof ret[count].name);
        rpc_text(one.value[RPC_TAG_ROLE], ret[count].role, sizeof ret[count].role);
        rpc_text(one.value[RPC_TAG_ALGORITHM], ret[count].algorithm, sizeof ret[count].algorithm);
        count++;
    }
    *ret_count = count;
    return 0;
}

int signer_public(struct signer *signer, const char *key, struct buf *ret_spki, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct call call = {.verb = RPC_PUBLIC};

    TRY(rpc_put(&body, RPC_TAG_KEY, bytes_text(key), err));
    call.body = buf_bytes(&body);
    TRY(ask(signer, &call, err));
    return buf_copy(call.fields.value[RPC_TAG_SPKI], ret_spki, err);
}

static int put_wish(struct buf *body, const char *key, enum signer_kind kind, struct bytes tbs,
                    struct err *err)
{
    TRY(rpc_put(body, RPC_TAG_KEY, bytes_text(key), err));
    TRY(rpc_put_number(body, RPC_TAG_KIND, kind, err));
    return rpc_put(body, RPC_TAG_TBS, tbs, err);
}

int signer_sign(struct signer *signer, const char *key, enum signer_kind kind, struct bytes tbs,
                struct buf *ret_signature, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct call call = {.verb = RPC_SIGN};

    TRY(put_wish(&body, key, kind, tbs, err));
    call.body = buf_bytes(&body);
    TRY(ask(signer, &call, err));
    return buf_copy(call.fields.value[RPC_TAG_SIGNATURE], ret_signature, err);
}

/* ---- several at once ---- */

/* What cannot be asked fails alone, and has no number. */
static void append_wish(struct signer *signer, struct signer_wish *wish, struct buf *out)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct rpc_frame frame = {.version = signer->version, .verb = RPC_SIGN};

    wish->rc = put_wish(&body, wish->key, wish->kind, wish->tbs, &wish->err);
    if (wish->rc < 0)
        return;
    frame.id = signer->last_id + 1;
    frame.body = buf_bytes(&body);
    wish->rc = rpc_frame_append(out, &frame, &wish->err);
    if (wish->rc == 0)
        signer->last_id++;
}

static int take_wish(const struct rpc_frame *frame, uint32_t id, struct signer_wish *wish,
                     struct err *err)
{
    struct call call = {.verb = RPC_SIGN};
    bool answered = false;
    struct err why = {0};
    int rc = take_answer(frame, &call, id, &answered, &why);

    if (!answered)
        return err_copy(err, &why);
    wish->rc = noted(rc);
    wish->err = why;
    if (rc == 0)
        wish->rc = buf_copy(call.fields.value[RPC_TAG_SIGNATURE], &wish->signature, &wish->err);
    return 0;
}

/* *ret_answered as for exchange(), of any of them. */
static int exchange_wishes(struct signer *signer, struct signer_wish *wishes, size_t count,
                           bool *ret_answered, struct err *err)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT;
    int64_t deadline = monotonic_ms() + signer->deadline_ms;
    uint32_t id = signer->last_id;
    struct rpc_frame frame;
    size_t taken = 0;
    int rc;

    for (size_t i = 0; i < count; i++)
        append_wish(signer, &wishes[i], &out);
    rc = send_all(signer->fd, buf_bytes(&out), deadline, err);
    if (rc < 0 && rc != -ERR_ABSENT)
        return rc;
    buf_clear(&signer->in);
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].rc < 0)
            continue;
        TRY(receive_next(signer, &taken, deadline, &frame, err));
        TRY(take_wish(&frame, ++id, &wishes[i], err));
        *ret_answered = true;
    }
    return check_taken(signer, taken, err);
}

static int ask_wishes(struct signer *signer, struct signer_wish *wishes, size_t count,
                      struct err *err)
{
    bool was_connected = signer->fd >= 0;
    bool answered = false;
    int rc;

    /* Numbers of questions do not turn over in between. */
    if (signer->last_id > UINT32_MAX - RPC_WISHES_MAX)
        signer->last_id = 0;
    if (!was_connected)
        TRY(connect_to(signer, monotonic_ms() + signer->deadline_ms, err));
    rc = exchange_wishes(signer, wishes, count, &answered, err);
    if (rc == -ERR_ABSENT && !answered && was_connected) {
        hang_up(signer);
        TRY(connect_to(signer, monotonic_ms() + signer->deadline_ms, err));
        rc = exchange_wishes(signer, wishes, count, &answered, err);
    }
    if (rc < 0)
        hang_up(signer);
    return blame_signer(rc, false, err);
}

void signer_sign_all(struct signer *signer, struct signer_wish *wishes, size_t count)
{
    struct err err = {0};
    int rc = count > RPC_WISHES_MAX
                 ? FAIL(&err, ERR_USAGE, "%zu structures at once, the limit is %d", count,
                        RPC_WISHES_MAX)
                 : noted(ask_wishes(signer, wishes, count, &err));

    for (size_t i = 0; rc < 0 && i < count; i++) {
        if (wishes[i].rc == 0 && wishes[i].signature.len == 0)
            wishes[i].rc = err_copy(&wishes[i].err, &err);
    }
}

/* ---- a list in pieces ---- */

int signer_list_begin(struct signer *signer, const char *key, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct call call = {.verb = RPC_LIST_BEGIN};

    TRY(rpc_put(&body, RPC_TAG_KEY, bytes_text(key), err));
    call.body = buf_bytes(&body);
    return ask(signer, &call, err);
}

int signer_list_add(struct signer *signer, struct bytes piece, struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;

    for (size_t at = 0; at < piece.len; at += RPC_PIECE_MAX) {
        struct call call = {.verb = RPC_LIST_PIECE, .goes_on = true};

        buf_clear(&body);
        TRY(rpc_put(&body, RPC_TAG_PIECE, bytes_part(piece, at, RPC_PIECE_MAX), err));
        call.body = buf_bytes(&body);
        TRY(ask(signer, &call, err));
    }
    return 0;
}

int signer_list_end(struct signer *signer, struct buf *ret_signature, struct err *err)
{
    struct call call = {.verb = RPC_LIST_END, .goes_on = true};

    TRY(ask(signer, &call, err));
    return buf_copy(call.fields.value[RPC_TAG_SIGNATURE], ret_signature, err);
}

int signer_unwrap(struct signer *signer, const char *key, struct bytes wrapped, struct secret *ret,
                  struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct call call = {.verb = RPC_UNWRAP};
    int rc;

    TRY(rpc_put(&body, RPC_TAG_KEY, bytes_text(key), err));
    TRY(rpc_put(&body, RPC_TAG_WRAPPED, wrapped, err));
    call.body = buf_bytes(&body);
    rc = ask(signer, &call, err);
    if (rc == 0)
        rc = secret_copy(call.fields.value[RPC_TAG_PLAIN], ret, err);
    wipe(signer->in.ptr, signer->in.len);
    return rc;
}

int signer_status(struct signer *signer, struct signer_status *ret, struct err *err)
{
    struct call call = {.verb = RPC_STATUS};
    const struct bytes *value = call.fields.value;

    TRY(ask(signer, &call, err));
    rpc_text(value[RPC_TAG_PROGRAM], ret->program, sizeof ret->program);
    ret->uptime_s = rpc_number(value[RPC_TAG_UPTIME]);
    ret->signatures = rpc_number(value[RPC_TAG_SIGNATURES]);
    ret->refusals = rpc_number(value[RPC_TAG_REFUSALS]);
    ret->connections = (uint32_t)rpc_number(value[RPC_TAG_CONNECTIONS]);
    ret->keys = (uint32_t)rpc_number(value[RPC_TAG_KEYS]);
    ret->peers_separated = rpc_number(value[RPC_TAG_SEPARATED]) != 0;
    ret->memory_locked = rpc_number(value[RPC_TAG_LOCKED]) != 0;
    return 0;
}

static void take_quorum(const struct bytes value[RPC_TAGS_], struct signer_quorum *ret)
{
    memcpy(ret->set, value[RPC_TAG_SET].ptr, RPC_SET_SIZE);
    ret->needed = (unsigned)rpc_number(value[RPC_TAG_NEEDED]);
    ret->total = (unsigned)rpc_number(value[RPC_TAG_TOTAL]);
    ret->given = (unsigned)rpc_number(value[RPC_TAG_GIVEN]);
    ret->is_rehearsal = rpc_number(value[RPC_TAG_REHEARSAL]) != 0;
}

int signer_quorum(struct signer *signer, struct signer_quorum *ret, struct err *err)
{
    struct call call = {.verb = RPC_QUORUM};

    TRY(ask(signer, &call, err));
    take_quorum(call.fields.value, ret);
    return 0;
}

int signer_give_share(struct signer *signer, const struct secret *share, struct signer_quorum *ret,
                      struct err *err)
{
    CLEANUP(buf_done) struct buf body = BUF_INIT;
    struct call call = {.verb = RPC_SHARE};

    TRY(rpc_put(&body, RPC_TAG_SHARE, secret_bytes(share), err));
    call.body = buf_bytes(&body);
    TRY(ask(signer, &call, err));
    take_quorum(call.fields.value, ret);
    return 0;
}
