#include "thimble/fleet/judged_packages.hpp"

#include "thimble/assess/inventory_builder_test.hpp"

#include <gtest/gtest.h>

namespace thimble::fleet {
namespace {

using assess::AHost;

std::vector<std::string> names_of(const JudgedPackages& judged) {
    std::vector<std::string> names;
    for (const JudgedPackage& package : judged.packages) {
        names.push_back(package.section + "|" + package.name + "|" + package.version);
    }
    return names;
}

}  // namespace

TEST(JudgedPackages, BinariesOfOneSourceAreOnePackage) {
    AHost host("debian", "12");
    host.has("deb", "libcurl4", "7.88").from_source("curl", "7.88");
    host.has("deb", "curl", "7.88").from_source("curl", "7.88");

    const JudgedPackages judged = judged_packages(host.inventory());

    EXPECT_EQ(judged.release, (std::vector{assess::SectionName{"Debian:12"}}));
    EXPECT_EQ(names_of(judged), (std::vector<std::string>{"|curl|7.88"}));
}

TEST(JudgedPackages, OfSeveralKernelsTheOneThatRunsIsJudged) {
    AHost host("debian", "12");
    host.runs_kernel("6.1.0-30-amd64");
    host.has("deb", "linux-image-6.1.0-30-amd64", "6.1.124-1").from_source("linux", "6.1.124-1");
    host.has("deb", "linux-image-6.1.0-31-amd64", "6.1.128-1").from_source("linux", "6.1.128-1");
    host.has("deb", "linux-libc-dev", "6.1.128-1").from_source("linux", "6.1.128-1");

    EXPECT_EQ(
        names_of(judged_packages(host.inventory())),
        (std::vector<std::string>{"|linux|6.1.124-1"}));
}

TEST(JudgedPackages, EachPackageGoesToTheSectionThatJudgesIt) {
    AHost host("debian", "12");
    host.has("deb", "nodejs", "20.11.0-1nodesource1");
    host.has("deb", "curl", "8.5.0-1~bpo12+1");
    host.has("pypi", "Foo_Bar", "1.0");

    EXPECT_EQ(
        names_of(judged_packages(host.inventory())),
        (std::vector<std::string>{"Debian:13|curl|8.5.0-1", "PyPI|foo-bar|1.0"}));
}

TEST(JudgedPackages, HaveWhatChangelogsNameForThemOnce) {
    AHost host("debian", "12");
    host.has("deb", "libcurl4", "7.88").from_source("curl", "7.88");
    host.has("deb", "curl", "7.88").from_source("curl", "7.88");
    host.has("deb", "nodejs", "20-1nodesource1");
    host.inventory().changelogs = {
        {"curl", "7.88", "7.89", {"CVE-2", "CVE-1"}, "high", {}, ""},
        {"curl", "7.88", "7.90", {"CVE-2", "CVE-3"}, "high", {}, ""},
        {"curl", "7.87", "7.89", {"CVE-4"}, "high", {}, ""},
        {"nodejs", "20-1nodesource1", "20-2nodesource1", {"CVE-5"}, "high", {}, ""}};

    std::vector<std::string> named;
    for (const JudgedChangelog& changelog : judged_packages(host.inventory()).changelogs) {
        std::string text = changelog.package.name + " " + changelog.to_version;
        for (const std::string& id : changelog.vulnerabilities) {
            text += " " + id;
        }
        named.push_back(std::move(text));
    }

    EXPECT_EQ(
        named,
        (std::vector<std::string>{
            "curl 7.89 CVE-1 CVE-2", "curl 7.90 CVE-3", "nodejs 20-2nodesource1 CVE-5"}));
}

TEST(ListKey, DiffersWhereChangelogsNameSomethingElseOrWereNotRead) {
    AHost host("debian", "12");
    host.is_offered("curl", "2");
    host.inventory().offers.back().security = true;
    const std::string unread = list_key("digest", host.inventory());
    host.inventory().changelogs = {{"curl", "1", "2", {"CVE-1"}, "high", {}, ""}};
    const std::string read = list_key("digest", host.inventory());
    host.inventory().changelogs[0].read_from = "another archive";
    const std::string again = list_key("digest", host.inventory());
    host.inventory().changelogs[0].vulnerabilities = {"CVE-2"};

    EXPECT_NE(unread, list_key("digest", AHost("debian", "12").inventory()));
    EXPECT_NE(read, unread);
    EXPECT_EQ(read, again);
    EXPECT_NE(read, list_key("digest", host.inventory()));
}

TEST(ListKey, DiffersWhereTheSameListIsJudgedInAnotherWay) {
    AHost host("debian", "12");
    AHost other_release("debian", "13");
    AHost other_kernel("debian", "12");
    other_kernel.runs_kernel("6.1.0-30-amd64");

    const std::string key = list_key("digest", host.inventory());

    EXPECT_EQ(key, list_key("digest", AHost("debian", "12").inventory()));
    EXPECT_NE(key, list_key("other", host.inventory()));
    EXPECT_NE(key, list_key("digest", other_release.inventory()));
    EXPECT_NE(key, list_key("digest", other_kernel.inventory()));
}

}  // namespace thimble::fleet
