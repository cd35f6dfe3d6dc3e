#include "thimble/rehearse/owned_files.hpp"

#include "thimble/host/root_host.hpp"
#include "thimble/host/run_command.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace thimble::rehearse {
namespace {

namespace fs = std::filesystem;

/// A root directory, at first with nothing in it.
class OwnedFilesTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "thimble-owned-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        fs::create_directories(root());
        auto host = host::RootHost::open(root().string());
        ASSERT_TRUE(host.has_value());
        host_ = *std::move(host);
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] fs::path root() const { return folder_ / "root"; }

    static void call(std::vector<std::string> argv) {
        const auto outcome = host::run_command({.argv = std::move(argv)});
        ASSERT_TRUE(outcome.has_value());
        ASSERT_EQ(outcome->exit_status, 0) << outcome->errors;
    }

    /// Installs a package of rpm's that brings /usr/t/<name>.
    void install_by_rpm(const std::string& name) {
        const fs::path spec = folder_ / (name + ".spec");
        std::ofstream(spec)
            << "Name: " << name
            << "\nVersion: 1\nRelease: 1\nSummary: t\nLicense: t\nBuildArch: noarch\n"
               "AutoReqProv: no\n%description\nt\n%install\nmkdir -p %{buildroot}/usr/t\n"
               "echo 1 >%{buildroot}/usr/t/"
            << name << "\n%files\n/usr/t/" << name << "\n";
        const std::string top = "_topdir " + folder_.string();
        call({"rpmbuild", "-bb", "--quiet", "--define", top, spec.string()});
        const std::string archive = "RPMS/noarch/" + name + "-1-1.noarch.rpm";
        call(
            {"rpm",
             "--root",
             root().string(),
             "--dbpath",
             "/var/lib/rpm",
             "-U",
             (folder_ / archive).string()});
    }

    fs::path folder_;
    std::unique_ptr<host::Host> host_;
};

model::Plan plan_of(const std::vector<std::string>& names) {
    model::Plan plan;
    for (const std::string& name : names) {
        model::PlannedStep step;
        step.name = name;
        step.architecture = "noarch";
        plan.steps.push_back(step);
    }
    return plan;
}

TEST_F(OwnedFilesTest, HasTheLinksOfAPlannedPackageAndWhereTheyLead) {
    fs::create_directories(root() / "var/lib/dpkg/info");
    std::ofstream(root() / "var/lib/dpkg/info/t-links.list") << "/bin\n/bin/alias\n";
    FileTree tree;
    tree.links["/bin"] = "usr/bin";
    tree.links["/usr/bin/alias"] = "../lib/program";

    const auto planned = planned_files(*host_, plan_of({"t-links"}), tree);

    const std::set<std::string, std::less<>> expected{
        "/bin", "/usr/bin", "/usr/bin/alias", "/usr/lib/program"};
    EXPECT_EQ(planned, expected);
}

TEST_F(OwnedFilesTest, AreNotKnownWhereThereIsNoPackageManager) {
    OwnedFiles owned;

    add_owned(*host_, owned);

    EXPECT_TRUE(owned.empty());
    EXPECT_TRUE(planned_files(*host_, plan_of({"t-one"}), {}).empty());
}

TEST_F(OwnedFilesTest, AreThoseOfDpkgsLists) {
    fs::create_directories(root() / "var/lib/dpkg/info");
    std::ofstream(root() / "var/lib/dpkg/info/t-one.list") << "/usr/t/t-one\n";
    OwnedFiles owned;

    add_owned(*host_, owned);

    EXPECT_TRUE(owned.contains("/usr/t/t-one"));
    EXPECT_FALSE(owned.contains("/usr/t/t-two"));
}

TEST_F(OwnedFilesTest, OfAPlanAreWhereTheyAreDiverted) {
    fs::create_directories(root() / "var/lib/dpkg/info");
    std::ofstream(root() / "var/lib/dpkg/info/t-one.list") << "/usr/t/config\n";
    std::ofstream(root() / "var/lib/dpkg/diversions")
        << "/usr/t/config\n/usr/t/config.t-one\nt-two\n/usr/t/other\n/usr/t/other.x\nt-two\n";
    const std::set<std::string, std::less<>> planned{"/usr/t/config", "/usr/t/config.t-one"};
    EXPECT_EQ(planned_files(*host_, plan_of({"t-one"}), {}), planned);
}

TEST_F(OwnedFilesTest, AreThoseThatRpmNames) {
    if (::geteuid() != 0 || ::access("/usr/bin/rpmbuild", X_OK) != 0) {
        GTEST_SKIP() << "needs root and rpmbuild";
    }
    install_by_rpm("t-one");
    install_by_rpm("t-two");
    OwnedFiles owned;

    add_owned(*host_, owned);

    EXPECT_TRUE(owned.contains("/usr/t/t-one"));
    EXPECT_TRUE(owned.contains("/usr/t/t-two"));
    EXPECT_FALSE(owned.contains("/usr/t/t-three"));
    const std::set<std::string, std::less<>> planned{"/usr/t/t-two"};
    EXPECT_EQ(planned_files(*host_, plan_of({"t-not-there", "t-two"}), {}), planned);
}

}  // namespace
}  // namespace thimble::rehearse
