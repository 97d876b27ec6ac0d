# SPDX-License-Identifier: Apache-2.0
"""A real nginx with a file of etc/nginx, in whose place of capital words stands what a test has."""
import os
import pwd
import socket
import subprocess

from harness import read_text, run, wait_until, write_text

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "etc", "nginx")
NGINX = "/usr/sbin/nginx"


def nginx_user():
    """Workers of a root nginx have a user of their own, others are whoever started it."""
    return pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else os.getuid()


def make_certificate(directory):
    """tls.pem and tls.key of a server that is called localhost."""
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", directory.file("tls.key"), "-out",
        directory.file("tls.pem"), "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")


def filled(name, words):
    text = read_text(os.path.join(FOLDER, name))
    for word, value in words.items():
        assert f" {word}" in text or f":{word}" in text, word
        text = text.replace(f" {word}", f" {value}").replace(f":{word}", f":{value}")
    return text


def is_there(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def start_nginx(directory, name, port, workers=1, user="nobody nogroup", **sockets):
    """The process; it listens on that port of the loopback with the certificate of make_certificate(). Workers of a root
    nginx are that user."""
    for folder in ("nginx", "nginx/tmp"):
        os.makedirs(directory.file(folder), mode=0o777, exist_ok=True)
        os.chmod(directory.file(folder), 0o777)
    words = sockets | {"LISTEN": f"127.0.0.1:{port}", "SERVER_NAME": "localhost",
                       "CERTIFICATE_KEY": directory.file("tls.key"), "CERTIFICATE": directory.file("tls.pem")}
    write_text(directory.file("nginx", name), filled(name, words))
    user = f"user {user};\n" if os.getuid() == 0 else ""
    temporary = "".join(f"{kind}_temp_path {directory.file('nginx', 'tmp')}/{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = directory.file("nginx", "nginx.conf")
    write_text(config, f"{user}daemon off;\nworker_processes {workers};\npid {directory.file('nginx', 'pid')};\n"
               "error_log stderr crit;\nevents {}\nhttp {\n" + temporary
               + f"include {directory.file('nginx', name)};\n}}\n")
    run(NGINX, "-t", "-q", "-c", config, "-e", "stderr")
    with open(directory.file("nginx.log"), "wb") as log:
        process = subprocess.Popen([NGINX, "-c", config, "-e", "stderr"], stdout=log, stderr=log)
    wait_until("nginx listens", lambda: is_there(port))
    return process
