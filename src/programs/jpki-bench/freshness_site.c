/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-bench/freshness_site.h"

#include "base/clock.h"
#include "base/file.h"
#include "fetch/fetch.h"
#include "programs/jpki-bench/bench.h"
#include "sandbox/process.h"
#include "sandbox/timetable.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    START_MS = 30000,
    STOP_MS = 5000,
    LOOK_MS = 10,
    KNOWN_MS = 60000, /* until everybody knows what was issued */
    REQUESTS_BYTES_MAX = 16 << 20,
    LENGTH = 4, /* of the length in front of each request */
};

#define VERIFIER_ORIGIN "https://verifier.authority.test"

/* Told its directory, that of our programs, and the lines of timing of both daemons. */
static const char configure[] =
    "set -e; umask 077; cd \"$1\"; mkdir keys db; uid=$(id -u)\n"
    "name='OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for'\n"
    "echo 'a passphrase of a measurement' > pass\n"
    "{\n"
    "  printf '[signer]\\nsocket = %s/signer.sock\\nkeys = %s/keys\\n' \"$1\" \"$1\"\n"
    "  printf 'passphrase_file = %s/pass\\n' \"$1\"\n"
    "  printf '[key sign-ca]\\nrole = ca\\nallow_uid = %s\\nsubject = %s digital signature,"
    "O=OpenJPKI TEST,C=JP\\npolicies = 1.2.392.200149.8.5.1.0.20\\n' $uid \"$name\"\n"
    "  printf '[key auth-ca]\\nrole = ca\\nallow_uid = %s\\nsubject = %s user authentication,"
    "O=OpenJPKI TEST,C=JP\\npolicies = 1.2.392.200149.8.5.1.3.30\\n"
    "purposes = 1.3.6.1.5.5.7.3.2\\n' $uid \"$name\"\n"
    "  for role in ocsp feed; do for kind in sign auth; do\n"
    "    printf '[key %s-%s]\\nrole = %s\\nallow_uid = %s\\n' $role $kind $role $uid\n"
    "  done; done\n"
    "  printf '[key verifier]\\nrole = verifier\\nallow_uid = %s\\n' $uid\n"
    "  printf '[key party]\\nrole = party\\nallow_uid = %s\\norigin = " VERIFIER_ORIGIN
    "\\n' $uid\n"
    "} > signer.conf\n"
    "for key in sign-ca auth-ca ocsp-sign ocsp-auth feed-sign feed-auth verifier party; do\n"
    "  \"$2/jpki-signerd\" keygen --config signer.conf $key\n"
    "done\n"
    "for key in verifier party; do\n"
    "  \"$2/jpki-signerd\" certificate --config signer.conf $key > $key.pem\n"
    "done\n"
    "{\n"
    "  printf '[authority]\\nsocket = %s/authority.sock\\npeers = %s\\n' \"$1\" $uid\n"
    "  printf 'database = %s/db/authority.db\\nsigner = %s/signer.sock\\n' \"$1\" \"$1\"\n"
    "  printf 'feed_sign_key = feed-sign\\nfeed_auth_key = feed-auth\\n'\n"
    "  printf 'verifier_socket = %s/door.sock\\n' \"$1\"\n"
    "  printf 'verifier_origin = " VERIFIER_ORIGIN "\\n%s' \"$3\"\n"
    "} > authority.conf\n"
    "for node in 0 1; do {\n"
    "  printf '[ocsp]\\nsocket = %s/ocsp-%s.sock\\nauthority = %s/authority.sock\\n' \"$1\" $node"
    " \"$1\"\n"
    "  printf 'signer = %s/signer.sock\\n%s' \"$1\" \"$4\"\n"
    "  for kind in sign auth; do\n"
    "    printf '%s_ca = %s/%s-ca.pem\\n' $kind \"$1\" $kind\n"
    "    printf '%s_certificate = %s/%s-ocsp.pem\\n' $kind \"$1\" $kind\n"
    "  done\n"
    "} > ocsp-$node.conf; done\n";

static const char make_certificates[] =
    "set -e; umask 077; cd \"$1\"\n"
    "for kind in sign auth; do\n"
    "  \"$2/jpki-authorityd\" init-ca --config authority.conf $kind > $kind-ca.pem\n"
    "done\n"
    "for kind in sign auth; do\n"
    "  \"$2/jpki-authorityd\" issue-ocsp --config authority.conf $kind > $kind-ocsp.pem\n"
    "  \"$2/jpki-authorityd\" issue-feed --config authority.conf $kind > $kind-feed.pem\n"
    "done\n";

