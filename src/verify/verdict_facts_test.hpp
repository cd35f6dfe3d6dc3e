#pragma once
/// @file A patch of one library that is verified, for tests of verdicts to take things from.

#include "thimble/verify/verdict.hpp"

#include <string>
#include <utility>

namespace thimble::verify {

inline model::PlannedStep step(std::string name, std::string source, std::string to) {
    model::PlannedStep made;
    made.name = std::move(name);
    made.architecture = "amd64";
    made.from_version = "1-1";
    made.to_version = std::move(to);
    made.source_name = std::move(source);
    return made;
}

inline model::Plan plan_of_libx() {
    model::Plan plan;
    plan.manager = "apt";
    plan.patches.push_back({"libx", "1-1", "1-2", {"CVE-2026-0001"}});
    plan.steps.push_back(step("libx1", "libx", "1-2"));
    return plan;
}

inline VerifyFacts good_facts() {
    VerifyFacts facts;
    model::InstalledPackage package;
    package.type = "deb";
    package.name = "libx1";
    package.version = "1-2";
    package.architecture = "amd64";
    facts.inventory.packages.push_back(package);
    facts.inventory.processes_known = true;
    facts.inventory.kernel.running_release = "6.1.0-1-amd64";
    facts.inventory.kernel.newest_release = "6.1.0-1-amd64";
    PackageFiles files;
    files.package = "libx1";
    files.architecture = "amd64";
    files.paths = {"/usr/lib/libx.so.1"};
    files.digests_known = true;
    files.checked = 1;
    facts.files.push_back(files);
    return facts;
}

inline model::PatchState state_of(const VerifyFacts& facts) {
    return judge_patches(plan_of_libx(), facts).front().state;
}

inline model::StaleProcess process(std::string unit, std::string kind, std::string file) {
    model::StaleProcess stale;
    stale.pid = 42;
    stale.command = "served";
    stale.unit = std::move(unit);
    stale.unit_kind = std::move(kind);
    stale.files = {std::move(file)};
    return stale;
}

}  // namespace thimble::verify
