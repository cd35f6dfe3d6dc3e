#!/usr/bin/python3
"""What cannot be patched yet is shielded, from the command line through server and agent to a real web server on a machine
that systemd runs: two holes are used; virtual patches, a segmentation, an isolation and hardening each stop them and move the
due date; broken on purpose, which is noticed and moves it back; then the patch comes, and the shields go by themselves.
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
from small_machine import INSTALLED, install_libraries  # noqa: E402
from systemd_machine import SystemdMachine, enable, write_unit  # noqa: E402
from thimble_calls import record  # noqa: E402

MORE = (*debian_root.SERVICE_MANAGER, "libnginx-mod-http-modsecurity", "nftables", "python3", "iproute2")
PROGRAMS = ("thimble", "thimble-patch", "thimble-apt", "thimble-agent", "thimble-agent-helper", "thimble-control")
CVE = "CVE-2099-0009"
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
EXPOSED, CONTROLLED, CLOSED = 3, 14, 14  # days until what is exploited is due, by who reaches it
HOST, STRANGER, FRIEND = "10.77.9.1", "10.77.9.2", "10.77.9.3"
TRAVERSAL = "/download?file=../../../../../../etc/hostname"
INJECTION = "/greet?name=%7B%7B6*7%7D%7D"
UNIT = "nginx.service"
SERVICE = """[Service]
ExecStart=/usr/bin/python3 /srv/service.py 127.0.0.1 9000 /srv/files
[Install]
WantedBy=multi-user.target
"""
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
TRAVERSAL_PATCH = {
    "virtual_patch": "download-traversal",
    "covers": [CVE],
    "path_prefix": "/download",
    "attack": "path-traversal",
    "in": ["argument file"],
    "attacks": [{"target": TRAVERSAL}],
    "benign": [{"target": "/download?file=hello.txt"}],
}
INJECTION_PATCH = {
    "virtual_patch": "greet-injection",
    "covers": [CVE],
    "path_prefix": "/greet",
    "attack": "template-injection",
    "in": ["argument name"],
    "attacks": [{"target": INJECTION}],
    "benign": [{"target": "/greet?name=Anna"}],
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


class Member(SystemdMachine):
    """A machine with a cable to this one, which can join a fleet."""

    def __init__(self, host, supply, programs):
        install_libraries(host, programs, PROGRAMS)
        host.path("/var/lib/thimble").mkdir(parents=True, exist_ok=True)
        super().__init__(host, supply, programs)
        self.links = []
        self.plug_in()

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
        return enrolled.output.splitlines()[0].removeprefix("This host is ")

    def log(self):
        return self.host.state.with_name("agent.log").read_text()[-3000:]

    def close(self):
        super().close()  # with its processes the cable goes


class Shop(Member):
    """One with nginx in front of a service with holes."""

    def __init__(self, host, supply, programs, catalog):
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
        write_unit(host, "shop.service", SERVICE)
        enable(host, "shop.service", UNIT)
        super().__init__(host, supply, programs)

    def ask(self, target, who=STRANGER):
        """The status and the text of an answer; 0 where nothing answers."""
        words = ["curl", "--silent", "--max-time", "3", "--path-as-is", "--interface", who, "--write-out", "\n%{http_code}"]
        text, _, status = ended([*words, f"http://{HOST}{target}"]).output.rpartition("\n")
        return int(status or 0), text


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
        # Days of the calendar: it is due at the end of one, whatever hour it was seen at.
        due, seen = (datetime.date.fromisoformat(finding[name][:10]) for name in ("due_at", "first_seen_at"))
        return (due - seen).days

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
    story.checks.equal(story.shop.ask(INJECTION), (200, "Hello 42"), what)


def is_out_of_reach(story, what):
    for attack in (TRAVERSAL, INJECTION):
        story.checks.equal(story.shop.ask(attack), (0, ""), what)


def lapses(story, control, what):
    """Within its interval of a minute, with an event, and with the date."""
    began = time.monotonic()
    story.stands(control, "lapsed", f"{what}, which is noticed")
    story.checks.expect(time.monotonic() - began < 100, f"{what}: within its interval")
    events = story.server.items("audit", f"&action.prefix=control.&subject={control}")
    story.checks.expect(any("lapse" in entry["action"] for entry in events), f"{what}: an event says so", events)
    story.decided(EXPOSED, f"{what}: the date falls back")
    story.command("it is put up again", "deploy", control, "--why", what)
    story.stands(control, "verified", f"{what}: it holds again")


def delivery(patch):
    return {"server": "nginx", "patch": patch, "address": "127.0.0.1", "port": 80, "host": "shop.example"}


def virtual_patch(story):
    shop, checks = story.shop, story.checks
    control = story.put_up("waf", "virtual-patch", delivery(TRAVERSAL_PATCH))
    story.stands(control, "verified", "it detects")
    is_open(story, "what is only detected gets through")
    checks.equal(story.due_in(), EXPOSED, "and moves no date", story.finding())
    story.command("it blocks", "enforce", control, "--why", "nothing benign was met", name="berta")
    checks.expect(story.wait_for(lambda: shop.ask(TRAVERSAL)[0] == 403), "the attack fails", shop.log())
    checks.equal(shop.ask("/download?file=hello.txt"), (200, "hello\n"), "what is benign passes")
    story.stands(control, "verified", "it is proven")
    story.decided(CONTROLLED, "the date is that of a hole that is not exposed")
    checks.equal(story.finding()["unmitigated_outcome"] != "", True, "what would be without it is shown", story.finding())
    board = story.server.command("board", "--json")
    checks.expect("waf" in board.output, "the board has it", board)

    shop.host.path("/etc/thimble/controls").joinpath(f"{control}.conf").write_text("")
    shop.must("nginx", "-s", "reload")
    lapses(story, control, "somebody empties the rules")
    checks.equal(shop.ask(INJECTION), (200, "Hello 42"), "the other hole is not its matter")
    second = second_virtual_patch(story)
    retired(story, control, CONTROLLED)
    checks.equal(shop.ask(TRAVERSAL)[0], 200, "its hole is open again")
    retired(story, second, EXPOSED)
    is_open(story, "the other one, too")


def second_virtual_patch(story):
    """Of the other hole, in the same server."""
    shop, checks = story.shop, story.checks
    control = story.put_up("waf-greet", "virtual-patch", delivery(INJECTION_PATCH))
    story.stands(control, "verified", "the second one detects")
    story.command("it blocks", "enforce", control, "--why", "nothing benign was met", name="berta")
    checks.expect(story.wait_for(lambda: shop.ask(INJECTION)[0] == 403), "the injection fails", shop.log())
    checks.equal(shop.ask("/greet?name=Anna"), (200, "Hello Anna"), "who is called Anna is greeted")
    checks.equal(shop.ask(TRAVERSAL)[0], 403, "the first one stands beside it")
    story.stands(control, "verified", "the second one is proven")
    return control


def retired(story, control, days):
    """`days`: in which it is due with what is left."""
    story.command("it is retired", "retire", control, "--why", "another shield comes")
    story.stands(control, "retired", "it is gone, as its host has shown")
    story.decided(days, "the date is that of what is left")


def hardening(story):
    """The service is switched off: nobody reaches it, its users neither."""
    shop, checks = story.shop, story.checks
    control = story.put_up("off", "hardening", {"disable_unit": UNIT})
    story.stands(control, "verified", "it is switched off")
    is_out_of_reach(story, "nothing answers the attack")
    story.decided(CLOSED, "the date is that of what nobody reaches")
    checks.equal(shop.shown(UNIT, "UnitFileState"), "masked", "an upgrade would not start it")
    shop.must("systemctl", "unmask", UNIT)
    shop.must("systemctl", "enable", "--now", UNIT)
    is_open(story, "somebody switches it on")
    lapses(story, control, "somebody switches it on")
    is_out_of_reach(story, "nothing answers again")
    retired(story, control, EXPOSED)
    checks.expect(shop.runs(UNIT), "it runs as before")
    is_open(story, "and can be attacked as before")


def isolation(story, server_port):
    """Nothing but the server of its agent."""
    settings = {"keep": [{"protocol": "tcp", "address": STRANGER, "port": server_port}], "revert_seconds": 30}
    control = story.put_up("alone", "isolation", settings)
    story.stands(control, "verified", "the host is alone with its server")
    is_out_of_reach(story, "the attacker reaches nothing")
    story.checks.equal(story.shop.ask("/download?file=hello.txt", FRIEND), (0, ""), "nor does anybody else")
    story.decided(CLOSED, "the date is that of what nobody reaches")
    retired(story, control, EXPOSED)
    is_open(story, "everybody reaches it again")


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
    is_out_of_reach(story, "the attacker reaches nothing")
    checks.equal(shop.ask("/download?file=hello.txt", FRIEND), (200, "hello\n"), "who is allowed does")
    story.decided(CONTROLLED, "the date moves")

    shop.must("nft", "delete", "table", "inet", f"thimble_{control}")
    is_open(story, "somebody flushes the rules")
    lapses(story, control, "somebody flushes the rules")
    return control


def patched(story, fence, fixed):
    """What stands when the fix comes goes by itself: a fence, and a virtual patch behind it."""
    shop, checks = story.shop, story.checks
    waf = story.put_up("waf-until-fixed", "virtual-patch", delivery(TRAVERSAL_PATCH), retirement="remove")
    story.stands(waf, "verified", "behind the fence stands a virtual patch")
    done = story.server.command("deployments", "start", "--host", story.host, "--package", "nginx", "--why", "the fix is there")
    checks.equal(shop.host.version("nginx"), fixed, "the fix is installed", done)
    shop.must("systemctl", "restart", UNIT)
    checks.expect(story.wait_for(lambda: not story.finding()), "nothing is open any more", story.finding())
    story.stands(fence, "retired", "the fence goes by itself")
    story.stands(waf, "retired", "the virtual patch, too")
    checks.equal(shop.must("nft", "list", "tables"), "", "no rules are left on the host")
    left = [*shop.host.path("/etc/nginx/conf.d").iterdir(), *shop.host.path("/etc/thimble/controls").iterdir()]
    checks.equal(left, [], "and no files")
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
            story.decided(EXPOSED, "what is exploited and exposed is due in three days")
            proposed = story.command("controls are proposed", "propose", CVE)
            checks.expect("virtual-patch" in proposed.output and "segmentation" in proposed.output, "with both", proposed)
            port = int(server.address.rpartition(":")[2])
            virtual_patch(story)
            hardening(story)
            isolation(story, port)
            fence = segmentation(story, port)
            patched(story, fence, fixed)
        finally:
            server.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(f"usage: {sys.argv[0]} PROGRAMS")
    if not (pathlib.Path(sys.argv[1]) / "thimble-control").exists():
        skip("thimble-control is not built")
    run_test(body)
