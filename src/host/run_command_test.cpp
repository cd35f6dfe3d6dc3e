#include "thimble/host/run_command.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/conversation.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/local_host.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

TEST(RunCommand, KeepsOutputAndErrorsApart) {
    const auto outcome =
        run_command(Command{.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}});

    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->exit_status, 3);
    EXPECT_EQ(outcome->output, "out\n");
    EXPECT_EQ(outcome->errors, "err\n");
}

TEST(RunCommand, PassesEveryArgumentAsItIs) {
    const auto outcome = run_command(Command{.argv = {"printf", "%s|", "a b", "$(id)", "'"}});

    EXPECT_EQ(outcome->output, "a b|$(id)|'|");
}

TEST(RunCommand, FeedsLargeInputWhileReadingTheOutput) {
    const std::string input(3'000'000, 'x');

    const auto outcome = run_command(Command{.argv = {"cat"}, .input = input});

    EXPECT_EQ(outcome->output, input);
}

TEST(RunCommand, KillsWhatTakesTooLong) {
    const auto outcome =
        run_command(Command{.argv = {"sleep", "60"}, .timeout = std::chrono::milliseconds(50)});

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.timeout");
}

TEST(RunCommand, KillsWhatClosesItsStreamsAndStaysOn) {
    const auto outcome = run_command(Command{
        .argv = {"sh", "-c", "exec >&- 2>&-; exec sleep 60"},
        .timeout = std::chrono::milliseconds(100)});

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.timeout");
}

TEST(RunCommand, StopsAProgramThatNeverEndsPrinting) {
    const auto outcome = run_command(Command{.argv = {"yes"}, .output_limit = 1000});

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.too_big");
}

TEST(RunCommand, DropsWhatIsTooMuchWhenToldTo) {
    const auto outcome = run_command(Command{
        .argv = {"sh", "-c", "printf 123456789; exit 3"},
        .output_limit = 4,
        .overflow = Overflow::Drop});

    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->output, "1234");
    EXPECT_EQ(outcome->exit_status, 3);
}

TEST(RunCommand, SetsTheEnvironmentAndHearsEveryChannel) {
    std::string heard;
    const auto outcome = run_command(Command{
        .argv = {"sh", "-c", "printf $COLOUR; printf bad >&2; printf at:1 >&3"},
        .environment = {"COLOUR=red"},
        .status_channel = true,
        .listener = [&](Channel channel, std::string_view bytes) {
            heard += channel == Channel::Status ? "[" + std::string(bytes) + "]" : "";
        }});

    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->output, "red");
    EXPECT_EQ(outcome->errors, "bad");
    EXPECT_EQ(heard, "[at:1]");
}

/// What our caller leaves us with; all of it is as before at the end.
class StrangeCaller {
public:
    StrangeCaller() : umask_(::umask(077)), folder_(fs::current_path()) {
        ::setenv("TMPDIR", "/nowhere", 1);
        ::setenv("DPKG_FORCE", "confnew", 1);
        fs::current_path("/var/tmp");
    }
    StrangeCaller(const StrangeCaller&) = delete;
    StrangeCaller& operator=(const StrangeCaller&) = delete;
    StrangeCaller(StrangeCaller&&) = delete;
    StrangeCaller& operator=(StrangeCaller&&) = delete;
    ~StrangeCaller() {
        std::error_code ignored;
        fs::current_path(folder_, ignored);
        ::unsetenv("DPKG_FORCE");
        ::unsetenv("TMPDIR");
        ::umask(umask_);
    }

private:
    mode_t umask_;
    fs::path folder_;
};

TEST(RunCommand, GivesNothingOfTheCallerToWhatChangesTheMachine) {
    const StrangeCaller caller;
    const Command command{
        .argv = {"sh", "-c", "pwd; umask; env | sort | grep -v -e ^_= -e ^PWD= -e ^SHLVL="},
        .environment = {"COLOUR=red", "HOME=/var/empty"}};

    const auto outcome = run_command(command, Surroundings::Machine);

    ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
    EXPECT_EQ(
        outcome->output,
        "/\n0022\nCOLOUR=red\nHOME=/var/empty\nLC_ALL=C\nLOGNAME=root\n"
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nSHELL=/bin/sh\n"
        "TERM=dumb\nUSER=root\n");
    EXPECT_EQ(LocalHost(Surroundings::Machine).run(command)->output, outcome->output);
    EXPECT_NE(run_command(command)->output.find("DPKG_FORCE=confnew\n"), std::string::npos);
    EXPECT_EQ(fs::current_path(), "/var/tmp");
}

