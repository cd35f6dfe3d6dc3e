"""What the repositories offer, and what it would take: changes nothing."""

import configparser
import os
import time

from opening import identity, load_repositories, open_base, version_of

VERSION_LOCK = "etc/dnf/plugins/versionlock.conf"


def split_source(file_name):
    """"openssl-3.0.7-27.el9.src.rpm" is openssl, 3.0.7-27.el9."""
    for ending in (".nosrc.rpm", ".src.rpm"):
        if file_name.endswith(ending):
            file_name = file_name[: -len(ending)]
    parts = file_name.rsplit("-", 2)
    return (parts[0], f"{parts[1]}-{parts[2]}") if len(parts) == 3 else (file_name, "")


def problem(code, detail, following=None):
    return {"code": code, "detail": detail, "next": following}


def lock_list(root):
    """Lines of versionlock's list, when the plugin is switched on."""
    path = os.path.join(root, VERSION_LOCK)
    settings = configparser.ConfigParser(interpolation=None)
    if not settings.read(path) or not settings.getboolean("main", "enabled", fallback=True):
        return []
    listed = settings.get("main", "locklist", fallback="/etc/dnf/plugins/versionlock.list")
    try:
        with open(os.path.join(root, listed.lstrip("/")), encoding="utf-8") as file:
            lines = [line.split("#")[0].strip() for line in file]
    except FileNotFoundError:
        return []
    return [line for line in lines if line]


def locked_away(base):
    """The available packages that a version lock forbids: the rule of the versionlock plugin."""
    import dnf.subject
    import hawkey

    forms = [hawkey.FORM_NEVRA, hawkey.FORM_NEVR, hawkey.FORM_NEV, hawkey.FORM_NA, hawkey.FORM_NAME]
    sack = base.sack
    forbidden = sack.query().filterm(empty=True)
    locked = sack.query().filterm(empty=True)
    names = set()
    for pattern in lock_list(base.conf.installroot):
        away = pattern.startswith("!")
        for nevra in dnf.subject.Subject(pattern.lstrip("!")).get_nevra_possibilities(forms=forms):
            query = nevra.to_query(sack)
            if not query:
                continue
            if away:
                forbidden = forbidden.union(query)
            else:
                names.add(nevra.name)
                locked = locked.union(query)
    others = sack.query().filter(name__glob=list(names)).difference(locked) if names else locked.filter(empty=True)
    return forbidden.union(others).available()


def find_wanted(base, item, locked, problems):
    """The package that is wanted, or None and a problem that says why not."""
    import hawkey

    def look(flags):
        query = base.sack.query(flags=flags).available()
        found = query.filter(name=item["name"], arch=item["architecture"])
        return [package for package in found if version_of(package) == item["version"]]

    label = f"{item['name']} {item['version']}"
    everything = look(hawkey.IGNORE_EXCLUDES)
    if not everything:
        problems.append(problem("apply.version_gone", f"no repository offers {label}", "Make the plan again"))
        return None
    if everything[0] in locked:
        problems.append(
            problem(
                "apply.held",
                f"{item['name']} is locked: dnf versionlock keeps {label} away",
                "dnf versionlock delete",
            )
        )
        return None
    if not look(hawkey.IGNORE_MODULAR_EXCLUDES):
        problems.append(
            problem("apply.excluded", f"{label} is excluded by dnf's configuration", "See excludepkgs in dnf.conf")
        )
        return None
    seen = look(0)
    if not seen:
        problems.append(
            problem("apply.other_stream", f"{label} is of a module stream that is not enabled", "See dnf module list")
        )
        return None
    return seen[0]


def ask_for(base, package, selected):
    """Tells the solver what is to become of one package."""
    selected.add(package.name)
    installed = base.sack.query().installed().filter(name=package.name, arch=package.arch).run()
    if any(other.evr == package.evr for other in installed):
        return
    if not installed or package.name in installonly_names(base, installed):
        base.package_install(package)
    elif max(installed) < package:
        base.package_upgrade(package)
    else:
        base.package_downgrade(package)


def installonly_names(base, packages):
    kept = base._get_installonly_query(base.sack.query().installed()).filter(pkg=packages) if packages else []
    return {package.name for package in kept}


def untrusted(package):
    return not (package.repo.gpgcheck or package.repo.repo_gpgcheck)


def archive_of(package, problems):
    kind, digest = package.returnIdSum() or ("none", "")
    if kind != "sha256":
        problems.append(
            problem("apply.no_digest", f"{package.name}: its repository tells only a {kind} digest", None)
        )
        return None
    return {
        "file_name": os.path.basename(package.location),
        "uri": package.remote_location() or "",
        "sha256": digest,
        "size": package.downloadsize,
    }


def step_of(base, item, before, selected, problems):
    """One step of the plan for a package that comes."""
    import libdnf.transaction as kinds

    along = (kinds.TransactionItemReason_DEPENDENCY, kinds.TransactionItemReason_WEAK_DEPENDENCY)
    package = item.pkg
    change = "install"
    if before is not None:
        change = "reinstall" if before.evr == package.evr else "upgrade" if before < package else "downgrade"
    source, source_version = split_source(package.sourcerpm or "")
    return {
        "change": change,
        "name": package.name,
        "architecture": package.arch,
        "from_version": version_of(before) if before is not None else None,
        "to_version": version_of(package),
        "source_name": source or package.name,
        "source_version": source_version or version_of(package),
        "origin": package.reponame,
        "selected": package.name in selected,
        "automatic": item.reason in along,
        "essential": package.name in base.conf.protected_packages,
        "growth_bytes": package.installsize - (before.installsize if before is not None else 0),
        "archive": archive_of(package, problems),
    }


