"""A real server and its hosts: each a root of its own with an agent and a root helper."""

import datetime
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys

sys.dont_write_bytecode = True

from small_host import CLEAN_ENVIRONMENT, ended  # noqa: E402

PASSWORD = "correct horse battery"


class Refused(RuntimeError):
    """The server said no."""


class Server:
    """thimble-server, with its administrator signed in."""

    def __init__(self, programs, folder, *options, listen="127.0.0.1:0"):
        self.programs = programs
        self.data = folder / "server"
        self.config = folder / "config"
        at = options.index("--database") if "--database" in options else len(options)
        self.database = options[at : at + 2]
        self.options = options
        self.session = {}
        secret = self.start(listen)
        redeemed, headers = self.ask("POST", "/api/v1/sign-in-links/redeem", {"secret": secret, "password": PASSWORD})
        self.session = {"Cookie": headers["Set-Cookie"].split(";")[0], "Thimble-Csrf": redeemed["csrf"]}

    def start(self, listen):
        """Until it serves; gives the secret of the first link, if it prints one."""
        self.process = subprocess.Popen(
            [self.programs / "thimble-server", "serve", "--data", self.data, "--listen", listen, *self.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=CLEAN_ENVIRONMENT,
            text=True,
        )
        secret = ""
        for line in self.process.stdout:
            secret = line.partition("/welcome#")[2].strip() or secret
            if line.startswith("Thimble serves at "):
                self.address = line.removeprefix("Thimble serves at ").strip()
                break
        return secret

    def kill_and_start(self):
        """As when the machine lost its power and came back."""
        self.process.kill()
        self.process.wait()
        self.start(self.address.removeprefix("https://"))

    def ask(self, method, path, body=None, identity=None):
        """As the administrator, or as the host whose agent has that folder."""
        context = ssl.create_default_context(cafile=self.data / "keys/authority.crt")
        if identity is not None:
            context.load_cert_chain(identity / "host.crt", identity / "host.key")
        host, _, port = self.address.removeprefix("https://").partition(":")
        connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=30)
        connection.request(
            method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json", **self.session}
        )
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise Refused(f"{method} {path}: {answer.status} {text}")
        return json.loads(text) if text else {}, answer.headers

    def items(self, list_name, query=""):
        return self.ask("GET", f"/api/v1/{list_name}?limit=1000{query}")[0]["items"]

    def enrolment_token(self, group="web", reusable=False):
        wish = {"name": "lab", "group": group, "reusable": reusable}
        return self.ask("POST", "/api/v1/enrolment-tokens", wish)[0]["token"]

    def add_person(self, name, role):
        """Somebody with the same password; gives the session."""
        link = self.ask("POST", "/api/v1/users", {"name": name, "role": role})[0]["link"]
        secret = link.partition("/welcome#")[2]
        redeemed, headers = self.ask("POST", "/api/v1/sign-in-links/redeem", {"secret": secret, "password": PASSWORD})
        return {"Cookie": headers["Set-Cookie"].split(";")[0], "Thimble-Csrf": redeemed["csrf"]}

    def put_up_control(self, name, kind, settings, approver, **wish):
        """A control that the administrator asks for and who has the other session approves; gives its id."""
        end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=13)).strftime("%Y-%m-%dT%H:%M:%SZ")
        wish = {"name": name, "owner": "anna", "why": "a test", "covers": ["CVE-2099-0009"], "verify_seconds": 60, "expires_at": end,
                "document": {"format": "thimble.control/1", "kind": kind, "settings": settings}, **wish}
        made, _ = self.ask("POST", "/api/v1/controls", wish)
        own, self.session = self.session, approver
        try:
            self.ask("POST", f"/api/v1/controls/{made['id']}/approvals", {"digest": made["digest"]})
        finally:
            self.session = own
        return made["id"]

    def act_on_control(self, control, act):
        self.ask("POST", f"/api/v1/controls/{control}/acts", {"act": act, "why": "a test"})

    def log_in_to_administer(self, checks, name="boss"):
        """By a token with every right, in a configuration of that name."""
        wish = {"name": name, "actions": "read,operate,approve,administer", "days": 1}
        token = self.ask("POST", "/api/v1/api-tokens", wish)[0]["token"]
        self.log_in(checks, name, "--token-stdin", given=f"{token}\n")

    def log_in(self, checks, name="admin", *options, given=None):
        """Lets the command line know the server, as a person would."""
        told = ended([self.programs / "thimble", "server", "check", "--data", self.data, *self.database])
        pin = next((line.split()[1] for line in told.output.splitlines() if line.startswith("Authority: ")), "")
        done = subprocess.run(
            [self.programs / "thimble", "login", self.address, "--pin", pin, "--config", self.config / name, *options],
            input=given or f"{name}\n{PASSWORD}\n",
            text=True,
            capture_output=True,
            env=CLEAN_ENVIRONMENT,
        )
        checks.equal(done.returncode, 0, f"{name} logs in", done)

    def command(self, *words, timeout=400, name="admin"):
        """`thimble WORDS` as somebody who logged in."""
        return ended([self.programs / "thimble", *words, "--config", self.config / name], timeout=timeout)

    def close(self):
        self.process.kill()
        self.process.wait()


class Member:
    """A host of the fleet."""

    def __init__(self, server, folder, root, token, within=()):
        """`within`: the words that run a command at a place of its own."""
        self.within = [*within]
        self.server = server
        self.programs = server.programs
        self.folder = folder
        self.root = root
        self.processes = []
        folder.mkdir(exist_ok=True)
        self.enrolled = ended(
            [self.programs / "thimble-agent", "enrol", server.address, token, *self.places()]
            + ["--helper-state", folder / "helper"]
        )
        self.host = self.enrolled.output.splitlines()[0].removeprefix("This host is ") if self.enrolled.output else ""

    def places(self):
        return ["--state", self.folder / "agent"]

    def start(self, *helper_options):
        socket = self.folder / "helper.socket"
        helper = [self.programs / "thimble-agent-helper", "--state", self.folder / "helper", "--user", "root"]
        helper += ["--socket", socket, "--patch-state", self.root.state, "--root", self.root.root, *helper_options]
        agent = [self.programs / "thimble-agent", "run", *self.places(), "--helper", socket, "--root", self.root.root]
        for argv in (helper, agent):
            self.processes.append(
                subprocess.Popen(
                    [str(word) for word in [*self.within, *argv]],
                    stdin=subprocess.DEVNULL,
                    stdout=open(self.folder / "agent.log", "ab"),
                    stderr=subprocess.STDOUT,
                    env=CLEAN_ENVIRONMENT,
                    start_new_session=True,
                )
            )

    def stop(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes = []

    def log(self):
        return (self.folder / "agent.log").read_text()[-3000:]

    def reports(self):
        """What the agent has written for the server, in order."""
        file = self.folder / "agent/reports"
        lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
        return [json.loads(line.partition(b" ")[2]) for line in lines]

    def ended(self, job):
        return any(report["kind"] == "job.finished" and report["content"] == job for report in self.reports())
