// A real agent against the real server, in a root directory of its own.
#include "fleet_of_one.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace thimble {
namespace {

namespace fs = std::filesystem;
using cli::TestOutcome;
using e2e::Fleet;

TEST(FleetOfOne, EnrolsWithATokenAndTellsItsInventory) {
    Fleet fleet;

    const TestOutcome enrolled = fleet.enrol(cli::make_enrolment_token(fleet.server, false));
    ASSERT_EQ(enrolled.status, 0) << enrolled.output;
    const TestOutcome checked_in = fleet.check_in();
    ASSERT_EQ(checked_in.status, 0) << checked_in.output;

    const auto digests = fleet.held("thimble.inventory/1");
    ASSERT_EQ(digests.size(), 1U);
    const store::HostRecord host = fleet.host_after_stop();
    EXPECT_EQ(host.inventory_digest, digests.front());
    EXPECT_TRUE(enrolled.output.starts_with(
        "This host is " + host.id + "\nIts key and certificate are in "))
        << enrolled.output;
}

TEST(FleetOfOne, TellsWhatHasChanged) {
    Fleet fleet;
    ASSERT_EQ(fleet.enrol(cli::make_enrolment_token(fleet.server, false)).status, 0);
    ASSERT_EQ(fleet.check_in().status, 0);
    const auto before = fleet.held("thimble.inventory/1");
    ASSERT_EQ(before.size(), 1U);

    fleet.set_version("1.0-2");
    ASSERT_EQ(fleet.check_in().status, 0);

    const auto now = fleet.held("thimble.inventory/1");
    ASSERT_EQ(now.size(), 1U);
    EXPECT_NE(now, before);
    EXPECT_EQ(fleet.host_after_stop().inventory_digest, now.front());
}

TEST(FleetOfOne, KeepsItsKeyToItself) {
    const Fleet fleet;
    ASSERT_EQ(fleet.enrol(cli::make_enrolment_token(fleet.server, false)).status, 0);

    const auto mode = fs::status(fleet.state / "host.key").permissions();

    EXPECT_EQ(mode & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
    EXPECT_EQ(
        fs::status(fleet.state).permissions() & (fs::perms::group_all | fs::perms::others_all),
        fs::perms::none);
}

TEST(FleetOfOne, BeginsAnewWhenItEnrolsAgain) {
    const Fleet fleet;
    const std::string token = cli::make_enrolment_token(fleet.server, true);
    ASSERT_EQ(fleet.enrol(token).status, 0);
    ASSERT_EQ(fleet.check_in().status, 0);
    std::ofstream(fleet.folder / "helper/seen.json") << "of the host before";

    const TestOutcome again = fleet.enrol(token);

    ASSERT_EQ(again.status, 0) << again.output;
    EXPECT_NE(again.output.find("\nIt was "), std::string::npos) << again.output;
    EXPECT_FALSE(fs::exists(fleet.state / "reports"));
    EXPECT_FALSE(fs::exists(fleet.folder / "helper/seen.json"));
    EXPECT_EQ(fleet.check_in().status, 0);
}

TEST(FleetOfOne, BelievesNoServerWithAnotherAuthority) {
    const Fleet fleet;
    const Fleet impostor;
    const std::string token = cli::make_enrolment_token(fleet.server, true);

    const TestOutcome enrolled = impostor.enrol(token);

    EXPECT_EQ(enrolled.status, 77) << enrolled.output;
    EXPECT_NE(enrolled.output.find("agent.not_authentic"), std::string::npos) << enrolled.output;
    EXPECT_FALSE(fs::exists(impostor.state / "host.crt"));
}

TEST(FleetOfOne, BelievesNoServerByAnotherName) {
    const Fleet fleet;
    const std::string& address = fleet.server.address();

    const TestOutcome enrolled = fleet.agent(
        {"enrol",
         // The same address, but no certificate is for it in this form.
         "https://127.1" + address.substr(address.rfind(':')),
         cli::make_enrolment_token(fleet.server, true),
         "--helper-state",
         (fleet.folder / "helper").string()});

    EXPECT_EQ(enrolled.status, 77) << enrolled.output;
    EXPECT_NE(enrolled.output.find("agent.not_authentic"), std::string::npos) << enrolled.output;
}

TEST(FleetOfOne, IsToldWhenATokenIsUsedUp) {
    const Fleet fleet;
    const std::string token = cli::make_enrolment_token(fleet.server, false);
    ASSERT_EQ(fleet.enrol(token).status, 0);

    const TestOutcome again = fleet.enrol(token);

    EXPECT_EQ(again.status, 77);
    EXPECT_NE(again.output.find("server.bad_token"), std::string::npos) << again.output;
}

}  // namespace
}  // namespace thimble
