#!/usr/bin/python3
"""People sign in to the real server by a real OpenID provider over TLS, in a browser and at a terminal.
usage: sign_on_test.py PROGRAMS"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from glewlwyd import KEYS, PROGRAM, Browser, Glewlwyd, free_port  # noqa: E402

PASSWORD = "correct horse battery"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


class Server:
    """thimble-server with a provider; the administrator is signed in by password."""

    def __init__(self, programs, folder, port, configuration):
        self.data = folder / "server"
        self.data.mkdir(mode=0o700, exist_ok=True)
        settings = self.data / "oidc.json"
        settings.touch(mode=0o600)
        settings.write_text(json.dumps(configuration))
        self.process = subprocess.Popen(
            [programs / "thimble-server", "serve", "--data", self.data, "--listen", f"127.0.0.1:{port}", "--name", "localhost"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**ENVIRONMENT, "CREDENTIALS_DIRECTORY": str(folder / "credentials")},
            text=True,
        )
        secret = ""
        for line in self.process.stdout:
            secret = line.partition("/welcome#")[2].strip() or secret
            if line.startswith("Thimble serves at "):
                break
        self.address = f"https://localhost:{port}"
        self.authority = self.data / "keys/authority.crt"
        self.administrator = Browser(self.authority)
        if secret:
            body = {"secret": secret, "password": PASSWORD}
            answer = self.administrator.ask("POST", self.address + "/api/v1/sign-in-links/redeem", body)
        else:
            body = {"name": "admin", "password": PASSWORD}
            answer = self.administrator.ask("POST", self.address + "/api/v1/session", body)
        assert answer[0] == 200, answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0

    def listed(self, path):
        status, _, text = self.administrator.ask("GET", f"{self.address}/api/v1/{path}")
        assert status == 200, text
        return json.loads(text)["items"]

    def pin(self, programs):
        told = subprocess.run(
            [programs / "thimble-server", "server", "check", "--data", self.data], capture_output=True, text=True, check=True
        )
        return re.search(r"^Authority: (\S+)", told.stdout, re.M)[1]


class Scene:
    """The provider, which outlives servers of other configurations."""

    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = folder
        self.port = free_port()
        self.provider = Glewlwyd(folder, f"https://localhost:{self.port}/sso/callback")
        credentials = folder / "credentials"
        credentials.mkdir()
        (credentials / "oidc").write_text(Glewlwyd.SECRET + "\n")
        secret = folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text(Glewlwyd.SECRET)

    def server(self, algorithm="RS256", **more):
        configuration = {
            "format": "thimble.oidc/1",
            "issuer": self.provider.issuer(algorithm),
            "client_id": Glewlwyd.CLIENT,
            "client_secret": {"file": str(self.folder / "secret")},
            "authority": str(self.provider.authority),
            "scopes": ["openid"],
            **more,
        }
        return Server(self.programs, self.folder, self.port, configuration)

    def browser(self, server):
        browser = Browser(server.authority)
        browser.trust(self.provider.authority)
        return browser

    def sign_in(self, server, browser, name, start="/sso"):
        """@return where the browser came back to, and what it saw there"""
        address = start if start.startswith("https:") else server.address + start
        status, there, text = browser.ask("GET", address)
        assert status == 302, (status, text)
        back = self.provider.sign_in(browser, name, there)
        return back, browser.ask("GET", back)


def session_of(server, browser):
    status, _, text = browser.ask("GET", server.address + "/api/v1/session")
    return status, json.loads(text)


def lets_in_whom_an_administrator_named(scene):
    with scene.server() as server:
        _, (status, _, page) = scene.sign_in(server, scene.browser(server), "ada")
        assert status == 403 and "server.unknown_person" in page, page
        subject = re.search(r"--oidc (\S+)", page)[1]
        csrf = session_of(server, server.administrator)[1]["csrf"]
        added = add_user(scene, server, csrf, subject)
        assert "signs in by the provider" in added, added

        browser = scene.browser(server)
        back, (status, _, page) = scene.sign_in(server, browser, "ada")

        assert status == 200 and "You are signed in as ada." in page, page
        status, session = session_of(server, browser)
        assert (status, session["user"], session["role"], session["group"]) == (200, "ada", "operator", "*"), session
        # The way back is worth nothing again, not even to that browser, and nothing to another.
        assert browser.ask("GET", back)[0] == 403
        assert scene.browser(server).ask("GET", back)[0] == 403
        assert session_of(server, scene.browser(server))[0] == 401


def add_user(scene, server, csrf, subject):
    """With the command, by a token that may administer."""
    token = ask_as_administrator(server, csrf, "/api/v1/api-tokens", {"name": "adds", "actions": "read,administer"})["token"]
    fleet(scene, server, "login", server.address, "--pin", server.pin(scene.programs), "--token-stdin", said=token)
    return fleet(scene, server, "users", "add", "ada", "--role", "operator", "--oidc", subject)


def ask_as_administrator(server, csrf, path, body):
    connection = http.client.HTTPSConnection(
        "localhost", int(server.address.rpartition(":")[2]), context=server.administrator.context, timeout=30
    )
    jar = next(iter(server.administrator.cookies.values()))
    cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
    connection.request(
        "POST", path, json.dumps(body), {"Cookie": cookie, "Thimble-Csrf": csrf, "Content-Type": "application/json"}
    )
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status in (200, 201), text
    return json.loads(text)


def fleet(scene, server, *words, said=""):
    done = subprocess.run(
        [scene.programs / "thimble-fleet", *words, "--config", scene.folder / "config"],
        input=said + "\n",
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def lets_a_terminal_in_by_a_code(scene):
    with scene.server() as server:
        shutil.rmtree(scene.folder / "config")
        words = ["login", server.address, "--sso", "--pin", server.pin(scene.programs), "--config", scene.folder / "config"]
        terminal = subprocess.Popen(
            [scene.programs / "thimble-fleet", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
            text=True,
        )
        start = next(line.strip() for line in terminal.stderr if line.strip().startswith("https://"))
        browser = scene.browser(server)
        _, (status, _, page) = scene.sign_in(server, browser, "ada", start)
        assert status == 200, page
        code = re.search(r"<code>(\S+)</code>", page)[1]

        out, _ = terminal.communicate(f" {code} \n", timeout=60)

        assert terminal.returncode == 0 and "Logged in at" in out, out
        # The browser was shown a code instead of being let in, and the code is used up.
        assert session_of(server, browser)[0] == 401
        assert "ada" in fleet(scene, server, "users")
        verifier = {"code": code, "verifier": "of another terminal"}
        assert Browser(server.authority).ask("POST", server.address + "/api/v1/sso/redeem", verifier)[0] == 403


def gives_roles_and_groups_by_rules(scene):
    rules = [{"claim": "team", "value": "web", "role": "operator", "group": "web"}]
    with scene.server(rules=rules, unknown_people="admit", client_secret={"credential": "oidc"}) as server:
        browser = scene.browser(server)
        _, (status, _, page) = scene.sign_in(server, browser, "bob")
        assert status == 200, page
        session = session_of(server, browser)[1]
        assert (session["user"], session["role"], session["group"]) == ("bob", "operator", "web"), session
        _, (status, _, page) = scene.sign_in(server, scene.browser(server), "ada")
        assert status == 403 and "server.no_rule" in page, page
        actions = [entry["action"] for entry in server.listed("audit")]
        assert "session.refuse" in actions and "user.create" in actions, actions


def believes_each_algorithm(scene):
    rules = [{"claim": "team", "value": "db", "role": "viewer"}]
    for algorithm in KEYS:
        name = f"by-{algorithm.lower()}"
        scene.provider.add_user(name, "db")
        with scene.server(algorithm, rules=rules, unknown_people="admit") as server:
            browser = scene.browser(server)
            _, (status, _, page) = scene.sign_in(server, browser, name)
            assert status == 200 and session_of(server, browser)[1]["role"] == "viewer", page


def trusts_no_other_authority(scene):
    with scene.server(authority=None) as server:
        status, there, page = Browser(server.authority).ask("GET", server.address + "/sso")
        assert status == 503 and there is None and "openid.not_authentic" in page, page


def refuses_a_wrong_secret(scene):
    wrong = scene.folder / "wrong"
    wrong.touch(mode=0o600)
    wrong.write_text("wrong")
    with scene.server(client_secret={"file": str(wrong)}) as server:
        _, (status, _, page) = scene.sign_in(server, scene.browser(server), "ada")
        assert status == 403 and "openid.refused" in page, page


def does_not_start_with_what_it_does_not_understand(scene):
    settings = scene.folder / "server/oidc.json"
    exposed = scene.folder / "exposed"
    exposed.write_text("what nobody shall see")
    exposed.chmod(0o644)
    good = json.loads(settings.read_text())
    for configuration, code in (
        ({**good, "unknown_person": "admit"}, "openid.bad_configuration"),
        ({**good, "client_secret": {"file": str(exposed)}}, "server.file_exposed"),
        ({**good, "client_secret": {"credential": "none"}}, "server.no_credential"),
    ):
        settings.write_text(json.dumps(configuration))
        done = subprocess.run(
            [scene.programs / "thimble-server", "serve", "--data", scene.folder / "server", "--listen", "127.0.0.1:0"],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
        )
        assert done.returncode >= 64 and f"[{code}]" in done.stderr, done
        assert "what nobody shall see" not in done.stderr, done


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    if not os.access(PROGRAM, os.X_OK):
        print("needs glewlwyd: apt-get install --no-install-recommends glewlwyd")
        return 77
    with tempfile.TemporaryDirectory(prefix="thimble-sign-on-") as name:
        folder = pathlib.Path(name)
        scene = Scene(programs, folder)
        with scene.provider:
            scene.provider.add_user("ada", "db")
            scene.provider.add_user("bob", "web")
            for case in (
                lets_in_whom_an_administrator_named,
                lets_a_terminal_in_by_a_code,
                gives_roles_and_groups_by_rules,
                believes_each_algorithm,
                trusts_no_other_authority,
                refuses_a_wrong_secret,
                does_not_start_with_what_it_does_not_understand,
            ):
                case(scene)
                print(f"{case.__name__}: well", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
