#pragma once
/// @file A small plan for tests: one library upgraded, one package new, one removed.

#include "thimble/model/plan.hpp"

#include <string>

namespace thimble::apply {

inline model::PlannedStep upgrade_step(std::string name, std::string from, std::string to) {
    model::PlannedStep step;
    step.change = model::PlannedChange::Upgrade;
    step.name = std::move(name);
    step.architecture = "amd64";
    step.from_version = std::move(from);
    step.to_version = std::move(to);
    step.source_name = step.name;
    step.source_version = step.to_version;
    step.selected = true;
    step.archive = model::PlannedArchive{
        .file_name = step.name + "_" + step.to_version + "_amd64.deb",
        .uri = "http://deb.example.org/pool/" + step.name + ".deb",
        .sha256 = std::string(64, 'a'),
        .size = 1234};
    return step;
}

inline model::Plan small_plan() {
    model::Plan plan;
    plan.created_at = Instant(std::chrono::seconds(1'790'000'000));
    plan.host = "web1";
    plan.machine_id = "0123456789abcdef0123456789abcdef";
    plan.os_id = "debian";
    plan.os_version = "12";
    plan.architecture = "amd64";
    plan.manager = "apt";
    plan.patches.push_back({"libx", "1-1", "1-2", {"CVE-2026-0001"}});
    plan.left_out.push_back({"curl", "hold", "is held"});
    plan.policy.origins = {"origin=Debian,codename=bookworm-security"};
    plan.steps.push_back(upgrade_step("libx1", "1-1", "1-2"));
    model::PlannedStep added = upgrade_step("libx-data", "", "1-2");
    added.change = model::PlannedChange::Install;
    added.selected = false;
    added.automatic = true;
    plan.steps.push_back(added);
    model::PlannedStep removed = upgrade_step("oldx", "1-1", "");
    removed.change = model::PlannedChange::Remove;
    removed.archive.reset();
    plan.steps.push_back(removed);
    plan.conffiles.push_back(
        {"libx1", "/etc/libx.conf", model::ConffileConflict::Edited, "-a\n+b\n"});
    plan.policy.probes.push_back(
        {"web", model::ProbeKind::Http, "http://127.0.0.1/", {}, std::chrono::seconds(5)});
    plan.services = {"nginx.service"};
    plan.restart = model::Restart::Services;
    plan.download_bytes = 1234;
    plan.growth_bytes = -5;
    plan.host_state = std::string(64, 'b');
    plan.problems.push_back({"apply.removal_not_allowed", "oldx would be removed", ""});
    return plan;
}

}  // namespace thimble::apply