static int run_script(const struct freshness_site *site, const char *script, struct err *err)
{
    CLEANUP(free_text) char *programs = NULL;
    double unused = 0;

    TRY(beside(".", &programs, err));
    const char *const argv[] = {"/bin/bash",
                                "-c",
                                script,
                                "site",
                                site->dir,
                                programs,
                                timetable_authority_lines(TIMETABLE_FAST),
                                timetable_ocsp_lines(TIMETABLE_FAST),
                                NULL};
    return run_command(argv, &unused, NULL, err);
}

static int make_paths(struct freshness_site *site, struct err *err)
{
    char dir[] = "/tmp/jpki-bench-fresh-XXXXXX";

    if (mkdtemp(dir) == NULL)
        return FAIL_ERRNO(err, "/tmp");
    TRY(path_format(&site->dir, err, "%s", dir));
    TRY(path_format(&site->authority, err, "%s/authority.sock", dir));
    TRY(path_format(&site->door, err, "%s/door.sock", dir));
    TRY(path_format(&site->signer, err, "%s/signer.sock", dir));
    TRY(path_format(&site->verifier, err, "%s/verifier.pem", dir));
    for (int node = 0; node < FRESHNESS_NODES; node++)
        TRY(path_format(&site->nodes[node], err, "%s/ocsp-%d.sock", dir, node));
    return 0;
}

/* ---- daemons ---- */

/* argv[0] is the name of a program of ours; its socket is there when this is back. */
static int start(const struct freshness_site *site, const char *const argv[], const char *socket,
                 pid_t *ret, struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *log = NULL;
    int64_t end = monotonic_ms() + START_MS;

    TRY(beside(argv[0], &program, err));
    TRY(path_format(&log, err, "%s/log", site->dir));
    const char *const at[] = {program, argv[1], argv[2], argv[3], NULL};
    const struct process process = {.argv = at, .log_path = log, .identity = IDENTITY_OWNER};
    TRY(process_start(&process, ret, err));
    while (access(socket, F_OK) < 0) {
        if (monotonic_ms() > end)
            return FAIL(err, ERR_REMOTE, "%s does not start", argv[0]);
        (void)poll(NULL, 0, LOOK_MS);
    }
    return 0;
}

static int start_signerd(struct freshness_site *site, struct err *err)
{
    CLEANUP(free_text) char *config = NULL;

    TRY(path_format(&config, err, "%s/signer.conf", site->dir));
    const char *const argv[] = {"jpki-signerd", "serve", "--config", config};
    return start(site, argv, site->signer, &site->signerd, err);
}

static int start_authorityd(struct freshness_site *site, struct err *err)
{
    CLEANUP(free_text) char *config = NULL;

    TRY(path_format(&config, err, "%s/authority.conf", site->dir));
    const char *const argv[] = {"jpki-authorityd", "--config", config, NULL};
    return start(site, argv, site->authority, &site->authorityd, err);
}

static int start_ocspd(struct freshness_site *site, int node, struct err *err)
{
    CLEANUP(free_text) char *config = NULL;

    TRY(path_format(&config, err, "%s/ocsp-%d.conf", site->dir, node));
    const char *const argv[] = {"jpki-ocspd", "--config", config, NULL};
    return start(site, argv, site->nodes[node], &site->ocspd[node], err);
}

/* ---- at the authority ---- */

static int load(const struct freshness_site *site, const char *name, struct x509_cert **ret,
                struct err *err)
{
    CLEANUP(free_text) char *path = NULL;
    CLEANUP(buf_done) struct buf text = BUF_INIT;

    TRY(path_format(&path, err, "%s/%s.pem", site->dir, name));
    TRY(file_read(path, X509_PEM_MAX, &text, err));
    return x509_cert_parse_file(buf_bytes(&text), ret, err);
}

static int post(const struct freshness_site *site, const char *url, const struct json *body,
                struct fetch_response *ret, struct err *err)
{
    const struct fetch_request request = {
        .socket = site->authority, .url = url, .body = body, .timeout_ms = START_MS};

    return err_prefix(err, fetch(&request, ret, err), "%s", url);
}

