#!/usr/bin/python3
"""What cannot be patched yet is shielded, from the command line through server and agent to a real web server: a hole is
used, a virtual patch and a segmentation stop it, each moves the due date; broken on purpose, which is noticed and moves it
back; then the patch comes, and the shield goes by itself.
usage: shield_test.py PROGRAMS"""

import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import types

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "patch"))

from real_fleet import Server  # noqa: E402
from small_host import CLEAN_ENVIRONMENT, debian_root, ended, run_test, skip, until  # noqa: E402
from small_machine import INSTALLED, SmallMachine, install_libraries  # noqa: E402
from thimble_calls import record  # noqa: E402

MORE = ("libnginx-mod-http-modsecurity", "nftables", "python3", "iproute2")
PROGRAMS = ("thimble", "thimble-patch", "thimble-apt", "thimble-agent", "thimble-agent-helper", "thimble-control")
CVE = "CVE-2099-0009"
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
HOST, STRANGER, FRIEND = "10.77.9.1", "10.77.9.2", "10.77.9.3"
TRAVERSAL = "/download?file=../../../../../../etc/hostname"
SETTINGS = """load_module /usr/lib/nginx/modules/ngx_http_modsecurity_module.so;
user www-data;
worker_processes 1;
events {}
http {
  access_log off;
  include /etc/nginx/conf.d/*.conf;
  server {
    listen 0.0.0.0:80;
    location / { proxy_pass http://127.0.0.1:9000; }
  }
}
"""
PATCH = {
    "virtual_patch": "download-traversal",
    "covers": [CVE],
    "path_prefix": "/download",
    "attack": "path-traversal",
    "in": ["argument file"],
    "attacks": [{"target": TRAVERSAL}],
    "benign": [{"target": "/download?file=hello.txt"}],
}


class Repacked:
    """Debian's own nginx with a higher version, as an update of the archive."""

    suite = "stable-security"
    old = None
    new = True
    index_fields = {}

    def __init__(self, name):
        self.name = name

    def package(self, side, _native):
        return types.SimpleNamespace(filename=self.name) if side == "new" else None


def repack(supply, name, version):
    """A package of Debian with a higher version, in the pool."""
    folder = supply.folder / f"fixed-{name}"
    folder.mkdir()
    if ended(["apt-get", "download", f"{name}={version}"], cwd=folder).status != 0:
        skip(f"{name} cannot be fetched from the archive of this machine")
    tree = folder / "tree"
    debian_root.run(["dpkg-deb", "-R", next(folder.glob("*.deb")), tree])
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {version}\n", f"Version: {version}+t1\n"))
    deb = supply.pool / f"fixed-{name}.deb"
    debian_root.run(["dpkg-deb", "--root-owner-group", "-b", tree, deb])
    data = deb.read_bytes()
    head, description = control.read_text().rstrip().split("\nDescription:", 1)
    digest = hashlib.sha256(data).hexdigest()
    place = f"Filename: pool/{deb.name}\nSize: {len(data)}\nSHA256: {digest}"
    deb.with_name(deb.name + ".index").write_text(f"{head}\n{place}\nDescription:{description}\n\n")
    return deb.name


def repack_nginx(supply, version):
    """@return the version that fixes it: of both packages of its source, else one of them still misses the fix."""
    fixed = {name: Repacked(repack(supply, name, version)) for name in ("nginx", "nginx-common")}
    supply.publish(purposes={**supply.purposes, **fixed})
    return f"{version}+t1"


