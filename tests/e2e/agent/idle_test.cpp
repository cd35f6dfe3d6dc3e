// What a real agent needs that has nothing to do.
#include "fleet_of_one.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace thimble {
namespace {

using cli::TestAnswer;
using cli::TestProgram;
using e2e::Fleet;

constexpr long kMostKib = 8192;
constexpr std::chrono::minutes kPatience{1};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsOurMemory = false;
#else
constexpr bool kIsOurMemory = true;
#endif

/// KiB; -1: it does not run.
long resident(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string word; status >> word;) {
        if (word == "VmRSS:") {
            long size = -1;
            status >> size;
            return size;
        }
    }
    return -1;
}

/// Whether it is so within a minute.
template <class Condition>
bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
}

TEST(IdleAgent, ComesToRestWithinEightMebibytes) {
    if (!kIsOurMemory) {
        GTEST_SKIP() << "sanitizers need more";
    }
    const Fleet fleet;
    ASSERT_EQ(fleet.enrol(cli::make_enrolment_token(fleet.server, false)).status, 0);
    const TestProgram agent(
        {THIMBLE_AGENT,
         "run",
         "--root",
         fleet.root.string(),
         "--state",
         fleet.state.string(),
         "--helper",
         (fleet.folder / "none").string()});

    // It has read its inventory, spoken TLS and sent documents.
    ASSERT_TRUE(comes_true([&] {
        return !fleet.server.as_admin({"GET", "/api/v1/hosts"}).text("inventory_digest").empty();
    }));

    EXPECT_TRUE(comes_true([&] {
        const long size = resident(agent.process());
        return size > 0 && size <= kMostKib;
    })) << resident(agent.process())
        << " KiB";
}

}  // namespace
}  // namespace thimble
