/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the control socket: what each call takes and answers, member by member. */
#include "card/control_handlers.h"
#include "card/limits.h"
#include "card/pin.h"

const struct http_about control_about = {
    "softcard", "OpenJPKI software card",
    "What a counter's terminal and tests ask of a software card. No call gives a key or a "
    "PIN."};

static const char *const key_values[] = {"sign", "auth", "text", "visual", "common", NULL};
static const char *const kind_values[] = {"plastic", "android", "iphone", "under15",
                                          "under1",  "face",    NULL};
static bool is_sign_password(const char *text)
{
    return pin_is_sign_password(bytes_text(text));
}

static const struct http_form sign_password_form = {"^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$",
                                                    "6 to 16 of A-Z and 0-9, at least one of each",
                                                    is_sign_password};
static const struct http_form four_form = {"^[0-9]{4}$", "four digits"};
static const struct http_form six_form = {"^[0-9]{6}$", "six digits"};
static const struct http_form twelve_form = {"^[0-9]{12}$", "twelve digits"};
static const struct http_form fourteen_form = {"^[0-9]{14}$", "fourteen digits"};

static const struct http_member key_flags[] = {
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"text", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"visual", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"common", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {NULL},
};
static const struct http_member new_key_flags[] = {
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {NULL},
};
static const struct http_member certificate_flags[] = {
    {"sign", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"sign_ca", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {"auth_ca", HTTP_BOOL, HTTP_REQUIRED, "whether it is there"},
    {NULL},
};
static const struct http_member pin_members[] = {
    {"set", HTTP_BOOL, HTTP_REQUIRED, "whether it was chosen"},
    {"tries", HTTP_INT, HTTP_REQUIRED, "how many are left"},
    {"tries_most", HTTP_INT, HTTP_REQUIRED, "how many there are after a right one"},
    {NULL},
};
static const struct http_member pins_members[] = {
    {"sign", HTTP_OBJECT, HTTP_REQUIRED, "the sign password", pin_members},
    {"auth", HTTP_OBJECT, HTTP_REQUIRED, "the auth PIN", pin_members},
    {"text", HTTP_OBJECT, HTTP_REQUIRED, "the PIN of the text applet", pin_members},
    {"text_a", HTTP_OBJECT, HTTP_REQUIRED, "check code A, text applet", pin_members},
    {"text_b", HTTP_OBJECT, HTTP_REQUIRED, "check code B, text applet", pin_members},
    {"text_0012", HTTP_OBJECT, HTTP_REQUIRED, "blocked from issue, text applet", pin_members},
    {"birth", HTTP_OBJECT, HTTP_REQUIRED, "the birth date, visual applet", pin_members},
    {"visual_b", HTTP_OBJECT, HTTP_REQUIRED, "check code B, visual applet", pin_members},
    {"visual_a", HTTP_OBJECT, HTTP_REQUIRED, "check code A, visual applet", pin_members},
    {"common", HTTP_OBJECT, HTTP_REQUIRED, "the juki PIN, common applet", pin_members},
    {"juki", HTTP_OBJECT, HTTP_REQUIRED, "the juki PIN, juki applet", pin_members},
    {NULL},
};
static const struct http_member card_members[] = {
    {"serial", HTTP_TEXT, HTTP_REQUIRED, "as it is printed"},
    {"kind", HTTP_TEXT, HTTP_REQUIRED, "what kind of card", .values = kind_values},
    {"options", HTTP_TEXT, HTTP_REQUIRED, "disputed behaviours that are not as usual"},
    {"dead", HTTP_BOOL, HTTP_REQUIRED, "whether it was tampered with"},
    {"personalised", HTTP_BOOL, HTTP_REQUIRED, "whether it is somebody's"},
    {"keys", HTTP_OBJECT, HTTP_REQUIRED, "which there are", key_flags},
    {"new_keys", HTTP_OBJECT, HTTP_REQUIRED, "which wait for certificates", new_key_flags},
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "which there are", certificate_flags},
    {"pins", HTTP_OBJECT, HTTP_REQUIRED, "their counters", pins_members},
    {"files", HTTP_ARRAY, HTTP_REQUIRED, "personal files that are there, as text/0001"},
    {"inserted", HTTP_BOOL, HTTP_REQUIRED, "whether it is in its reader"},
    {NULL},
};
static const struct http_answer card_answers[] = {
    {200, "what is on it, without secrets", card_members}, {0}};
