// What must hold for every order, on generated versions: it is total, and equality divides versions into
// classes. Sorting gives each version a rank; every pair must then relate as its ranks do.
#include "thimble/model/version_order.hpp"
#include "thimble/model/zero_epoch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace thimble::model {
namespace {

constexpr std::size_t kPool = 400;

// Fragments that the grammars know: many of what they make is valid somewhere, and many begin alike.
std::string made_up_version(std::mt19937_64& random) {
    constexpr std::array kStarts = {
        "1", "1.0", "1.0.0", "1.2.3", "v1.2.3", "0", "01", "1:1", "1!1"};
    constexpr std::array kFragments = {
        "0",    "1",   "2",    "10",    "01", "00", ".",    ".0",  ".1",    "-",
        "-1",   "-r1", "-rc",  "-rc.1", "-0", "~",  "~a",   "~rc", "^",     "^git",
        "_rc",  "_p",  "_p1",  "a",     "b",  "rc", "rc1",  "dev", ".dev1", ".post1",
        "post", ":",   "+x.1", "+1",    "+x", "A",  "-a.b", ".a",  ".10",   "-a.10",
    };
    const auto any_of = [&random](const auto& choices) {
        return std::string(choices.at(random() % choices.size()));
    };
    std::string version = any_of(kStarts);
    for (auto more = random() % 5; more > 0; --more) {
        version += any_of(kFragments);
    }
    return version;
}

std::vector<std::string> valid_versions(const VersionOrder& order) {
    std::mt19937_64 random(20260821);
    std::set<std::string> pool;
    while (pool.size() < kPool) {
        auto version = made_up_version(random);
        if (order.check(version)) {
            pool.insert(std::move(version));
        }
    }
    return {pool.begin(), pool.end()};
}

class VersionLaws : public testing::TestWithParam<VersionOrder> {};

TEST_P(VersionLaws, MakeATotalOrderOfValidVersions) {
    const auto& order = GetParam();
    auto versions = valid_versions(order);
    std::ranges::stable_sort(versions, [&order](const auto& left, const auto& right) {
        return order.compare(left, right) < 0;
    });
    std::vector<int> ranks = {0};
    for (std::size_t i = 1; i < versions.size(); ++i) {
        ranks.push_back(ranks.back() + (order.compare(versions[i - 1], versions[i]) == 0 ? 0 : 1));
    }

    for (std::size_t i = 0; i < versions.size(); ++i) {
        for (std::size_t j = 0; j < versions.size(); ++j) {
            ASSERT_EQ(order.compare(versions[i], versions[j]), ranks[i] <=> ranks[j])
                << versions[i] << " " << versions[j];
        }
    }
}

TEST_P(VersionLaws, HoldOffWhatIsEmptyOrTooLong) {
    EXPECT_TRUE(GetParam().check("1.2.3"));
    EXPECT_FALSE(GetParam().check(std::string(4097, '1')));
    EXPECT_FALSE(GetParam().check(""));
}

TEST(WithoutZeroEpoch, IsTheSameVersionInEveryPlaceOfTheOrder) {
    const VersionOrder& order = *version_order_named("dpkg");
    const std::vector<std::string> versions = valid_versions(order);

    for (const std::string& version : versions) {
        for (const char* epoch : {"0:", "00:"}) {
            const std::string written = epoch + version;
            if (!order.check(written)) {
                continue;
            }
            const std::string bare(without_zero_epoch(written));
            EXPECT_TRUE(order.compare(written, bare) == 0) << written << " and " << bare;
            EXPECT_TRUE(order.check(bare)) << written;
            EXPECT_EQ(without_zero_epoch(bare), bare);
            EXPECT_TRUE(version.contains(':') || bare == version) << written;
        }
        EXPECT_TRUE(order.compare(version, std::string(without_zero_epoch(version))) == 0);
    }
    EXPECT_EQ(without_zero_epoch("0:2.0-2"), "2.0-2");
    EXPECT_EQ(without_zero_epoch("10:2.0-2"), "10:2.0-2");
    EXPECT_EQ(without_zero_epoch("0:1:2"), "0:1:2") << "that would be another epoch";
    EXPECT_EQ(without_zero_epoch(":1"), ":1");
}

std::string test_name(const testing::TestParamInfo<VersionOrder>& info) {
    std::string name(info.param.name);
    std::erase(name, '.');
    return name;
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    VersionLaws,
    testing::ValuesIn(version_orders().begin(), version_orders().end()),
    test_name);

}  // namespace
}  // namespace thimble::model
