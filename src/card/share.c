/* SPDX-License-Identifier: Apache-2.0 */
#include "card/share.h"

/* Each verb's function gives the code of the answer, or this. */
enum { LATER = UINT32_MAX };

struct question {
    struct share *share;
    struct share_handle *handle;
    const struct wire_request *request;
    struct wire_answer *answer;
    struct buf *data;
    struct err *failure;
};

void share_init(struct share *share, struct slot *slot, struct bytes atr)
{
    *share = (struct share){.slot = slot, .atr = atr, .changes = slot_changes(slot)};
}

/* The protocols an ATR offers: each TDi names one, none means T=0 (ISO 7816-3, 8.2.3). */
static uint8_t protocols_of(struct bytes atr)
{
    uint8_t protocols = 0;
    uint8_t interface = atr.len > 1 ? atr.ptr[1] : 0;
    size_t at = 1;

    while ((interface & 0x80) != 0) {
        at += (size_t)__builtin_popcount(interface & 0xf0U);
        if (at >= atr.len)
            break;
        interface = atr.ptr[at];
        if ((interface & 0x0f) <= 1)
            protocols |= (uint8_t)(1U << (interface & 0x0f));
    }
    return protocols == 0 ? WIRE_T0 : protocols;
}

static bool is_locked_for(const struct share *share, const struct share_handle *handle)
{
    return share->locked_by != NULL && share->locked_by != handle;
}

static bool is_exclusive(const struct share *share)
{
    return share->handles != NULL && share->handles->mode == WIRE_EXCLUSIVE;
}

static void tell_all(struct share *share, enum share_news news)
{
    for (struct share_handle *each = share->handles; each != NULL; each = each->next)
        each->news = news;
}

static void unlock(struct share *share, const struct share_handle *handle)
{
    if (share->locked_by != handle)
        return;
    share->locked_by = NULL;
    share->locks = 0;
}

static void take_out(struct share *share, struct share_handle *handle)
{
    struct share_handle **at = &share->handles;

    while (*at != handle)
        at = &(*at)->next;
    *at = handle->next;
    *handle = (struct share_handle){.next = NULL};
    if (share->handles == NULL)
        share->protocol = 0; /* the next one chooses again */
}

/* What a disposition or initialization does to the card; all handles hear of it. */
static void apply(struct share *share, uint8_t action)
{
    if (action == WIRE_LEAVE)
        return;
    slot_reset(share->slot);
    share->protocol = 0;
    tell_all(share, SHARE_WAS_RESET);
}

/* Choose or keep the protocol; of those that the card offers T=1 is liked better. */
static uint32_t choose_protocol(struct share *share, uint8_t wanted)
{
    uint8_t offered = protocols_of(share->atr) & wanted;

    if (share->protocol != 0)
        return (wanted & share->protocol) != 0 ? WIRE_OK : WIRE_PROTO_MISMATCH;
    if ((wanted & WIRE_RAW) != 0)
        offered = WIRE_RAW;
    if (offered == 0)
        return WIRE_PROTO_MISMATCH;
    share->protocol = (offered & WIRE_T1) != 0 ? WIRE_T1 : offered;
    return WIRE_OK;
}

static uint32_t check_wish(const struct wire_request *request)
{
    if (request->share < WIRE_EXCLUSIVE || request->share > WIRE_DIRECT)
        return WIRE_INVALID_VALUE;
    if (request->share != WIRE_DIRECT && (request->protocols & (WIRE_T0 | WIRE_T1 | WIRE_RAW)) == 0)
        return WIRE_PROTO_MISMATCH;
    return WIRE_OK;
}

static uint32_t power_on(const struct question *q)
{
    struct share *share = q->share;
    uint32_t code;

    if (q->request->share == WIRE_DIRECT)
        return WIRE_OK;
    if (!slot_is_inserted(share->slot))
        return WIRE_NO_SMARTCARD;
    code = choose_protocol(share, q->request->protocols);
    q->answer->protocol = share->protocol;
    return code;
}

static uint32_t ask_connect(const struct question *q)
{
    struct share *share = q->share;
    uint32_t code = check_wish(q->request);

    if (code != WIRE_OK || q->handle->is_connected)
        return code != WIRE_OK ? code : WIRE_INVALID_HANDLE;
    if (is_exclusive(share))
        return WIRE_SHARING_VIOLATION;
    if (share->locked_by != NULL)
        return LATER;
    if (q->request->share == WIRE_EXCLUSIVE && share->handles != NULL)
        return WIRE_SHARING_VIOLATION;
    code = power_on(q);
    if (code != WIRE_OK)
        return code;
    *q->handle = (struct share_handle){true, q->request->share, SHARE_NO_NEWS, share->handles};
    share->handles = q->handle;
    return WIRE_OK;
}

static uint32_t ask_reconnect(const struct question *q)
{
    struct share *share = q->share;
    uint32_t code = check_wish(q->request);
    bool is_alone = share->handles == q->handle && q->handle->next == NULL;

    if (code != WIRE_OK)
        return code;
    if (q->request->action > WIRE_UNPOWER)
        return WIRE_INVALID_VALUE;
    if (is_locked_for(share, q->handle))
        return LATER;
    if (q->request->share == WIRE_EXCLUSIVE && !is_alone)
        return WIRE_SHARING_VIOLATION;
    apply(share, q->request->action);
    code = power_on(q);
    if (code != WIRE_OK)
        return code;
    q->handle->mode = q->request->share;
    q->handle->news = SHARE_NO_NEWS;
    return WIRE_OK;
}

