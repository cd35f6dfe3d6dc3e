#include "thimble/fleet/fleet_index.hpp"

#include <gtest/gtest.h>

#include <array>

namespace thimble::fleet {
namespace {

JudgedPackage package(std::string name, std::string version) {
    JudgedPackage one;
    one.name = std::move(name);
    one.version = std::move(version);
    return one;
}

JudgedPackages bookworm(std::vector<JudgedPackage> packages) {
    return {{{"Debian:12", assess::Channel::Standard}}, std::move(packages)};
}

const JudgedPackages kOld = bookworm({package("curl", "1"), package("zlib", "1")});
const JudgedPackages kNew = bookworm({package("curl", "2"), package("zlib", "1")});
constexpr std::array kThree{HostNumber{0}, HostNumber{1}, HostNumber{2}};
constexpr std::array kFirst{HostNumber{0}};

std::string line(const std::string& name, const std::string& version, const std::string& hosts) {
    return "Debian:12\t" + name + "\t" + version + "\t\t\t\t\t" + hosts + "\n";
}

}  // namespace

TEST(FleetIndex, AListThatManyHostsHaveIsInternedOnce) {
    FleetIndex index;
    const ListNumber list = index.intern("old", kOld);

    index.put(kThree, list);

    EXPECT_EQ(index.intern("old", {}), list);
    EXPECT_EQ(index.list_of("old"), list);
    EXPECT_EQ(index.hosts(), 3U);
    EXPECT_EQ(index.versions().size(), 2U);
    EXPECT_EQ(
        index.dump(), line("curl", "1", "0-2") + line("zlib", "1", "0-2") + "list\told\t0-2\n");
}

TEST(FleetIndex, AHostThatChangesLeavesTheVersionsThatItHadAndKeepsTheOthers) {
    FleetIndex index;
    index.put(kThree, index.intern("old", kOld));

    index.put(kFirst, index.intern("new", kNew));

    EXPECT_EQ(
        index.dump(),
        line("curl", "1", "1-2") + line("curl", "2", "0") + line("zlib", "1", "0-2")
            + "list\tnew\t0\nlist\told\t1-2\n");
    EXPECT_EQ(index.hosts(), 3U);
}

TEST(FleetIndex, ARemovedHostIsInNoSetAndItsListGoesWithTheLastOne) {
    FleetIndex index;
    index.put(kFirst, index.intern("old", kOld));

    index.remove(HostNumber{0});
    index.remove(HostNumber{0});
    index.remove(HostNumber{77});

    EXPECT_EQ(index.dump(), "");
    EXPECT_EQ(index.hosts(), 0U);
    EXPECT_EQ(index.list_of("old"), std::nullopt);
    EXPECT_EQ(index.list_of(HostNumber{0}), std::nullopt);
}

TEST(FleetIndex, TheSameListAgainChangesNothing) {
    FleetIndex index;
    index.put(kThree, index.intern("old", kOld));
    const std::string before = index.dump();

    index.put(kThree, index.intern("old", kOld));

    EXPECT_EQ(index.dump(), before);
    EXPECT_EQ(index.hosts(), 3U);
}

TEST(FleetIndex, EqualTextsOfOtherFieldsAreOtherVersions) {
    JudgedPackage by_version = package("a", "12");
    JudgedPackage by_source = package("a", "1");
    by_source.source_version = "2";
    JudgedPackage by_architecture = package("a", "1");
    by_architecture.architecture = "2";
    FleetIndex index;

    index.put(kFirst, index.intern("x", bookworm({by_version, by_source, by_architecture})));

    ASSERT_EQ(index.versions().size(), 3U);
    EXPECT_EQ(index.asked(index.versions()[0]).version, "12");
    EXPECT_EQ(index.asked(index.versions()[1]).source_version, "2");
    EXPECT_EQ(index.asked(index.versions()[2]).architecture, "2");
    EXPECT_EQ(index.packages()[0].lists_with_two, 1U);
    index.remove(HostNumber{0});
    EXPECT_EQ(index.packages()[0].lists_with_two, 0U);
}

TEST(VersionList, GivesBackWhatItWasGiven) {
    const std::vector<std::uint32_t> numbers{0, 1, 127, 128, 300, 70'000, 4'000'000'000U};

    EXPECT_EQ(VersionList(numbers).numbers(), numbers);
    EXPECT_TRUE(VersionList().numbers().empty());
}

TEST(HostSet, AUnionOfNothingIsEmpty) {
    const HostSet none;
    const std::array sets{&none, &none};

    EXPECT_TRUE(HostSet::union_of(sets).is_empty());
    EXPECT_TRUE(HostSet::union_of({}).is_empty());
    EXPECT_EQ(none, HostSet::union_of(sets));
}

TEST(HostSet, ASetThatLostItsLastHostIsAnEmptyOne) {
    HostSet set = HostSet::of(kThree);
    set.compact();

    for (const HostNumber host : kThree) {
        EXPECT_TRUE(set.contains(host));
        set.remove(host);
    }

    EXPECT_EQ(set, HostSet());
    EXPECT_EQ(set.bytes(), 0U);
}

}  // namespace thimble::fleet
