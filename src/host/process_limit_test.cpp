#include "thimble/host/process_limit.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/scratch_folder_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

/// A clone of this machine; the programs of the tests are its own.
class ProcessLimitTest : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string reason = why_no_enclosure(); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
    }
    [[nodiscard]] EnclosureOptions options() const {
        return EnclosureOptions{
            .root = "/", .work = scratch_.path + "/work", .masked = {}, .binds = {}};
    }
    static std::string output_of(Enclosure& enclosure, const std::string& script) {
        const auto outcome = enclosure.run(Command{.argv = {"sh", "-c", script}});
        return outcome ? outcome->output + outcome->errors : outcome.error().text();
    }

    ScratchFolder scratch_;
};

/// Forks without end, each process five seconds long, so that a machine without a bound would be left alone again.
constexpr const char* kBomb =
    "import os, signal, time\n"
    "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
    "while True:\n"
    "    try:\n"
    "        if os.fork() == 0:\n"
    "            time.sleep(5)\n"
    "            os._exit(0)\n"
    "    except OSError:\n"
    "        time.sleep(0.01)\n";

/// How many processes the enclosure has.
std::size_t processes_in(Enclosure& clone) {
    const auto names = clone.list("/proc");
    return names ? static_cast<std::size_t>(std::ranges::count_if(
                       *names, [](const std::string& name) { return std::isdigit(name[0]) != 0; }))
                 : 0;
}

TEST_F(ProcessLimitTest, LetsACopyHaveNoMoreProcessesThanItMay) {
    auto wanted = options();
    wanted.process_limit = 40;
    auto clone = Enclosure::open(wanted);
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    if ((*clone)->process_limit().find("control group") == std::string::npos
        || (*clone)->process_limit().find("no control group") != std::string::npos) {
        GTEST_SKIP() << (*clone)->process_limit();
    }

    auto bomb = (*clone)->start({.argv = {"python3", "-c", kBomb}, .listener = {}});
    ASSERT_TRUE(bomb.has_value()) << bomb.error().text();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::size_t most = 0;
    int looks_at_the_bound = 0;
    while (looks_at_the_bound < 100 && std::chrono::steady_clock::now() < deadline) {
        most = std::max(most, processes_in(**clone));
        looks_at_the_bound += most >= wanted.process_limit ? 1 : 0;
    }
    bomb->reset();

    EXPECT_EQ(most, wanted.process_limit);
    EXPECT_EQ(output_of(**clone, "echo there is room again"), "there is room again\n");
}

TEST_F(ProcessLimitTest, KillsACommandThatWantsMoreProcessesThanTheCopyMayHave) {
    for (const bool has_groups : {true, false}) {
        auto wanted = options();
        wanted.process_limit = 60;
        if (!has_groups) {
            wanted.group_roots.clear();
        }
        auto clone = Enclosure::open(wanted);
        ASSERT_TRUE(clone.has_value()) << clone.error().text();

        const auto outcome = (*clone)->run({.argv = {"python3", "-c", kBomb}, .listener = {}});

        ASSERT_FALSE(outcome.has_value());
        EXPECT_EQ(outcome.error().code, "host.clone_crowded") << outcome.error().text();
        EXPECT_NE(outcome.error().text().find("at most 60 processes"), std::string::npos);
        EXPECT_EQ(output_of(**clone, "echo there is room again"), "there is room again\n");
    }
}

TEST_F(ProcessLimitTest, KillsACrowdThatIsOfAnEarlierCommandWhereItIsOnlyCounted) {
    constexpr const char* kLaterCrowd =
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    null = os.open('/dev/null', os.O_RDWR)\n"
        "    for end in (0, 1, 2): os.dup2(null, end)\n"
        "    while not os.path.exists('/tmp/go'): time.sleep(0.01)\n"
        "    while os.fork() == 0 and len(os.listdir('/proc')) < 400: pass\n"
        "    time.sleep(60)\n";
    auto wanted = options();
    wanted.process_limit = 60;
    wanted.group_roots.clear();
    auto clone = Enclosure::open(wanted);
    ASSERT_TRUE(clone.has_value()) << clone.error().text();
    const auto began = (*clone)->run({.argv = {"python3", "-c", kLaterCrowd}, .listener = {}});
    ASSERT_TRUE(began.has_value()) << began.error().text();

    const auto outcome =
        (*clone)->run({.argv = {"sh", "-c", ": > /tmp/go; exec sleep 60"}, .listener = {}});

    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, "host.clone_crowded") << outcome.error().text();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::size_t left = processes_in(**clone);
    while (left > 1 && std::chrono::steady_clock::now() < deadline) {
        left = processes_in(**clone);  // the kernel is not done with all of them at once
    }
    EXPECT_EQ(left, 1U);
    EXPECT_EQ(output_of(**clone, "echo there is room again"), "there is room again\n");
}

TEST_F(ProcessLimitTest, LeavesNoControlGroupBehind) {
    const auto groups = [] {
        std::size_t found = 0;
        for (const std::string& root : process_group_roots()) {
            std::error_code error;
            for (const auto& entry : fs::directory_iterator(root, error)) {
                const std::string ours = "thimble-clone-" + std::to_string(::getpid()) + "-";
                found += entry.path().filename().string().starts_with(ours) ? 1 : 0;
            }
        }
        return found;
    };
    {
        auto clone = Enclosure::open(options());
        ASSERT_TRUE(clone.has_value()) << clone.error().text();
        const bool is_grouped =
            (*clone)->process_limit().find("by a control group") != std::string::npos;
        EXPECT_EQ(groups(), is_grouped ? 1U : 0U);
    }
    EXPECT_EQ(groups(), 0U);
}

TEST(RefusedIn, IsTheNumberOfTheKernel) {
    EXPECT_EQ(refused_in("max 17\n"), 17U);
    EXPECT_EQ(refused_in("other 3\nmax 2\n"), 2U);
    for (const char* text : {"", "max", "max x", "maximum 3\n"}) {
        EXPECT_EQ(refused_in(text), 0U) << text;
    }
}

}  // namespace
}  // namespace thimble::host
