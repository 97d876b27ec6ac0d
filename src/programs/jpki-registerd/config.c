/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/jpki-registerd/config.h"

#include "base/sock.h"
#include "fetch/uri.h"
#include "register/card.h"

#include <string.h>

#define AT(member) offsetof(struct registerd_config, member)
const struct conf_key registerd_keys[] = {
    SERVICE_KEYS("register", AT(service)),
    SERVICE_DATABASE_KEY("register", AT(database)),
    {"register", "authority", CONF_PATH, AT(authority), NULL, 0, 0, "socket of jpki-authorityd"},
    {"register", "clerk_anchors", CONF_PATH, AT(clerk_anchors), CONF_UNSET, 0, 0,
     "file or directory with the CA certificates of clerks' cards; without it nobody can log in"},
    {"register", "clerk_origin", CONF_TEXT, AT(clerk_origin), "https://register.openjpki.test", 0,
     0, "what clerks' cards sign as this register's address"},
    {"register", "counter_socket", CONF_PATH, AT(counter_socket), CONF_UNSET, 0, 0,
     "socket of the door for clerks' browsers, for a web server in front; without it there is "
     "none"},
    {"register", "counter_port", CONF_INT, AT(counter_port), "0", 0, UINT16_MAX,
     "port of 127.0.0.1 of that door; 0 is none"},
    {"register", "counter_origin", CONF_TEXT, AT(counter_origin), CONF_UNSET, 0, 0,
     "how browsers reach it, which clerks' cards sign: https://HOST[:PORT]"},
    {"register", "counter_dir", CONF_PATH, AT(counter_dir), CONF_UNSET, 0, 0,
     "the folder of the pages' files; without it there are none"},
    {"register", "operator_peers", CONF_TEXT, AT(operator_peers), "", 0, 0,
     "numeric user ids that may read the audit log, beside peers"},
    CHECKPOINT_KEYS("register", AT(checkpoints)),
    {"register", "window", CONF_TEXT, AT(window), "0001", 0, 0,
     "four characters 0-9 A-Z that name this counter in certificates"},
    {"register", "numbers", CONF_TEXT, AT(numbers), "test", 0, 0,
     "individual numbers taken: test (nobody's) or law (real ones)"},
    {"register", "cards", CONF_TEXT, AT(cards), "today", 0, 0,
     "kind of cards given out: today (the next one from three months before) or next (a year)"},
    {"register", "municipalities", CONF_PATH, AT(municipalities), CONF_UNSET, 0, 0,
     "another list of municipalities than the one that comes with the program"},
    {"register", "card_signer", CONF_PATH, AT(card_signer), CONF_UNSET, 0, 0,
     "socket of the jpki-signerd with the keys of card data, card-text and card-visual"},
    {"register", "text_certificate", CONF_PATH, AT(text_certificate), CONF_UNSET, 0, 0,
     "file with the CV certificate of card-text"},
    {"register", "visual_certificate", CONF_PATH, AT(visual_certificate), CONF_UNSET, 0, 0,
     "file with the CV certificate of card-visual"},
    {"register", "font", CONF_PATH, AT(font), CONF_UNSET, 0, 0,
     "another font for what is drawn on cards than that of fonts-vlgothic"},
    {"register", "exchange_signer", CONF_PATH, AT(exchange_signer), CONF_UNSET, 0, 0,
     "socket of the jpki-signerd with the key of person references; without it no codes are told"},
    {"register", "exchange_key", CONF_TEXT, AT(exchange_key), "exchange", 0, 0,
     "name of that key there, of role token"},
    {"register", "exchange_peers", CONF_TEXT, AT(exchange_peers), "", 0, 0,
     "numeric user ids that may ask for codes of people: that of jpki-portald"},
    {NULL, NULL, CONF_TEXT, 0, NULL, 0, 0, NULL},
};
#undef AT

const char *const registerd_reloaded[] = {
    "clerk_anchors",    "operator_peers",     "window", "cards", "municipalities", "counter_dir",
    "text_certificate", "visual_certificate", "font",   NULL};

static const char *const rules[] = {[MYNUMBER_TEST] = "test", [MYNUMBER_LAW] = "law"};

static int read_rule(const char *text, enum mynumber_rule *ret, struct err *err)
{
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i], text) == 0) {
            *ret = (enum mynumber_rule)i;
            return 0;
        }
    }
    return FAIL(err, ERR_INPUT, "numbers is test or law");
}

/* All of it or nothing; a font alone would be for nothing, too. */
static int check_card_signer(const struct registerd_config *config, struct err *err)
{
    bool is_made = config->card_signer != NULL;

    if ((config->text_certificate != NULL) != is_made ||
        (config->visual_certificate != NULL) != is_made || (config->font != NULL && !is_made))
        return FAIL(err, ERR_INPUT,
                    "card_signer, text_certificate and visual_certificate belong together, and "
                    "font to them");
    return is_made ? sock_path_check(config->card_signer, err) : 0;
}

/* What a door is for nobody without clerks, and what is signed there has to say where. */
static int check_door(const struct registerd_config *config, struct err *err)
{
    const bool is_there = config->counter_socket != NULL || config->counter_port != 0;

    if (is_there != (config->counter_origin != NULL))
        return FAIL(err, ERR_INPUT,
                    "counter_origin belongs to counter_socket or counter_port, and these to it");
    if (!is_there)
        return config->counter_dir == NULL
                   ? 0
                   : FAIL(err, ERR_INPUT, "counter_dir is for counter_socket or counter_port");
    if (config->clerk_anchors == NULL)
        return FAIL(err, ERR_INPUT, "counter_origin needs clerk_anchors: nobody could log in");
    if (config->counter_socket != NULL)
        TRY(sock_path_check(config->counter_socket, err));
    return uri_check_origin("counter_origin", config->counter_origin, err);
}

int registerd_config_read(const char *path, struct registerd_config *ret, struct err *err)
{
    *ret = (struct registerd_config){.database = NULL};
    TRY(service_read(path, registerd_keys, ret, err));
    TRY(err_prefix(err, sock_path_check(ret->authority, err), "%s", path));
    TRY(err_prefix(err, check_card_signer(ret, err), "%s", path));
    TRY(err_prefix(err, check_door(ret, err), "%s", path));
    TRY(err_prefix(err,
                   service_read_peers("operator_peers", ret->operator_peers, &ret->operators, err),
                   "%s", path));
    TRY(err_prefix(err,
                   service_read_peers("exchange_peers", ret->exchange_peers, &ret->exchange, err),
                   "%s", path));
    if (ret->exchange_signer != NULL)
        TRY(err_prefix(err, sock_path_check(ret->exchange_signer, err), "%s", path));
    TRY(err_prefix(err, checkpoint_check(&ret->checkpoints, ret->card_signer, err), "%s", path));
    TRY(err_prefix(err, window_check(ret->window, err), "%s: window", path));
    TRY(err_prefix(err, read_rule(ret->numbers, &ret->rule, err), "%s", path));
    TRY(err_prefix(err, card_generation_parse(ret->cards, &ret->generation, err), "%s: cards",
                   path));
    return err_prefix(err, service_check(&ret->service, &ret->rules, err), "%s", path);
}

void registerd_config_done(struct registerd_config *config)
{
    conf_done(registerd_keys, config);
}