static uint32_t ask_disconnect(const struct question *q)
{
    if (q->request->action > WIRE_EJECT)
        return WIRE_INVALID_VALUE;
    if (q->request->action != WIRE_LEAVE && is_locked_for(q->share, q->handle))
        return LATER;
    unlock(q->share, q->handle);
    take_out(q->share, q->handle);
    apply(q->share, q->request->action);
    return WIRE_OK;
}

static uint32_t news_of(const struct share_handle *handle)
{
    static const uint32_t codes[] = {
        [SHARE_NO_NEWS] = WIRE_OK,
        [SHARE_WAS_RESET] = WIRE_RESET_CARD,
        [SHARE_WAS_REMOVED] = WIRE_REMOVED_CARD,
    };

    return codes[handle->news];
}

static uint32_t ask_begin(const struct question *q)
{
    if (q->handle->news != SHARE_NO_NEWS)
        return news_of(q->handle);
    if (is_locked_for(q->share, q->handle))
        return LATER;
    q->share->locked_by = q->handle;
    q->share->locks++;
    return WIRE_OK;
}

static uint32_t ask_end(const struct question *q)
{
    struct share *share = q->share;

    if (q->request->action > WIRE_EJECT)
        return WIRE_INVALID_VALUE;
    if (q->handle->news != SHARE_NO_NEWS)
        return news_of(q->handle);
    if (share->locked_by != q->handle)
        return WIRE_NOT_TRANSACTED;
    apply(share, q->request->action);
    if (--share->locks == 0)
        share->locked_by = NULL;
    return WIRE_OK;
}

static uint32_t ask_status(const struct question *q)
{
    if (q->handle->news != SHARE_NO_NEWS)
        return news_of(q->handle);
    share_state(q->share, q->answer);
    return WIRE_OK;
}

/* A command in flight when the card goes, or stays silent, was not transacted (realclients.md 1).
 */
static uint32_t ask_transmit(const struct question *q)
{
    if (q->handle->news != SHARE_NO_NEWS)
        return news_of(q->handle);
    if (is_locked_for(q->share, q->handle))
        return LATER;
    if (slot_transmit(q->share->slot, q->request->command, q->data, q->failure) != SLOT_ANSWERED)
        return WIRE_NOT_TRANSACTED;
    return WIRE_OK;
}

typedef uint32_t ask_fn(const struct question *q);

static ask_fn *const functions[WIRE_VERBS_] = {
    [WIRE_CONNECT] = ask_connect,
    [WIRE_RECONNECT] = ask_reconnect,
    [WIRE_DISCONNECT] = ask_disconnect,
    [WIRE_BEGIN] = ask_begin,
    [WIRE_END] = ask_end,
    [WIRE_STATUS] = ask_status,
    [WIRE_TRANSMIT] = ask_transmit,
};

enum share_outcome share_ask(struct share *share, struct share_handle *handle,
                             const struct wire_request *request, struct wire_answer *answer,
                             struct buf *data, struct err *ret_failure)
{
    const struct question q = {share, handle, request, answer, data, ret_failure};
    uint32_t code = WIRE_INVALID_HANDLE;

    *answer = (struct wire_answer){.code = WIRE_OK};
    *ret_failure = (struct err){.kind = ERR_NONE};
    share_notice(share);
    if (request->verb == WIRE_TRACE)
        return SHARE_ANSWERED;
    if (request->verb == WIRE_WATCH) {
        share_state(share, answer);
        return SHARE_ANSWERED;
    }
    if (request->verb == WIRE_CONNECT || handle->is_connected)
        code = functions[request->verb](&q);
    if (code == LATER)
        return SHARE_LATER;
    answer->code = code;
    return SHARE_ANSWERED;
}

void share_state(const struct share *share, struct wire_answer *ret)
{
    *ret = (struct wire_answer){.code = WIRE_OK, .counter = (uint16_t)share->changes};
    if (share->handles != NULL)
        ret->sharing = is_exclusive(share) ? WIRE_EXCLUSIVE : WIRE_SHARED;
    ret->state = WIRE_ABSENT;
    if (!slot_is_inserted(share->slot))
        return;
    ret->state = WIRE_PRESENT | WIRE_POWERED | WIRE_NEGOTIABLE; /* as pcscd says it */
    ret->protocol = share->protocol;
    ret->atr = share->atr;
}

void share_drop(struct share *share, struct share_handle *handle)
{
    bool is_in_the_middle = share->locked_by == handle && handle->news == SHARE_NO_NEWS;

    if (!handle->is_connected)
        return;
    unlock(share, handle);
    take_out(share, handle);
    if (is_in_the_middle)
        apply(share, WIRE_RESET);
}

void share_notice(struct share *share)
{
    uint64_t changes = slot_changes(share->slot);

    if (changes == share->changes)
        return;
    share->changes = changes;
    share->protocol = 0;
    share->locked_by = NULL;
    share->locks = 0;
    tell_all(share, SHARE_WAS_REMOVED);
}

void share_power_off(struct share *share)
{
    slot_reset(share->slot);
    share->protocol = 0;
}