static const struct http_member key_body[] = {
    {"key", HTTP_TEXT, HTTP_REQUIRED, "which one", .values = key_values},
    {NULL},
};
static const struct http_member spki_members[] = {
    {"spki", HTTP_TEXT, HTTP_REQUIRED, "the public key, SubjectPublicKeyInfo",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_answer spki_answers[] = {{201, "the key pair is made", spki_members}, {0}};
static const struct http_answer key_answers[] = {
    {200, "the public half of a key pair that was made", spki_members}, {0}};
static const struct http_member csr_members[] = {
    {"request", HTTP_TEXT, HTTP_REQUIRED, "PKCS#10", .form = &http_form_base64},
    {NULL},
};
static const struct http_answer csr_answers[] = {
    {200, "a request signed with the key", csr_members}, {0}};
static const struct http_member certificate_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "DER; not for who is too young", .form = &http_form_base64},
    {"sign_ca", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {"auth_ca", HTTP_TEXT, HTTP_REQUIRED, "DER", .form = &http_form_base64},
    {NULL},
};
static const struct http_member secret_members[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "the password; with a sign certificate only",
     .form = &sign_password_form},
    {"auth", HTTP_TEXT, HTTP_OPTIONAL, "the PIN; on all kinds but face", .form = &four_form},
    {"text", HTTP_TEXT, HTTP_OPTIONAL, "the PIN of the text applet", .form = &four_form},
    {"juki", HTTP_TEXT, HTTP_OPTIONAL, "the PIN of juki and common applet", .form = &four_form},
    {"a", HTTP_TEXT, HTTP_OPTIONAL, "check code A, text and visual applet", .form = &twelve_form},
    {"b", HTTP_TEXT, HTTP_OPTIONAL, "check code B, text and visual applet", .form = &fourteen_form},
    {"birth", HTTP_TEXT, HTTP_OPTIONAL, "birth date with the year of its era, visual applet",
     .form = &six_form},
    {NULL},
};
static const struct http_member token_members[] = {
    {"label", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {"manufacturer", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {"model", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {"serial", HTTP_TEXT, HTTP_OPTIONAL, "as PKCS#11 shows it"},
    {NULL},
};
static const struct http_member text_files[] = {
    {"0001", HTTP_TEXT, HTTP_OPTIONAL, "individual number", .form = &http_form_base64},
    {"0002", HTTP_TEXT, HTTP_OPTIONAL, "attributes", .form = &http_form_base64},
    {"0003", HTTP_TEXT, HTTP_OPTIONAL, "digests and signature", .form = &http_form_base64},
    {"0004", HTTP_TEXT, HTTP_OPTIONAL, "certificate of the issuer", .form = &http_form_base64},
    {"0005", HTTP_TEXT, HTTP_OPTIONAL, "about the applet", .form = &http_form_base64},
    {"0006", HTTP_TEXT, HTTP_OPTIONAL, "public key for session keys", .form = &http_form_base64},
    {"0007", HTTP_TEXT, HTTP_OPTIONAL, "public key of the applet", .form = &http_form_base64},
    {"0008", HTTP_TEXT, HTTP_OPTIONAL, "unknown", .form = &http_form_base64},
    {NULL},
};
static const struct http_member visual_files[] = {
    {"0001", HTTP_TEXT, HTTP_OPTIONAL, "age record", .form = &http_form_base64},
    {"0002", HTTP_TEXT, HTTP_OPTIONAL, "what is printed in front", .form = &http_form_base64},
    {"0003", HTTP_TEXT, HTTP_OPTIONAL, "about the applet", .form = &http_form_base64},
    {"0004", HTTP_TEXT, HTTP_OPTIONAL, "certificate of the issuer", .form = &http_form_base64},
    {"0005", HTTP_TEXT, HTTP_OPTIONAL, "individual number as printed", .form = &http_form_base64},
    {"0006", HTTP_TEXT, HTTP_OPTIONAL, "unknown", .form = &http_form_base64},
    {NULL},
};
static const struct http_member juki_files[] = {
    {"0002", HTTP_TEXT, HTTP_OPTIONAL, "reference of a key, in a record",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member common_files[] = {
    {"0001", HTTP_TEXT, HTTP_OPTIONAL, "numbers of the card, in a record",
     .form = &http_form_base64},
    {"0002", HTTP_TEXT, HTTP_OPTIONAL, "reference of a key", .form = &http_form_base64},
    {NULL},
};
static const struct http_member mf_objects[] = {
    {"0042", HTTP_TEXT, HTTP_OPTIONAL, "issuer", .form = &http_form_base64},
    {"0045", HTTP_TEXT, HTTP_OPTIONAL, "card", .form = &http_form_base64},
    {"0066", HTTP_TEXT, HTTP_OPTIONAL, "recognition data", .form = &http_form_base64},
    {"00F0", HTTP_TEXT, HTTP_OPTIONAL, "municipality", .form = &http_form_base64},
    {"00F2", HTTP_TEXT, HTTP_OPTIONAL, "expiry", .form = &http_form_base64},
    {"00F7", HTTP_TEXT, HTTP_OPTIONAL, "certificate", .form = &http_form_base64},
    {"00F8", HTTP_TEXT, HTTP_OPTIONAL, "certificate", .form = &http_form_base64},
    {"7F21", HTTP_TEXT, HTTP_OPTIONAL, "certificate", .form = &http_form_base64},
    {"5F51", HTTP_TEXT, HTTP_OPTIONAL, "answer to reset without its first byte",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_member file_members[] = {
    {"text", HTTP_OBJECT, HTTP_OPTIONAL, "of the text applet, by FID", text_files},
    {"visual", HTTP_OBJECT, HTTP_OPTIONAL, "of the visual applet, by FID", visual_files},
    {"juki", HTTP_OBJECT, HTTP_OPTIONAL, "of the juki applet, by FID", juki_files},
    {"common", HTTP_OBJECT, HTTP_OPTIONAL, "of the common applet, by FID", common_files},
    {"mf", HTTP_OBJECT, HTTP_OPTIONAL, "objects of GET DATA, by tag", mf_objects},
    {NULL},
};
static const struct http_member personalisation_body[] = {
    {"kind", HTTP_TEXT, HTTP_OPTIONAL, "as it was made if not given", .values = kind_values},
    {"certificates", HTTP_OBJECT, HTTP_REQUIRED, "for the card's keys", certificate_members},
    {"pins", HTTP_OBJECT, HTTP_REQUIRED, "as the holder chose them", secret_members},
    {"token", HTTP_OBJECT, HTTP_OPTIONAL, "what the card calls itself", token_members},
    {"files", HTTP_OBJECT, HTTP_OPTIONAL, "what the other applets hold, without filler",
     file_members},
    {NULL},
};
static const struct http_answer personalised_answers[] = {{204, "the card is the holder's"}, {0}};
static const struct http_member recertification_body[] = {
    {"sign", HTTP_TEXT, HTTP_OPTIONAL, "for the new sign key, DER", .form = &http_form_base64},
    {"sign_ca", HTTP_TEXT, HTTP_OPTIONAL, "its CA's; as it is if not given",
     .form = &http_form_base64},
    {"auth", HTTP_TEXT, HTTP_OPTIONAL, "for the new auth key, DER", .form = &http_form_base64},
    {"auth_ca", HTTP_TEXT, HTTP_OPTIONAL, "its CA's; as it is if not given",
     .form = &http_form_base64},
    {NULL},
};
static const struct http_answer recertified_answers[] = {
    {204, "the new keys and certificates are in use"}, {0}};
static const struct http_member code_members[] = {
    {"a", HTTP_TEXT, HTTP_OPTIONAL, "check code A, text and visual applet", .form = &twelve_form},
    {"b", HTTP_TEXT, HTTP_OPTIONAL, "check code B, text and visual applet", .form = &fourteen_form},
    {"birth", HTTP_TEXT, HTTP_OPTIONAL, "birth date with the year of its era, visual applet",
     .form = &six_form},
    {NULL},
};
static const struct http_member rewriting_body[] = {
    {"files", HTTP_OBJECT, HTTP_REQUIRED, "in the place of those there are, without filler",
     file_members},
    {"pins", HTTP_OBJECT, HTTP_OPTIONAL, "codes that follow from what is printed", code_members},
    {NULL},
};
static const struct http_answer rewritten_answers[] = {{204, "the card says so"}, {0}};
static const char *const resettable_pins[] = {"auth", "sign", "text",  "juki",
                                              "a",    "b",    "birth", NULL};
static const struct http_member pin_reset_body[] = {
    {"pin", HTTP_TEXT, HTTP_REQUIRED, "which one", .values = resettable_pins},
    {"value", HTTP_TEXT, HTTP_REQUIRED, "the new one"},
    {NULL},
};
static const struct http_form key_digits_form = {
    "^([0-9A-Fa-f]{64}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{32})$", "32, 48 or 64 hexadecimal digits"};
static const struct http_member issuer_keys_body[] = {
    {"version", HTTP_INT, HTTP_REQUIRED, "of the key set, 1 to 127"},
    {"enc", HTTP_TEXT, HTTP_REQUIRED, "for encryption", .form = &key_digits_form},
    {"mac", HTTP_TEXT, HTTP_REQUIRED, "for authentication", .form = &key_digits_form},
    {"dek", HTTP_TEXT, HTTP_REQUIRED, "for keys sent to the card", .form = &key_digits_form},
    {NULL},
};
static const struct http_member insertion_body[] = {
    {"inserted", HTTP_BOOL, HTTP_REQUIRED, "false pulls it out"},
    {NULL},
};
static const struct http_member tamper_body[] = {
    {"destroy", HTTP_BOOL, HTTP_REQUIRED, "true; the card is lost"},
    {NULL},
};
static const struct http_member trouble_body[] = {
    {"remove_after", HTTP_INT, HTTP_OPTIONAL, "commands until it is pulled out"},
    {"garbage_after", HTTP_INT, HTTP_OPTIONAL, "commands until it answers nonsense"},
    {"mute_after", HTTP_INT, HTTP_OPTIONAL, "commands until it is silent"},
    {"latency_ms", HTTP_INT, HTTP_OPTIONAL, "how late each answer comes"},
    {"forged_byte", HTTP_INT, HTTP_OPTIONAL, "of text 0002: other than was signed"},
    {"copied", HTTP_INT, HTTP_OPTIONAL, "1: the text and visual keys are not those of the files"},
    {NULL},
};
static const struct http_answer done_answers[] = {{204, "done"}, {0}};

const struct route control_routes[] = {
    {HTTP_GET, "/v1/card", &http_listed_peer, NULL, control_get_card, "getCard",
     "Read what is on the card", card_answers},
    {HTTP_POST, "/v1/keys", &http_listed_peer, key_body, control_post_keys, "makeKey",
     "Make a key pair", spki_answers, .fails = HTTP_FAIL(ERR_CONFLICT)},
    {HTTP_GET, "/v1/keys/:key", &http_listed_peer, NULL, control_get_key, "getKey",
     "Read the public half of a key", key_answers, .fails = HTTP_FAIL(ERR_ABSENT)},
    {HTTP_POST, "/v1/requests", &http_listed_peer, key_body, control_post_requests,
     "requestCertificate", "Ask for a certificate, with a proof that the card has the key",
     csr_answers, .fails = HTTP_FAIL(ERR_ABSENT)},
    {HTTP_POST, "/v1/personalisation", &http_listed_peer, personalisation_body,
     control_post_personalisation, "personalise", "Make it somebody's, once", personalised_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED), .body_max = CARD_BODY_MAX * 2},
    {HTTP_POST, "/v1/recertification", &http_listed_peer, recertification_body,
     control_post_recertification, "recertify", "Put new keys in the place of the old ones",
     recertified_answers, .fails = HTTP_FAIL(ERR_CONFLICT) | HTTP_FAIL(ERR_UNTRUSTED)},
    {HTTP_POST, "/v1/rewriting", &http_listed_peer, rewriting_body, control_post_rewriting,
     "rewrite", "Write anew what is no longer true", rewritten_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT), .body_max = CARD_BODY_MAX * 2},
    {HTTP_POST, "/v1/issuer-keys", &http_listed_peer, issuer_keys_body, control_post_issuer_keys,
     "putIssuerKeys", "Put the issuer's keys for the free area on the card", done_answers,
     .fails = HTTP_FAIL(ERR_CONFLICT)},
    {HTTP_POST, "/v1/pin-reset", &http_listed_peer, pin_reset_body, control_post_pin_reset,
     "resetPin", "Give a forgotten or locked PIN a new value and all its tries", done_answers,
     .fails = HTTP_FAIL(ERR_ABSENT) | HTTP_FAIL(ERR_CONFLICT)},
    {HTTP_POST, "/v1/insertion", &http_listed_peer, insertion_body, control_post_insertion,
     "insert", "Pull the card out or put it in", done_answers},
    {HTTP_POST, "/v1/tamper", &http_listed_peer, tamper_body, control_post_tamper, "tamper",
     "Try to get at the inside: keys, PINs and files are gone, the card is dead", done_answers},
    {HTTP_POST, "/v1/trouble", &http_listed_peer, trouble_body, control_post_trouble, "makeTrouble",
     "Have the card fail after so many commands, for tests", done_answers},
    {.path = NULL},
};
