#!/usr/bin/env python3
"""segmentation_test.py PROGRAMS: segmentation and isolation between real namespaces, with nftables.

A stranger attacks, is shut out while a friend passes, the rules are flushed and that is noticed, rules that would cut the
host off are undone by themselves, and what is removed is gone.
"""

import hashlib
import json
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True

from network_lab import SKIPPED, Lab, Unavailable, must, run, until, wrong  # noqa: E402

KILLS = 25
SERVICE = "http://10.77.{}.1:8080/greet?name=%7B%7B6*7%7D%7D"


def attack(lab, place):
    number = {"friend": 1, "stranger": 2, "server": 3}[place]
    return lab.ask(place, SERVICE.format(number))


def segmentation(lab, **others):
    settings = {
        "listeners": [{"protocol": "tcp", "port": 8080}],
        "allow": ["10.77.1.0/24"],
        "keep": [{"address": "10.77.3.2", "port": 8443}],
        "revert_seconds": 20,
        "probes": [
            {"from": "allowed", "address": "10.77.1.1", "port": 8080, "space": lab.spaces["friend"]},
            {"from": "refused", "address": "10.77.2.1", "port": 8080, "space": lab.spaces["stranger"]},
            {"from": "refused", "address": "10.77.2.1", "port": 8080},
        ],
    }
    return lab.write_control("seg", "segmentation", settings | others)


def shuts_strangers_out(lab):
    assert attack(lab, "stranger") == (200, "Hello 42"), "the hole is there"

    deployed = lab.thimble("deploy", "seg", segmentation(lab))

    assert (deployed["state"], deployed["exit"]) == ("deployed", 0), deployed
    assert [check["passed"] for check in deployed["checks"]] == [True, True, True, True, None], deployed
    assert attack(lab, "stranger") == (0, "")
    assert attack(lab, "friend") == (200, "Hello 42")
    assert lab.thimble("verify", "seg")["state"] == "holding"


def notices_flushed_rules(lab):
    must(lab.on("host", ["nft", "flush", "ruleset"]))

    verified = lab.thimble("verify", "seg")

    assert (verified["state"], verified["exit"]) == ("broken", 1), verified
    assert any(name.startswith("rules in force") for name in wrong(verified)), verified
    assert any("stranger" in name for name in wrong(verified)), "the probe gets through"
    assert attack(lab, "stranger")[0] == 200


def stands_again_after_a_start(lab):
    must(lab.on("host", [lab.control, "control", "restore", "--state", lab.state]))

    assert lab.thimble("verify", "seg")["state"] == "holding"
    assert attack(lab, "stranger")[0] == 0


def notices_one_rule_more(lab):
    must(lab.on("host", ["nft", "insert", "rule", "inet", "thimble_seg", "incoming", "accept"]))

    assert "rules in force" in wrong(lab.thimble("verify", "seg"))
    must(lab.on("host", [lab.control, "control", "restore", "--state", lab.state]))


def removes_all_of_it(lab):
    removed = lab.thimble("remove", "seg")

    assert (removed["state"], removed["exit"]) == ("removed", 0), removed
    assert attack(lab, "stranger")[0] == 200
    assert must(lab.on("host", ["nft", "list", "ruleset"])) == ""
    assert lab.thimble("remove", "seg", "--digest", removed["digest"])["state"] == "removed", "twice is as good as once"


def rules_of(lab, name):
    return run(lab.on("host", ["nft", "list", "table", "inet", f"thimble_{name}"])).returncode == 0


def rules_of_control(lab):
    return rules_of(lab, "cut")


def changes_nothing_where_the_server_is_away(lab):
    settings = {"keep": [{"address": "10.77.3.2", "port": 8444}]}

    failed = lab.thimble("deploy", "cut", lab.write_control("cut", "isolation", settings))

    assert (failed["state"], failed["exit"]) == ("failed", 1), failed
    assert "nothing was changed" in failed["checks"][0]["seen"], failed
    assert must(lab.on("host", ["nft", "list", "ruleset"])) == ""


