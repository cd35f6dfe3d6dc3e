#include "thimble/client/fleet_coverage.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::client {

TEST(CoverageOf, AddsUpTheGroups) {
    const std::vector<JsonValue> groups{
        *parse_json(R"({"name":"a","hosts":3,"unknown":1,"unread_changelogs":2})"),
        *parse_json(R"({"name":"b","hosts":4,"unknown":0,"unread_changelogs":1})")};

    EXPECT_EQ(coverage_of(groups), (FleetCoverage{7, 1, 3}));
    EXPECT_EQ(coverage_of({}), FleetCoverage());
}

TEST(NotKnownLines, SayHowTheHostsAreListedAndNothingOfAFleetThatIsKnown) {
    EXPECT_EQ(not_known_lines(0, 0), "");
    EXPECT_EQ(
        not_known_lines(3, 1),
        "Not known of 3 hosts: thimble hosts --unknown\n"
        "On 1 host changelogs of pending updates were not read, which alone may\n"
        "name more: thimble hosts --unread\n");
}

}  // namespace thimble::client
