#include "thimble/cli/taken_back_memory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::cli {
namespace {

std::vector<TakenBackPatch> two_patches() {
    return {{"/", "openssl", "3.0.2-1", "20261124T111500Z-00"}, {"/srv/a", "curl", "8-1", "r"}};
}

model::Inventory inventory_offering(const std::string& source, const std::string& version) {
    model::Inventory inventory;
    model::Offer offer;
    offer.source_name = source;
    offer.source_version = version;
    offer.blockers = {
        {model::BlockerKind::Hold, "held"}, {model::BlockerKind::NoSpace, "disk is full"}};
    inventory.offers.push_back(offer);
    return inventory;
}

TEST(TakenBackMemory, ReadsWhatItWrites) {
    EXPECT_EQ(parse_taken_back(format_taken_back(two_patches())), two_patches());
}

TEST(TakenBackMemory, SkipsDamagedLinesAndWritesNone) {
    EXPECT_EQ(
        parse_taken_back("/\topenssl\n\t\t\t\n/\tcurl\t8-1\tr"),
        (std::vector<TakenBackPatch>{{"/", "curl", "8-1", "r"}}));
    EXPECT_EQ(format_taken_back(std::vector<TakenBackPatch>{{"/a\tb", "curl", "8-1", "r"}}), "");
}

TEST(BlockTakenBack, BlocksThatVersionOnThatHostInItsPlace) {
    auto inventory = inventory_offering("openssl", "3.0.2-1");

    block_taken_back(two_patches(), "/", inventory);

    const auto& blockers = inventory.offers.front().blockers;
    ASSERT_EQ(blockers.size(), 3U);
    EXPECT_EQ(blockers[1].kind, model::BlockerKind::TakenBack);
    EXPECT_NE(blockers[1].detail.find("20261124T111500Z-00"), std::string::npos);
}

TEST(BlockTakenBack, LeavesOtherVersionsAndHostsAlone) {
    auto newer = inventory_offering("openssl", "3.0.2-2");
    auto elsewhere = inventory_offering("openssl", "3.0.2-1");

    block_taken_back(two_patches(), "/", newer);
    block_taken_back(two_patches(), "/srv/a", elsewhere);

    EXPECT_EQ(newer.offers.front().blockers.size(), 2U);
    EXPECT_EQ(elsewhere.offers.front().blockers.size(), 2U);
}

}  // namespace
}  // namespace thimble::cli
