# SPDX-License-Identifier: Apache-2.0
"""Samples for the style rules: (rule, what it shows, files, part of what the rule says).

None in the last place means that the rule accepts the sample. Words that a rule refuses in this
file, too, are put together from pieces.
"""

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
LAYERS = "base:\ncrypto: base\ncard: base crypto\nclient: base\nprograms: *\n"
LONG = "int f(void)\n{\n" + "    ;\n" * 78 + "}\n"
MIDDLING = "int f(void)\n{\n" + "    ;\n" * 50 + "}\n"
ROOMS = "".join(f"| `{room}` | what it is for |\n" for room in ("base", "crypto", "card", "client"))
SHORT = "int g(void)\n{\n}\n"
PARSER = "MUST_CHECK int crl_parse(struct bytes der, struct err *err);\n"
ROW = "fuzz_targets += {\n  'crl': [x509_dep],\n}\n"
PAGE = (
    '.\\" SPDX-License-Identifier: Apache-2.0\n.Dd November 1, 2026\n.Dt X 1\n.Os\n.Sh NAME\n.Nm x\n'
    ".Nd does it\n.Sh DESCRIPTION\n.Nm\nknows\n.Fl -json .\n"
)
HELP = "#!/bin/sh\necho 'usage: x'\necho '  --json  for programs'\n"
ATTACKS = "| attack | stopped by | test |\n|---|---|---|\n| replay | `src/a/b.c`: f, rows | `tests/t.c`: g; `tests/t.py`: h |\n"
ATTACKED = {
    "docs/attacks.md": ATTACKS,
    "src/a/b.c": "static const int rows[] = {1};\n\nint f(int a,\n      int b)\n{\n}\n",
    "tests/t.c": "static void g(void **state)\n{\n}\n\nint main(void)\n{\n    cmocka_unit_test(g),\n}\n",
    "tests/t.py": "@test\ndef h(site):\n    pass\n",
}
HELD = "| test | what is done | shown by |\n|---|---|---|\n| server | a login | `tests/t.c`: g; `tests/t.py`: h |\n"
CONFORMING = {
    "docs/oidc-conformance.md": HELD,
    "tests/t.c": ATTACKED["tests/t.c"],
    "tests/t.py": ATTACKED["tests/t.py"],
}
FAULTS = "| fault | what happens | metric | test |\n|---|---|---|---|\n| full | 500 | `full` | `tests/t.c`: g; `tests/t.py`: h |\n"
FAULTY = {
    "docs/faults.md": FAULTS,
    "src/base/fault.c": 'static const char *const names[] = {\n    [FAULT_FULL] = "full",\n};\n',
    "tests/t.c": ATTACKED["tests/t.c"],
    "tests/t.py": ATTACKED["tests/t.py"],
}
RULES = "rule,says,source,program,test\ncard.ends,It ends.,S1,tests/a/test_t.c,g\n"
RULED = {
    "docs/rules.csv": RULES,
    "tests/a/test_t.c": ATTACKED["tests/t.c"],
    "tests/a/meson.build": "unit_tests += {\n  't': [a_dep],\n}\n",
}
PO_HEADER = 'msgid ""\nmsgstr "Language: ja\\nContent-Type: text/plain; charset=UTF-8\\n"\n\n'
PO = PO_HEADER + 'msgid "no card"\nmsgstr "カードがありません"\n'
FUZZY = PO_HEADER + '#, fuzzy\nmsgid "no card"\nmsgstr "カードがありません"\n'
DOOR = {
    "lib/jpki-x.map": "X_0 {\nglobal:\n    jpki_f;\nlocal:\n    *;\n};\n",
    "include/jpki/x.h": "enum { JPKI_A = 1 };\n#define JPKI_B 2\nint jpki_f(const char *a, int b);\n",
    "man/jpki-x.3": PAGE + '.Ft int\n.Fo jpki_f\n.Fa "const char *a"\n.Fa "int b"\n.Fc\n.Dv JPKI_A JPKI_B\n',
}


