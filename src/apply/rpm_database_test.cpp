#include "thimble/apply/rpm_database.hpp"

#include <gtest/gtest.h>

namespace thimble::apply {
namespace {

constexpr const char* kList =
    "t-lib\t0\t2\t1\tnoarch\t7\taa\tbb\n"
    "t-lib\t0\t1\t1\tnoarch\t8\tcc\tdd\n"
    "kernel\t1\t5\t1\tx86_64\t9\tee\tff\n"
    "kernel\t1\t6\t1\tx86_64\t9\tgg\thh\n"
    "gpg-pubkey\t0\t1\t1\t(none)\t0\t(none)\t(none)\n";

model::PlannedStep upgrade() {
    model::PlannedStep step;
    step.name = "t-lib";
    step.architecture = "noarch";
    step.from_version = "1-1";
    step.to_version = "2-1";
    step.archive.emplace().file_name = "t-lib-2-1.noarch.rpm";
    return step;
}

TEST(ParseRpmEntries, WritesTheEpochOnlyWhereThereIsOne) {
    const auto entries = parse_rpm_entries(kList);

    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 4U);
    EXPECT_EQ((*entries)[0].package, (PackageVersion{"kernel", "x86_64", "1:5-1"}));
    EXPECT_EQ((*entries)[2].package, (PackageVersion{"t-lib", "noarch", "1-1"}));
    EXPECT_EQ((*entries)[2].identity, "cc dd");
    EXPECT_EQ((*entries)[2].bytes, 8);
}

TEST(ParseRpmEntries, RefusesWhatItDoesNotUnderstand) {
    EXPECT_EQ(parse_rpm_entries("t-lib\t0\t2\n").error().code, "apply.bad_database");
    EXPECT_FALSE(parse_rpm_entries("a\t0\t2\t1\tnoarch\t1\tx\ty\tz\n"));
}

TEST(Duplicates, AreTheLeftoversOfAnInterruptedTransaction) {
    const auto entries = parse_rpm_entries(kList);

    const auto found = duplicates(*entries, std::vector<std::string>{"kernel"});

    const std::vector<PackageVersion> expected{
        {"t-lib", "noarch", "1-1"}, {"t-lib", "noarch", "2-1"}};
    EXPECT_EQ(found, expected);
}

TEST(OpenSteps, HoldOnToAStepUntilTheOldVersionIsGone) {
    const std::vector<model::PlannedStep> steps{upgrade()};
    const auto both = parse_rpm_entries(kList);
    const auto done = parse_rpm_entries("t-lib\t0\t2\t1\tnoarch\t7\taa\tbb\n");

    EXPECT_EQ(open_steps(steps, *both).size(), 1U);
    EXPECT_EQ(open_steps(steps, *done).size(), 0U);
}

TEST(CheckRpmSteps, RefusesWhatCouldBecomeAnOptionOrAPath) {
    for (const char* name : {"--root", "../x", "a b", ""}) {
        auto step = upgrade();
        step.name = name;
        EXPECT_FALSE(check_rpm_steps(std::vector{step})) << name;
    }
    auto step = upgrade();
    step.archive->file_name = "../t-lib.rpm";
    EXPECT_FALSE(check_rpm_steps(std::vector{step}));
    step.archive->file_name = "t-lib.deb";
    EXPECT_FALSE(check_rpm_steps(std::vector{step}));
    EXPECT_TRUE(check_rpm_steps(std::vector{upgrade()}));
}

TEST(RpmLabel, LeavesTheEpochOut) {
    EXPECT_EQ(rpm_label(upgrade(), "1:2-3"), "t-lib-2-3.noarch");
}

}  // namespace
}  // namespace thimble::apply
