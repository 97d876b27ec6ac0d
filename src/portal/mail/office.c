/* SPDX-License-Identifier: Apache-2.0 */
#include "portal/mail/office.h"

#include "base/base64.h"
#include "crypto/digest.h"
#include "portal/mail/queue.h"
#include "portal/notice/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- words ---- */

struct words {
    const char *name, *subject, *text;    /* %s: where */
    const char *code_subject, *code_text; /* %s: the code */
};

static const struct words words_ja = {
    "OpenJPKI ポータル（試験用）",
    "お知らせが届いています",
    "ポータルにお知らせが届いています。内容はログインしてご確認ください。\r\n\r\n%s/#/"
    "notices\r\n\r\n"
    "これは試験用・非公式のサービスで、政府のサイトではありません。\r\n"
    "メールの停止は、ポータルの「お知らせ」の画面でできます。\r\n",
    "メールアドレスの確認",
    "ポータルの画面に次の番号を入力してください。\r\n\r\n%s\r\n\r\n"
    "心当たりのない場合は、このメールを削除してください。\r\n"
    "これは試験用・非公式のサービスで、政府のサイトではありません。\r\n",
};
static const struct words words_en = {
    "OpenJPKI portal (TEST)",
    "There is a notice for you",
    "There is a notice for you at the portal. Log in to read it.\r\n\r\n%s/#/notices\r\n\r\n"
    "This is an unofficial service for tests, not a government site.\r\n"
    "You can stop these mails on the portal's page \"Notices\".\r\n",
    "Is this your mail address?",
    "Please enter this number on the portal's page.\r\n\r\n%s\r\n\r\n"
    "If you have not asked for it, delete this mail.\r\n"
    "This is an unofficial service for tests, not a government site.\r\n",
};

/* A template with one %s. */
static int fill(const char *template, const char *word, struct buf *ret, struct err *err)
{
    const char *at = strstr(template, "%s");

    TRY(buf_append(ret, bytes_of(template, (size_t)(at - template)), err));
    TRY(buf_append_text(ret, word, err));
    return buf_append_text(ret, at + strlen("%s"), err);
}

/* ---- one mail ---- */

/* The same for each try of it, and unlike all others. */
static int make_id(const struct mail_job *job, struct buf *ret, const char **ret_text,
                   struct err *err)
{
    CLEANUP(buf_done) struct buf input = BUF_INIT;
    struct digest digest;

    TRY(buf_append_format(&input, err, "OpenJPKI mail %" PRId64 " %s", job->id, job->account));
    TRY(digest_compute(DIGEST_SHA256, buf_bytes(&input), &digest, err));
    TRY(base64_append(ret, BASE64_URL, digest_bytes(&digest), err));
    return buf_text(ret, ret_text, err);
}

struct handing {
    struct db *db;
    const struct mail_job *job;
};

static int hand(void *context, struct err *err)
{
    const struct handing *handing = context;

    return mail_hand(handing->db, handing->job, err);
}

static int send(const struct mail_office *office, const struct mail_job *job,
                enum mail_outcome *ret, struct err *why, struct err *err)
{
    const struct words *words = strcmp(job->language, "en") == 0 ? &words_en : &words_ja;
    const bool is_code = job->code[0] != '\0';
    CLEANUP(buf_done) struct buf text = BUF_INIT, id = BUF_INIT;
    struct handing handing = {office->db, job};
    struct mail mail = {.from = office->from,
                        .to = job->address,
                        .name = words->name,
                        .subject = is_code ? words->code_subject : words->subject,
                        .at = clock_now(office->clock),
                        .hand = hand,
                        .context = &handing};

    TRY(fill(is_code ? words->code_text : words->text, is_code ? job->code : office->origin, &text,
             err));
    TRY(buf_text(&text, &mail.text, err));
    TRY(make_id(job, &id, &mail.id, err));
    return mail_send(&office->server, &mail, ret, why, err);
}

int mail_step(const struct mail_office *office, struct err *err)
{
    enum mail_outcome outcome = MAIL_REFUSED;
    struct err why = {0}, failure = {0};
    struct mail_job job;
    int rc;

    TRY(mail_next(office->db, clock_now(office->clock), &job, err));
    rc = send(office, &job, &outcome, &why, &failure);
    if (rc == -ERR_ABSENT)
        return 0; /* nobody wants it any more */
    if (rc == -ERR_INPUT)
        (void)FAIL(&why, ERR_REMOTE, "the address or the mail is none");
    else if (rc < 0)
        return err_copy(err, &failure);
    TRY(mail_settle(office->db, &job, outcome, why.text, clock_now(office->clock), err));
    return outcome == MAIL_ACCEPTED ? 0 : err_copy(err, &why);
}

/* ---- the thread ---- */

enum { WAKE_MS = 500, CLEAN_S = 60, PAUSE_FIRST_MS = 1000, PAUSE_MAX_MS = 60000 };

static void observe(const struct mail_worker *worker, int rc, const struct err *failure)
{
    if (rc < 0 && rc != -ERR_ABSENT && worker->observe != NULL)
        worker->observe(failure);
}

static void clean(const struct mail_worker *worker, int64_t *next)
{
    const int64_t now = clock_now(worker->office->clock);
    struct err failure = {0};
    int rc;

    if (now < *next && *next - now <= CLEAN_S)
        return;
    *next = now + CLEAN_S;
    rc = notice_expire(worker->office->db, now, &failure);
    if (rc == 0)
        rc = mail_forget(worker->office->db, now, &failure);
    observe(worker, rc, &failure);
}

/* All that are due, until the server takes one not; 0, or for how long it is left alone then. */
static int send_all(const struct mail_worker *worker, int pause)
{
    struct err failure = {0};
    int rc = 0;

    if (worker->office->server.host == NULL)
        return 0;
    while ((rc = mail_step(worker->office, &failure)) == 0 && chore_rest(&worker->chore, 0))
        pause = 0;
    observe(worker, rc, &failure);
    if (rc == 0 || rc == -ERR_ABSENT)
        return 0;
    pause = pause == 0 ? PAUSE_FIRST_MS : 2 * pause;
    return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

static void *run(void *argument)
{
    struct mail_worker *worker = argument;
    struct err failure = {0};
    int64_t next_clean = 0;
    int pause = 0;

    observe(worker, mail_recover(worker->office->db, &failure), &failure);
    do {
        clean(worker, &next_clean);
        pause = send_all(worker, pause);
    } while (chore_rest(&worker->chore, pause == 0 ? WAKE_MS : pause));
    return NULL;
}

int mail_worker_start(struct mail_worker *worker, struct err *err)
{
    return chore_start(&worker->chore, run, worker, err);
}

void mail_worker_stop(struct mail_worker *worker)
{
    chore_stop(&worker->chore);
}
