#include "thimble/inventory/zypper_offers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

model::InstalledPackage installed(std::string name, std::string version) {
    model::InstalledPackage package;
    package.type = "rpm";
    package.name = std::move(name);
    package.version = std::move(version);
    package.architecture = "noarch";
    package.source_name = "t-source";
    return package;
}

ZypperUpdate update(std::string name) {
    return {std::move(name), "noarch", "1-1", "3-1", "t"};
}

TEST(ZypperOffers, SayWhatIsNewerAndWhetherZypperWouldTakeIt) {
    ZypperAnswers answers;
    answers.updates = {update("t-lib"), update("t-app")};
    answers.upgrade = {{"t-lib", "noarch", "1-1", "3-1"}};
    answers.security = {{"t-lib", "noarch", "1-1", "2-1"}};
    answers.repositories = {{.alias = "t", .url = {}, .is_enabled = true, .is_checked = true}};
    const std::vector<model::InstalledPackage> packages{
        installed("t-lib", "0:1-1"), installed("t-app", "1-1")};

    const std::vector<model::Offer> offers = zypper_offers(answers, packages);

    ASSERT_EQ(offers.size(), 2U);
    EXPECT_EQ(offers[0].name, "t-app");
    EXPECT_FALSE(offers[0].in_upgrade);
    EXPECT_FALSE(offers[0].security);
    EXPECT_EQ(offers[1].installed_version, "0:1-1");
    EXPECT_EQ(offers[1].candidate_version, "3-1");
    EXPECT_EQ(offers[1].source_name, "t-source");
    EXPECT_TRUE(offers[1].in_upgrade);
    EXPECT_TRUE(offers[1].security);
    EXPECT_TRUE(offers[1].origins[0].trusted);
}

TEST(ZypperOffers, NameTheLockThatKeepsOneAway) {
    ZypperAnswers answers;
    answers.updates = {update("t-held")};
    answers.locks = {"other", "t-*"};

    const std::vector<model::InstalledPackage> packages{installed("t-held", "1-1")};
    const std::vector<model::Offer> offers = zypper_offers(answers, packages);

    ASSERT_EQ(offers.size(), 1U);
    ASSERT_EQ(offers[0].blockers.size(), 1U);
    EXPECT_EQ(offers[0].blockers[0].kind, model::BlockerKind::Hold);
    EXPECT_EQ(offers[0].blockers[0].detail, "locked by zypper: t-*");
    EXPECT_FALSE(offers[0].origins[0].trusted);
}

TEST(ZypperOffers, LeaveOutWhatIsNotInstalledInThatVersion) {
    ZypperAnswers answers;
    answers.updates = {update("t-lib"), update("t-gone")};

    const std::vector<model::InstalledPackage> packages{installed("t-lib", "2-1")};

    EXPECT_TRUE(zypper_offers(answers, packages).empty());
}

}  // namespace
}  // namespace thimble::inventory
