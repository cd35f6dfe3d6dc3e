#include "thimble/host/shutdown_hold.hpp"

#include "thimble/host/run_command.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

using Words = std::vector<std::string>;
constexpr std::chrono::seconds kPatience{20};
const ShutdownQuestions kNobody{.preparing = {}, .state = {}};

/// Stands for a program that prints a line for each word.
Words printer(const std::string& lines) {
    return {"printf", lines};
}

/// Stands for the lock: writes its number, and lives as long as its input is open.
Words holder_that_tells(const std::string& file) {
    return {"sh", "-c", "echo $$ > \"$0\"; exec cat", file};
}

/// 0: it has not been written yet.
pid_t number_in(const std::string& file) {
    pid_t number = 0;
    std::ifstream(file) >> number;
    return number;
}

std::string new_path() {
    std::string path = testing::TempDir() + "thimble-hold-XXXXXX";
    ::close(::mkstemp(path.data()));
    return path;
}

/// Waits for the end of a process that need not be our child.
bool has_ended_within(pid_t process, std::chrono::milliseconds limit) {
    const Descriptor file(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    pollfd watched{.fd = file.number(), .events = POLLIN, .revents = 0};
    return file.number() < 0 || ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

TEST(ShutdownHoldCommand, BlocksIdlingSleepAndShutdownAsWordsOfItsOwn) {
    EXPECT_EQ(
        shutdown_hold_command(),
        (Words{
            "systemd-inhibit",
            "--what=idle:sleep:shutdown",
            "--who=Thimble",
            "--why=packages are being changed",
            "--mode=block",
            "cat"}));
}

TEST(ShutdownHold, IsOverWithItsEnd) {
    const std::string file = new_path();
    pid_t holder = 0;
    {
        const ShutdownHold hold = ShutdownHold::take(holder_that_tells(file), kNobody, kPatience);
        ASSERT_TRUE(hold.is_held()) << hold.words();
        EXPECT_NE(hold.words().find("is asked to hold off"), std::string::npos);
        holder = number_in(file);
        ASSERT_EQ(::kill(holder, 0), 0);
    }
    EXPECT_EQ(::kill(holder, 0), -1);
}

TEST(ShutdownHold, SaysWhyNothingIsHeld) {
    EXPECT_EQ(ShutdownHold().words(), "");
    const ShutdownHold none = ShutdownHold::take({"no-such-program"}, kNobody, kPatience);
    EXPECT_FALSE(none.is_held());
    EXPECT_NE(none.words().find("no-such-program"), std::string::npos);
    const ShutdownHold refused =
        ShutdownHold::take({"sh", "-c", "echo no bus here >&2; exit 1"}, kNobody, kPatience);
    EXPECT_FALSE(refused.is_held());
    EXPECT_NE(refused.words().find("no bus here"), std::string::npos) << refused.words();
}

TEST(GoingDown, IsWhatLogindAndTheServiceManagerSay) {
    const auto heard = [](const std::string& preparing, const std::string& state) {
        return going_down({.preparing = printer(preparing), .state = printer(state)}, kPatience);
    };
    EXPECT_EQ(heard("b false\\nb false\\n", "running\\n"), "");
    EXPECT_EQ(heard("b true\\nb false\\n", "running\\n"), "the machine is going down");
    EXPECT_EQ(heard("b false\\nb true\\n", "degraded\\n"), "the machine is going to sleep");
    EXPECT_EQ(heard("", "stopping\\n"), "the machine is going down");
    EXPECT_EQ(heard("", "offline\\n"), "") << "as in a container";
}

TEST(GoingDown, IsHeardOfAProgramThatEndsWithAStatus) {
    EXPECT_EQ(
        going_down(
            {.preparing = {"no-such-program"}, .state = {"sh", "-c", "echo stopping; exit 1"}},
            kPatience),
        "the machine is going down");
    EXPECT_EQ(
        going_down({.preparing = {"no-such-program"}, .state = {"no-such-program"}}, kPatience),
        "");
    EXPECT_EQ(going_down(kNobody, kPatience), "");
}

TEST(ShutdownHold, TellsARefusalBecauseTheMachineGoesDownFromNoLogind) {
    const ShutdownQuestions questions{.preparing = printer("b true\\nb false\\n"), .state = {}};
    const ShutdownHold refused =
        ShutdownHold::take({"sh", "-c", "echo already running >&2; exit 1"}, questions, kPatience);
    EXPECT_FALSE(refused.is_held());
    EXPECT_EQ(refused.obstacle(), "the machine is going down");
    EXPECT_EQ(
        ShutdownHold::take({"no-such-program"}, questions, kPatience).obstacle(),
        "the machine is going down");
    EXPECT_EQ(ShutdownHold::take({"no-such-program"}, kNobody, kPatience).obstacle(), "");
}

TEST(ParseInhibition, ReadsWhatBusctlPrints) {
    for (const char* printed : {"s \"shutdown\"\n", "s \"idle:shutdown:sleep\"\n"}) {
        EXPECT_EQ(parse_inhibition(printed), Inhibition::Inhibited) << printed;
    }
    for (const char* printed : {"s \"\"\n", "s \"sleep:shutdowns\""}) {
        EXPECT_EQ(parse_inhibition(printed), Inhibition::None) << printed;
    }
    for (const char* printed : {"", "shutdown", "s \"", "b false\n", "s \"sleep\" s \"\""}) {
        EXPECT_EQ(parse_inhibition(printed), Inhibition::Unknown) << printed;
    }
}

TEST(ShutdownInhibition, IsUnknownWhereNobodyAnswers) {
    EXPECT_EQ(shutdown_inhibition(printer("s \"sleep\"\\n"), kPatience), Inhibition::None);
    EXPECT_EQ(shutdown_inhibition(printer("s \"shutdown\"\\n"), kPatience), Inhibition::Inhibited);
    EXPECT_EQ(shutdown_inhibition({"no-such-program"}, kPatience), Inhibition::Unknown);
    EXPECT_EQ(
        shutdown_inhibition({"sleep", "1000"}, std::chrono::milliseconds(50)), Inhibition::Unknown);
    EXPECT_EQ(shutdown_inhibition({}, kPatience), Inhibition::Unknown);
}

TEST(ShutdownHold, DoesNotWaitForEver) {
    const ShutdownHold hold =
        ShutdownHold::take({"sleep", "1000"}, kNobody, std::chrono::milliseconds(50));
    EXPECT_FALSE(hold.is_held());
    EXPECT_NE(hold.words().find("does not answer"), std::string::npos) << hold.words();
}

/// Our process is killed; the transaction that it has started goes on, and so does the lock.
void outlive_us(Surroundings surroundings) {
    const std::string holder_file = new_path();
    const std::string program_file = new_path();
    std::array<int, 2> ready{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const ShutdownHold hold =
            ShutdownHold::take(holder_that_tells(holder_file), kNobody, kPatience);
        static_cast<void>(run_command(
            {.argv = {"sh", "-c", "echo $$ > \"$0\"; exec sleep 1000", program_file},
             .timeout = std::chrono::hours(1),
             .held = hold.end()},
            surroundings));
        ::_exit(hold.is_held() ? 0 : 1);
    }
    while (number_in(program_file) <= 0) {}
    const pid_t program = number_in(program_file);
    const pid_t holder = number_in(holder_file);

    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);

    EXPECT_FALSE(has_ended_within(holder, std::chrono::milliseconds(200)));
    ::kill(program, SIGKILL);
    EXPECT_TRUE(has_ended_within(holder, kPatience)) << "nothing holds it any more";
}

TEST(ShutdownHold, LastsAsLongAsAProgramThatOutlivesUs) {
    outlive_us(Surroundings::Machine);
    outlive_us(Surroundings::Caller);
}

TEST(ShutdownHold, HasNoEndToHandOnWhereNothingIsHeld) {
    EXPECT_EQ(ShutdownHold().end(), -1);
    EXPECT_EQ(ShutdownHold::take({"no-such-program"}, kNobody, kPatience).end(), -1);
}

}  // namespace
}  // namespace thimble::host
