#include "thimble/fleet/host_standing.hpp"

#include <gtest/gtest.h>

namespace thimble::fleet {
namespace {

HostJudgement fine() {
    HostJudgement judgement;
    judgement.is_index_asked = true;
    return judgement;
}

}  // namespace

TEST(WhyUnknown, AJudgedHostWithAFreshIndexIsKnown) {
    EXPECT_EQ(why_unknown(fine()), "");
}

TEST(WhyUnknown, AStaleIndexIsNeverFine) {
    HostJudgement judgement = fine();
    judgement.gaps = {{"assess.index_stale", "the package index is 3 days old", ""}};

    EXPECT_EQ(why_unknown(judgement), "the package index is 3 days old");
}

TEST(WhyUnknown, AnIndexThatNobodyAskedIsNeverFine) {
    HostJudgement judgement = fine();
    judgement.is_index_asked = false;

    EXPECT_NE(why_unknown(judgement), "");
}

TEST(WhyUnknown, APackageThatCouldNotBeJudgedIsTold) {
    HostJudgement judgement = fine();
    judgement.numbers.unknown = 3;

    EXPECT_EQ(why_unknown(judgement), "3 packages could not be judged");
}

TEST(WhyUnknown, AGapAroundThePackagesDoesNotCount) {
    HostJudgement judgement = fine();
    judgement.gaps = {{"inventory.no_listeners", "sockets could not be seen", ""}};

    EXPECT_EQ(why_unknown(judgement), "");
}

TEST(SilentFrom, IsTwoIntervalsAfterTheLastWord) {
    const Instant heard = *parse_instant("2026-11-24T12:00:00Z");

    EXPECT_EQ(silent_from(heard, std::chrono::seconds{60}), *parse_instant("2026-11-24T12:02:00Z"));
}

}  // namespace thimble::fleet
