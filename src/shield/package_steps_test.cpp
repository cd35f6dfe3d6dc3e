#include "thimble/shield/package_steps.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

apply::DpkgDatabase database_of(std::string_view status) {
    apply::DpkgDatabase database;
    database.entries = *apply::parse_dpkg_database(status);
    database.native_architecture = "amd64";
    database.automatic = {"cups:amd64"};
    return database;
}

std::string stanza(
    std::string_view name,
    std::string_view more = "",
    std::string_view state = "install ok installed") {
    return "Package: " + std::string(name) + "\nStatus: " + std::string(state)
        + "\nArchitecture: amd64\nVersion: 2.4-1\n" + std::string(more) + "\n";
}

std::string why_not(std::string_view status) {
    const auto step = removal_step(database_of(status), "cups");
    return step ? "" : step.error().code + ": " + step.error().message;
}

TEST(RemovalStep, NamesWhatIsToBePutBack) {
    const auto step = removal_step(database_of(stanza("cup") + stanza("cups")), "cups");

    ASSERT_TRUE(step) << step.error().text();
    EXPECT_EQ(step->change, model::PlannedChange::Remove);
    EXPECT_EQ(step->name, "cups");
    EXPECT_EQ(step->architecture, "amd64");
    EXPECT_EQ(step->from_version, "2.4-1");
    EXPECT_TRUE(step->automatic);
}

TEST(RemovalStep, RefusesWhatAHostCannotBeWithoutOrCouldNotHaveBack) {
    EXPECT_TRUE(why_not(stanza("cup")).starts_with("shield.no_package"));
    EXPECT_TRUE(
        why_not(stanza("cups", "", "deinstall ok config-files")).starts_with("shield.no_package"));
    for (const char* field : {"Essential: yes\n", "Protected: yes\n", "Important: yes\n"}) {
        EXPECT_NE(why_not(stanza("cups", field)).find("essential or protected"), std::string::npos)
            << field;
    }
    EXPECT_EQ(why_not(stanza("cups", "Essential: no\n")), "");
    EXPECT_NE(why_not(stanza("cups", "", "hold ok installed")).find("held"), std::string::npos);
    EXPECT_NE(
        why_not(stanza("cups", "", "install ok half-configured")).find("half-configured 2.4-1"),
        std::string::npos);
    EXPECT_NE(
        why_not("Package: cups\nStatus: install ok installed\nArchitecture: amd64\n\n")
            .find("unknown"),
        std::string::npos);
    EXPECT_NE(
        why_not(
            stanza("cups")
            + "Package: cups\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.4-1\n\n")
            .find("several architectures"),
        std::string::npos);
}

TEST(PackageWords, SayWhatIsThere) {
    const auto database = database_of(stanza("cups"));
    EXPECT_EQ(package_words(present_package(database, "cups")), "installed 2.4-1");
    EXPECT_EQ(package_words(present_package(database, "cup")), "not installed");
}

TEST(NeededFile, IsThisProgramOrTheKernelThatRuns) {
    const std::vector<std::string> paths{"/usr/bin/thimble-control", "/boot/vmlinuz-6.1.0-9"};
    EXPECT_EQ(needed_file(paths, "/usr/bin/thimble-control", "x"), "/usr/bin/thimble-control");
    EXPECT_EQ(needed_file(paths, "/x", "6.1.0-9"), "/boot/vmlinuz-6.1.0-9");
    EXPECT_EQ(needed_file(paths, "/x", "6.1.0-10"), "");
}

TEST(ProgramOfLink, LeavesOutThatItIsGone) {
    EXPECT_EQ(program_of_link("/usr/sbin/cupsd (deleted)"), "/usr/sbin/cupsd");
    EXPECT_EQ(program_of_link("/usr/sbin/cupsd"), "/usr/sbin/cupsd");
}

}  // namespace
}  // namespace thimble::shield