TEST(RunCommand, HandsOnNoDescriptorButTheOneThatIsHeld) {
    Result<Pipe> pipe = make_pipe();
    ASSERT_TRUE(pipe.has_value());
    const int held = pipe->write_end.number();
    const int of_caller = ::dup(held);

    for (const Surroundings surroundings : {Surroundings::Machine, Surroundings::Caller}) {
        const Command looks{
            .argv = {"readlink", "/proc/self/fd/64", "/proc/self/fd/" + std::to_string(of_caller)},
            .held = held};
        const auto outcome = run_command(looks, surroundings);
        ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
        EXPECT_EQ(
            std::ranges::count(outcome->output, '\n'),
            surroundings == Surroundings::Machine ? 1 : 2)
            << outcome->output;
        EXPECT_TRUE(outcome->output.starts_with("pipe:")) << outcome->output;
        const auto nothing =
            run_command(Command{.argv = {"readlink", "/proc/self/fd/64"}}, surroundings);
        EXPECT_EQ(nothing->output, "");
    }
    ::close(of_caller);
}

/// A terminal's signals and the others that end us are ignored while packages change.
class DeafCaller {
public:
    DeafCaller() {
        for (std::size_t at = 0; at < kSignals.size(); ++at) {
            before_.at(at) = std::signal(kSignals.at(at), SIG_IGN);
        }
    }
    ~DeafCaller() {
        for (std::size_t at = 0; at < kSignals.size(); ++at) {
            std::signal(kSignals.at(at), before_.at(at));
        }
    }
    DeafCaller(const DeafCaller&) = delete;
    DeafCaller& operator=(const DeafCaller&) = delete;
    DeafCaller(DeafCaller&&) = delete;
    DeafCaller& operator=(DeafCaller&&) = delete;

    static constexpr std::array kSignals{SIGTERM, SIGHUP, SIGINT, SIGPIPE};

private:
    std::array<void (*)(int), kSignals.size()> before_{};
};

TEST(RunCommand, LetsWhatChangesTheMachineBeEndedBySignalsThatWeIgnore) {
    const DeafCaller caller;
    for (const int signal : DeafCaller::kSignals) {
        const auto outcome = run_command(
            Command{.argv = {"sh", "-c", "kill -\"$0\" $$; echo lives", std::to_string(signal)}},
            Surroundings::Machine);
        ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
        EXPECT_EQ(outcome->exit_status, 128 + signal) << outcome->output;
    }
}

TEST(RunCommand, KeepsSignalsOfATerminalFromWhatChangesTheMachine) {
    const auto outcome = run_command(
        Command{.argv = {"sh", "-c", "cut -d ' ' -f 1,5,6,7 /proc/$$/stat; echo $$"}},
        Surroundings::Machine);

    ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
    const std::string number = outcome->output.substr(0, outcome->output.find(' '));
    EXPECT_EQ(outcome->output, number + " " + number + " " + number + " 0\n" + number + "\n")
        << "its group, its session, and no terminal";
}

TEST(RunCommand, HearsAndEndsWhatChangesTheMachineAsAnyOther) {
    std::string heard;
    const auto outcome = run_command(
        Command{
            .argv = {"sh", "-c", "cat; printf bad >&2; printf at:1 >&3; exit 3"},
            .input = "in",
            .status_channel = true,
            .listener =
                [&](Channel channel, std::string_view bytes) {
                    heard += channel == Channel::Status ? bytes : std::string_view();
                }},
        Surroundings::Machine);

    ASSERT_TRUE(outcome.has_value()) << outcome.error().text();
    EXPECT_EQ(outcome->output + outcome->errors + heard, "inbadat:1");
    EXPECT_EQ(outcome->exit_status, 3);
    EXPECT_EQ(
        run_command(Command{.argv = {"thimble-no-such-program"}}, Surroundings::Machine)
            .error()
            .kind,
        ErrorKind::NotFound);
    EXPECT_EQ(
        run_command(
            Command{.argv = {"sleep", "60"}, .timeout = std::chrono::milliseconds(50)},
            Surroundings::Machine)
            .error()
            .code,
        "host.timeout");
}

TEST(RunCommand, KillsAProgramThatHasFallenSilent) {
    const auto outcome = run_command(Command{
        .argv = {"sh", "-c", "echo begun; exec sleep 60"},
        .silence_limit = std::chrono::milliseconds(100)});

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.silent");
}

TEST(RunCommand, TellsAProgramThatIsNotThere) {
    EXPECT_EQ(
        run_command(Command{.argv = {"thimble-no-such-program"}}).error().kind,
        ErrorKind::NotFound);
    EXPECT_EQ(run_command(Command{}).error().code, "host.no_command");
}

TEST(RunCommand, SurvivesAProgramThatDoesNotReadItsInput) {
    const std::string much(std::size_t{1} << 20, 'x');

    const auto outcome = run_command(Command{.argv = {"false"}, .input = much});

    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->exit_status, 1);
}

}  // namespace
}  // namespace thimble::host
