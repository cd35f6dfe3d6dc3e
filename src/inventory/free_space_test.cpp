#include "thimble/inventory/free_space.hpp"

#include "thimble/inventory/fake_host_test.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr const char* kHeader =
    "Filesystem     1024-blocks    Used Available Capacity Mounted on\n";

model::Offer offer(const std::string& source, std::uint64_t download, std::int64_t growth) {
    model::Offer offer;
    offer.source_name = source;
    offer.download_bytes = download;
    offer.growth_bytes = growth;
    return offer;
}

TEST(ParseFreeSpace, ReadsThePosixFormat) {
    const auto found = parse_free_space(
        std::string(kHeader)
        + "/dev/vda1         30832548 9000000  20000000      32% /\n"
          "//nas/my share      100000  100000         0     100% /srv/my data\n");

    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], (FileSystem{"/dev/vda1", "/", std::uint64_t{20'000'000} * 1024}));
    EXPECT_EQ(found[1], (FileSystem{"//nas/my share", "/srv/my data", 0}));
}

TEST(ParseFreeSpace, LeavesOutWhatItDoesNotUnderstand) {
    EXPECT_TRUE(parse_free_space(kHeader).empty());
    EXPECT_TRUE(parse_free_space("").empty());
    EXPECT_TRUE(parse_free_space("a 1 2 -3 4% /\n").empty());
    EXPECT_TRUE(parse_free_space("a 1 2 3 4% relative\n").empty());
    EXPECT_TRUE(parse_free_space("1 2 3 4% /\n").empty());
    EXPECT_TRUE(parse_free_space("a 1 2 99999999999999999999 4% /\n").empty());
    EXPECT_TRUE(parse_free_space("a 1 2 18446744073709551615 4% /\n").empty());
}

TEST(BlockWhatDoesNotFit, CountsAPatchAsAWhole) {
    std::vector<model::Offer> offers{
        offer("big", 60, 0), offer("big", 60, 0), offer("small", 60, 0)};
    const FileSystem usr{"a", "/", 1000};
    const FileSystem var{"b", "/var", 100};

    block_what_does_not_fit(usr, var, offers);

    ASSERT_EQ(offers[0].blockers.size(), 1U);
    EXPECT_EQ(offers[0].blockers.front().kind, model::BlockerKind::NoSpace);
    EXPECT_EQ(
        offers[0].blockers.front().detail,
        "needs 0.1 MB on /var for the download, free are 0.1 MB");
    EXPECT_EQ(offers[1].blockers.size(), 1U);
    EXPECT_TRUE(offers[2].blockers.empty());
}

TEST(BlockWhatDoesNotFit, AddsDownloadAndGrowthOnOneDisk) {
    const FileSystem disk{"a", "/", 100};
    std::vector<model::Offer> together{offer("x", 60, 60)};
    std::vector<model::Offer> shrinking{offer("x", 60, -60)};

    block_what_does_not_fit(disk, disk, together);
    block_what_does_not_fit(disk, disk, shrinking);

    EXPECT_EQ(together.front().blockers.size(), 1U);
    EXPECT_TRUE(shrinking.front().blockers.empty());

    std::vector<model::Offer> apart{offer("x", 60, 60)};
    block_what_does_not_fit(disk, {"b", "/var", 100}, apart);
    EXPECT_TRUE(apart.front().blockers.empty());
}

TEST(ReadFreeSpace, SaysWhenItIsNotKnown) {
    FakeHost host;
    model::Inventory inventory;
    inventory.offers = {offer("x", 1, 1)};

    read_free_space(host, inventory);

    EXPECT_TRUE(inventory.gaps.empty());  // a root directory runs nothing

    host.on_run = [](const host::Command&) -> Result<host::Outcome> {
        return host::Outcome{.exit_status = 1, .output = "", .errors = {}};
    };
    read_free_space(host, inventory);

    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.no_free_space");

    host.on_run = [](const host::Command&) -> Result<host::Outcome> {
        return host::Outcome{
            .exit_status = 0,
            .output = std::string(kHeader) + "a 9 9 0 100% /\na 9 9 0 100% /\n",
            .errors = {}};
    };
    read_free_space(host, inventory);

    EXPECT_EQ(inventory.offers.front().blockers.size(), 1U);
}

}  // namespace
}  // namespace thimble::inventory
