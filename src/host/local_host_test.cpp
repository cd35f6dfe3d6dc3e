#include "thimble/host/local_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/host.hpp"

#include <gtest/gtest.h>

namespace thimble::host {
namespace {

TEST(LocalHost, ReadsFilesThatHaveNoSize) {
    LocalHost host;

    const auto status = host.read_file("/proc/self/status", 1 << 20);

    ASSERT_TRUE(status.has_value());
    EXPECT_TRUE(status->starts_with("Name:"));
}

TEST(LocalHost, RefusesWhatIsLargerThanTheLimit) {
    LocalHost host;

    const auto status = host.read_file("/proc/self/status", 10);

    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, "host.too_big");
}

TEST(LocalHost, RefusesDevicesFoldersAndRelativePaths) {
    LocalHost host;

    EXPECT_EQ(host.read_file("/dev/zero", 10).error().code, "host.not_a_file");
    EXPECT_EQ(host.read_file("/", 10).error().code, "host.not_a_file");
    EXPECT_EQ(host.read_file("etc/os-release", 10).error().code, "host.bad_path");
    EXPECT_EQ(host.read_file("/no/such/file", 10).error().kind, ErrorKind::NotFound);
}

TEST(LocalHost, ReadsMagicLinks) {
    LocalHost host;

    const auto target = host.read_link("/proc/self/exe");

    ASSERT_TRUE(target.has_value());
    EXPECT_TRUE(target->ends_with("thimble_host_test"));
}

TEST(LocalHost, TellsALinkFromWhatItPointsAt) {
    LocalHost host;

    EXPECT_EQ(host.look("/proc/self", Follow::No)->type, FileType::Symlink);
    EXPECT_EQ(host.look("/proc/self", Follow::Yes)->type, FileType::Directory);
}

}  // namespace
}  // namespace thimble::host
