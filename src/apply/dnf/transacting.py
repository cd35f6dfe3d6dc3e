"""Carries out a transaction on exactly the archives of a plan, and dnf's history of it."""

import os
import shutil
import sqlite3
import tempfile

from opening import identity, load_repositories, open_base, say, tell, version_of


def display_class():
    """A display that remembers what rpm told of failing scripts. dnf is only there when it is called."""
    import dnf.transaction
    import dnf.yum.rpmtrans

    class Display(dnf.yum.rpmtrans.TransactionDisplay):
        def __init__(self):
            super().__init__()
            self.errors = []

        def progress(self, package, action, ti_done, ti_total, ts_done, ts_total):
            if not ts_total or package is None:
                return
            share = (ti_done / ti_total) if ti_total else 0
            done = 1000 * max(0, ts_done - 1 + share) / ts_total
            what = dnf.transaction.ACTIONS.get(action, "working on")
            tell(int(min(1000, done)), f"{what} {package}")

        def scriptout(self, msgs):
            say(msgs.decode("utf-8", "replace") if isinstance(msgs, bytes) else msgs)

        def error(self, message):
            self.errors.append(message)
            say(message)

    return Display()


def watch_scripts(failed):
    """rpm tells of failing scripts by callback; dnf makes a sentence of it. The facts are kept here."""
    import rpm
    import dnf.yum.rpmtrans

    original = dnf.yum.rpmtrans.RPMTransaction._scriptError

    def script_error(self, amount, total, key):
        script = str(rpm.tagnames.get(amount, "a")).lower()
        try:
            name = self._extract_cbkey(key)[0].pkg.name
        except Exception:
            name = ""
        failed.append((name, script))
        return original(self, amount, total, key)

    dnf.yum.rpmtrans.RPMTransaction._scriptError = script_error


def watch_tests(base, found):
    """The problems that keep rpm from beginning, with their kinds: dnf keeps only their words."""
    transaction = base._ts.ts
    original = transaction.run

    def run(*arguments):
        problems = original(*arguments)
        found.extend(kind for _words, (kind, *_rest) in problems or [])
        return problems

    transaction.run = run


def differences(base, steps):
    """What the transaction would do beyond the steps, and what it would leave out; one sentence each."""
    label = lambda entry: f"{entry[0]} {entry[2]} ({entry[1]})"
    coming = {identity(package) for package in base.transaction.install_set} if base.transaction else set()
    going = {identity(package) for package in base.transaction.remove_set} if base.transaction else set()
    wanted = {(step["name"], step["architecture"], step["to_version"]) for step in steps if step["to_version"]}
    unwanted = {(step["name"], step["architecture"], step["from_version"]) for step in steps if step["from_version"]}
    sentences = [f"dnf would install {label(entry)}" for entry in sorted(coming - wanted)]
    sentences += [f"dnf would not install {label(entry)}" for entry in sorted(wanted - coming)]
    sentences += [f"dnf would remove {label(entry)}" for entry in sorted(going - unwanted)]
    sentences += [f"dnf would not remove {label(entry)}" for entry in sorted(unwanted - going)]
    return sentences


def mark_steps(base, options, steps):
    """Gives the solver exactly the archives; an answer when one of them is not what the step says."""
    files = {step["file_name"]: step for step in steps if step["to_version"]}
    packages = base.add_remote_rpms([os.path.join(options.archives, name) for name in files])
    for package, step in zip(packages, files.values()):
        if identity(package) != (step["name"], step["architecture"], step["to_version"]):
            return f"{step['file_name']} holds {package}, not {step['name']} {step['to_version']}"
        verb = {"install": base.package_install, "upgrade": base.package_upgrade,
                "downgrade": base.package_downgrade, "reinstall": base.package_reinstall}
        verb[step["change"]](package)
    for step in steps:
        if step["change"] == "remove":
            query = base.sack.query().installed().filter(name=step["name"], arch=step["architecture"])
            for package in query:
                if version_of(package) == step["from_version"]:
                    base.package_remove(package)
    return None


def set_reasons(base, steps):
    """New packages that came along are dependencies, also in dnf's history."""
    import libdnf.transaction as kinds

    along = {(step["name"], step["architecture"]) for step in steps if step["automatic"]}
    for item in base.transaction:
        if item.pkg in base.transaction.install_set and (item.pkg.name, item.pkg.arch) in along:
            item.reason = kinds.TransactionItemReason_DEPENDENCY


def ended(ending, detail, package=""):
    return {"ending": ending, "detail": detail, "failed_package": package}


def judge(base, failed):
    """How it went, from what rpm says of each element."""
    for element in base._ts:
        if element.Failed():
            scripts = [script for name, script in failed if name == element.N()]
            why = f"its {scripts[0]} script failed" if scripts else "rpm could not install or remove it"
            return ended("failed", f"{element.N()}: {why}", element.N())
    if failed:
        name, script = failed[0]
        return ended("failed", f"{name}: its {script} script failed; rpm went on all the same", name)
    return ended("done", "")


def transact(options, request):
    import dnf.exceptions
    import rpm

    steps = request["steps"]
    base = open_base(options, persistent=True)
    load_repositories(base, enabled=False)
    try:
        wrong = mark_steps(base, options, steps)
        if wrong:
            return ended("refused", wrong)
        base.resolve(allow_erasing=any(step["change"] == "remove" for step in steps))
    except dnf.exceptions.Error as error:
        return ended("refused", " ".join(str(error).split()))
    found = differences(base, steps)
    if found:
        return ended("refused", "; ".join(found))
    set_reasons(base, steps)
    failed, tested = [], []
    watch_scripts(failed)
    watch_tests(base, tested)
    try:
        base.do_transaction(display_class())
    except dnf.exceptions.LockError as error:
        return ended("locked", str(error))
    except dnf.exceptions.Error as error:
        detail = " ".join(str(error).split())
        if set(tested) & {rpm.RPMPROB_DISKSPACE, rpm.RPMPROB_DISKNODES}:
            return ended("no_space", detail)
        not_begun = tested or isinstance(error, dnf.exceptions.TransactionCheckError)
        return ended("refused" if not_begun else "failed", detail)
    return judge(base, failed)


def history(options, _request):
    """Whether dnf's last transaction was never ended. Reads a copy of dnf's file: sqlite follows links on the
    way to a file, which lead out of the root of a clone."""
    path = os.path.join(options.root, "var/lib/dnf/history.sqlite")
    if not os.path.exists(path):
        return {"unfinished": False}
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "history.sqlite")
        for ending in ("", "-wal"):
            if os.path.exists(path + ending):
                shutil.copyfile(path + ending, copy + ending)
        connection = sqlite3.connect(copy)
        row = connection.execute("SELECT state FROM trans ORDER BY id DESC LIMIT 1").fetchone()
        connection.close()
    return {"unfinished": bool(row) and row[0] == 0}


def close_history(options, _request):
    """Writes a transaction that ended behind one that never did: rpm finished it without dnf."""
    base = open_base(options, persistent=True)
    base.conf.comment = "thimble: finished an interrupted transaction"
    load_repositories(base, enabled=False)
    version = base._ts.dbCookie()
    base.history.beg(version, [], [], "thimble patch", base.conf.comment)
    base.history.end(version)
    return {"unfinished": False}
