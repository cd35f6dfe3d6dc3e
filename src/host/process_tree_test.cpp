#include "thimble/host/process_tree.hpp"

#include "thimble/host/run_command.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>

namespace thimble::host {
namespace {

TEST(ParentInStat, ReadsPastANameThatHoldsAnything) {
    EXPECT_EQ(parent_in_stat("12 (sh) S 7 12 12 0"), 7);
    EXPECT_EQ(parent_in_stat("12 (a) R 1 (b) S 8 12"), 8);
    EXPECT_EQ(parent_in_stat("12 (sh"), 0);
    EXPECT_EQ(parent_in_stat(""), 0);
}

TEST(RunCommand, KillsAlsoWhatBeganASessionOfItsOwn) {
    std::string heard;
    const auto outcome = run_command(
        {.argv = {"sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & wait"},
         .timeout = std::chrono::milliseconds(500),
         .listener = [&](Channel, std::string_view piece) {
             heard += piece;
         }});

    ASSERT_FALSE(outcome);
    const pid_t sleeper = std::stoi(heard);
    // It is init's to bury, which may take a moment.
    for (int look = 0; look < 200 && ::kill(sleeper, 0) == 0; ++look) {
        static_cast<void>(run_command({.argv = {"sleep", "0.01"}}));
        const auto state =
            run_command({.argv = {"cat", "/proc/" + std::to_string(sleeper) + "/stat"}});
        if (!state || state->output.find(") Z ") != std::string::npos) {
            return;
        }
    }
    EXPECT_NE(::kill(sleeper, 0), 0);
}

TEST(RunCommand, LetsNobodyGoOnBecauseAnotherIsKilled) {
    const ScratchFolder folder;
    // script holds a terminal; its end hangs up who leads the session there, and continues him.
    const std::string inner =
        "trap 'echo on >" + folder.path + "/on' HUP; echo ready; sleep 1000 & wait";

    const auto outcome = run_command(
        {.argv = {"script", "-q", "-c", inner, "/dev/null"},
         .timeout = std::chrono::minutes(1),
         .silence_limit = std::chrono::milliseconds(300)});

    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "host.silent");
    EXPECT_FALSE(std::filesystem::exists(folder.path + "/on"));
}

TEST(RunCommand, GivesNoTerminalToWhoIsNotToAsk) {
    const auto outcome = run_command(
        {.argv = {"sh", "-c", "read x </dev/tty; ps -o sid= -p $$; echo $$"}, .own_session = true});

    ASSERT_TRUE(outcome);
    const std::size_t feed = outcome->output.find('\n');
    EXPECT_EQ(std::stoi(outcome->output), std::stoi(outcome->output.substr(feed)));
    EXPECT_NE(outcome->errors.find("/dev/tty"), std::string::npos);
}

}  // namespace
}  // namespace thimble::host
