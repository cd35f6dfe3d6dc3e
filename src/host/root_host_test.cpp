#include "thimble/host/root_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

namespace fs = std::filesystem;

/// A throw-away folder with a root in it, and a secret beside the root.
class TemporaryRoot {
public:
    TemporaryRoot() {
        std::string pattern = (fs::temp_directory_path() / "thimble-root-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        fs::create_directories(root() / "etc");
        write(folder_ / "secret", "outside");
    }
    TemporaryRoot(const TemporaryRoot&) = delete;
    TemporaryRoot& operator=(const TemporaryRoot&) = delete;
    ~TemporaryRoot() { fs::remove_all(folder_); }

    [[nodiscard]] fs::path root() const { return folder_ / "root"; }
    [[nodiscard]] fs::path folder() const { return folder_; }
    static void write(const fs::path& path, const std::string& text) {
        std::ofstream(path) << text;
    }

private:
    fs::path folder_;
};

TEST(RootHost, ResolvesAbsoluteLinksInsideTheRoot) {
    const TemporaryRoot temporary;
    fs::create_directories(temporary.root() / "usr/lib");
    TemporaryRoot::write(temporary.root() / "usr/lib/os-release", "ID=debian\n");
    fs::create_symlink("/usr/lib/os-release", temporary.root() / "etc/os-release");

    const auto host = RootHost::open(temporary.root());

    EXPECT_EQ((*host)->read_file("/etc/os-release", 100).value(), "ID=debian\n");
    EXPECT_EQ((*host)->read_link("/etc/os-release").value(), "/usr/lib/os-release");
}

TEST(RootHost, TellsProgramsAnAbsoluteRoot) {
    const auto host = RootHost::open(".");

    ASSERT_TRUE(host.has_value());
    EXPECT_EQ((*host)->name(), ".");
    EXPECT_TRUE(fs::path((*host)->local_root()).is_absolute());
}

TEST(RootHost, NeverFollowsALinkOutOfTheRoot) {
    const TemporaryRoot temporary;
    fs::create_symlink("../../secret", temporary.root() / "etc/relative");
    fs::create_symlink(temporary.folder() / "secret", temporary.root() / "etc/absolute");
    fs::create_symlink("../..", temporary.root() / "etc/up");
    const auto host = RootHost::open(temporary.root());

    for (const std::string path :
         {"/etc/relative", "/etc/absolute", "/etc/up/secret", "/../secret", "/etc/../../secret"}) {
        EXPECT_EQ((*host)->read_file(path, 100).error().kind, ErrorKind::NotFound) << path;
    }
}

TEST(RootHost, TheComponentWalkAgreesWithTheKernel) {
    const TemporaryRoot temporary;
    TemporaryRoot::write(temporary.root() / "etc/real", "inside");
    fs::create_symlink("../../../etc/real", temporary.root() / "etc/climbs");
    fs::create_symlink("/etc", temporary.root() / "etc/self");
    fs::create_symlink("loop", temporary.root() / "etc/loop");
    fs::create_symlink("../../secret", temporary.root() / "etc/relative");
    const Descriptor root(::open(temporary.root().c_str(), O_PATH | O_DIRECTORY));

    const auto walk = [&](std::string_view path) -> Result<std::string> {
        THIMBLE_TRY(const Descriptor file, walk_beneath(root, path, O_RDONLY));
        return read_descriptor(file, path, 100);
    };

    EXPECT_EQ(walk("/etc/climbs").value(), "inside");
    EXPECT_EQ(walk("/etc/self/self/./real").value(), "inside");
    EXPECT_EQ(walk("/etc/loop").error().kind, ErrorKind::Invalid);
    EXPECT_EQ(walk("/etc/relative").error().kind, ErrorKind::NotFound);
    EXPECT_EQ(walk("/../secret").error().kind, ErrorKind::NotFound);
    EXPECT_EQ(walk("/etc/real/more").error().kind, ErrorKind::NotFound);
}

TEST(RootHost, DoesNotWaitForTheWriterOfAPipe) {
    const TemporaryRoot temporary;
    ASSERT_EQ(::mkfifo((temporary.root() / "etc/pipe").c_str(), 0600), 0);
    const auto host = RootHost::open(temporary.root());

    EXPECT_EQ((*host)->read_file("/etc/pipe", 100).error().code, "host.not_a_file");
}

TEST(RootHost, ExecutesNothing) {
    const TemporaryRoot temporary;
    const auto host = RootHost::open(temporary.root());

    EXPECT_EQ((*host)->run(Command{.argv = {"true"}}).error().code, "host.runs_nothing");
}

TEST(RootHost, ListsNamesInOrder) {
    const TemporaryRoot temporary;
    TemporaryRoot::write(temporary.root() / "etc/b", "");
    TemporaryRoot::write(temporary.root() / "etc/a", "");
    const auto host = RootHost::open(temporary.root());

    EXPECT_EQ((*host)->list("/etc").value(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ((*host)->list("/none").error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace thimble::host