/* The key of a registered verifier; both are of the same one. */
static int enter(const struct freshness_site *site, const char *url, const char *key,
                 struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(x509_cert_freep) struct x509_cert *certificate = NULL;
    CLEANUP(json_freep) struct json *body = json_object_new();

    TRY(load(site, key, &certificate, err));
    if (strcmp(url, "/v1/verifiers") == 0)
        TRY(json_put_text(body, "name", "verifier", err));
    TRY(json_put_base64(body, "certificate", x509_cert_der(certificate), err));
    return post(site, url, body, &response, err);
}

static int put_holder(struct json *body, struct err *err)
{
    static const char *const members[][2] = {
        {"name", "試験　太郎"},
        {"birth", "419900217"},
        {"sex", "1"},
        {"address", "東京都千代田区見本町一丁目２番３号"},
        {"name_substitutes", "00000"},
        {"address_substitutes", "00000000000000000"},
    };
    struct json *holder = json_object_new();

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (json_put_text(holder, members[i][0], members[i][1], err) < 0) {
            json_free(holder);
            return -ERR_NOMEM;
        }
    }
    return json_put(body, "holder", holder, err);
}

/* The last second of a day in Japan, some months ahead. */
static int64_t last_second(void)
{
    enum { DAY_S = 86400, AHEAD_S = 9 * 3600, DAYS = 100 };
    int64_t day = (clock_now(&clock_system) + AHEAD_S) / DAY_S;

    return (day + DAYS) * DAY_S - AHEAD_S - 1;
}

static int issue(struct freshness_site *site, struct bytes request, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    CLEANUP(buf_done) struct buf der = BUF_INIT;
    char id[32];

    (void)snprintf(id, sizeof id, "issue-%zu", site->count);
    TRY(json_put_text(body, "request_id", id, err));
    TRY(json_put_text(body, "kind", "sign", err));
    TRY(json_put_base64(body, "request", request, err));
    TRY(json_put_int(body, "not_after", last_second(), err));
    TRY(json_put_text(body, "prefecture", "Tokyo-to", err));
    TRY(json_put_text(body, "municipality", "Chiyoda-ku", err));
    TRY(json_put_text(body, "window_id", "13101003A", err));
    TRY(put_holder(body, err));
    TRY(post(site, "/v1/certificates", body, &response, err));
    TRY(json_get_base64(response.json, "certificate", &der, err));
    TRY(x509_cert_parse(buf_bytes(&der), &site->certificates[site->count], err));
    site->count++;
    return 0;
}

static int issue_all(struct freshness_site *site, size_t count, struct err *err)
{
    CLEANUP(free_text) char *program = NULL;
    CLEANUP(free_text) char *file = NULL;
    CLEANUP(buf_done) struct buf requests = BUF_INIT;
    char number[24];
    double unused;

    TRY(beside("../bench/issue_requests", &program, err));
    TRY(path_format(&file, err, "%s/requests", site->dir));
    (void)snprintf(number, sizeof number, "%zu", count);
    const char *const argv[] = {program, number, file, NULL};
    TRY(run_command(argv, &unused, NULL, err));
    TRY(file_read(file, REQUESTS_BYTES_MAX, &requests, err));
    site->certificates = calloc(count, sizeof site->certificates[0]);
    if (site->certificates == NULL)
        return FAIL_NOMEM(err);
    for (struct bytes left = buf_bytes(&requests); left.len >= LENGTH;) {
        size_t len = (size_t)left.ptr[0] << 24 | (size_t)left.ptr[1] << 16 |
                     (size_t)left.ptr[2] << 8 | left.ptr[3];

        TRY(issue(site, bytes_part(left, LENGTH, len), err));
        left = bytes_part(left, LENGTH + len, left.len);
    }
    return 0;
}

int freshness_site_revoke(const struct freshness_site *site, size_t index, struct err *err)
{
    CLEANUP(fetch_response_done) struct fetch_response response = FETCH_RESPONSE_INIT;
    CLEANUP(json_freep) struct json *body = json_object_new();
    const struct tbs *tbs = x509_cert_tbs(site->certificates[index]);
    char id[32];

    (void)snprintf(id, sizeof id, "revoke-%zu", index);
    TRY(json_put_text(body, "request_id", id, err));
    TRY(json_put_text(body, "kind", "sign", err));
    TRY(json_put_int(body, "serial", (int64_t)tbs_serial_number(tbs), err));
    TRY(json_put_text(body, "reason", "affiliationChanged", err));
    return post(site, "/v1/revocations", body, &response, err);
}

/* ---- observers ---- */

