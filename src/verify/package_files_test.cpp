#include "thimble/verify/package_files.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace thimble::verify {
namespace {

namespace fs = std::filesystem;

class PackageFilesTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-files-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        root_ = pattern;
        write("usr/lib/libx.so.1", "abc");
        write("usr/bin/tool.real", "");
        write(
            "var/lib/dpkg/info/libx1:amd64.list",
            "/.\n/usr/lib/libx.so.1\n/usr/bin/tool\n/etc/x.conf\n");
        write(
            "var/lib/dpkg/info/libx1:amd64.md5sums",
            "900150983cd24fb0d6963f7d28e17f72  usr/lib/libx.so.1\n"
            "d41d8cd98f00b204e9800998ecf8427e  usr/bin/tool\n"
            "d41d8cd98f00b204e9800998ecf8427e  usr/share/doc/libx1/changelog.gz\n");
        write("var/lib/dpkg/diversions", "/usr/bin/tool\n/usr/bin/tool.real\nother\n");
    }
    void TearDown() override { fs::remove_all(root_); }

    void write(const std::string& path, std::string_view bytes) const {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::trunc) << bytes;
    }

    [[nodiscard]] Result<PackageFiles> check() const {
        const auto host = host::RootHost::open(root_.string());
        return check_package_files(**host, {"libx1", "amd64"});
    }

    [[nodiscard]] const fs::path& root() const { return root_; }

private:
    fs::path root_;
};

TEST_F(PackageFilesTest, PassesIntactAndDivertedFilesAndMissesNoDocumentation) {
    const auto files = check();

    ASSERT_TRUE(files.has_value());
    EXPECT_TRUE(files->digests_known);
    EXPECT_TRUE(files->paths.contains("/usr/bin/tool.real")) << "a process maps it there";
    EXPECT_EQ(files->checked, 2U);
    EXPECT_TRUE(files->differences.empty());
    EXPECT_TRUE(files->paths.contains("/etc/x.conf"));
}

TEST_F(PackageFilesTest, LeavesConfigurationFilesToTheOwnerWhereDpkgMadeTheDigests) {
    write("etc/x.conf", "edited");
    write("var/lib/dpkg/info/libx1:amd64.conffiles", "/etc/x.conf\n");
    write(
        "var/lib/dpkg/info/libx1:amd64.md5sums",
        "900150983cd24fb0d6963f7d28e17f72  usr/lib/libx.so.1\n"
        "d41d8cd98f00b204e9800998ecf8427e  etc/x.conf\n");

    const auto files = check();

    ASSERT_TRUE(files.has_value());
    EXPECT_EQ(files->checked, 1U);
    EXPECT_TRUE(files->differences.empty());
}

TEST_F(PackageFilesTest, NamesChangedAndMissingFiles) {
    write("usr/lib/libx.so.1", "abd");
    fs::remove(root() / "usr/bin/tool.real");

    const auto files = check();

    ASSERT_TRUE(files.has_value());
    EXPECT_EQ(
        files->differences,
        (std::vector<FileDifference>{
            {"libx1", "/usr/lib/libx.so.1", "changed"}, {"libx1", "/usr/bin/tool", "missing"}}));
}

TEST_F(PackageFilesTest, TellsWhatCannotBeReadFromWhatIsAnother) {
    fs::remove(root() / "usr/bin/tool.real");
    fs::create_directory(root() / "usr/bin/tool.real");
    PackageFiles seen;
    seen.package = "libx1";
    compare_file("/a", failure(ErrorKind::Denied, "host.system", "/a: denied"), "", md5_of, seen);
    compare_file(
        "/b", failure(ErrorKind::Invalid, "host.too_big", "/b is too big"), "", md5_of, seen);

    const auto files = check();

    ASSERT_TRUE(files.has_value());
    EXPECT_EQ(
        files->differences,
        (std::vector<FileDifference>{{"libx1", "/usr/bin/tool", "no file any more"}}));
    EXPECT_TRUE(seen.differences.empty());
    EXPECT_EQ(seen.unreadable, (std::vector<std::string>{"/a: denied", "/b is too big"}));
    EXPECT_EQ(seen.checked, 0U);
}

TEST_F(PackageFilesTest, SaysWhenThereAreNoDigests) {
    fs::remove(root() / "var/lib/dpkg/info/libx1:amd64.md5sums");

    const auto files = check();

    ASSERT_TRUE(files.has_value());
    EXPECT_FALSE(files->digests_known);
}

TEST(ParseMd5sums, SkipsDamagedLines) {
    EXPECT_EQ(
        parse_md5sums("zz\n\nd41d8cd98f00b204e9800998ecf8427e  a b\nd41d8cd98f  c").size(), 1U);
    EXPECT_EQ(parse_md5sums("d41d8cd98f00b204e9800998ecf8427e  a b").front().first, "/a b");
}

}  // namespace
}  // namespace thimble::verify
