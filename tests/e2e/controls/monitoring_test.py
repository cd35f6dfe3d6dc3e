#!/usr/bin/env python3
"""monitoring_test.py PROGRAMS: rules of the kernel's audit, loaded by augenrules, seen in the log of a real auditd.

The kernel has one audit for all namespaces, so that nothing is done where an auditd runs already.
"""

import subprocess
import sys

sys.dont_write_bytecode = True

from network_lab import SKIPPED, Lab, Unavailable, must, run, until, wrong  # noqa: E402


def status(lab):
    words = must(lab.on("host", ["auditctl", "-s"])).split()
    return dict(zip(words[::2], words[1::2], strict=False))


def check_that_nobody_listens(lab):
    if run(["auditctl", "-s"]).returncode != 0:
        raise Unavailable("the kernel's audit is not to be had")
    if status(lab)["pid"] != "0" or must(["auditctl", "-l"]).strip() != "No rules":
        raise Unavailable("this machine's audit is in use")


def start_auditd(lab):
    """@return the state of the audit before, for stop_auditd"""
    before = status(lab)
    (lab.scratch / "log/audit").mkdir(mode=0o700)
    lab.auditd = subprocess.Popen(lab.on("host", ["auditd", "-n"]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until("auditd", lambda: status(lab)["pid"] != "0" and status(lab)["enabled"] == "1")
    return before


def stop_auditd(lab, before):
    run(["auditctl", "-D"])
    if lab.auditd is not None:
        lab.auditd.terminate()
        lab.auditd.wait()
    run(["auditctl", "-e", before["enabled"], "-b", before["backlog_limit"], "-f", before["failure"],
         "--backlog_wait_time", before["backlog_wait_time"]])


def control(lab):
    (lab.scratch / "secret").write_text("x")
    watched = str(lab.scratch / "secret")
    settings = {
        "watch": [{"path": watched, "permissions": "rwa"}, {"path": "/usr/bin/true", "permissions": "x"}],
        "programs": ["/usr/bin/id"],
        "within_seconds": 5,
    }
    return lab.write_control("mon", "monitoring", settings)


OTHERS = ["-w", "/etc/hosts", "-p", "wa", "-k", "others"]


def refuses_where_rules_of_others_would_be_replaced(lab):
    merged = lab.scratch / "etc/audit/audit.rules"
    before = merged.read_text() if merged.exists() else None
    merged.write_text(" ".join(OTHERS) + "\n")

    refused = lab.thimble("deploy", "mon", control(lab))

    assert (refused["state"], wrong(refused)) == ("failed", ["state before"]), refused
    assert "written by hand" in refused["checks"][0]["seen"], refused
    assert not (lab.scratch / "etc/audit/rules.d/thimble-mon.rules").exists()
    merged.unlink() if before is None else merged.write_text(before)
    must(["auditctl", *OTHERS])  # loaded by hand: it stays until removes_all_of_it


def says_that_nobody_listens(lab):
    deployed = lab.thimble("deploy", "mon", control(lab))

    assert deployed["state"] == "deployed", deployed
    events = [check for check in deployed["checks"] if check["name"].startswith("event")]
    assert [check["passed"] for check in events] == [None, None] and "no auditd" in events[0]["seen"], events
    assert must(["auditctl", "-l"]).count("thimble-mon.") == 3


def sees_an_event_in_the_log(lab):
    start_auditd(lab)

    verified = lab.thimble("verify", "mon")

    assert (verified["state"], verified["exit"]) == ("holding", 0), verified
    events = {check["name"]: check for check in verified["checks"] if check["name"].startswith("event")}
    assert events[f"event of {lab.scratch}/secret"]["passed"] is True, events
    assert events["event of /usr/bin/true"]["passed"] is None, "a start cannot be tried without harm"
    print(f"    {events[f'event of {lab.scratch}/secret']['seen']}")
    must(lab.on("host", ["/usr/bin/id"]))
    log = lab.scratch / "log/audit/audit.log"
    until("the start", lambda: any('comm="id"' in line and 'key="thimble-mon."' in line for line in log.open()))


def notices_rules_that_are_gone(lab):
    must(lab.on("host", ["auditctl", "-D"]))
    must(["auditctl", *OTHERS])

    verified = lab.thimble("verify", "mon")

    assert (verified["state"], verified["exit"]) == ("broken", 1), verified
    assert len([name for name in wrong(verified) if name.startswith("rule ")]) == 3, verified
    assert any(name.startswith("event") for name in wrong(verified)), verified


def notices_a_log_that_is_broken(lab):
    must(lab.on("host", ["auditctl", "-R", "/etc/audit/rules.d/thimble-mon.rules"]))
    assert lab.thimble("verify", "mon")["state"] == "holding"
    must(lab.on("host", ["auditctl", "-e", "0"]))

    verified = lab.thimble("verify", "mon")

    assert [name.split()[0] for name in wrong(verified)] == ["event"], "the rules stand, and nothing is seen"
    must(lab.on("host", ["auditctl", "-e", "1"]))


def removes_all_of_it(lab):
    removed = lab.thimble("remove", "mon")

    assert removed["state"] == "removed", removed
    assert must(["auditctl", "-l"]).strip() == " ".join(OTHERS), "what others loaded is left"
    assert not (lab.scratch / "etc/audit/rules.d/thimble-mon.rules").exists()


def main():
    lab = None
    try:
        lab = Lab(sys.argv[1], has_network=False)
        lab.auditd = None
        check_that_nobody_listens(lab)
        before = status(lab)
    except Unavailable as why:
        print(f"skipped: {why}")
        if lab is not None:
            lab.close()
        return SKIPPED
    try:
        for test in (
            refuses_where_rules_of_others_would_be_replaced,
            says_that_nobody_listens,
            sees_an_event_in_the_log,
            notices_rules_that_are_gone,
            notices_a_log_that_is_broken,
            removes_all_of_it,
        ):
            test(lab)
            print(f"ok  {test.__name__}", flush=True)
    finally:
        stop_auditd(lab, before)
        lab.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
