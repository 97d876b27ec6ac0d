/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fictional bank that opens accounts by card, as a provider would: the customer logs in at
 * jpki-authappd and shows the four attributes, signs the contract in a sign transaction, and the
 * platform verifies that signature. Later the bank hears by webhook that data may be newer, and
 * asks. docs/tutorial.md goes through all of it.
 *
 * What a bank never sees: a PIN, a certificate, a serial number, when or why something was revoked.
 * To be read, not to be run by a bank: customers are in memory, and served one at a time.
 */
#include "hook.h"
#include "oidc.h"

#include <stdlib.h>
#include <string.h>

enum { CUSTOMERS_MAX = 64, PERSON_SIZE = 2048, FIRST_NUMBER = 1000001 };
#define BANK     "見本銀行（試験用）"
#define CONTRACT "普通預金口座開設申込書"
#define CLIENT   "sample-bank"
#define SERVICE  "accounts"

struct customer {
    char session[JOSE_TEXT];
    struct oidc_login login;
    char person[PERSON_SIZE]; /* what the card has shown; "": nothing yet */
    char contract[PERSON_SIZE + sizeof CONTRACT], digest[JOSE_TEXT + 1]; /* what is signed */
    char result[PERSON_SIZE]; /* where the sign transaction tells its result */
    char holder[JOSE_TEXT];   /* the person, between platform and bank */
    int number;               /* of the account; 0: there is none */
};

static struct customer customers[CUSTOMERS_MAX];
static int customer_count;
static const char *authapp, *platform, *tenant;

static void say(struct visit *visit, unsigned status, const char *said)
{
    show(visit, status, BANK, said);
}

/* ---- the login ---- */

/* What comes back has to fit what is kept here under the browser's cookie. */
static void begin(struct visit *visit, struct customer *customer)
{
    if (customer_count == CUSTOMERS_MAX) {
        say(visit, 503, "満席です");
        return;
    }
    customer = &customers[customer_count++];
    jose_random(customer->session);
    visit->status = 303;
    visit->new_session = customer->session;
    visit->location = oidc_begin(&customer->login, "openid name address birthdate gender");
}

/* The four attributes as lines: alike, however the two sides spell birth date and sex. */
static const char *describe(const char *name, const char *address, const char *birth,
                            const char *sex)
{
    const int is_male = strcmp(sex, "1") == 0 || strcmp(sex, "male") == 0;
    const int is_female = strcmp(sex, "2") == 0 || strcmp(sex, "female") == 0;
    char digits[9] = "";

    for (size_t i = 0; *birth != '\0' && i < sizeof digits - 1; birth++)
        if (*birth != '-')
            digits[i++] = *birth;
    return format("氏名 %s\n住所 %s\n生年月日 %s\n性別 %s", name, address, digits,
                  is_male     ? "男"
                  : is_female ? "女"
                              : "不明");
}

/* Of the platform's answers. */
static const char *describe_attributes(const json_t *said)
{
    const json_t *shown = json_object_get(said, "attributes");

    return describe(text(shown, "name"), text(shown, "address"), text(shown, "birth_date"),
                    text(shown, "sex"));
}

/* ---- the contract: signed by the card, verified by the platform ---- */

/* Have the contract signed; where the card has to answer, and the code to be shown with it. */
static const json_t *ask_signature(struct customer *customer)
{
    const json_t *opened;
    int size = snprintf(customer->contract, sizeof customer->contract, "%s\n%s", CONTRACT,
                        customer->person);

    jose_sha256(customer->contract, customer->digest);
    opened = tell(201, format("%s/api/sign-transactions", authapp), oidc_own_token("sign"),
                  json_pack("{s:s, s:s, s:s, s:s}", "client_id", CLIENT, "title", CONTRACT, "hash",
                            customer->digest, "document",
                            keep(jose_base64(customer->contract, (size_t)size))));
    snprintf(customer->result, sizeof customer->result, "%s/api/sign-transactions/%s/result",
             authapp, text(opened, "sign_transaction_id"));
    return opened;
}

static void come_back(struct visit *visit, struct customer *customer)
{
    const json_t *person = NULL, *opened;

    /* Of another browser's login, or a second time? */
    if (customer == NULL || !oidc_comes_back(&customer->login, visit)) {
        say(visit, 400, "このログインは受け付けられません");
        return;
    }
    if (query(visit, "error")[0] == '\0')
        person = oidc_person(&customer->login, query(visit, "code"));
    if (person == NULL) {
        say(visit, 403, format("ログインできませんでした: %s", query(visit, "error")));
        return;
    }
    snprintf(customer->person, sizeof customer->person, "%s",
             describe(text(person, "name"), text(json_object_get(person, "address"), "formatted"),
                      text(person, "birthdate"), text(person, "gender")));
    opened = ask_signature(customer);
    say(visit, opened == NULL ? 502 : 200,
        format("%s\n\n署名してください\njpki sign %s --code %s", customer->person,
               text(opened, "address"), text(opened, "code")));
}

/* Why there is no account, or NULL. The certificate passes through here encrypted to the platform.
 */
