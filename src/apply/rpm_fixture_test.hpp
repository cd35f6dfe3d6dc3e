#pragma once
/// @file What the tests of dnf and zypper share: a room, and transactions in it.

#include "thimble/apply/dnf_packages.hpp"
#include "thimble/apply/rpm_room_test.hpp"
#include "thimble/apply/zypper_packages.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {

class RpmRoomTest : public testing::Test {
protected:
    void open_dnf(RoomKind kind) {
        if (!open(kind, "/usr/bin/dnf")) {
            GTEST_SKIP() << kNeeds << "dnf";
        }
        const std::string script = std::string(THIMBLE_PROGRAMS) + "/thimble-dnf";
        const std::string seen = "/var/lib/thimble-test/thimble-dnf";
        std::filesystem::copy(script, room_->root() + seen);
        packages_ = std::make_unique<DnfPackages>(
            room_->host(),
            DnfPlaces{
                .script = script,
                .script_seen = seen,
                .cache = room_->folder("dnf"),
                .archives = ArchivePaths::OfHost});
    }

    void open_zypper(RoomKind kind) {
        if (!open(kind, "/usr/bin/zypper")) {
            GTEST_SKIP() << kNeeds << "zypper";
        }
        packages_ = std::make_unique<ZypperPackages>(room_->host(), room_->folder("zypper"));
    }

    Result<Resolution> resolve(std::vector<std::string> names, const std::string& version) {
        Resolving wanted;
        for (std::string& name : names) {
            wanted.wanted.push_back({std::move(name), "noarch", version});
        }
        return packages_->resolve(wanted);
    }

    Transaction transaction(std::vector<model::PlannedStep> steps) {
        const auto fetched = packages_->fetch(steps, room_->archives(), {});
        EXPECT_TRUE(fetched) << fetched.error().text();
        return prepared(std::move(steps));
    }

    static Transaction prepared(std::vector<model::PlannedStep> steps) {
        Transaction transaction;
        transaction.steps = std::move(steps);
        transaction.archives = RpmRoom::archives_seen();
        transaction.policy.lock_timeout = std::chrono::seconds(1);
        return transaction;
    }

    /// Version 1 is installed, 2 is offered.
    void offer(const TestRpm& before, const TestRpm& after) {
        room_->install(room_->build(before));
        room_->build(after);
        room_->publish();
    }

    /// The versions that are installed, blank between; empty: none.
    std::string versions_of(const std::string& name) {
        const auto installed = packages_->installed();
        EXPECT_TRUE(installed) << installed.error().text();
        std::string versions;
        for (const PackageVersion& package : *installed) {
            if (package.name == name) {
                versions += (versions.empty() ? "" : " ") + package.version;
            }
        }
        return versions;
    }

    [[nodiscard]] std::vector<std::string> codes(const Resolution& resolution) const {
        std::vector<std::string> found;
        for (const model::PlanProblem& problem : resolution.problems) {
            if (problem.code != "apply.untrusted_origin") {
                found.push_back(problem.code);
            }
        }
        return found;
    }

    std::unique_ptr<RpmRoom> room_;
    std::unique_ptr<PackageManager> packages_;

private:
    static constexpr const char* kNeeds =
        "needs root, overlayfs, rpm, createrepo-c, busybox-static and ";

    bool open(RoomKind kind, const std::string& program) {
        room_ = RpmRoom::make(kind, program);
        return room_ != nullptr;
    }
};

inline std::string room_name(RoomKind kind) {
    return kind == RoomKind::InstallRoot ? "InstallRoot" : "OwnPrograms";
}

}  // namespace thimble::apply