def cutting_isolation(lab):
    """The host reaches its server by an address that it translates itself: the answers come from another one, which the
    rules do not know."""
    must(lab.on("host", ["nft", "add table ip own; add chain ip own out { type nat hook output priority -100; };"
                         " add rule ip own out ip daddr 10.77.3.9 dnat to 10.77.3.2"]))
    assert lab.ask("host", "http://10.77.3.9:8443/")[0] == 404, "it is reached without the rules"
    settings = {"keep": [{"address": "10.77.3.9", "port": 8443}], "revert_seconds": 60}
    return lab.write_control("cut", "isolation", settings)


def undoes_what_cuts_the_host_off(lab):
    path = cutting_isolation(lab)

    failed = lab.thimble("deploy", "cut", path)

    assert failed["state"] == "failed" and "they were taken away again" in failed["checks"][0]["seen"], failed
    assert not rules_of_control(lab)
    assert lab.ask("host", "http://10.77.3.9:8443/")[0] == 404
    assert not (lab.state / "controls/cut").exists()


def undoes_what_was_killed(lab):
    """Killed while it tries to reach the server, with the rules in force: the guard takes them away at once."""
    path = lab.scratch / "cut.json"
    deploy = lab.on("host", [lab.control, "control", "deploy", path, "--id", "cut", "--state", lab.state])
    child = subprocess.Popen([str(word) for word in deploy], stdout=subprocess.DEVNULL)
    until("rules", lambda: rules_of_control(lab))
    child.send_signal(signal.SIGKILL)
    child.wait()

    until("their end", lambda: not rules_of_control(lab))

    assert lab.ask("host", "http://10.77.3.9:8443/")[0] == 404
    recovered = lab.thimble("recover", "cut")
    assert (recovered["state"], recovered["exit"]) == ("failed", 1), recovered
    assert not (lab.state / "controls/cut").exists()
    must(lab.on("host", ["nft", "delete", "table", "ip", "own"]))