def make_catalog(folder, programs, fixed):
    """One vulnerability of nginx that is being exploited."""
    advisory = record("DSA-9009-1", "nginx", [CVE])
    advisory["affected"][0]["ranges"][0]["events"][1]["fixed"] = fixed
    # Where the data is old, nobody knows whether the fix is all, and the shield stays.
    today = datetime.date.today().isoformat()
    advisory["modified"] = f"{today}T00:00:00Z"
    upstream = {"schema_version": "1.7.3", "id": CVE, "modified": advisory["modified"]}
    upstream["severity"] = [{"type": "CVSS_V3", "score": VECTOR}]
    osv = folder / "osv"
    osv.mkdir()
    for one in (advisory, upstream):
        (osv / f"{one['id']}.json").write_text(json.dumps(one))
    kev = folder / "kev.json"
    entry = {"cveID": CVE, "vendorProject": "x", "product": "x", "vulnerabilityName": "x", "dateAdded": today,
             "shortDescription": "x", "requiredAction": "x", "dueDate": today, "knownRansomwareCampaignUse": "Unknown", "notes": ""}
    kev.write_text(json.dumps({"title": "x", "catalogVersion": "1", "dateReleased": f"{today}T00:00:00Z", "count": 1, "vulnerabilities": [entry]}))
    catalog = folder / "catalog"
    built = ended([programs / "thimble", "catalog", "build", "--feed", f"osv={osv}", "--feed", f"kev={kev}", "--output", catalog])
    if built.status != 0:
        raise RuntimeError(f"no catalog: {built}")
    return catalog


class Shop(SmallMachine):
    """A machine with nginx in front of a service with holes, and a cable to this one."""

    def __init__(self, host, supply, programs, catalog):
        install_libraries(host, programs, PROGRAMS)
        host.path("/etc/nginx/nginx.conf").write_text(SETTINGS)
        for name in list(host.path("/etc/nginx/modules-enabled").glob("*")):
            name.unlink()
        shutil.rmtree(host.path("/etc/nginx/conf.d"), ignore_errors=True)
        host.path("/etc/nginx/conf.d").mkdir()
        files = host.path("/srv/files")
        files.mkdir(parents=True)
        (files / "hello.txt").write_text("hello\n")
        shutil.copy(HERE.parent / "controls/vulnerable_service.py", host.path("/srv/service.py"))
        host.path("/var/lib/thimble").mkdir(parents=True, exist_ok=True)
        shutil.copy(catalog, host.path("/var/lib/thimble/catalog.thimble"))
        super().__init__(host, supply, programs)
        self.links = []
        self.plug_in()
        self.service = self.start("python3", "/srv/service.py", "127.0.0.1", "9000", "/srv/files")
        self.start_nginx()

    def start_nginx(self):
        """It keeps what it is given as standard error."""
        self.must("sh", "-c", "exec nginx >/dev/null 2>&1")

    def plug_in(self):
        ours, theirs = f"t{os.getpid()}a", f"t{os.getpid()}b"
        debian_root.run(["ip", "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", self.first])
        self.links.append(ours)
        for address in (STRANGER, FRIEND):
            debian_root.run(["ip", "address", "add", f"{address}/24", "dev", ours])
        debian_root.run(["ip", "link", "set", ours, "up"])
        self.must("ip", "address", "add", f"{HOST}/24", "dev", theirs)
        self.must("ip", "link", "set", theirs, "up")

    def must(self, *argv):
        done = self.run(*argv)
        if done.status != 0:
            raise RuntimeError(str(done))
        return done.output

    def ask(self, target, who=STRANGER):
        """The status and the text of an answer; 0 where nothing answers."""
        words = ["curl", "--silent", "--max-time", "3", "--path-as-is", "--interface", who, "--write-out", "\n%{http_code}"]
        text, _, status = ended([*words, f"http://{HOST}{target}"]).output.rpartition("\n")
        return int(status or 0), text

    def start_agent(self, server, checks):
        token = server.enrolment_token()
        enrolled = self.run(f"{INSTALLED}/thimble-agent", "enrol", server.address, token, "--state", "/var/lib/agent",
                            "--helper-state", "/var/lib/helper")
        checks.equal(enrolled.status, 0, "the host enrols", enrolled)
        log = open(self.host.state.with_name("agent.log"), "ab")
        for argv in (
            ["thimble-agent-helper", "--state", "/var/lib/helper", "--user", "root", "--socket", "/run/helper.socket",
             "--patch-state", "/var/lib/thimble"],
            ["thimble-agent", "run", "--state", "/var/lib/agent", "--helper", "/run/helper.socket"],
        ):
            argv = [str(word) for word in self._argv([f"{INSTALLED}/{argv[0]}", *argv[1:]])]
            self.links.append(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=CLEAN_ENVIRONMENT))
        return enrolled.output.removeprefix("This host is ").strip()

    def log(self):
        return self.host.state.with_name("agent.log").read_text()[-3000:]

    def close(self):
        super().close()  # with its processes the cable goes