def removal_of(base, package):
    source, source_version = split_source(package.sourcerpm or "")
    return {
        "change": "remove",
        "name": package.name,
        "architecture": package.arch,
        "from_version": version_of(package),
        "to_version": None,
        "source_name": source or package.name,
        "source_version": source_version or version_of(package),
        "origin": package.reponame,
        "selected": False,
        "automatic": not base.history.user_installed(package),
        "essential": package.name in base.conf.protected_packages,
        "growth_bytes": -package.installsize,
        "archive": None,
    }


def steps_of(base, selected, problems):
    going = {(package.name, package.arch): package for package in base.transaction.remove_set}
    steps = []
    for item in base.transaction:
        if item.pkg not in base.transaction.install_set:
            continue
        before = going.pop((item.pkg.name, item.pkg.arch), None)
        step = step_of(base, item, before, selected, problems)
        if step["archive"] is None:
            continue
        if untrusted(item.pkg):
            problems.append(
                problem(
                    "apply.untrusted_origin",
                    f"{item.pkg.name} comes from {item.pkg.reponame}, whose packages are not checked (gpgcheck=0)",
                    "Set gpgcheck=1 and gpgkey of the repository, or plan with --allow-untrusted",
                )
            )
        steps.append(step)
    steps.extend(removal_of(base, package) for package in going.values())
    return sorted(steps, key=lambda step: (step["name"], step["architecture"]))


def solve(base, problems):
    import dnf.exceptions

    for erasing in (False, True):
        try:
            base.resolve(allow_erasing=erasing)
            return True
        except dnf.exceptions.DepsolveError as error:
            detail = str(error)
    problems.append(problem("apply.dependency_conflict", " ".join(detail.split()), None))
    return False


def resolve(options, request):
    base = open_base(options, persistent=False)
    load_repositories(base)
    problems, selected = [], set()
    locked = locked_away(base)
    base.sack.add_excludes(locked)
    if request["excluded"]:
        base.sack.add_excludes(base.sack.query().available().filter(name=request["excluded"]))
    if not request["wanted"] and request["level"] != "security-only":
        base.upgrade_all()
    for item in request["wanted"]:
        package = find_wanted(base, item, locked, problems)
        if package is not None:
            ask_for(base, package, selected)
    steps = steps_of(base, selected, problems) if solve(base, problems) and base.transaction else []
    if request["level"] == "upgrade":
        for step in steps:
            if step["change"] == "install":
                problems.append(
                    problem("apply.needs_new_packages", f"{step['name']} would be new", "Plan with --level upgrade-with-new")
                )
    return {"steps": steps, "problems": problems, "left_out": []}


def offer_of(base, installed, package, newer, planned, locked):
    source, source_version = split_source(package.sourcerpm or "")
    origin = dict.fromkeys(("label", "archive", "codename", "component", "site"), "")
    origin.update(origin=package.reponame, trusted=not untrusted(package))
    held = [{"kind": "hold", "detail": "locked by dnf versionlock"}] if package in locked else []
    return {
        "name": package.name,
        "architecture": package.arch,
        "installed_version": version_of(installed),
        "candidate_version": version_of(package),
        "source_name": source or package.name,
        "source_version": source_version or version_of(package),
        "origins": [origin],
        "security": bool(newer.filter(advisory_type="security").run()),
        "in_upgrade": identity(package) in planned,
        "phased_percentage": None,
        "phase_draw": None,
        "blockers": held,
        "download_bytes": package.downloadsize,
        "growth_bytes": package.installsize - installed.installsize,
    }


def full_upgrade(base):
    """What dnf upgrade would bring; nothing when it cannot be resolved."""
    import dnf.exceptions

    base.upgrade_all()
    try:
        base.resolve(allow_erasing=False)
    except dnf.exceptions.DepsolveError:
        return set()
    return {identity(package) for package in base.transaction.install_set} if base.transaction else set()


def refreshed_at(base):
    """When the oldest of the metadata was fetched; None: there is none."""
    ages = [repository._repo.getAge() for repository in base.repos.iter_enabled()]
    if not ages:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - max(ages)))


def offers(options, _request):
    """Every installed package for which a repository has something newer: docs/formats/apt-answer.md."""
    base = open_base(options, persistent=False)
    load_repositories(base)
    locked = locked_away(base)
    planned = full_upgrade(base)
    found = []
    for installed in base.sack.query().installed().latest().run():
        available = base.sack.query().available()
        newer = available.filter(name=installed.name, arch=[installed.arch, "noarch"], evr__gt=installed.evr)
        best = newer.latest().run()
        if best:
            found.append(offer_of(base, installed, best[0], newer, planned, locked))
    return {
        "format": 1,
        "index": {"asked": True, "refreshed_at": refreshed_at(base), "problems": []},
        "offers": sorted(found, key=lambda offer: (offer["name"], offer["architecture"])),
        "changelogs": [],
        "gaps": [],
    }
