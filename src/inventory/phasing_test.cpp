#include "thimble/inventory/phasing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>

namespace thimble::inventory {
namespace {

TEST(PhaseDraw, IsTheSameEveryTime) {
    const auto first = phase_draw("glib2.0", "2.74.6-2", "0123456789abcdef0123456789abcdef");

    EXPECT_EQ(first, phase_draw("glib2.0", "2.74.6-2", "0123456789abcdef0123456789abcdef"));
}

TEST(PhaseDraw, StaysWithinZeroAndHundred) {
    EXPECT_TRUE(rc::check(
        [](const std::string& source, const std::string& version, const std::string& machine) {
            RC_ASSERT(phase_draw(source, version, machine) <= 100U);
        }));
}

TEST(PhaseDraw, SpreadsHostsEvenly) {
    int below = 0;
    for (int host = 0; host < 10'000; ++host) {
        below += phase_draw("source", "1.0", std::to_string(host)) <= 20 ? 1 : 0;
    }

    EXPECT_NEAR(below, 2079, 200);  // 21 of 101 values
}

TEST(IsKeptByPhasing, ComparesTheDrawWithThePercentage) {
    EXPECT_TRUE(is_kept_by_phasing(40, 41, "id", {}));
    EXPECT_FALSE(is_kept_by_phasing(40, 40, "id", {}));
    EXPECT_TRUE(is_kept_by_phasing(0, 1, "id", {}));
    EXPECT_FALSE(is_kept_by_phasing(0, 0, "id", {}));
    EXPECT_FALSE(is_kept_by_phasing(100, 100, "id", {}));
}

TEST(IsKeptByPhasing, FollowsTheAdministratorsChoice) {
    EXPECT_FALSE(
        is_kept_by_phasing(0, 100, "id", {.always_include = true, .never_include = false}));
    EXPECT_TRUE(is_kept_by_phasing(99, 0, "id", {.always_include = false, .never_include = true}));
    EXPECT_FALSE(is_kept_by_phasing(0, 0, "id", {.always_include = true, .never_include = true}));
}

TEST(IsKeptByPhasing, CannotDrawWithoutAMachineId) {
    EXPECT_FALSE(is_kept_by_phasing(0, 100, "", {}));
}

}  // namespace
}  // namespace thimble::inventory