static int follow(struct freshness_site *site, struct err *err)
{
    struct platform *platform = &site->platform;
    CLEANUP(x509_cert_freep) struct x509_cert *auth_ca = NULL;
    struct follower_options options = {.clock = &clock_system};

    *platform = (struct platform){.clock = &clock_system, .signer = site->signer};
    platform->door.socket = site->door;
    platform->door.origin = VERIFIER_ORIGIN;
    platform->door.key = "party";
    TRY(load(site, "party", &platform->door.certificate, err));
    TRY(load(site, "auth-ca", &auth_ca, err));
    TRY(anchors_new(&platform->sign_cas, err));
    TRY(anchors_add(platform->sign_cas, site->ca, err));
    TRY(anchors_new(&platform->auth_cas, err));
    TRY(anchors_add(platform->auth_cas, auth_ca, err));
    TRY(turns_new(platform, &site->turns, err));
    options.platforms = site->turns;
    site->way = (struct follower_way){.purpose = PURPOSE_DOCUMENT};
    return follower_start(&options, &site->way.follower, err);
}

static int open_verifier(struct freshness_site *site, int node, struct err *err)
{
    const struct verifier_way way = {.signer = site->signer,
                                     .key = "verifier",
                                     .certificate = site->verifier,
                                     .socket = site->nodes[node]};

    return verifier_open(&way, &site->asking[node], err);
}

int freshness_site_look(const struct freshness_site *site, unsigned observer, size_t index,
                        enum status_answer *ret, struct err *err)
{
    const struct status_source source = observer < FRESHNESS_NODES
                                            ? verifier_source(site->asking[observer])
                                            : follower_source(&site->way);
    const struct status_question question = {
        .cert = site->certificates[index], .issuer = site->ca, .at = clock_now(&clock_system)};
    struct report report = {.verdict = VERDICT_VALID};
    struct status status;

    TRY(source.look(source.context, &question, &report, &status, err));
    *ret = status.answer;
    return 0;
}

/* Until the observer knows the last certificate that was issued. */
static int wait_until_known(const struct freshness_site *site, unsigned observer, struct err *err)
{
    int64_t end = monotonic_ms() + KNOWN_MS;
    enum status_answer answer = STATUS_NOT_KNOWN;

    for (;;) {
        TRY(freshness_site_look(site, observer, site->count - 1, &answer, err));
        if (answer == STATUS_GOOD)
            return 0;
        if (monotonic_ms() > end)
            return FAIL(err, ERR_REMOTE, "observer %u does not come to know what was issued",
                        observer);
        (void)poll(NULL, 0, LOOK_MS);
    }
}

int freshness_site_up(struct freshness_site *site, size_t certificates, struct err *err)
{
    TRY(make_paths(site, err));
    TRY(run_script(site, configure, err));
    TRY(start_signerd(site, err));
    TRY(run_script(site, make_certificates, err));
    TRY(load(site, "sign-ca", &site->ca, err));
    TRY(start_authorityd(site, err));
    TRY(enter(site, "/v1/verifiers", "verifier", err));
    TRY(enter(site, "/v1/parties/verifier/certificates", "party", err));
    TRY(issue_all(site, certificates, err));
    for (int node = 0; node < FRESHNESS_NODES; node++) {
        TRY(start_ocspd(site, node, err));
        TRY(open_verifier(site, node, err));
    }
    TRY(follow(site, err));
    for (unsigned observer = 0; observer < FRESHNESS_OBSERVERS; observer++)
        TRY(wait_until_known(site, observer, err));
    return 0;
}

void freshness_site_down(struct freshness_site *site)
{
    const char *const argv[] = {"/bin/rm", "-rf", "--", site->dir, NULL};
    double unused = 0;

    follower_stopp(&site->way.follower);
    turns_freep(&site->turns);
    platform_done(&site->platform);
    for (int node = 0; node < FRESHNESS_NODES; node++) {
        verifier_closep(&site->asking[node]);
        process_stop(site->ocspd[node], STOP_MS);
        free_text(&site->nodes[node]);
    }
    process_stop(site->authorityd, STOP_MS);
    process_stop(site->signerd, STOP_MS);
    for (size_t i = 0; i < site->count; i++)
        x509_cert_free(site->certificates[i]);
    free(site->certificates);
    x509_cert_free(site->ca);
    if (site->dir != NULL && run_command(argv, &unused, NULL, NULL) < 0)
        (void)fprintf(stderr, "jpki-bench: %s is left over\n", site->dir);
    free_text(&site->dir);
    free_text(&site->authority);
    free_text(&site->door);
    free_text(&site->signer);
    free_text(&site->verifier);
}
