/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fictional site to which people go on from a portal without showing the card again: a tax
 * office, or a pension office, whichever name it is given. It is a relying party by OpenID Connect,
 * and what it knows of somebody is a name that it alone has for him.
 *
 * To be read, not to be run by an office: people are in memory, and served one at a time.
 */
#include "oidc.h"

#include <stdlib.h>
#include <string.h>

enum { VISITORS_MAX = 64 };

/* A browser that has set out to log in, or has come back from there. */
struct visitor {
    char session[JOSE_TEXT];
    struct oidc_login login;
    char sub[64], sid[64]; /* whom and what login the portal named; "": nobody yet */
    int visits;            /* of the same person since this program began */
};

static struct visitor visitors[VISITORS_MAX];
static int next_visitor;
static const char *name, *portal;
static struct oidc_client own;
static int is_connected;

static void say(struct visit *visit, unsigned status, const char *said)
{
    show(visit, status, format("%s（試験用・非公式）", name), said);
}

static int connect_portal(void)
{
    if (!is_connected)
        is_connected = oidc_start(format("%s/sso", portal), own);
    return is_connected;
}

/* ---- coming ---- */

static void begin(struct visit *visit, struct visitor *visitor)
{
    if (!connect_portal()) {
        say(visit, 503, "ポータルが応答しません");
        return;
    }
    visitor = &visitors[next_visitor++ % VISITORS_MAX];
    memset(visitor, 0, sizeof *visitor);
    jose_random(visitor->session);
    visit->status = 303;
    visit->new_session = visitor->session;
    visit->location = oidc_begin(&visitor->login, "openid");
}

static int count_visits(const char *sub)
{
    int count = 0;

    for (int i = 0; i < VISITORS_MAX; i++)
        if (strcmp(visitors[i].sub, sub) == 0 && visitors[i].visits > count)
            count = visitors[i].visits;
    return count + 1;
}

static void come_back(struct visit *visit, struct visitor *visitor)
{
    const json_t *claims = NULL;

    /* Of another browser's login, or a second time? */
    if (visitor == NULL || !connect_portal() || !oidc_comes_back(&visitor->login, visit)) {
        say(visit, 400, "このログインは受け付けられません");
        return;
    }
    if (query(visit, "error")[0] == '\0')
        claims = oidc_claims(&visitor->login, query(visit, "code"));
    if (claims == NULL) {
        say(visit, 403, format("ログインできませんでした: %s", query(visit, "error")));
        return;
    }
    visitor->visits = count_visits(text(claims, "sub"));
    snprintf(visitor->sub, sizeof visitor->sub, "%s", text(claims, "sub"));
    snprintf(visitor->sid, sizeof visitor->sid, "%s", text(claims, "sid"));
    visit->status = 303;
    visit->location = "/";
}

static void show_account(struct visit *visit, struct visitor *visitor)
{
    if (visitor == NULL || visitor->sub[0] == '\0') {
        visit->link = "/enter";
        visit->link_text = "ポータルからログインする";
        say(visit, 200, "ログインしていません");
        return;
    }
    visit->link = format("%s/#/linkage", portal);
    visit->link_text = "ポータルに戻る";
    say(visit, 200,
        format("ログインしています\nこのサイトでのあなたの番号: %s\n利用回数: %d", visitor->sub,
               visitor->visits));
}

/* ---- telling ---- */

/* Whoever is in has the portal show him a notice from here, by the name that we have for him. */
static void remind(struct visit *visit, struct visitor *visitor)
{
    char key[JOSE_TEXT];
    json_t *letter;

    if (visitor == NULL || visitor->sub[0] == '\0') {
        say(visit, 403, "ログインしていません");
        return;
    }
    jose_random(key);
    letter = json_pack("{s:s, s:s, s:s, s:{s:s}}", "sub", visitor->sub, "key", key, "topic",
                       "document.ready", "parameters", "document", "お客様の記録の控え");
    if (tell(201, format("%s/sso/notices", portal), oidc_own_token("notices"), letter) == NULL)
        say(visit, 403, "ポータルはお知らせを受け付けませんでした");
    else
        say(visit, 200, "ポータルにお知らせを送りました");
}

/* ---- going ---- */

static void leave(struct visit *visit, struct visitor *visitor)
{
    if (visitor != NULL)
        memset(visitor, 0, sizeof *visitor);
    visit->status = 303;
    visit->location = "/";
}

/* The portal says who is out: one login, or all of a person. */
static void take_end(struct visit *visit, struct visitor *visitor)
{
    static const char start[] = "logout_token=";
    const json_t *claims = NULL;

    (void)visitor;
    if (strncmp(visit->body, start, strlen(start)) == 0 && connect_portal())
        claims = oidc_ended(visit->body + strlen(start));
    visit->status = claims == NULL ? 400 : 204;
    for (int i = 0; i < VISITORS_MAX && claims != NULL; i++)
        if (strcmp(visitors[i].sub, text(claims, "sub")) == 0 &&
            (text(claims, "sid")[0] == '\0' || strcmp(visitors[i].sid, text(claims, "sid")) == 0))
            memset(&visitors[i], 0, sizeof visitors[i]);
}

/* ---- */

static const struct {
    const char *method, *path;
    void (*handle)(struct visit *, struct visitor *);
} routes[] = {
    {"GET", "/", show_account}, {"GET", "/enter", begin},     {"GET", "/callback", come_back},
    {"GET", "/leave", leave},   {"POST", "/ended", take_end}, {"POST", "/remind", remind},
};

static void handle(struct visit *visit)
{
    struct visitor *visitor = NULL;

    for (int i = 0; i < VISITORS_MAX; i++)
        if (visit->session[0] != '\0' && strcmp(visitors[i].session, visit->session) == 0)
            visitor = &visitors[i];
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].path, visit->path) == 0 &&
            strcmp(routes[i].method, visit->method) == 0)
            routes[i].handle(visit, visitor);
}

int main(int argc, char *argv[])
{
    const int is_help = argc == 2 && strcmp(argv[1], "--help") == 0;

    own.key = argc == 6 ? json_load_file(argv[4], 0, NULL) : NULL;
    if (own.key == NULL) {
        fprintf(is_help ? stdout : stderr, "usage: jpki-sample-site ID NAME PORT KEY.jwk PORTAL\n");
        return is_help ? 0 : 2;
    }
    own.id = session_cookie = argv[1];
    name = argv[2];
    portal = argv[5];
    own.callback = strdup(format("http://127.0.0.1:%s/callback", argv[3]));
    printf("%s http://127.0.0.1:%s/\n", name, argv[3]);
    fflush(stdout);
    serve(atoi(argv[3]), handle);
    fprintf(stderr, "jpki-sample-site: this port is not free\n");
    return 6;
}
