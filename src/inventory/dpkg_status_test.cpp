#include "thimble/inventory/dpkg_status.hpp"

#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdint>
#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

using model::PackageState;

std::string stanza(const std::string& name, const std::string& version, const std::string& status) {
    return "Package: " + name + "\nStatus: " + status + "\nArchitecture: amd64\nVersion: " + version
        + "\n\n";
}

TEST(ParseDpkgStatus, ReadsNameVersionSourceAndArchitecture) {
    const auto list = parse_dpkg_status(
        "Package: libldb2\n"
        "Essential: yes\n"
        "Status: hold ok installed\n"
        "Architecture: amd64\n"
        "Source: samba (2:4.17.12+dfsg-0+deb12u1)\n"
        "Version: 2:2.6.2+samba4.17.12+dfsg-0+deb12u1\n"
        "Origin: Debian\n"
        "Description: one\n"
        " Version: not this\n"
        "Conffiles:\n"
        " /etc/x 0123\n");

    ASSERT_EQ(list.packages.size(), 1U);
    const auto& package = list.packages.front();
    EXPECT_EQ(package.type, "deb");
    EXPECT_EQ(package.name, "libldb2");
    EXPECT_EQ(package.version, "2:2.6.2+samba4.17.12+dfsg-0+deb12u1");
    EXPECT_EQ(package.source_name, "samba");
    EXPECT_EQ(package.source_version, "2:4.17.12+dfsg-0+deb12u1");
    EXPECT_EQ(package.architecture, "amd64");
    EXPECT_EQ(package.origin, "Debian");
    EXPECT_TRUE(package.held);
    EXPECT_TRUE(package.essential);
    EXPECT_TRUE(list.gaps.empty());
}

TEST(ParseDpkgStatus, TakesNameAndVersionForASourceThatIsNotNamed) {
    const auto list = parse_dpkg_status(stanza("bash", "5.2.15-2+b2", "install ok installed"));

    EXPECT_EQ(list.packages.front().source_name, "bash");
    EXPECT_EQ(list.packages.front().source_version, "5.2.15-2+b2");
    EXPECT_FALSE(list.packages.front().held);
}

TEST(ParseDpkgStatus, TakesTheBinaryVersionForASourceWithoutOne) {
    const auto list = parse_dpkg_status(
        "Package: libc6\nStatus: install ok installed\nSource: glibc\nVersion: 2.36-9\n");

    EXPECT_EQ(list.packages.front().source_name, "glibc");
    EXPECT_EQ(list.packages.front().source_version, "2.36-9");
}

TEST(ParseDpkgStatus, KeepsEveryStateInWhichFilesAreThere) {
    const auto list = parse_dpkg_status(
        stanza("a", "1", "install ok installed")
        + stanza("b", "1", "install reinstreq half-installed")
        + stanza("c", "1", "install ok unpacked") + stanza("d", "1", "install ok half-configured")
        + stanza("e", "1", "install ok triggers-awaited")
        + stanza("f", "1", "install ok triggers-pending"));

    ASSERT_EQ(list.packages.size(), 6U);
    EXPECT_EQ(list.packages[1].state, PackageState::HalfInstalled);
    EXPECT_EQ(list.packages[2].state, PackageState::Unpacked);
    EXPECT_EQ(list.packages[3].state, PackageState::HalfConfigured);
    EXPECT_EQ(list.packages[4].state, PackageState::TriggersAwaited);
    EXPECT_EQ(list.packages[5].state, PackageState::TriggersPending);
}

TEST(ParseDpkgStatus, SkipsWhatIsNotInstalled) {
    const auto list = parse_dpkg_status(
        stanza("gone", "1", "deinstall ok config-files")
        + "Package: never\nStatus: unknown ok not-installed\n");

    EXPECT_TRUE(list.packages.empty());
    EXPECT_TRUE(list.gaps.empty());
}

TEST(ParseDpkgStatus, ABadStanzaLosesNoOther) {
    const auto list = parse_dpkg_status(
        stanza("a", "1", "install ok installed") +
        "Package: nover\nStatus: install ok installed\n\n"
        "Status: install ok installed\nVersion: 1\n\n"
        "Package: odd\nStatus: install ok sideways\nVersion: 1\n\n"
        "garbage\n\n" +
        stanza("b", "2", "install ok installed"));

    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[1].name, "b");
    ASSERT_EQ(list.gaps.size(), 4U);
    EXPECT_EQ(list.gaps[0].code, "inventory.bad_package_entry");
    EXPECT_NE(list.gaps[0].detail.find("nover has no version"), std::string::npos);
}

TEST(ParseDpkgStatus, KeepsTheSamePackageOfTwoArchitectures) {
    const auto list = parse_dpkg_status(
        stanza("libc6", "2.36-9", "install ok installed")
        + "Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.36-9\n");

    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[1].architecture, "i386");
}

TEST(ParseDpkgStatus, PartsOfStatusDNeedNoState) {
    const auto list =
        parse_dpkg_status("Package: tzdata\nVersion: 2024a-0\n", StatusField::Implied);

    ASSERT_EQ(list.packages.size(), 1U);
    EXPECT_EQ(list.packages.front().state, PackageState::Installed);
    EXPECT_TRUE(list.gaps.empty());
}

TEST(ParseDpkgStatus, CountsEveryPackageHoweverManyBlankLinesStandBetween) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& blanks) {
        std::string text;
        for (const std::uint8_t count : blanks) {
            text += stanza("p", "1", "install ok installed") + std::string(count % 4U, '\n');
        }
        RC_ASSERT(parse_dpkg_status(text).packages.size() == blanks.size());
    }));
}

}  // namespace
}  // namespace thimble::inventory