class Story:
    def __init__(self, server, shop, host, checks):
        self.server, self.shop, self.host, self.checks = server, shop, host, checks

    def wait_for(self, condition, seconds=150):
        return until(condition, self.server.process, seconds)

    def finding(self):
        found = self.server.items("findings", f"&host_id={self.host}&vulnerability={CVE}")
        return found[0] if found else {}

    def due_in(self):
        """Days from its first sight to its due date."""
        finding = self.finding()
        if not finding or not finding["due_at"]:
            return None
        moments = [datetime.datetime.fromisoformat(finding[name].replace("Z", "+00:00")) for name in ("due_at", "first_seen_at")]
        return round((moments[0] - moments[1]).total_seconds() / 86400)

    def state(self, control):
        return self.server.items("control-hosts", f"&control_id={control}")[0]["state"]

    def command(self, what, *words, name="admin"):
        done = self.server.command("control", *words, name=name)
        self.checks.equal(done.status, 0, what, done)
        return done

    def stands(self, control, state, what):
        self.checks.expect(
            self.wait_for(lambda: self.state(control) == state), what,
            f"{self.server.items('control-checks', f'&control_id={control}')} {self.shop.log()}"
        )

    def decided(self, days, what):
        self.checks.expect(self.wait_for(lambda: self.due_in() == days), what, self.finding())

    def put_up(self, name, kind, settings, retirement="propose"):
        """Asked for by one person, approved by another."""
        expires = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=13)).strftime("%Y-%m-%dT%H:%M:%SZ")
        wish = {
            "name": name, "owner": "anna", "why": "a test", "covers": [CVE], "sources": ["nginx"], "scope": {"hosts": [self.host]},
            "vector": "network", "residual_risk": "little", "verify_seconds": 60, "expires_at": expires, "retirement": retirement,
            "document": {"format": "thimble.control/1", "kind": kind, "settings": settings},
        }
        file = self.server.data.with_name(f"{name}.json")
        file.write_text(json.dumps(wish))
        asked = self.command(f"{name} is asked for", "request", file, "--json")
        control = json.loads(asked.output)["id"]
        digest = self.server.items("controls", f"&id={control}")[0]["digest"]
        alone = self.server.command("control", "approve", control, "--document", digest)
        self.checks.equal(alone.status, 77, "not by who asked", alone)
        self.command(f"{name} is approved", "approve", control, "--document", digest, name="berta")
        return control


def is_open(story, what):
    status, text = story.shop.ask(TRAVERSAL)
    story.checks.equal((status, text.strip()), (200, story.shop.host.read("/etc/hostname").strip()), what)


def virtual_patch(story):
    shop, checks = story.shop, story.checks
    settings = {"server": "nginx", "patch": PATCH, "address": "127.0.0.1", "port": 80, "host": "shop.example"}
    control = story.put_up("waf", "virtual-patch", settings)
    story.stands(control, "verified", "it detects")
    is_open(story, "what is only detected gets through")
    checks.equal(story.due_in(), 3, "and moves no date", story.finding())
    story.command("it blocks", "enforce", control, "--why", "nothing benign was met", name="berta")
    checks.expect(story.wait_for(lambda: shop.ask(TRAVERSAL)[0] == 403), "the attack fails", shop.log())
    checks.equal(shop.ask("/download?file=hello.txt"), (200, "hello\n"), "what is benign passes")
    story.stands(control, "verified", "it is proven")
    story.decided(14, "the date is that of a hole that is not exposed")
    checks.equal(story.finding()["unmitigated_outcome"] != "", True, "what would be without it is shown", story.finding())
    board = story.server.command("board", "--json")
    checks.expect("waf" in board.output, "the board has it", board)

    began = time.monotonic()
    shop.host.path("/etc/thimble/controls").joinpath(f"{control}.conf").write_text("")
    shop.must("nginx", "-s", "reload")
    story.stands(control, "lapsed", "somebody empties the rules, which is noticed")
    checks.expect(time.monotonic() - began < 100, "within its interval")
    story.decided(3, "and the date falls back")
    events = [entry["action"] for entry in story.server.items("audit", "&action.prefix=control.")]
    checks.expect(any("lapse" in action for action in events), "an event says so", events)

    story.command("it is put up again", "deploy", control, "--why", "somebody had emptied it")
    story.stands(control, "verified", "it holds again")
    story.command("it is retired", "retire", control, "--why", "another shield comes")
    story.stands(control, "retired", "it is gone, as its host has shown")
    is_open(story, "the hole is open again")


