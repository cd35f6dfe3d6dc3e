#include "thimble/client/rollouts.hpp"

#include <gtest/gtest.h>

namespace thimble::client {
namespace {

std::string lines_of(const char* outlook) {
    return outlook_lines(
        *parse_json(outlook), *parse_json(R"({"id":"r1","frozen_digest":"abcdefabcdef01"})"));
}

}  // namespace

TEST(OutlookLines, SayWhoApprovedUntilWhenAndWhatComesNext) {
    EXPECT_EQ(
        lines_of(
            R"({"approvals":[{"person":"user:bob","at":"2026-12-01T10:00:00Z","good_until":"2026-12-08T10:00:00Z","counts":true},)"
            R"({"person":"user:eve","at":"2026-11-01T10:00:00Z","good_until":"2026-11-08T10:00:00Z","counts":false}],)"
            R"("approvals_needed":2,"approvals_given":1,"approvals_before_ring":"canary",)"
            R"("window":{"open":false,"from":"2026-12-01T22:00:00Z","until":"2026-12-02T02:00:00Z"},)"
            R"("next":{"reason":"window","not_before":"2026-12-01T22:00:00Z","hosts":3,"sentence":"no window is open"}})"),
        "Approvals: 1 of 2 before ring canary\n"
        "  user:bob at 2026-12-01T10:00:00Z, good until 2026-12-08T10:00:00Z\n"
        "  user:eve at 2026-11-01T10:00:00Z, which does not count (any more)\n"
        "Window: the next from 2026-12-01T22:00:00Z until 2026-12-02T02:00:00Z\n"
        "Next: no window is open (3 hosts wait)\n");
}

TEST(OutlookLines, SayHowToApproveWhatWaitsForIt) {
    EXPECT_EQ(
        lines_of(
            R"({"next":{"reason":"approval","not_before":null,"hosts":1,"sentence":"approval is lacking"}})"),
        "Next: approval is lacking (1 host waits)\n  thimble rollout approve r1 --set "
        "abcdefabcdef\n");
}

TEST(OutlookLines, SayThatAWindowIsOpenAndNothingOfWhatIsNotThere) {
    EXPECT_EQ(
        lines_of(
            R"({"approvals":[],"approvals_needed":0,"approvals_given":0,"approvals_before_ring":null,)"
            R"("window":{"open":true,"from":"2026-12-01T22:00:00Z","until":"2026-12-02T02:00:00Z"},"next":null})"),
        "Window: open until 2026-12-02T02:00:00Z\n");
    EXPECT_EQ(lines_of("{}"), "");
}

}  // namespace thimble::client
