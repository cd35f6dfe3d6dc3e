#include "thimble/model/version_order.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

TEST(VersionOrderNamed, KnowsToolsEcosystemsAndPurlTypesWithoutRegardToCase) {
    for (const auto* name : {"dpkg", "deb", "Debian", "debian:12", "Ubuntu:Pro:18.04:LTS", "DEB"}) {
        ASSERT_NE(version_order_named(name), nullptr) << name;
        EXPECT_EQ(version_order_named(name)->name, "dpkg") << name;
    }
    for (const auto* name : {"rpm", "AlmaLinux:9", "Rocky Linux", "Red Hat:enterprise_linux:9"}) {
        ASSERT_NE(version_order_named(name), nullptr) << name;
        EXPECT_EQ(version_order_named(name)->name, "rpm") << name;
    }
}

TEST(VersionOrderNamed, HasNoneForAnUnknownEcosystem) {
    EXPECT_EQ(version_order_named("cobol"), nullptr);
    EXPECT_EQ(version_order_named(""), nullptr);
    EXPECT_EQ(version_order_named(":12"), nullptr);
}

}  // namespace
}  // namespace thimble::model
