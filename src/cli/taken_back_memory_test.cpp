#include "thimble/cli/taken_back_memory.hpp"

#include "thimble/host/root_host.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
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
    TakenBackMemory memory{
        .patches = two_patches(), .unread = {{"/", "r2"}, {"?", "r3"}}, .problem = {}};
    EXPECT_EQ(parse_taken_back(format_taken_back(memory)), memory);
}

TEST(TakenBackMemory, SkipsDamagedLinesAloudAndWritesNone) {
    const auto memory = parse_taken_back("/\topenssl\n\t\t\t\nother\t/\tr\n/\tcurl\t8-1\tr");
    EXPECT_EQ(memory.patches, (std::vector<TakenBackPatch>{{"/", "curl", "8-1", "r"}}));
    EXPECT_EQ(memory.problem, "3 of its lines cannot be read");
    TakenBackMemory odd;
    odd.patches = {{"/a\tb", "curl", "8-1", "r"}};
    EXPECT_EQ(format_taken_back(odd), "");
}

TEST(TakenBackMemory, IsHelpedByThePinsOnTheHost) {
    std::string folder = testing::TempDir() + "thimble-pins-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::filesystem::path root(folder);
    std::filesystem::create_directories(root / "etc/apt/preferences.d");
    std::ofstream(root / "etc/apt/preferences.d/thimble-rolled-back-20261124T111500Z-00.pref")
        << "Package: libcurl4:amd64\nPin: version 8-2\nPin-Priority: -1\n";
    std::ofstream(root / "etc/apt/preferences.d/owner.pref")
        << "Package: libcurl4:amd64\nPin: version 8-3\nPin-Priority: -1\n";
    const auto host = host::RootHost::open(folder);
    ASSERT_TRUE(host);
    const auto pins = inventory::read_rollback_pins(**host);
    ASSERT_EQ(pins.size(), 1U);
    model::Inventory inventory = inventory_offering("curl", "8-2");
    inventory.offers[0].name = "libcurl4";
    inventory.offers[0].architecture = "amd64";
    inventory.offers[0].candidate_version = "8-2";
    inventory.offers.push_back(inventory.offers[0]);
    inventory.offers[1].candidate_version = "8-3";

    block_pinned(pins, inventory);
    block_pinned(pins, inventory);

    ASSERT_EQ(inventory.offers[0].blockers.size(), 3U) << "once";
    EXPECT_EQ(run_that_took_back(inventory.offers[0].blockers[1]), "20261124T111500Z-00");
    EXPECT_EQ(inventory.offers[1].blockers.size(), 2U) << "another version";
    std::filesystem::remove_all(root);
}

TEST(TakenBackMemory, IsNotTakenForEmptyWhereItIsLost) {
    std::string folder = testing::TempDir() + "thimble-memory-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::filesystem::path state(folder);
    EXPECT_EQ(read_taken_back(state), TakenBackMemory()) << "nothing was ever run";
    std::filesystem::create_directories(state / "runs/20261124T111500Z-00");

    EXPECT_NE(read_taken_back(state).problem.find("is not there"), std::string::npos);

    std::filesystem::rename(state / "runs", state / "other");
    std::ofstream(state / "runs") << "no folder";
    EXPECT_NE(read_taken_back(state).problem, "") << "which runs there are is not known";

    std::ofstream(taken_back_path(state)) << "/\tcurl\n";
    EXPECT_NE(read_taken_back(state).problem.find("1 of its lines"), std::string::npos);
    std::ofstream(taken_back_path(state)) << std::string((std::size_t{1} << 20U) + 1, '\n');
    EXPECT_NE(read_taken_back(state).problem.find("as a whole"), std::string::npos);
    std::filesystem::remove_all(state);
}

TEST(TakenBackMemory, TellsWhatIsNotKnownToBeBlocked) {
    TakenBackMemory memory{
        .patches = {},
        .unread = {{"/", "r1"}, {"?", "r2"}, {"/srv/a", "r3"}},
        .problem = "it is lost"};

    const auto gaps = gaps_of_memory(memory, "/");

    ASSERT_EQ(gaps.size(), 3U);
    EXPECT_EQ(gaps[0].code, "cli.taken_back_unknown");
    EXPECT_NE(gaps[0].detail.find("it is lost"), std::string::npos);
    EXPECT_NE(gaps[1].detail.find("run r1 cannot be read"), std::string::npos);
    EXPECT_NE(gaps[2].detail.find("run r2 cannot be read"), std::string::npos);
    EXPECT_EQ(gaps[0].next, "thimble patch resume");
    memory.is_denied = true;
    EXPECT_EQ(gaps_of_memory(memory, "/").front().next, "run this as root");
    EXPECT_EQ(gaps[1].next, "thimble doctor");
}

TEST(BlockTakenBack, BlocksThatVersionOnThatHostInItsPlace) {
    auto inventory = inventory_offering("openssl", "3.0.2-1");

    block_taken_back(two_patches(), "/", inventory);

    const auto& blockers = inventory.offers.front().blockers;
    ASSERT_EQ(blockers.size(), 3U);
    EXPECT_EQ(blockers[1].kind, model::BlockerKind::TakenBack);
    EXPECT_NE(blockers[1].detail.find("20261124T111500Z-00"), std::string::npos);
}

TEST(BlockTakenBack, KnowsAnUpdateByTheVersionOfItsBinaryPackage) {
    auto inventory = inventory_offering("curl", "8-1");
    inventory.offers.front().candidate_version = "8-1+b1";
    const std::vector<TakenBackPatch> rebuilt{
        {.root = "/", .source = "curl", .version = "8-1+b1", .run = "r1"}};

    block_taken_back(rebuilt, "/", inventory);

    EXPECT_EQ(inventory.offers.front().blockers.size(), 3U);
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
