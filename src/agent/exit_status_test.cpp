#include "thimble/agent/exit_status.hpp"

#include "thimble/agent/enrolment.hpp"
#include "thimble/agent/scratch_folder_test.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/protocol/enrolment_token.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace thimble::agent {
namespace {

host::Outcome agent_with(std::vector<std::string> words) {
    words.insert(words.begin(), THIMBLE_AGENT);
    auto outcome = host::run_command({.argv = std::move(words)});
    EXPECT_TRUE(outcome);
    return outcome ? *std::move(outcome) : host::Outcome{};
}

/// One that no server has given.
std::string good_token() {
    return protocol::format_enrolment_token(
        {.authority = std::string(64, 'a'), .id = "t", .secret = std::string(22, 'A')});
}

TEST(ExitStatusOf, TellsWhoseFaultItIs) {
    const auto status = [](ErrorKind kind, const char* code) {
        return exit_status_of(failure(kind, code, ""));
    };

    EXPECT_EQ(status(ErrorKind::Invalid, "protocol.bad_token"), kUsage);
    EXPECT_EQ(status(ErrorKind::Corrupt, "agent.bad_state"), kBadInput);
    EXPECT_EQ(status(ErrorKind::NotFound, "agent.not_enrolled"), kNoInput);
    EXPECT_EQ(status(ErrorKind::NotFound, "agent.no_user"), kNoUser);
    EXPECT_EQ(status(ErrorKind::Unavailable, "agent.no_answer"), kUnavailable);
    EXPECT_EQ(status(ErrorKind::Conflict, "agent.runs_already"), kConflict);
    EXPECT_EQ(status(ErrorKind::Denied, "agent.not_authentic"), kDenied);
    EXPECT_EQ(status(ErrorKind::Internal, "agent.no_key"), kInternal);
}

TEST(ExitStatusOf, ThisMachineIsNeverTheServer) {
    EXPECT_EQ(exit_status_of(failure(ErrorKind::Denied, "agent.cannot_write", "")), kCannotWrite);
    EXPECT_EQ(exit_status_of(failure(ErrorKind::Denied, "host.system", "")), kNoInput);
    EXPECT_EQ(exit_status_of(failure(ErrorKind::Unavailable, "host.system", "")), kMachineFault);
}

TEST(AgentProgram, SaysThatThisHostHasNotEnrolled) {
    const ScratchFolder folder;
    for (const char* verb : {"status", "check-in"}) {
        const host::Outcome outcome = agent_with({verb, "--state", folder.path().string()});

        EXPECT_EQ(outcome.exit_status, kNoInput) << verb << ": " << outcome.errors;
        EXPECT_NE(outcome.errors.find("thimble-agent enrol URL TOKEN"), std::string::npos)
            << outcome.errors;
    }
}

TEST(AgentProgram, TellsDamagedStateFromOursFailing) {
    const ScratchFolder folder;
    ASSERT_TRUE(write_state_file(folder.path() / "server.json", "{"));

    EXPECT_EQ(agent_with({"status", "--state", folder.path().string()}).exit_status, kBadInput);
}

TEST(AgentProgram, UsesNoTokenForAUserWhoIsNotThere) {
    const ScratchFolder folder;
    const host::Outcome outcome = agent_with(
        {"enrol",
         "--state",
         (folder.path() / "agent").string(),
         "--helper-state",
         (folder.path() / "helper").string(),
         "--user",
         "no-such-user-of-thimble",
         "https://127.0.0.1:1",
         good_token()});

    EXPECT_EQ(outcome.exit_status, kNoUser) << outcome.errors;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "agent"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "helper")) << "nothing was written";
}

TEST(AgentProgram, TellsABadTokenBeforeItWritesAnything) {
    const ScratchFolder folder;
    const host::Outcome outcome = agent_with(
        {"enrol",
         "--state",
         (folder.path() / "agent").string(),
         "--helper-state",
         (folder.path() / "helper").string(),
         "https://127.0.0.1:1",
         "nonsense"});

    EXPECT_EQ(outcome.exit_status, kUsage) << outcome.errors;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "agent"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "helper"));
}

TEST(AgentProgram, TellsAStateThatCannotBeWrittenFromARefusal) {
    const ScratchFolder folder;
    ASSERT_TRUE(write_state_file(folder.path() / "file", ""));
    const host::Outcome outcome = agent_with(
        {"enrol",
         "--state",
         (folder.path() / "file" / "agent").string(),
         "--helper-state",
         (folder.path() / "helper").string(),
         "https://127.0.0.1:1",
         good_token()});

    EXPECT_EQ(outcome.exit_status, kCannotWrite) << outcome.errors;
}

}  // namespace
}  // namespace thimble::agent
