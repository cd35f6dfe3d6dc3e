#include "thimble/model/frozen_set.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

model::PlannedStep step_of(const std::string& source, const std::string& version, bool selected) {
    PlannedStep step;
    step.name = source + "-bin";
    step.source_name = source;
    step.source_version = version;
    step.to_version = version;
    step.selected = selected;
    return step;
}

const std::string kDebian = "Debian 12 amd64";

model::Plan plan_of(std::vector<PlannedStep> steps) {
    Plan plan;
    plan.steps = std::move(steps);
    return plan;
}

FrozenSet set_of_first_ring() {
    FrozenSet set;
    set.add(kDebian, plan_of({step_of("curl", "2", true), step_of("zlib", "5", false)}));
    return set;
}

TEST(FrozenSet, HasWhatTheFirstRingPlanned) {
    const FrozenSet set = set_of_first_ring();

    EXPECT_EQ(set.why_outside(kDebian, plan_of({step_of("curl", "2", true)})), "");
    EXPECT_EQ(
        set.why_outside(kDebian, plan_of({step_of("curl", "3", true)})),
        "it would bring curl 3, the first ring had 2");
    EXPECT_EQ(
        set.why_outside(kDebian, plan_of({step_of("curl", "2", true), step_of("xz", "1", false)})),
        "it would bring xz 1, which no host of the first ring has");
    EXPECT_EQ(
        set.why_outside("Debian 13 amd64", plan_of({step_of("curl", "2", true)})),
        "no host of the first ring that misses something runs Debian 13 amd64, so nothing was "
        "tried on one");
}

TEST(FrozenSet, SaysWhatAHostIsBehindOfThoughNothingNewerIsOffered) {
    const FrozenSet set = set_of_first_ring();
    const auto why = [&](const std::string& installed, const std::string& type) {
        return set.why_behind(
            kDebian, {{"curl", "nothing_newer", "so it says", installed, type}}, {"zlib"});
    };

    EXPECT_EQ(why("2", "deb"), "");
    EXPECT_EQ(why("2+deb12u1", "deb"), "") << "it has a later one";
    EXPECT_EQ(
        why("2~rc1", "deb"), "curl 2 is not in the host's repositories, and 2~rc1 is installed");
    EXPECT_EQ(why("1", "none"), "curl 2 is not in the host's repositories, and 1 is installed");
    EXPECT_EQ(why("2", "none"), "") << "the same is the same in whatever order";
    EXPECT_EQ(
        why("", ""), "curl 2 is to be installed, and the host does not tell which version it has");
    EXPECT_NE(why("no version", "deb"), "");
}

TEST(FrozenSet, IsBehindOnlyOfWhatItHasAndWasWanted) {
    const FrozenSet set = set_of_first_ring();
    const LeftOut curl{"curl", "nothing_newer", "so it says", "1", "deb"};
    const LeftOut zlib{"zlib", "nothing_newer", "so it says", "1", "deb"};

    EXPECT_EQ(
        set.why_behind(kDebian, {curl, zlib}, {}),
        "curl 2 is not in the host's repositories, and 1 is installed (and 1 more)");
    EXPECT_EQ(set.why_behind(kDebian, {curl}, {"curl"}), "") << "an exception keeps it away";
    EXPECT_EQ(set.why_behind("Debian 13 amd64", {curl}, {}), "");
    EXPECT_EQ(set.why_behind(kDebian, {{"xz", "nothing_newer", "", "1", "deb"}}, {}), "");
    EXPECT_EQ(set.why_behind(kDebian, {{"curl", "hold", "is held"}}, {}), "") << "that says why";
}

TEST(FrozenSet, HasASourceForTheSystemsThatPlannedIt) {
    const FrozenSet set = set_of_first_ring();

    EXPECT_TRUE(set.has(kDebian, "curl"));
    EXPECT_TRUE(set.has(kDebian, "zlib")) << "it came along";
    EXPECT_FALSE(set.has(kDebian, "openssl"));
    EXPECT_FALSE(set.has("Debian 13 amd64", "curl"));
}

TEST(FrozenSet, SelectsByNameWhatWasSelected) {
    PlanSelection wanted;
    wanted.excluded = {"php8.2"};

    const PlanSelection selection = set_of_first_ring().selection_for(kDebian, wanted);

    EXPECT_EQ(selection.packages, std::vector<std::string>{"curl"});
    EXPECT_FALSE(selection.security);
    EXPECT_EQ(selection.excluded, wanted.excluded);
}

TEST(FrozenSet, KeepsTheVersionThatCameFirst) {
    FrozenSet set = set_of_first_ring();
    const Plan other = plan_of({step_of("curl", "3", true)});

    set.add(kDebian, other);

    EXPECT_EQ(set.why_outside(kDebian, plan_of({step_of("curl", "2", true)})), "");
    EXPECT_NE(set.why_outside(kDebian, other), "");
}

TEST(FrozenSet, IsReadBackWithTheSameDigest) {
    const FrozenSet set = set_of_first_ring();

    const FrozenSet again = *FrozenSet::parse(set.json());

    EXPECT_EQ(again, set);
    EXPECT_EQ(again.digest(), set.digest());
    for (const std::string text :
         {"", "{}", R"({"systems": 1})", R"({"systems": {"a": {"b": 1}}})"}) {
        EXPECT_FALSE(FrozenSet::parse(text)) << text;
    }
}

TEST(FrozenSet, CanBeCheckedByAHostWithItsOwnPartAlone) {
    FrozenSet set = set_of_first_ring();
    const std::string before = set.digest();
    set.add("Debian 13 amd64", plan_of({step_of("curl", "8", true)}));
    EXPECT_NE(set.digest(), before);

    const FrozenSet part = *FrozenSet::of_part(kDebian, set.part(kDebian));

    EXPECT_EQ(part, set_of_first_ring());
    auto digests = set.part_digests();
    digests[kDebian] = part.part_digests().at(kDebian);
    EXPECT_EQ(digest_of_parts(digests), set.digest());
    EXPECT_EQ(set.part("Fedora"), "{}");
    EXPECT_FALSE(FrozenSet::of_part(kDebian, "[]"));
}

}  // namespace
}  // namespace thimble::model
