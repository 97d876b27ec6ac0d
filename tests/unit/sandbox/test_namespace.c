/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox/namespace.h"

#include "base/bytes.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct namespace ns = NAMESPACE_INIT;
static char dir[] = "/tmp/openjpki-test-ns-XXXXXX";

static int enter(void **state)
{
    struct err err = {0};

    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    if (namespace_make(&ns, &err) < 0)
        print_message("# no namespaces here: %s\n", err.text);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    namespace_done(&ns);
    return rmdir(dir);
}

/* Run fn in a child that has entered; its result is the exit status. */
static int inside(int (*fn)(void))
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(namespace_enter(&ns, NULL) < 0 ? 99 : fn());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int listen_on_7999(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons(7999),
                               .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    CLEANUP(fd_done) int fd = socket(AF_INET, SOCK_STREAM, 0);
    CLEANUP(fd_done) int client = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (const struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, 1) < 0)
        return 1;
    return connect(client, (const struct sockaddr *)&addr, sizeof addr) < 0 ? 2 : 0;
}

static int see_one_interface(void)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT;
    const char *content = "";
    size_t lines = 0;

    if (file_read("/proc/self/net/dev", 65536, &text, NULL) < 0 ||
        buf_text(&text, &content, NULL) < 0)
        return 1;
    for (; *content != '\0'; content++)
        lines += *content == '\n';
    return lines == 3 ? 0 : 2; /* two lines of heading, one for lo */
}

static int cover_and_write(void)
{
    struct err err;
    struct stat st;
    char path[64];

    if (namespace_cover_pcscd(dir, &err) < 0) {
        print_message("# %s\n", err.text);
        return 1;
    }
    if (file_create("/run/pcscd/here", 0600, bytes_text("x"), NULL) < 0)
        return 2;
    snprintf(path, sizeof path, "%s/here", dir);
    return stat(path, &st) == 0 && unlink(path) == 0 ? 0 : 3;
}

static char run_dir[] = "/run/openjpki-test-ns-XXXXXX";

static int cover_and_go_there(void)
{
    struct err err;

    if (namespace_cover_pcscd(run_dir, &err) < 0) {
        print_message("# %s\n", err.text);
        return 1;
    }
    return chdir(run_dir) == 0 && access("/run/pcscd", F_OK) == 0 ? 0 : 2;
}

/* Where no pcscd is installed, there is no /run/pcscd to cover, and the whole of /run is. */
static void a_directory_below_run_is_there_inside_as_well(void **state)
{
    (void)state;
    if (ns.net_fd < 0 || mkdtemp(run_dir) == NULL)
        skip();
    int status = inside(cover_and_go_there);
    assert_int_equal(rmdir(run_dir), 0);
    assert_int_equal(status, 0);
}

static void the_network_inside_has_a_loopback_and_nothing_else(void **state)
{
    (void)state;
    if (ns.net_fd < 0)
        skip();
    assert_int_equal(inside(listen_on_7999), 0);
    assert_int_equal(inside(see_one_interface), 0);
}

static void the_directory_lies_over_run_pcscd_inside_and_nowhere_else(void **state)
{
    struct stat before;
    struct stat after;

    (void)state;
    if (ns.net_fd < 0)
        skip();
    int had = stat("/run/pcscd", &before);
    assert_int_equal(inside(cover_and_write), 0);
    assert_int_equal(stat("/run/pcscd", &after), had);
    if (had == 0)
        assert_int_equal(before.st_ino, after.st_ino);
}

static void a_directory_that_is_missing_is_a_failure(void **state)
{
    (void)state;
    if (ns.net_fd < 0)
        skip();
    assert_int_equal(rmdir(dir), 0);
    assert_int_not_equal(inside(cover_and_write), 0);
    assert_int_equal(mkdir(dir, 0700), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_below_run_is_there_inside_as_well),
        cmocka_unit_test(a_directory_that_is_missing_is_a_failure),
        cmocka_unit_test(the_network_inside_has_a_loopback_and_nothing_else),
        cmocka_unit_test(the_directory_lies_over_run_pcscd_inside_and_nowhere_else),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