def segmentation(story, server_port):
    shop, checks = story.shop, story.checks
    settings = {
        "listeners": [{"protocol": "tcp", "port": 80}],
        "allow": [FRIEND],
        "keep": [{"protocol": "tcp", "address": STRANGER, "port": server_port}],
        "revert_seconds": 30,
    }
    control = story.put_up("fence", "segmentation", settings, retirement="remove")
    story.stands(control, "verified", "the fence stands")
    checks.equal(shop.ask(TRAVERSAL), (0, ""), "the attacker reaches nothing")
    checks.equal(shop.ask("/download?file=hello.txt", FRIEND), (200, "hello\n"), "who is allowed does")
    story.decided(14, "the date moves")

    shop.must("nft", "delete", "table", "inet", f"thimble_{control}")
    story.stands(control, "lapsed", "somebody flushes the rules, which is noticed")
    story.decided(3, "and the date falls back")
    is_open(story, "with reason")
    story.command("it is put up again", "deploy", control, "--why", "somebody had flushed it")
    story.stands(control, "verified", "it holds again")
    return control


def patched(story, control, fixed):
    shop, checks = story.shop, story.checks
    done = story.server.command("deployments", "start", "--host", story.host, "--package", "nginx", "--why", "the fix is there")
    checks.equal(shop.host.version("nginx"), fixed, "the fix is installed", done)
    shop.run("nginx", "-s", "quit")
    checks.expect(story.wait_for(lambda: shop.run("test", "-e", "/run/nginx.pid").status != 0, 20), "the old program ends")
    shop.start_nginx()
    checks.expect(story.wait_for(lambda: not story.finding()), "nothing is open any more", story.finding())
    story.stands(control, "retired", "the fence goes by itself")
    checks.expect(f"thimble_{control}" not in shop.must("nft", "list", "tables"), "from the host, too")
    checks.equal(shop.ask("/download?file=hello.txt")[0], 200, "everybody reaches the service")


def body(supply, checks):
    programs = pathlib.Path(sys.argv[1]).resolve()
    host = supply.host("shop", MORE)
    fixed = repack_nginx(supply, host.version("nginx"))
    catalog = make_catalog(supply.folder, programs, fixed)
    with Shop(host, supply, programs, catalog) as shop:
        server = Server(programs, supply.folder, "--catalog", catalog, listen=f"{STRANGER}:0")
        try:
            server.log_in(checks)
            server.add_person("berta", "approver")
            server.log_in(checks, "berta")
            story = Story(server, shop, shop.start_agent(server, checks), checks)
            is_open(story, "the hole can be used")
            story.decided(3, "what is exploited and exposed is due in three days")
            proposed = story.command("controls are proposed", "propose", CVE)
            checks.expect("virtual-patch" in proposed.output and "segmentation" in proposed.output, "with both", proposed)
            virtual_patch(story)
            control = segmentation(story, int(server.address.rpartition(":")[2]))
            patched(story, control, fixed)
        finally:
            server.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(f"usage: {sys.argv[0]} PROGRAMS")
    if not (pathlib.Path(sys.argv[1]) / "thimble-control").exists():
        skip("thimble-control is not built")
    run_test(body)
