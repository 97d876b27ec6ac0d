/* SPDX-License-Identifier: Apache-2.0 */
#include "support/mail_site.h"

#include "base/base64.h"
#include "base/file.h"
#include "support/child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 30000, TRIES = 3000, FILE_MAX = 1 << 20 };

static void run(const char *const argv[])
{
    struct child_result result = child_run(argv, bytes_text(""), PATIENCE_MS);

    assert_int_equal(result.exit_code, 0);
    child_result_done(&result);
}

static void make_certificate(struct mail_site *site, char key[TEMPDIR_FILE_SIZE])
{
    const char *const argv[] = {"openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=mail",
                                "-addext",
                                "subjectAltName=IP:127.0.0.1",
                                "-keyout",
                                key,
                                "-out",
                                site->authorities,
                                NULL};

    (void)tempdir_file(&site->dir, "key.pem", key);
    (void)tempdir_file(&site->dir, "cert.pem", site->authorities);
    run(argv);
    site->server.authorities = site->authorities;
}

static void wait_for_port(struct mail_site *site)
{
    const struct timespec pause = {0, 10000000};
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];
    const char *port;

    (void)tempdir_file(&site->dir, "port", path);
    for (int i = 0; i < TRIES && access(path, F_OK) < 0; i++)
        (void)nanosleep(&pause, NULL);
    assert_int_equal(file_read(path, FILE_MAX, &text, NULL), 0);
    assert_int_equal(buf_text(&text, &port, NULL), 0);
    site->server.port = (uint16_t)strtoul(port, NULL, 10);
}

void mail_site_start(struct mail_site *site, bool has_tls)
{
    char key[TEMPDIR_FILE_SIZE] = "";
    int ends[2];

    *site = (struct mail_site){.dir = tempdir_make(),
                               .server = {.host = "127.0.0.1", .timeout_ms = PATIENCE_MS}};
    if (has_tls)
        make_certificate(site, key);
    assert_non_null(getenv("JPKI_TEST_MAILSERVER"));
    assert_int_equal(pipe(ends), 0);
    site->child = fork();
    assert_true(site->child >= 0);
    if (site->child == 0) {
        (void)dup2(ends[0], STDIN_FILENO);
        (void)close(ends[1]);
        (void)execl(getenv("JPKI_TEST_MAILSERVER"), "mailserver", site->dir.path,
                    has_tls ? site->authorities : NULL, key, NULL);
        _exit(127);
    }
    (void)close(ends[0]);
    site->input = ends[1];
    wait_for_port(site);
}

void mail_site_stop(struct mail_site *site)
{
    if (site->child == 0)
        return;
    fd_done(&site->input);
    assert_int_equal(waitpid(site->child, NULL, 0), site->child);
    site->child = 0;
}

void mail_site_done(struct mail_site *site)
{
    mail_site_stop(site);
    tempdir_done(&site->dir);
}

void mail_site_say(const struct mail_site *site, const char *name, bool is_so)
{
    char path[TEMPDIR_FILE_SIZE];

    (void)tempdir_file(&site->dir, name, path);
    if (is_so)
        assert_int_equal(file_replace(path, 0600, bytes_text("so"), NULL), 0);
    else
        assert_int_equal(unlink(path), 0);
}

void mail_site_ask(struct mail_site *site, const char *user, const char *password)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];

    assert_int_equal(buf_append_format(&text, NULL, "%s %s", user, password), 0);
    (void)tempdir_file(&site->dir, "login", path);
    assert_int_equal(file_replace(path, 0600, buf_bytes(&text), NULL), 0);
    site->server.user = user;
    site->server.password = password;
}

static const char *path_of(const struct mail_site *site, unsigned number,
                           char path[TEMPDIR_FILE_SIZE])
{
    char name[24];

    (void)snprintf(name, sizeof name, "%u.mail", number);
    return tempdir_file(&site->dir, name, path);
}

unsigned mail_site_count(const struct mail_site *site)
{
    char path[TEMPDIR_FILE_SIZE];
    unsigned count = 0;

    while (access(path_of(site, count + 1, path), F_OK) == 0)
        count++;
    return count;
}

struct json *mail_site_get(const struct mail_site *site, unsigned number)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    char path[TEMPDIR_FILE_SIZE];
    struct json *mail = NULL;

    assert_int_equal(file_read(path_of(site, number, path), FILE_MAX, &text, NULL), 0);
    assert_int_equal(json_parse(buf_bytes(&text), &mail, NULL), 0);
    return mail;
}

void mail_site_body(const struct json *mail, struct buf *ret)
{
    CLEANUP(buf_done) struct buf joined = BUF_INIT;
    const char *text = NULL;

    assert_int_equal(json_get_text(mail, "text", &text, NULL), 0);
    text = strstr(text, "\r\n\r\n");
    assert_non_null(text);
    for (text += strlen("\r\n\r\n"); *text != '\0'; text++)
        if (*text != '\r' && *text != '\n')
            assert_int_equal(buf_append_byte(&joined, (uint8_t)*text, NULL), 0);
    assert_int_equal(base64_decode(BASE64_PADDED, buf_bytes(&joined), ret, NULL), 0);
}
