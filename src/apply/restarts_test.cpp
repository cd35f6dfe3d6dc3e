#include "thimble/apply/restarts.hpp"

#include "thimble/apply/plan_builder_test.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

/// A host on which python3.11 and nginx listen.
model::Inventory listening() {
    model::Inventory inventory;
    inventory.listeners_known = true;
    for (const char* const package : {"python3.11-minimal", "nginx", "nginx"}) {
        model::Listener listener;
        listener.package = package;
        listener.command = package;
        inventory.listeners.push_back(listener);
    }
    return inventory;
}

model::PlannedStep step_of(const std::string& name, const std::string& source) {
    model::PlannedStep step = upgrade_step(name, "1-1", "1-2");
    step.source_name = source;
    return step;
}

TEST(RestartsAfter, NamesWhatListensOnceAndLooksAtWhatComesAlong) {
    std::vector<model::PlannedStep> steps{step_of("nginx", "nginx"), step_of("curl", "curl")};
    steps[0].selected = false;

    EXPECT_EQ(restarts_after(steps, listening()), (Restarts{model::Restart::Services, {"nginx"}}));
}

TEST(RestartsAfter, KnowsLibrariesByTheirNames) {
    const auto of = [](const std::string& name) {
        const std::vector<model::PlannedStep> steps{step_of(name, "x")};
        return restarts_after(steps, listening()).restart;
    };

    EXPECT_EQ(of("libx1"), model::Restart::Services);
    EXPECT_EQ(of("openssl-libs"), model::Restart::Services);
    EXPECT_EQ(of("libx-dev"), model::Restart::None);
    EXPECT_EQ(of("curl"), model::Restart::None);
}

TEST(RestartsAfter, AsksForABootWhereNothingElseMakesItLive) {
    const auto of = [](model::PlannedStep step) {
        const std::vector<model::PlannedStep> steps{std::move(step)};
        return restarts_after(steps, listening()).restart;
    };
    model::PlannedStep image = step_of("linux-image-6.1.0-40-amd64", "linux-signed-amd64");
    image.change = model::PlannedChange::Install;
    model::PlannedStep removed = step_of("linux-image-6.1.0-9-amd64", "linux-signed-amd64");
    removed.change = model::PlannedChange::Remove;

    EXPECT_EQ(of(image), model::Restart::Reboot);
    EXPECT_EQ(of(step_of("libc6", "glibc")), model::Restart::Reboot);
    EXPECT_EQ(of(step_of("linux-libc-dev", "linux")), model::Restart::None);
    EXPECT_EQ(of(removed), model::Restart::None);
}

TEST(RestartsAfter, DoesNotKnowWhatListensWhereNobodyLooked) {
    const std::vector<model::PlannedStep> steps{step_of("curl", "curl")};
    model::PlannedStep added = step_of("nginx", "nginx");
    added.change = model::PlannedChange::Install;

    EXPECT_EQ(restarts_after(steps, {}).restart, model::Restart::Unknown);
    EXPECT_EQ(restarts_after({}, {}).restart, model::Restart::None);
    EXPECT_EQ(restarts_after({{added}}, listening()).restart, model::Restart::None);
}

}  // namespace
}  // namespace thimble::apply
