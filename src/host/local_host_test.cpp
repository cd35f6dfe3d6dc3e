#include "thimble/host/local_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <utility>

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

TEST(LocalHost, TellsAFolderThatCannotBeReadToItsEnd) {
    // The kernel lets whoever may look at the process list what it maps, and asks again at each reading.
    Descriptor folder(::open("/proc/1/map_files", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::geteuid() != 0 || folder.number() < 0) {
        GTEST_SKIP() << "needs root";
    }
    constexpr uid_t kNobody = 65534;
    ASSERT_EQ(::seteuid(kNobody), 0);
    const auto names = list_descriptor(std::move(folder), "/proc/1/map_files");
    ASSERT_EQ(::seteuid(0), 0);

    ASSERT_FALSE(names.has_value()) << names->size() << " names";
    EXPECT_EQ(names.error().kind, ErrorKind::Denied);
}

TEST(LocalHost, TellsALinkFromWhatItPointsAt) {
    LocalHost host;

    EXPECT_EQ(host.look("/proc/self", Follow::No)->type, FileType::Symlink);
    EXPECT_EQ(host.look("/proc/self", Follow::Yes)->type, FileType::Directory);
}

}  // namespace
}  // namespace thimble::host