def door(path, old, new):
    """The files of a public library, one of them spoilt."""
    return {**DOOR, path: DOOR[path].replace(old, new)}


COVERED = "| item | what it is | where it is here |\n|---|---|---|\n" + "".join(
    f"| S{item} | it | no: why |\n" for item in (*range(16, 20), 133, *range(138, 141), *range(192, 202), *range(301, 369)))


def covered(where):
    """Each item, with something else of the last one."""
    return {"docs/source-coverage.md": COVERED.replace("| S368 | it | no: why |", f"| S368 | it | {where} |")}


SAMPLES = [
    ("format", "two blanks before a parenthesis", {"src/base/a.c": "int f  (void);\n"}, "src/base/a.c:1"),
    ("format", "source as it should look", {"src/base/a.c": "int f(void);\n"}, None),
    #
    ("layers", "client including card", {"src/client/a.c": '#include "card/card.h"\n'}, "client may not include"),
    ("layers", "base including crypto", {"src/base/a.h": '#include "crypto/digest.h"\n'}, "base may not include"),
    ("layers", "an include not written from src", {"src/base/a.c": '#include "b.h"\n'}, "not written from src/"),
    ("layers", "a relative include", {"src/base/a.c": '#include "../card/card.h"\n'}, "not written from src/"),
    ("layers", "a room nobody listed", {"src/extra/a.c": '#include "base/err.h"\n'}, "not in layers.txt"),
    ("layers", "a cycle in the table", {"layers.txt": "base: card\ncard: base\n"}, "not on a line above"),
    ("layers", "a room nobody describes", {"ARCHITECTURE.md": ROOMS.replace("client", "c")}, "the room client"),
    ("layers", "a program nobody describes", {"src/programs/jpki/meson.build": ""}, "the program jpki"),
    ("layers", "OpenSSL in the card", {"src/card/a.c": "#include <openssl/evp.h>\n"}, "openssl/evp.h belongs to"),
    ("layers", "PC/SC in a program", {"src/programs/jpki/a.c": "#include <winscard.h>\n"}, "winscard.h belongs to"),
    ("layers", "PC/SC by its long name", {"src/client/a.c": "#include <PCSC/winscard.h>\n"}, "belongs to"),
    ("layers", "jansson outside its file", {"src/base/a.c": "#include <jansson.h>\n"}, "jansson.h belongs to"),
    ("layers", "SQLite outside db", {"src/card/a.c": "#include <sqlite3.h>\n"}, "sqlite3.h belongs to"),
    ("layers", "libcurl outside fetch", {"src/client/a.c": "#include <curl/curl.h>\n"}, "curl/curl.h belongs to"),
    ("layers", "libmicrohttpd in a program", {"src/programs/x/a.c": "#include <microhttpd.h>\n"}, "belongs to"),
    ("layers", "a private key in a program", {"src/programs/x/a.c": '#include "crypto/privkey.h"\n'}, "belongs to"),
    ("layers", "a public header inside", {"src/card/a.c": "#include <jpki/verify.h>\n"}, "jpki/verify.h belongs to"),
    ("layers", "allowed includes", {"src/card/a.c": '#include "base/err.h"\n#include "card/b.h"\n'}, None),
    #
    ("forbidden", "time()", {"src/card/a.c": "long f(void) { return time(0); }\n"}, "a.c:1: time()"),
    ("forbidden", "strcpy()", {"src/card/a.c": "/* x\n */ void f(char *a) { strcpy (a, a); }\n"}, "a.c:2"),
    ("forbidden", "goto", {"src/card/a.c": "void f(void) { goto out; out:; }\n"}, "goto"),
    ("forbidden", "exit() in a library", {"src/card/a.c": "void f(void) { exit(1); }\n"}, "exit()"),
    ("forbidden", "exit() in a program", {"src/programs/x/a.c": "void f(void) { exit(1); }\n"}, None),
    (
        "forbidden",
        "names that only look alike",
        {"src/card/a.c": '/* time() */ void f(void) { x.time("time()"); sometime(); }\n'},
        None,
    ),
    #
    ("functions", "81 lines", {"src/base/a.c": LONG}, "f has 81 lines"),
    ("functions", "80 lines", {"src/base/a.c": LONG.replace("    ;\n", "", 1) + SHORT * 9}, None),
    ("functions", "one of five with 53 lines", {"src/base/a.c": MIDDLING + SHORT * 4}, "p90 is 53"),
    (
        "functions",
        "seven parameters",
        {"src/base/a.c": "int f(int a, int b, int c, int d, int e, int g, int h)\n{\n}\n"},
        "7 parameters",
    ),
    (
        "functions",
        "six, one of them a function",
        {"src/base/a.c": "int f(int a, int b, int c, int d, int e, int (*g)(int, int))\n{\n}\n"},
        None,
    ),
    #
    ("filesize", "901 lines", {"src/base/a.c": "\n" * 900 + "x\n"}, "a.c:901: 901 lines"),
    ("filesize", "900 lines", {"src/base/a.c": "x\n" * 900}, None),
    ("filesize", "blanks at the end of a line", {"README.md": "a \n"}, "README.md:1: blanks"),
    ("filesize", "no line feed at the end", {"README.md": "a"}, "line feed"),
    #
    ("exports", "a map without header and page", {"lib/jpki-x.map": "\n"}, "no include/jpki/x.h"),
    ("exports", "a function that is not exported", door("lib/jpki-x.map", "jpki_f;", ""), "does not list jpki_f"),
    ("exports", "an export nobody declares", door("lib/jpki-x.map", "jpki_f;", "jpki_f; \n  jpki_g;"), "lists jpki_g"),
    ("exports", "a function without manual", door("man/jpki-x.3", ".Fo jpki_f", ".Fo jpki_g"), "does not list jpki_f"),
    ("exports", "a manual of another prototype", door("man/jpki-x.3", "int b", "long b"), "has jpki_f as"),
    ("exports", "a manual of another result", door("man/jpki-x.3", ".Ft int", ".Ft void"), "has jpki_f as"),
    ("exports", "a constant nobody explains", door("man/jpki-x.3", "JPKI_A", ""), "does not name JPKI_A"),
    ("exports", "a macro nobody explains", door("man/jpki-x.3", "JPKI_B", ""), "does not name JPKI_B"),
    (
        "exports",
        "a constant of an included header that nobody explains",
        {**door("include/jpki/x.h", "enum", "#include <jpki/y.h>\nenum"), "include/jpki/y.h": "enum { JPKI_C = 3 };\n"},
        "does not name JPKI_C",
    ),
    ("exports", "a public library in order", DOOR, None),
    #
    ("headers", "a public one that C++ does not take", {"include/jpki/x.h": "int jpki_new(int class);\n"}, "x.h:1: does not"),
    ("headers", "a public one that C99 does not take", {"include/jpki/x.h": "typedef int a;\ntypedef int a;\n"}, "does not"),
    (
        "headers",
        "a public one that needs one of ours",
        {"include/jpki/x.h": '#include "base/a.h"\n', "src/base/a.h": "#pragma once\n"},
        "x.h:1: does not",
    ),
    ("headers", "one that needs another", {"src/base/a.h": "#pragma once\nsize_t f(void);\n"}, "a.h:1: does not"),
    ("headers", "one that cannot come twice", {"src/base/a.h": "struct a { int b; };\n"}, "does not compile"),
    ("headers", "one that stands alone", {"src/base/a.h": "#pragma once\nint f(void);\n"}, None),
    #
    ("shell", "an unquoted variable", {"run": "#!/bin/bash\nrm $1\n"}, "run:2: "),
    ("shell", "Python that does not compile", {"x.py": "def f(:\n"}, "x.py:1"),
    ("shell", "a clean script", {"run": '#!/bin/bash\nrm "$1"\n'}, None),
    #
    ("spelling", "a misspelling", {"README.md": "rec" + "ieve\n"}, "README.md:1"),
    ("spelling", "none", {"README.md": "receive\n"}, None),
    #
    ("licence", "source without one", {"src/base/a.c": "int f(void);\n"}, "a.c:1: SPDX"),
    ("licence", "a script without one", {"run": "#!/bin/bash\ntrue\n"}, "run:1: SPDX"),
    ("licence", "source with one", {"src/base/a.c": SPDX + "int f(void);\n"}, None),
    #
    ("words", "a path of one machine", {"README.md": "see /ho" + "me/somebody/main\n"}, "README.md:1"),
    ("words", "the address of a registry", {"x": "get it from regis" + "try.packages.org\n"}, "x:1"),
    ("words", "a note to self", {"src/base/a.c": "/* TO" + "DO: later */\n"}, "a.c:1"),
    ("words", "a relative path", {"README.md": "see docs/homework/main\n"}, None),
    #
    ("links", "one that leads nowhere", {"README.md": "see [it](docs/it.md)\n"}, "README.md:1: docs/it.md"),
    ("links", "a file that is not there", {"README.md": "see `src/base/a.c`\n"}, "README.md:1: src/base/a.c"),
    ("links", "a decision that no list names", {"docs/decisions/0001-a.md": "x\n"}, "0001-a.md:1"),
    ("links", "one that leads somewhere", {"README.md": "[it](docs/it.md#a-x-y)\n", "docs/it.md": "## A `x`, y\n"}, None),
    ("links", "a heading that is not there", {"README.md": "[it](#b)\n\n## A\n"}, "README.md:1: README.md has no heading b"),
    ("links", "a heading inside of a command", {"README.md": "[it](#b)\n```\n# b\n```\n"}, "no heading b"),
    ("links", "a page that the index has not", {"docs/index.md": "x\n", "docs/a.md": "x\n"}, "docs/a.md:1: is not listed"),
    ("links", "a name that stands for many", {"README.md": "put it into `src/ROOM/x.c`\n"}, None),
    #
    ("limits", "a limit without a test", {"src/card/limits.h": "enum {\n    A_MAX = 1,\n};\n"}, "no test names A_MAX"),
    (
        "limits",
        "a limit with one",
        {"src/card/limits.h": "enum { A_MAX = 1 };\n", "tests/unit/card/test_a.c": "f(A_MAX + 1);\n"},
        None,
    ),
    #
    ("parsers", "one without a target", {"src/x509/a.h": PARSER}, "no fuzz target calls crl_parse"),
    (
        "parsers",
        "one with a target",
        {
            "src/x509/a.h": PARSER,
            "fuzz/fuzz_crl.c": "crl_parse(data, NULL);\n",
            "fuzz/meson.build": ROW,
            "fuzz/seeds/crl/a": "0",
        },
        None,
    ),
    ("parsers", "a target without seeds", {"fuzz/fuzz_crl.c": "", "fuzz/meson.build": ROW}, "has no seed"),
    (
        "parsers",
        "a target nobody builds",
        {"fuzz/fuzz_crl.c": "", "fuzz/meson.build": "", "fuzz/seeds/crl/a": "0"},
        "no row",
    ),
    #
    ("manpages", "a program without a page", {"src/programs/x/meson.build": ""}, "no man/x.1"),
    (
        "manpages",
        "a program beside a library of its name",
        {"src/programs/x/meson.build": "", "man/x.3": PAGE.replace("X 1", "X 3")},
        "no man/x.1",
    ),
    ("manpages", "mdoc that is not clean", {"man/x.1": PAGE + ".Zz\n"}, "man/x.1:12"),
    (
        "manpages",
        "an option that the page lacks",
        {"src/programs/x/meson.build": "", "man/x.1": PAGE.replace("json", "jsno"), "build/bin/x": HELP},
        "'--json'",
    ),
    (
        "manpages",
        "a page that says all",
        {"src/programs/x/meson.build": "", "man/x.1": PAGE, "build/bin/x": HELP},
        None,
    ),
    #
    ("translations", "a message without Japanese", {"src/base/a.c": 'tr("no reader");\n', "po/ja.po": PO}, "a.c:1: "),
    ("translations", "a fuzzy translation", {"src/base/a.c": 'tr("no card");\n', "po/ja.po": FUZZY}, "a.c:1: "),
    ("translations", "a malformed catalogue", {"src/base/a.c": "", "po/ja.po": PO + 'msgid "x'}, "po/ja.po"),
    (
        "translations",
        "a number that only some systems translate",
        {"src/base/a.c": 'N_("no card");\n', "po/ja.po": PO + '\nmsgid "%<PRIu64> cards"\nmsgstr "%<PRIu64> 枚"\n'},
        "%llu",
    ),
    (
        "translations",
        "a width by an argument, for which a catalogue is refused",
        {"src/base/a.c": 'N_("no %.*s");\n', "po/ja.po": PO + '\nmsgid "no %.*s"\nmsgstr "%.*s なし"\n'},
        "no width",
    ),
    ("translations", "all translated", {"src/base/a.c": 'N_("no card");\n', "po/ja.po": PO}, None),
    #
    ("attacks", "a test that is not there", {**ATTACKED, "tests/t.py": "def h(site):\n    pass\n"}, "runs, h"),
    (
        "attacks",
        "a test that nobody runs",
        {**ATTACKED, "tests/t.c": "static void g(void **state)\n{\n}\n"},
        "attacks.md:3: tests/t.c has no test that runs, g",
    ),
    ("attacks", "a check that is only declared", {**ATTACKED, "src/a/b.c": "int f(int a);\n"}, "has no function f"),
    ("attacks", "a row without a test", {**ATTACKED, "docs/attacks.md": "| a | `src/a/b.c`: f | none |\n"}, "'none'"),
    ("attacks", "a file that is not there", {"docs/attacks.md": ATTACKS}, "src/a/b.c is no file in src/"),
    ("attacks", "a page whose tests run", ATTACKED, None),
    #
    ("coverage", "an item without a row", {"docs/source-coverage.md": COVERED.replace("| S305 | it | no: why |\n", "")}, "has no row for S305"),
    ("coverage", "a test that is not there", covered("`tests/t.c`: g"), "tests/t.c is no file in tests/"),
    ("coverage", "a word that the data have not", {**covered("`data/d.tsv`: b"), "data/d.tsv": "abc\n"}, "data/d.tsv has no b"),
    ("coverage", "a page that is not there", covered("[a](a.md)"), "there is no a.md"),
    ("coverage", "neither a test nor a reason", covered("later"), "'later' is no test, data, page or reason"),
    ("coverage", "an item twice", {"docs/source-coverage.md": COVERED + "| S16 | it | no: why |\n"}, "S16 is not asked for"),
    ("coverage", "a page with each item", {"docs/source-coverage.md": COVERED}, None),

    ("sql", "a row instead of another", {"src/ocsp/a.c": 'f("INSERT " "OR REPLACE INTO t VALUES (1)");\n'}, "a.c:1: INSERT OR REPLACE is"),
    ("sql", "a row that may be there", {"src/portal/a.c": 'f("INSERT OR IGNORE"\n  " INTO t VALUES (1)");\n'}, "a.c:1: INSERT OR IGNORE"),
    ("sql", "no limit", {"src/exchange/a.c": 'f("SELECT a FROM t"\n  " LIMIT -1 OFFSET ?");\n'}, "LIMIT and DB_ALL"),
    ("sql", "an older word", {"src/portal/a.c": 'f("SELECT ifnull(a, 0) FROM t");\n'}, "coalesce"),
    ("sql", "a column that tables do not say", {"src/portal/a.c": 'f("SELECT a FROM t ORDER BY rowid");\n'}, "a column of the table"),
    ("sql", "a room with one database", {"src/platform/a.c": 'f("SELECT a FROM t ORDER BY rowid");\n'}, None),
    ("sql", "what makes tables", {"src/portal/a.c": 'f("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT, WITHOUT ROWID;");\n'}, None),
    ("sql", "a row by places", {"src/portal/application/a.c": 'f("INSERT INTO t"\n  " VALUES (?, ?)");\n'}, "a.c:1: a row by its columns' places"),
    ("sql", "a row by names", {"src/portal/application/a.c": 'f("INSERT INTO t (a, b)"\n  " SELECT ?, ? FROM t");\n'}, None),
    (
        "sql",
        "words of both, and no statements",
        {"src/portal/a.c": 'f("INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING"); g("take it or put another in its place; rowid");\n'},
        None,
    ),

    ("conformance", "a test that is not there", {**CONFORMING, "tests/t.py": "def h(site):\n    pass\n"}, "runs, h"),
    ("conformance", "a file that is not there", {"docs/oidc-conformance.md": HELD}, "tests/t.c is no file in tests/"),
    ("conformance", "a row without a test", {"docs/oidc-conformance.md": "| server | a login | none |\n"}, "'none'"),
    ("conformance", "a row that says too little", {"docs/oidc-conformance.md": "| server | none |\n"}, "2 cells"),
    ("conformance", "a requirement that is not held", {"docs/oidc-conformance.md": "| a | b | not held: why |\n"}, None),
    ("conformance", "a page whose tests run", CONFORMING, None),
    ("faults", "a test that is not there", {**FAULTY, "tests/t.py": "def h(site):\n    pass\n"}, "runs, h"),
    ("faults", "a metric that nobody counts", {**FAULTY, "docs/faults.md": FAULTS.replace("`full`", "`empty`")}, "counts empty"),
    ("faults", "a row without a metric", {**FAULTY, "docs/faults.md": FAULTS.replace("`full`", "none")}, "without a metric"),
    ("faults", "a row without a test", {**FAULTY, "docs/faults.md": "| a | b | `full` | none |\n"}, "'none'"),
    ("faults", "a fault without a row", {**FAULTY, "docs/faults.md": "# Faults\n"}, "full is counted and has no row"),
    ("faults", "a page whose tests run", FAULTY, None),
    #
    ("rules", "a test that is not there", {**RULED, "docs/rules.csv": RULES.replace(",g\n", ",h\n")}, "runs, h"),
    (
        "rules",
        "a test that nobody runs",
        {**RULED, "tests/a/test_t.c": "static void g(void **state)\n{\n}\n"},
        "rules.csv:2: tests/a/test_t.c has no test that runs, g",
    ),
    ("rules", "a program that is not built", {**RULED, "tests/a/meson.build": "unit_tests += {}\n"}, "in no build"),
    ("rules", "a program that is not there", {"docs/rules.csv": RULES}, "tests/a/test_t.c is no file"),
    ("rules", "a row without a source", {**RULED, "docs/rules.csv": RULES.replace("S1", "")}, "something in each"),
    ("rules", "an identifier twice", {**RULED, "docs/rules.csv": RULES + RULES.splitlines()[1]}, "another rule's"),
    ("rules", "no sentence", {**RULED, "docs/rules.csv": RULES.replace("ends.,", "ends,")}, "no sentence"),
    ("rules", "other columns", {**RULED, "docs/rules.csv": "a,b\n"}, "the columns are not"),
    ("rules", "rules whose tests run", RULED, None),
]
