#include "thimble/model/unread_update.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::model {
namespace {

InstalledPackage package_of(const std::string& name, const std::string& source) {
    InstalledPackage package;
    package.name = name;
    package.source_name = source;
    package.source_version = "1";
    return package;
}

Offer offer_of(const std::string& name, const std::string& source) {
    Offer offer;
    offer.name = name;
    offer.source_name = source;
    offer.source_version = "2";
    return offer;
}

TEST(UnreadUpdate, IsThatOfTheSourceUnlessItsChangelogWasRead) {
    Inventory inventory;
    inventory.offers = {offer_of("libcurl4", "curl")};
    const InstalledPackage curl = package_of("curl", "curl");

    EXPECT_EQ(unread_update(inventory, curl), &inventory.offers.front());
    EXPECT_EQ(unread_update(inventory, package_of("vim", "vim")), nullptr);

    inventory.changelogs.push_back({"curl", "1", "3", {}, "", {}, ""});
    EXPECT_NE(unread_update(inventory, curl), nullptr) << "that is of another version";
    inventory.changelogs.front().to_version = "2";
    EXPECT_EQ(unread_update(inventory, curl), nullptr);
}

TEST(UnreadUpdate, IsNoneOfWhatIsInstalledInThatVersion) {
    Inventory inventory;
    inventory.offers = {offer_of("libcurl4", "curl")};
    InstalledPackage curl = package_of("curl", "curl");
    curl.source_version = "2";

    EXPECT_EQ(unread_update(inventory, curl), nullptr);
}

TEST(UnreadUpdate, OfAKernelIsThatOfTheSourceWhichSignsIt) {
    Inventory inventory;
    inventory.offers = {offer_of("linux-image-amd64", "linux-signed-amd64")};

    EXPECT_NE(
        unread_update(inventory, package_of("linux-image-6.1.0-1-amd64-unsigned", "linux")),
        nullptr);
}

}  // namespace
}  // namespace thimble::model
