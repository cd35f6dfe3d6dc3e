// A real agent, and two servers behind one name.
#include "thimble/cli/running_server_test.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace thimble {
namespace {

namespace fs = std::filesystem;
using cli::RunningServer;
using cli::ScratchFolder;
using cli::TestOutcome;
using cli::TestProgram;

/// Two servers on one PostgreSQL, at one port of the two addresses that "localhost" has.
struct TwoServers {
    ScratchFolder folder;
    store::ScratchPostgresql postgresql;
    std::optional<RunningServer> first;
    std::optional<RunningServer> second;
    std::string port;

    TwoServers() {
        first.emplace(folder / "first", postgresql.option());
        first->let_admin_in();
        port = first->address().substr(first->address().rfind(':'));
        cli::copy_server_keys(folder / "first", folder / "second");
        start_second();
    }
    void start_first() { first.emplace(folder / "first", postgresql.option(), "127.0.0.1" + port); }
    void start_second() { second.emplace(folder / "second", postgresql.option(), "[::1]" + port); }
    [[nodiscard]] TestOutcome agent(std::vector<std::string> words) const {
        words.insert(words.begin(), THIMBLE_AGENT);
        words.insert(words.end(), {"--state", (folder / "agent").string()});
        return TestProgram(std::move(words)).rest();
    }
    [[nodiscard]] TestOutcome check_in() const {
        return agent({"check-in", "--root", (folder / "root").string()});
    }
};

std::string why_not_here() {
    const bool has_ipv6 = fs::exists("/proc/net/if_inet6");
    return has_ipv6 ? store::why_no_postgresql() : "skipped: there is no IPv6 loopback";
}

}  // namespace

TEST(SeveralServers, AnAgentGoesOnWithWhicheverOfThemIsThere) {
    if (const std::string why = why_not_here(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    TwoServers servers;
    fs::create_directories(servers.folder / "root/etc");
    fs::create_directories(servers.folder / "root/var/lib/dpkg");
    std::ofstream(servers.folder / "root/etc/os-release") << "ID=debian\nVERSION_ID=\"12\"\n";
    std::ofstream(servers.folder / "root/var/lib/dpkg/status")
        << "Package: t-lib\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n";
    const TestOutcome enrolled = servers.agent(
        {"enrol",
         "https://localhost" + servers.port,
         cli::make_enrolment_token(*servers.first, false),
         "--helper-state",
         (servers.folder / "helper").string()});
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    const TestOutcome with_both = servers.check_in();
    EXPECT_EQ(with_both.status, 0) << with_both.output;

    servers.first->kill();
    const TestOutcome with_second = servers.check_in();
    EXPECT_EQ(with_second.status, 0) << with_second.output;

    servers.start_first();
    servers.second->kill();
    const TestOutcome with_first = servers.check_in();
    EXPECT_EQ(with_first.status, 0) << with_first.output;
}

}  // namespace thimble
