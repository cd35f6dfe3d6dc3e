#include "thimble/cli/nearest_package.hpp"

#include <gtest/gtest.h>

namespace thimble::cli {
namespace {

TEST(NearestPackage, IsWhatWasMeant) {
    model::Inventory inventory;
    model::InstalledPackage& package = inventory.packages.emplace_back();
    package.name = "libcurl4";
    package.source_name = "curl";

    EXPECT_EQ(nearest_package("libcurl3", inventory), "libcurl4");
    EXPECT_EQ(nearest_package("crul", inventory), "curl");
    EXPECT_EQ(nearest_package("libcurl4:sparc", inventory), "libcurl4");
    EXPECT_EQ(nearest_package("no-such-package", inventory), "");
    EXPECT_EQ(nearest_package("CVE-2024-3094", inventory), "");
    EXPECT_EQ(nearest_package("curl", {}), "");
}

}  // namespace
}  // namespace thimble::cli
