#include "thimble/server/outside_choice.hpp"

#include "thimble/mitigate/address_prefix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace thimble::server {
namespace {

constexpr int kFleets = 200;

/// Hosts of two networks, 10.0.2.0/24 (allowed) and 10.0.3.0/24, of IPv6, and of which nothing is known.
std::vector<ProberCandidate> a_fleet(std::mt19937& draw) {
    std::vector<ProberCandidate> fleet;
    const auto size = draw() % 12;
    for (unsigned at = 0; at < size; ++at) {
        const std::string number = std::to_string(draw() % 250 + 1);
        const std::vector<std::string> addresses{
            "10.0.2." + number, "10.0.3." + number, "2001:db8::" + number, "", "nowhere"};
        fleet.push_back({"h" + std::to_string(at), addresses.at(draw() % addresses.size())});
    }
    return fleet;
}
ProberWish a_wish(std::mt19937& draw) {
    ProberWish wish;
    wish.from_allowed = draw() % 2 == 0;
    wish.allowed = {"10.0.2.0/24", "192.0.2.1"};
    wish.target = "10.0.3.1";
    wish.key = "c" + std::to_string(draw() % 5);
    return wish;
}
std::string id_of(const std::vector<ProberCandidate>& fleet, const ProberWish& wish) {
    const auto chosen = chosen_prober(fleet, wish);
    return chosen ? fleet.at(*chosen).id : "";
}
/// Whoever may be chosen, by its address alone.
std::set<std::string> possible(const std::vector<ProberCandidate>& fleet, const ProberWish& wish) {
    std::set<std::string> ids;
    for (const ProberCandidate& one : fleet) {
        const std::string network = wish.from_allowed ? "10.0.2." : "10.0.3.";
        if (one.address.starts_with(network) && one.address != wish.target) {
            ids.insert(one.id);
        }
    }
    return ids;
}

TEST(ChosenProber, IsOnTheWantedSideOfTheFenceAndThereWheneverOneIs) {
    std::mt19937 draw(1);
    for (int round = 0; round < kFleets; ++round) {
        const auto fleet = a_fleet(draw);
        const ProberWish wish = a_wish(draw);
        const auto ids = possible(fleet, wish);
        const std::string chosen = id_of(fleet, wish);
        EXPECT_EQ(chosen.empty(), ids.empty());
        EXPECT_TRUE(chosen.empty() || ids.contains(chosen)) << chosen;
    }
}

TEST(ChosenProber, DoesNotDependOnTheOrderAndStaysAsLongAsItCanBeAsked) {
    std::mt19937 draw(2);
    for (int round = 0; round < kFleets; ++round) {
        auto fleet = a_fleet(draw);
        ProberWish wish = a_wish(draw);
        const std::string chosen = id_of(fleet, wish);
        std::ranges::shuffle(fleet, draw);
        EXPECT_EQ(id_of(fleet, wish), chosen);

        wish.current = chosen;
        fleet.push_back({"newcomer", wish.from_allowed ? "10.0.2.251" : "10.0.3.251"});
        if (!chosen.empty()) {
            EXPECT_EQ(id_of(fleet, wish), chosen) << "whoever comes";
        }
        std::erase_if(fleet, [&](const ProberCandidate& one) { return one.id == chosen; });
        EXPECT_EQ(possible(fleet, wish).contains(id_of(fleet, wish)), true) << "another";
    }
}

TEST(ChosenProber, ThatMovedToTheOtherSideIsLeft) {
    std::mt19937 draw(3);
    for (int round = 0; round < kFleets; ++round) {
        auto fleet = a_fleet(draw);
        ProberWish wish = a_wish(draw);
        wish.current = id_of(fleet, wish);
        for (ProberCandidate& one : fleet) {
            if (one.id == wish.current) {
                one.address = wish.from_allowed ? "10.0.3.99" : "10.0.2.99";
            }
        }
        const std::string chosen = id_of(fleet, wish);
        EXPECT_TRUE(chosen.empty() || chosen != wish.current);
    }
}

TEST(ChosenProber, ThatIsSpentComesAgainWhenAllOthersHaveHadTheirTurn) {
    std::mt19937 draw(4);
    for (int round = 0; round < kFleets; ++round) {
        const auto fleet = a_fleet(draw);
        ProberWish wish = a_wish(draw);
        const auto ids = possible(fleet, wish);
        const std::string first = id_of(fleet, wish);
        wish.current = first;
        wish.is_current_spent = true;
        std::set<std::string> asked;
        for (std::size_t turn = 0; turn < ids.size(); ++turn) {
            wish.current = id_of(fleet, wish);
            asked.insert(wish.current);
        }
        EXPECT_EQ(asked, ids);
        EXPECT_EQ(wish.current, first);
    }
}

TEST(ChosenProber, IsNotTheSameForAllControls) {
    std::vector<ProberCandidate> fleet;
    for (int at = 1; at <= 20; ++at) {
        fleet.push_back({"h" + std::to_string(at), "10.0.3." + std::to_string(at + 1)});
    }
    std::map<std::string, int> chosen;
    for (int at = 0; at < kFleets; ++at) {
        ++chosen[id_of(fleet, {false, {}, "10.0.3.1", "c" + std::to_string(at), "", false})];
    }
    EXPECT_GT(chosen.size(), 15U) << "the work is shared";
    EXPECT_FALSE(chosen.contains(""));
}

TEST(ChosenProber, IsNobodyWithoutAnAddressToAskOrAtThatAddress) {
    const std::vector<ProberCandidate> fleet{{"a", "10.0.3.1"}, {"b", ""}};
    EXPECT_EQ(id_of(fleet, {false, {}, "10.0.3.1", "c", "", false}), "");
    EXPECT_EQ(id_of(fleet, {false, {}, "", "c", "", false}), "");
    EXPECT_EQ(id_of(fleet, {false, {}, "2001:db8::1", "c", "", false}), "");
    EXPECT_EQ(id_of(fleet, {false, {}, "10.0.3.9", "c", "", false}), "a");
    EXPECT_EQ(id_of(fleet, {true, {}, "10.0.3.9", "c", "", false}), "") << "nobody is allowed";
}

}  // namespace
}  // namespace thimble::server
