#include "thimble/model/debian_release.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

TEST(DebianEcosystem, NumbersTheReleasesThatHaveANumber) {
    EXPECT_EQ(debian_ecosystem("bookworm"), "Debian:12");
    EXPECT_EQ(debian_ecosystem("squeeze"), "Debian:6.0");
    EXPECT_EQ(debian_ecosystem("woody"), "Debian:3.0");
    EXPECT_EQ(debian_ecosystem("sid"), "Debian:sid");
}

TEST(FindRelease, KnowsVersionsAndCodenames) {
    ASSERT_NE(find_release("debian", "12"), nullptr);
    EXPECT_EQ(find_release("debian", "12"), find_release("Debian", "bookworm"));
    EXPECT_EQ(find_release("Debian", "12")->support_ends, sys_days{2026y / 7 / 11});
    EXPECT_EQ(find_release("Debian", "12")->extended_ends, sys_days{2028y / 6 / 30});
    EXPECT_EQ(find_release("Ubuntu", "22.04")->codename, "jammy");
    EXPECT_EQ(find_release("alpine", "3.21"), find_release("Alpine", "v3.21"));
    EXPECT_EQ(find_release("Rocky Linux", "9")->support_ends, sys_days{2032y / 5 / 31});
}

TEST(FindRelease, DoesNotMixDistributions) {
    EXPECT_EQ(find_release("Ubuntu", "bookworm"), nullptr);
    EXPECT_EQ(find_release("Debian", ""), nullptr);
    EXPECT_EQ(find_release("Slackware", "15"), nullptr);
}

TEST(DistributionReleases, ExtendedSupportEndsAfterTheOrdinary) {
    for (const DistributionRelease& release : distribution_releases()) {
        if (release.extended_ends) {
            EXPECT_LE(*release.support_ends, *release.extended_ends) << release.codename;
        }
    }
}

}  // namespace
}  // namespace thimble::model
