#include "thimble/agent/helper_streams.hpp"

#include "thimble/agent/agent_folder.hpp"
#include "thimble/agent/helper_link.hpp"
#include "thimble/agent/scratch_folder_test.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/host/talking_program.hpp"
#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>
#include <sys/file.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds kPatience{30};

/// A host over SSH without the SSH: the real helper over its streams.
struct StreamRoom {
    ScratchFolder folder;
    protocol::SigningSeed seed = protocol::seed_of(1);

    StreamRoom() {
        fs::create_directories(folder / "root/etc");
        fs::create_directories(folder / "root/var/lib/dpkg");
        std::ofstream(folder / "root/etc/os-release") << "ID=debian\nVERSION_ID=\"12\"\n";
        std::ofstream(folder / "root/var/lib/dpkg/status")
            << "Package: t-lib\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n";
    }

    [[nodiscard]] Words words(const Words& more) const {
        Words words{
            THIMBLE_HELPER,
            "--state",
            folder / "helper",
            "--root",
            folder / "root",
            "--patch-state",
            folder / "patch"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    [[nodiscard]] host::Outcome run(const Words& more, const std::string& input = {}) const {
        return *host::run_command({.argv = words(more), .input = input});
    }
    void tell_identity() const {
        const auto done =
            run({"--take-identity"},
                format_identity({.host = "host-1", .key = protocol::deployment_key_of(seed)}));
        EXPECT_EQ(done.exit_status, 0) << done.errors;
    }
    [[nodiscard]] HelperLink start(std::chrono::milliseconds limit = kPatience) const {
        auto program = host::TalkingProgram::start(words({"--stdio"}));
        EXPECT_TRUE(program.has_value());
        return HelperLink::over(*std::move(program), limit, nullptr);
    }
    [[nodiscard]] HelperQuestion question() const {
        const Instant now = host::SystemClock().now();
        protocol::Job job = protocol::apply_job();
        job.kind = protocol::JobKind::Inventory;
        job.plan_digest.clear();
        job.lease.clear();
        job.not_before = now - std::chrono::minutes(1);
        job.expires_at = now + std::chrono::minutes(10);
        return {
            .kind = HelperQuestion::Kind::Job,
            .text = protocol::format_envelope(protocol::seal(protocol::format_job(job), seed))};
    }
    [[nodiscard]] fs::path answer() const { return folder / "helper/answers/job-1.json"; }
};

/// The answer with which the job ends.
Result<HelperAnswer> last_answer(HelperLink& link) {
    for (;;) {
        THIMBLE_TRY(const auto answers, link.hear(kPatience));
        for (const HelperAnswer& answer : answers) {
            if (answer.kind != HelperAnswer::Kind::Progress) {
                return answer;
            }
        }
    }
}

TEST(HelperStreams, CarryOutAJobAndGiveItsDocuments) {
    const StreamRoom room;
    room.tell_identity();
    HelperLink link = room.start();
    ASSERT_TRUE(link.send(room.question()).has_value());

    const auto answer = last_answer(link);

    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    ASSERT_EQ(answer->kind, HelperAnswer::Kind::Result) << answer->text;
    const auto content = parse_json(answer->text);
    const auto digests = JsonMembers(*content).texts("documents");
    ASSERT_EQ(digests.size(), 2U) << answer->text;
    for (const std::string& digest : digests) {
        EXPECT_EQ(sha256_of(room.run({"--document", digest}).output), digest);
    }
    EXPECT_EQ(room.run({"--document", sha256_of("none")}).exit_status, 66);
    EXPECT_EQ(room.run({"--document", "../identity"}).exit_status, 64);
}

TEST(HelperStreams, KeepAnAnswerForWhoeverAsksAgain) {
    const StreamRoom room;
    room.tell_identity();
    {
        HelperLink lost = room.start();
        ASSERT_TRUE(lost.send(room.question()).has_value());
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        while (!fs::exists(room.answer()) && std::chrono::steady_clock::now() < give_up) {}
    }
    ASSERT_TRUE(fs::exists(room.answer()));
    const auto first = fs::last_write_time(room.answer());
    HelperLink link = room.start();
    ASSERT_TRUE(link.send(room.question()).has_value());

    const auto again = last_answer(link);

    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->kind, HelperAnswer::Kind::Result);
    EXPECT_NE(again->text.find(R"("outcome":"done")"), std::string::npos) << again->text;
    EXPECT_EQ(fs::last_write_time(room.answer()), first) << "it was carried out once";
}

TEST(HelperStreams, WaitUntilAnEarlierHelperHasEnded) {
    const StreamRoom room;
    room.tell_identity();
    const int lock =
        ::open((room.folder / "helper/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_EQ(::flock(lock, LOCK_EX), 0);
    HelperLink link = room.start();
    ASSERT_TRUE(link.send(room.question()).has_value());
    const auto early = link.hear(std::chrono::seconds(2));
    ASSERT_TRUE(early.has_value());
    EXPECT_TRUE(early->empty());

    ::close(lock);

    const auto answer = last_answer(link);
    ASSERT_TRUE(answer.has_value()) << answer.error().text();
    EXPECT_EQ(answer->kind, HelperAnswer::Kind::Result);
}

TEST(HelperStreams, SayWhyThereIsNoHelper) {
    const StreamRoom room;
    fs::create_directories(room.folder / "helper");
    HelperLink link = room.start();

    const auto answer = last_answer(link);

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, "agent.helper_gone");
    EXPECT_NE(answer.error().message.find("identity.json"), std::string::npos)
        << answer.error().message;
}

TEST(HelperStreams, AreGivenUpAfterTheirLimit) {
    const StreamRoom room;
    room.tell_identity();
    HelperLink link = room.start(std::chrono::milliseconds(-1));

    EXPECT_EQ(link.hear(kPatience).error().code, "agent.helper_gone");
}

TEST(OldPrograms, GoButForTheLast) {
    const ScratchFolder folder;
    const auto name = [](char digit) {
        return std::string(64, digit);
    };
    for (const char digit : {'1', '2', '3', '4'}) {
        fs::create_directories(folder / name(digit) / "programs");
    }
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(folder / name('2'), now - std::chrono::hours(1));
    fs::last_write_time(folder / name('3'), now - std::chrono::hours(3));
    fs::last_write_time(folder / name('4'), now - std::chrono::hours(2));
    fs::create_directories(folder / "helper");

    drop_old_programs(folder / name('1'));

    EXPECT_TRUE(fs::exists(folder / name('1')));
    EXPECT_TRUE(fs::exists(folder / name('2'))) << "a killed helper may have left it at work";
    EXPECT_FALSE(fs::exists(folder / name('3')));
    EXPECT_FALSE(fs::exists(folder / name('4')));
    EXPECT_TRUE(fs::exists(folder / "helper"));
    drop_old_programs(folder / "helper");
    EXPECT_TRUE(fs::exists(folder / name('2'))) << "ours is no such folder";
}

}  // namespace
}  // namespace thimble::agent
