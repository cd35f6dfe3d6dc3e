#include "thimble/shield/control_record.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/shield/control_report.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

ControlRecord record() {
    return {
        .id = "c-1",
        .digest = sha256_of("{}"),
        .phase = ControlPhase::Removing,
        .at = Instant(std::chrono::seconds(60)),
        .document = "{}",
        .previous = {},
        .in_force = sha256_of("rules"),
        .before = {{"value", "0"}}};
}

TEST(ControlRecord, ParseOfFormatIsIdentity) {
    const auto parsed = parse_control_record(format_control_record(record()));

    ASSERT_TRUE(parsed.has_value()) << parsed.error().text();
    EXPECT_EQ(*parsed, record());
    EXPECT_EQ(former(*parsed, "value"), "0");
    EXPECT_EQ(former(*parsed, "other"), "");
}

TEST(ControlRecord, RefusesIdsThatLeadElsewhere) {
    ControlRecord odd = record();
    odd.id = "../x";

    EXPECT_FALSE(parse_control_record(format_control_record(odd)).has_value());
}

ControlReport report() {
    return {
        .id = "c-1",
        .digest = sha256_of("{}"),
        .kind = model::ControlKind::VirtualPatch,
        .action = ControlAction::Verify,
        .state = ControlState::Broken,
        .at = Instant(std::chrono::seconds(60)),
        .mode = model::ShieldMode::Block,
        .checks = {{"a", "1", "1", true}, {"b", "1", "2", false}, {"c", "1", "not here", {}}},
        .bypass = {"port 81"}};
}

TEST(ControlReport, SaysWhatWasFound) {
    EXPECT_EQ(
        format_control_report(report()),
        R"({"format":"thimble.control-report/1","id":"c-1","digest":")" + sha256_of("{}")
            + R"(","kind":"virtual-patch","action":"verify","state":"broken",)"
              R"("at":"1970-01-01T00:01:00Z","mode":"block","checks":[)"
              R"({"name":"a","expected":"1","seen":"1","passed":true},)"
              R"({"name":"b","expected":"1","seen":"2","passed":false},)"
              R"({"name":"c","expected":"1","seen":"not here","passed":null}],"bypass":["port 81"],"job":null})");
}

TEST(ControlReport, CountsWhatIsWrongAlone) {
    EXPECT_FALSE(all_hold(report().checks));
    EXPECT_TRUE(all_hold({{"c", "1", "not here", {}}}));
    EXPECT_FALSE(is_as_it_should_be(report()));
}

}  // namespace
}  // namespace thimble::shield