def is_whole_after_a_kill_at_any_moment(lab):
    """Whenever it dies: after it was brought into order the control stands as a whole, or nothing of it does."""
    path = segmentation(lab, probes=[])
    name = ["--id", "seg", "--digest", digest_of(path)]
    deploy = lab.on("host", [lab.control, "control", "deploy", path, *name, "--state", lab.state])
    began = time.monotonic()
    must(deploy)
    lasted = time.monotonic() - began
    must(lab.on("host", [lab.control, "control", "remove", "--id", "seg", "--state", lab.state]))
    stood = 0
    for step in range(KILLS):
        child = subprocess.Popen([str(word) for word in deploy], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            child.wait(lasted * 1.2 * step / KILLS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        recovered = lab.thimble("recover", "seg", "--digest", digest_of(path))
        stands = recovered["state"] == "holding"
        stood += stands
        assert stands or recovered["state"] in ("failed", "removed"), recovered
        assert rules_of(lab, "seg") == stands and (attack(lab, "stranger")[0] == 0) == stands, (step, recovered)
        assert (lab.state / "controls/seg/record.json").exists() == stands, (step, recovered)
        if stands:
            assert lab.thimble("remove", "seg")["state"] == "removed"
    print(f"    {KILLS} kills within {lasted * 1200:.0f} ms, {stood} too late")


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def takes_only_the_document_that_was_signed(lab):
    path = segmentation(lab, probes=[])
    signed = digest_of(path)
    name = ["--id", "seg", "--state", lab.state, "--digest"]

    def status(verb, digest):
        return run(lab.on("host", [lab.control, "control", *verb, *name, digest])).returncode

    assert status(["deploy", path], "0" * 64) == 75, "another one"
    assert status(["deploy", path], signed) == 0
    assert status(["verify"], "0" * 64) == 75
    assert lab.thimble("verify", "seg", "--digest", signed)["state"] == "holding"
    assert lab.thimble("remove", "seg", "--digest", signed)["state"] == "removed"


def follows_one_document_by_another(lab):
    first = segmentation(lab)
    assert lab.thimble("deploy", "seg", first)["state"] == "deployed"
    wider = segmentation(lab, allow=["10.77.0.0/16"], probes=[])

    assert lab.thimble("deploy", "seg", wider)["state"] == "deployed"

    assert attack(lab, "stranger")[0] == 200
    bad = segmentation(lab, allow=["10.77.2.0/24"])  # its probe of the friend fails, so that the one before stands again
    assert lab.thimble("deploy", "seg", bad)["state"] == "failed"
    assert attack(lab, "stranger")[0] == 200 and attack(lab, "friend")[0] == 200
    assert lab.thimble("verify", "seg")["state"] == "holding"
    assert lab.thimble("remove", "seg")["state"] == "removed"


# Answers each datagram; with a target it asks once, from its own port, and prints what comes.
DATAGRAMS = """
import socket, sys
own, target, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", own))
if target:
    s.settimeout(1)
    s.sendto(b"question", (target, port))
    try:
        print(s.recv(99).decode())
    except TimeoutError:
        print("nothing")
    sys.exit()
print("up", flush=True)
while True:
    s.sendto(b"answer", s.recvfrom(99)[1])
"""


def ask_by_datagram(lab, place, own_port, target, port):
    return must(lab.on(place, [sys.executable, "-c", DATAGRAMS, own_port, target, port])).strip()


def keeps_datagrams_of_a_server(lab):
    """Of a clock, say, which answers to the port that it serves, and which is guarded here."""
    for place, port in (("host", 5353), ("server", 5123)):
        lab.start(lab.on(place, [sys.executable, "-c", DATAGRAMS, port, "", 0]))
    assert ask_by_datagram(lab, "stranger", 5123, "10.77.2.1", 5353) == "answer", "the port is open"
    guarded = [{"protocol": "udp", "port": port} for port in (5353, 5123)]
    keep = [{"protocol": "udp", "address": "10.77.3.2", "port": 5123}]

    deployed = lab.thimble("deploy", "seg", segmentation(lab, listeners=guarded, keep=keep, probes=[]))

    assert deployed["state"] == "deployed", deployed
    assert [check["passed"] for check in deployed["checks"] if check["name"].startswith("keeps")] == [None], deployed
    assert ask_by_datagram(lab, "host", 5123, "10.77.3.2", 5123) == "answer", "the kept server answers to a guarded port"
    assert ask_by_datagram(lab, "stranger", 5123, "10.77.2.1", 5353) == "nothing", "its port alone is no pass"
    assert ask_by_datagram(lab, "friend", 0, "10.77.1.1", 5353) == "answer"
    assert lab.thimble("deploy", "seg", segmentation(lab, listeners=guarded, keep=[], probes=[]))["state"] == "deployed"
    assert ask_by_datagram(lab, "host", 5123, "10.77.3.2", 5123) == "nothing", "without the rule no answer comes"
    assert lab.thimble("remove", "seg")["state"] == "removed"


def isolates(lab):
    settings = {
        "keep": [{"address": "10.77.3.2", "port": 8443}],
        "manage": [{"port": 8080, "from": ["10.77.1.2"]}],
        "revert_seconds": 20,
    }

    deployed = lab.thimble("deploy", "iso", lab.write_control("iso", "isolation", settings))

    assert deployed["state"] == "deployed", deployed
    assert attack(lab, "stranger")[0] == 0
    assert attack(lab, "friend")[0] == 200, "who manages it"
    assert lab.ask("host", "http://10.77.3.2:8443/")[0] == 404, "the kept server"
    assert lab.ask("host", "http://10.77.2.2:8080/")[0] == 0, "and nobody else"
    assert lab.thimble("remove", "iso")["state"] == "removed"
    assert attack(lab, "stranger")[0] == 200


def main():
    try:
        lab = Lab(sys.argv[1])
    except Unavailable as why:
        print(f"skipped: {why}")
        return SKIPPED
    try:
        lab.start_service("host", "0.0.0.0", 8080, "/usr/share/doc")
        lab.start_service("stranger", "0.0.0.0", 8080, "/usr/share/doc")
        lab.start_service("server", "0.0.0.0", 8443, "/usr/share/doc")
        for test in (
            shuts_strangers_out,
            notices_flushed_rules,
            stands_again_after_a_start,
            notices_one_rule_more,
            removes_all_of_it,
            changes_nothing_where_the_server_is_away,
            undoes_what_cuts_the_host_off,
            undoes_what_was_killed,
            is_whole_after_a_kill_at_any_moment,
            takes_only_the_document_that_was_signed,
            follows_one_document_by_another,
            keeps_datagrams_of_a_server,
            isolates,
        ):
            test(lab)
            print(f"ok  {test.__name__}")
    finally:
        lab.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
