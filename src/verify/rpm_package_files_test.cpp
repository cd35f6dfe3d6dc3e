#include "thimble/host/root_host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/verify/package_files.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace thimble::verify {
namespace {

namespace fs = std::filesystem;

/// An install root with one package that rpm built and installed.
class CheckRpmFiles : public testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0 || ::access("/usr/bin/rpmbuild", X_OK) != 0) {
            GTEST_SKIP() << "needs root and rpmbuild";
        }
        std::string pattern = "/tmp/thimble-rpm-files-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        std::ofstream(folder_ / "t.spec")
            << "Name: t-lib\nVersion: %{of}\nRelease: 1\nSummary: t\nLicense: t\nBuildArch: "
               "noarch\n"
               "AutoReqProv: no\n%description\nt\n%install\nmkdir -p %{buildroot}/usr/t "
               "%{buildroot}/etc\nfor f in a b c; do echo $f >%{buildroot}/usr/t/$f; done\necho x "
               ">%{buildroot}/etc/t.conf\n%files\n/usr/t\n%config /etc/t.conf\n";
        install("1");
        auto host = host::RootHost::open(root());
        ASSERT_TRUE(host);
        host_ = *std::move(host);
    }
    void TearDown() override { fs::remove_all(folder_); }

    /// Beside the versions that are there.
    void install(const std::string& version) const {
        call(
            {"rpmbuild",
             "-bb",
             "--quiet",
             "--define",
             "_topdir " + folder_.string(),
             "--define",
             "of " + version,
             (folder_ / "t.spec").string()});
        call(
            {"rpm",
             "--root",
             root(),
             "--dbpath",
             "/var/lib/rpm",
             "-i",
             (folder_ / ("RPMS/noarch/t-lib-" + version + "-1.noarch.rpm")).string()});
    }
    [[nodiscard]] std::string root() const {
        fs::create_directories(folder_ / "root");
        return (folder_ / "root").string();
    }
    static void call(std::vector<std::string> argv) {
        const auto outcome = host::run_command({.argv = std::move(argv)});
        ASSERT_TRUE(outcome);
        ASSERT_EQ(outcome->exit_status, 0) << outcome->errors;
    }

    fs::path folder_;
    std::unique_ptr<host::Host> host_;
};

TEST_F(CheckRpmFiles, FindsEveryFileAsItWasBrought) {
    const auto files = check_package_files(*host_, {"t-lib", "noarch"});

    ASSERT_TRUE(files) << files.error().text();
    EXPECT_EQ(files->checked, 3U);
    EXPECT_TRUE(files->digests_known);
    EXPECT_TRUE(files->differences.empty());
    EXPECT_TRUE(files->paths.contains("/usr/t/a"));
}

TEST_F(CheckRpmFiles, NamesWhatWasChangedAndWhatIsMissing) {
    std::ofstream(root() + "/usr/t/a") << "other";
    std::ofstream(root() + "/etc/t.conf") << "mine";
    fs::remove(root() + "/usr/t/b");

    const auto files = check_package_files(*host_, {"t-lib", "noarch"});

    ASSERT_TRUE(files) << files.error().text();
    const std::vector<FileDifference> expected{
        {"t-lib", "/usr/t/a", "changed"}, {"t-lib", "/usr/t/b", "missing"}};
    EXPECT_EQ(files->differences, expected);
}

TEST_F(CheckRpmFiles, TellsWhenTheNewestOfVersionsBesideEachOtherCame) {
    const auto first = unpacked_at(*host_, {"t-lib", "noarch"});
    ASSERT_TRUE(first.has_value());
    install("2");

    const auto newest = unpacked_at(*host_, {"t-lib", "noarch"});

    ASSERT_TRUE(newest.has_value()) << "two instants are told";
    EXPECT_GE(*newest, *first);
    EXPECT_LT(*newest - *first, std::chrono::hours(1));
}

TEST_F(CheckRpmFiles, DoesNotKnowAPackageThatIsNotInstalled) {
    EXPECT_EQ(check_package_files(*host_, {"--root", "noarch"}).error().kind, ErrorKind::NotFound);
}

}  // namespace
}  // namespace thimble::verify
