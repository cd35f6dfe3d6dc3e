#include "thimble/agent/owner_hook.hpp"

#include "thimble/agent/scratch_folder_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;
using model::HookFailure;
using model::HookStep;

/// A folder of hooks that belongs to whoever runs the test.
struct Hooks {
    ScratchFolder folder;
    HookPlace place;

    Hooks() {
        fs::create_directory(folder / "hooks");
        fs::permissions(folder / "hooks", fs::perms(0755));
        place = {.folder = folder / "hooks", .owner = ::geteuid()};
    }
    void install(const std::string& name, const std::string& lines) const {
        std::ofstream(place.folder / name) << "#!/bin/sh\n" << lines;
        fs::permissions(place.folder / name, fs::perms(0755));
    }
    [[nodiscard]] HookEnd run(const std::string& name, std::chrono::seconds limit) const {
        return run_hook(place, {HookStep::Drain, name, limit, HookFailure::SkipHost}, "d1");
    }
    [[nodiscard]] HookEnd run(const std::string& name) const {
        return run(name, std::chrono::seconds(60));
    }
};

TEST(RunHook, ClosesTheEnvironment) {
    const Hooks hooks;
    ::setenv("THIMBLE_SECRET", "x", 1);
    hooks.install("out-lb", "env | sort | grep -v ^_ | grep -v ^PWD | grep -v ^SHLVL\n");

    const HookEnd end = hooks.run("out-lb");

    EXPECT_EQ(end.ending, HookEnd::Ending::Done);
    for (const char* wanted :
         {"THIMBLE_HOOK=out-lb",
          "THIMBLE_PHASE=drain",
          "THIMBLE_DEPLOYMENT=d1",
          "PATH=/usr/local"}) {
        EXPECT_NE(end.output.find(wanted), std::string::npos) << wanted << end.output;
    }
    EXPECT_EQ(end.output.find("SECRET"), std::string::npos);
    EXPECT_EQ(end.output.find("HOME"), std::string::npos);
}

TEST(RunHook, KeepsTheEndOfWhatItSaidAndItsStatus) {
    const Hooks hooks;
    hooks.install("out-lb", "head -c 100000 /dev/zero | tr '\\0' x; echo no pool >&2; exit 3\n");

    const HookEnd end = hooks.run("out-lb");

    EXPECT_EQ(end.ending, HookEnd::Ending::Failed);
    EXPECT_EQ(end.exit_status, 3);
    EXPECT_LE(end.output.size(), 4096U);
    EXPECT_NE(sentence_of(end).find("failed with exit status 3"), std::string::npos);
    EXPECT_NE(sentence_of(end).find("no pool"), std::string::npos);
}

TEST(RunHook, EndsWhatTakesTooLong) {
    const Hooks hooks;
    hooks.install("out-lb", "exec sleep 600\n");

    EXPECT_EQ(hooks.run("out-lb", std::chrono::seconds(1)).ending, HookEnd::Ending::Late);
}

TEST(RunHook, RunsNothingThatSomebodyElseCouldHavePutThere) {
    const Hooks hooks;
    hooks.install("out-lb", "exit 0\n");
    EXPECT_EQ(why_not_run(hooks.place, "out-lb"), "");
    EXPECT_NE(why_not_run(hooks.place, "missing"), "");
    EXPECT_NE(why_not_run(hooks.place, "../hooks/out-lb"), "");
    EXPECT_EQ(hooks.run("missing").ending, HookEnd::Ending::Refused);

    const fs::path file = hooks.place.folder / "out-lb";
    fs::create_symlink(file, hooks.place.folder / "link");
    EXPECT_NE(why_not_run(hooks.place, "link"), "");
    fs::create_directory(hooks.place.folder / "folder");
    EXPECT_NE(why_not_run(hooks.place, "folder"), "");
    for (const int mode : {0775, 0757, 0644}) {
        fs::permissions(file, fs::perms(mode));
        EXPECT_NE(why_not_run(hooks.place, "out-lb"), "") << mode;
    }
    fs::permissions(file, fs::perms(0755));
    EXPECT_NE(why_not_run({hooks.place.folder, ::geteuid() + 1}, "out-lb"), "");
    fs::permissions(hooks.place.folder, fs::perms(0777));
    EXPECT_NE(why_not_run(hooks.place, "out-lb"), "");
}

TEST(HookRounds, StopsBeforeTheChangeAndUndrainsAllTheSame) {
    const Hooks hooks;
    hooks.install("out-lb", "exit 1\n");
    hooks.install("in-lb", "exit 0\n");
    const std::chrono::seconds limit{60};
    std::vector<model::OwnerHook> steps{
        {HookStep::Drain, "out-lb", limit, HookFailure::SkipHost},
        {HookStep::Pre, "in-lb", limit, HookFailure::SkipHost},
        {HookStep::Undrain, "in-lb", limit, HookFailure::FailHost}};
    HookRounds rounds(hooks.place, steps, "d1");

    EXPECT_FALSE(rounds.before());
    rounds.undrain();

    ASSERT_EQ(rounds.ends().size(), 2U);
    EXPECT_EQ(rounds.ends()[1].hook.step, HookStep::Undrain);

    steps[0].on_failure = HookFailure::Ignore;
    EXPECT_TRUE(HookRounds(hooks.place, steps, "d1").before());
}

}  // namespace
}  // namespace thimble::agent
