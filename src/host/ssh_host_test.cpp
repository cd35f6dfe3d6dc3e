#include "thimble/host/ssh_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/host.hpp"
#include "thimble/host/loopback_server_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

class SshHostTest : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string why = why_no_ssh_server(); !why.empty()) {
            GTEST_SKIP() << why;
        }
    }
};

TEST_F(SshHostTest, ReadsListsAndRunsOverARealConnection) {
    const LoopbackServer server;
    const fs::path odd = server.folder() / "it's $(odd)";
    std::ofstream(odd) << std::string("bytes\0with\nall", 14);
    const std::vector<Question> questions{{.path = "/etc/os-release"}, {.path = "/no/such/file"}};

    const auto host = SshHost::connect(server.target(), server.options(), questions);

    ASSERT_TRUE(host.has_value()) << host.error().text();
    EXPECT_NE((*host)->read_file("/etc/os-release", 1 << 20)->find("ID="), std::string::npos);
    EXPECT_EQ((*host)->read_file("/no/such/file", 10).error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*host)->read_file("/etc/os-release", 1).error().code, "host.too_big");
    EXPECT_EQ((*host)->read_file(odd.string(), 100).value(), std::string("bytes\0with\nall", 14));
    EXPECT_EQ((*host)->look(odd.string(), Follow::Yes)->size, 14U);
    EXPECT_EQ(
        (*host)->run(Command{.argv = {"printf", "%s|", "$(id)", "a b", "'"}})->output,
        "$(id)|a b|'|");
    EXPECT_EQ((*host)->run(Command{.argv = {"sh", "-c", "exit 3"}})->exit_status, 3);
    EXPECT_EQ((*host)->run(Command{.argv = {"no-such-program"}}).error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*host)->local_root(), "");
}

TEST_F(SshHostTest, ReadsNoMoreThanItsLimit) {
    const LoopbackServer server;
    const std::vector<Question> questions{{.path = "/etc/passwd"}};

    const auto host = SshHost::connect(server.target(), server.options(), questions, 64);

    ASSERT_FALSE(host.has_value());
    EXPECT_EQ(host.error().code, "host.too_big");
}

TEST_F(SshHostTest, AnswersFromWhatWasPrepared) {
    const LoopbackServer server;
    const auto host = SshHost::connect(server.target(), server.options(), {});
    ASSERT_TRUE(host.has_value()) << host.error().text();
    const std::string us = "/proc/" + std::to_string(::getpid());
    const std::vector<Question> questions{
        {.path = us + "/stat", .ask = Ask::Bytes},
        {.path = us + "/exe", .ask = Ask::Link},
        {.path = us + "/fd", .ask = Ask::Links},
        {.path = "/proc/0/exe", .ask = Ask::Link},
        {.path = "/proc/0/fd", .ask = Ask::Links},
        {.path = "/etc/passwd", .ask = Ask::Info}};

    ASSERT_TRUE((*host)->prepare(questions).has_value());

    const auto stat = (*host)->read_file(us + "/stat", 4096);
    ASSERT_TRUE(stat.has_value());
    EXPECT_TRUE(stat->starts_with(std::to_string(::getpid()) + " ("));
    EXPECT_TRUE((*host)->read_link(us + "/exe")->starts_with('/'));
    const auto descriptors = (*host)->list(us + "/fd");
    ASSERT_TRUE(descriptors.has_value() && !descriptors->empty());
    EXPECT_FALSE((*host)->read_link(us + "/fd/" + descriptors->back())->empty());
    EXPECT_EQ((*host)->read_link(us + "/fd/99999").error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*host)->read_link("/proc/0/exe").error().kind, ErrorKind::NotFound);
    EXPECT_EQ((*host)->list("/proc/0/fd").error().kind, ErrorKind::NotFound);
    EXPECT_NE((*host)->look("/etc/passwd", Follow::Yes)->inode, 0U);
}

TEST(SshHost, TellsWhyThereIsNoConnection) {
    if (::access("/usr/bin/ssh", X_OK) != 0) {
        GTEST_SKIP() << "skipped: ssh is not installed";
    }

    const auto host = SshHost::connect(
        {.user = "", .name = "127.0.0.1", .port = free_port()}, {"-F", "none"}, {});

    ASSERT_FALSE(host.has_value());
    EXPECT_EQ(host.error().code, "host.no_connection");
    EXPECT_NE(host.error().message.find("refused"), std::string::npos);
}

}  // namespace
}  // namespace thimble::host