static const char *verify(struct customer *customer, const json_t *result)
{
    const json_t *said = tell(201, format("%s/v1/verifications", platform), tenant,
                              json_pack("{s:{s:s, s:s}, s:s, s:s, s:s}", "digest", "alg", "SHA-256",
                                        "value", customer->digest, "form", "hash", "signature",
                                        text(result, "signature"), "certificate",
                                        text(result, "certificate")));

    if (strcmp(text(said, "verdict"), "valid") != 0)
        return format("署名は有効ではありません: %s",
                      said == NULL ? "" : keep(json_dumps(json_object_get(said, "reasons"), 0)));
    if (strcmp(describe_attributes(said), customer->person) != 0)
        return "ログインした人の署名ではありません";
    snprintf(customer->holder, sizeof customer->holder, "%s", text(said, "holder"));
    customer->number = FIRST_NUMBER + (int)(customer - customers);
    return NULL;
}

static void show_account(struct visit *visit, struct customer *customer)
{
    const char *state = "signed", *refused = NULL;

    if (customer == NULL || customer->result[0] == '\0') {
        show(visit, 200, BANK, "口座の開設は /open から");
        return;
    }
    if (customer->number == 0) {
        const json_t *result = ask(200, customer->result, oidc_own_token("sign"), NULL, NULL);

        state = text(result, "status");
        if (strcmp(state, "signed") == 0)
            refused = verify(customer, result);
    }
    if (customer->number != 0)
        say(visit, 200, format("口座番号 %d\n%s", customer->number, customer->person));
    else
        say(visit, refused == NULL ? 202 : 403,
            refused != NULL ? refused : format("署名: %s", state));
}

/* ---- the latest attributes ---- */

/* The customer hands over what 'jpki consent give' has made; it goes on to the platform as it is.
 */
static void take_consent(struct visit *visit, struct customer *customer)
{
    const json_t *consent = NULL;

    if (customer != NULL && customer->number != 0)
        consent = ask(201, format("%s/v1/consents", platform), tenant, JSON, visit->body);
    if (consent == NULL || strcmp(text(consent, "holder"), customer->holder) != 0)
        say(visit, 403, "同意を受け付けられません");
    else
        say(visit, 200, format("同意を受け付けました: %s", text(consent, "state")));
}

/* Each change is told once, so it is for every account of the person. */
static void ask_latest(const char *holder)
{
    const json_t *said = tell(200, format("%s/v1/holders/%s/latest", platform, holder), tenant,
                              json_pack("{s:s}", "service", SERVICE));

    for (int i = 0; i < customer_count && said != NULL; i++)
        if (customers[i].number != 0 && strcmp(customers[i].holder, holder) == 0)
            snprintf(customers[i].person, sizeof customers[i].person, "%s",
                     describe_attributes(said));
}

/* An event that is repeated later does no harm here: the bank asks again, in vain. */
static void take_call(struct visit *visit, struct customer *customer)
{
    const json_t *event = hook_event(visit);

    (void)customer;
    if (strcmp(text(event, "type"), "holder.data_may_have_changed") == 0)
        ask_latest(text(json_object_get(event, "data"), "holder"));
}

/* ---- */

static const struct {
    const char *method, *path;
    void (*handle)(struct visit *, struct customer *);
} routes[] = {
    {"GET", "/", show_account},      {"GET", "/open", begin},
    {"GET", "/callback", come_back}, {"POST", "/consent", take_consent},
    {"POST", "/hook", take_call},
};

static void handle(struct visit *visit)
{
    struct customer *customer = NULL;

    for (int i = 0; i < customer_count; i++)
        if (strcmp(customers[i].session, visit->session) == 0)
            customer = &customers[i];
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].path, visit->path) == 0 &&
            strcmp(routes[i].method, visit->method) == 0)
            routes[i].handle(visit, customer);
}

int main(int argc, char *argv[])
{
    static struct oidc_client own = {.id = CLIENT};

    authapp = getenv("JPKI_AUTHAPP");
    platform = getenv("JPKI_PLATFORM");
    own.key = argc == 3 ? json_load_file(argv[2], 0, NULL) : NULL;
    if (authapp == NULL || platform == NULL || own.key == NULL) {
        fprintf(stderr, "usage: bank PORT KEY.jwk, after eval \"$(jpki-sandbox env)\"\n");
        return 2;
    }
    tenant = strdup(format("Authorization: Bearer %s", read_line(getenv("JPKI_TENANT_KEY_FILE"))));
    own.callback = strdup(format("http://127.0.0.1:%s/callback", argv[1]));
    if (!oidc_start(format("%s/api/realms/main", authapp), own) ||
        !hook_start(platform, tenant, format("http://127.0.0.1:%s/hook", argv[1]))) {
        fprintf(stderr, "bank: the OpenID provider or the platform does not answer\n");
        return 5;
    }
    printf("見本銀行（試験用） http://127.0.0.1:%s/\n", argv[1]);
    fflush(stdout);
    serve(atoi(argv[1]), handle);
    fprintf(stderr, "bank: this port is not free\n");
    return 6;
}
