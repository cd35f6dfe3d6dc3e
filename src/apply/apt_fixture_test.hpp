#pragma once
/// @file What the tests of AptPackages share: a room, and transactions in it.

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/apt_room_test.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {

class AptFixture : public testing::Test {
protected:
    void SetUp() override {
        room_ = AptRoom::make();
        if (room_ == nullptr) {
            GTEST_SKIP() << "needs root, overlayfs and apt-utils";
        }
        packages_ = std::make_unique<AptPackages>(room_->host(), room_->places(THIMBLE_PROGRAMS));
    }

    Result<Resolution> resolve(std::vector<std::string> names, const std::string& version) {
        Resolving wanted;
        for (std::string& name : names) {
            wanted.wanted.push_back({std::move(name), "all", version});
        }
        return packages_->resolve(wanted);
    }

    /// A transaction of these steps, with its archives fetched.
    Transaction transaction(std::vector<model::PlannedStep> steps) {
        const auto fetched = packages_->fetch(steps, room_->archives(), {});
        EXPECT_TRUE(fetched) << fetched.error().text();
        return prepared(std::move(steps));
    }

    static Transaction prepared(std::vector<model::PlannedStep> steps) {
        Transaction transaction;
        transaction.steps = std::move(steps);
        transaction.archives = AptRoom::archives_seen();
        transaction.policy.lock_timeout = std::chrono::seconds(1);
        return transaction;
    }

    std::string version_of(const std::string& name) {
        const auto installed = packages_->installed();
        EXPECT_TRUE(installed);
        for (const PackageVersion& package : *installed) {
            if (package.name == name) {
                return package.version;
            }
        }
        return {};
    }

    std::unique_ptr<AptRoom> room_;
    std::unique_ptr<AptPackages> packages_;
};

}  // namespace thimble::apply
