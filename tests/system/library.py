# SPDX-License-Identifier: Apache-2.0
"""A public library as somebody outside uses it: pkg-config, the public header, the shared library."""
import os
import re
import subprocess

from harness import Skip, read_text, run, write_text

BUILD = os.path.dirname(os.environ["JPKI_TEST_BIN"])
ROOT = os.environ["JPKI_TEST_ROOT"]
SANITIZE = [f"-fsanitize={kinds}" for kinds in [os.environ["JPKI_TEST_SANITIZE"]] if kinds != "none"]
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror"]
DLOPEN = """
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\\n", dlerror());
        return 9;
    }
    for (int i = 2; i < argc; i++)
        printf("%s %d\\n", argv[i], dlsym(library, argv[i]) != NULL);
    return argc > 2 ? dlclose(library) : 1;
}
"""


class Library:
    """name is that of pkg-config: "jpki" is libjpki.so.0; programs are compiled into directory."""

    def __init__(self, name, directory):
        self.name, self.directory = name, directory
        self.file = os.path.join(BUILD, "lib", f"lib{name}.so.0")

    def pkg_config(self, *arguments):
        """As seen before it is installed: meson writes NAME-uninstalled.pc."""
        environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(BUILD, "meson-uninstalled"))
        command = ["pkg-config", *arguments, self.name]
        return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.split()

    def compile(self, source, out, *flags, language="c"):
        """The compiler knows the library by pkg-config alone."""
        compiler = os.environ["JPKI_TEST_CC"].split() if language == "c" else ["g++"]
        rpath = f"-Wl,-rpath,{os.path.dirname(self.file)}"
        run(*compiler, *WARNINGS, *(SANITIZE if language == "c" else []), *flags, source,
            *self.pkg_config("--cflags", "--libs"), rpath, "-o", self.directory.file(out))
        return self.directory.file(out)

    def example(self, name):
        """A program of examples/, which is held to C99 and POSIX."""
        return self.compile(os.path.join(ROOT, "examples", name + ".c"), name, "-std=c99", "-D_POSIX_C_SOURCE=200809L")

    def source(self, name, text):
        path = self.directory.file(name)
        write_text(path, text)
        return path

    def check_exports(self):
        """Exactly the functions of the map."""
        text = read_text(os.path.join(ROOT, "lib", self.name + ".map"))
        listed = set(re.findall(r"^ +(jpki_\w+);", text, re.MULTILINE))
        version = re.search(r"^(\w+) \{", text, re.MULTILINE).group(1)
        symbols = run("nm", "-D", "--defined-only", self.file).stdout.decode()
        exported = {line.split()[-1].split("@")[0] for line in symbols.splitlines()} - {version}
        if SANITIZE:
            exported = {name for name in exported if not name.startswith(("__asan", "__ubsan", "__odr"))}
        assert exported == listed and listed, exported ^ listed

    def check_needs(self, *libraries):
        """Links these and libc, and is called as it should be."""
        if SANITIZE:
            raise Skip("sanitizers bring libraries of their own")
        dynamic = run("readelf", "-d", self.file).stdout.decode()
        needed = set(re.findall(r"NEEDED.*\[(.*)\]", dynamic))
        loader = {name for name in needed if name.startswith("ld-linux")}  # libc's own, for variables of threads
        assert needed - loader == {*libraries, "libc.so.6"}, dynamic
        assert re.findall(r"SONAME.*\[(.*)\]", dynamic) == [f"lib{self.name}.so.0"], dynamic

    def check_hidden(self, seen, hidden):
        """What a program that loads it at run time finds, and does not."""
        out = self.directory.file("dlopen")
        run(*os.environ["JPKI_TEST_CC"].split(), *SANITIZE, self.source("dlopen.c", DLOPEN), "-o", out)
        said = run(out, self.file, *seen, *hidden).stdout.decode().split()
        assert dict(zip(said[::2], said[1::2])) == {**dict.fromkeys(seen, "1"), **dict.fromkeys(hidden, "0")}, said

    def check_cxx(self, text):
        """A program in C++ compiles, and ends with 0."""
        if SANITIZE:
            raise Skip("the plain build shows it")
        run(self.compile(self.source("a.cc", text), "cxx", "-std=c++11", language="c++"))

    def check_version(self, header, function):
        text = f"#include <{header}>\n#include <stdio.h>\nint main(void) {{ return puts({function}()) < 0; }}\n"
        out = self.compile(self.source("v.c", text), "version", "-std=c99")
        assert run(out).stdout.decode().split() == self.pkg_config("--modversion")
