#include "thimble/server/shares.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace thimble::server {

TEST(Shares, OnePeerHasNoMoreThanItsShareAndOthersHaveTheirs) {
    Shares shares(10, 2);

    const auto first = shares.take("192.0.2.1");
    const auto second = shares.take("192.0.2.1");

    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    EXPECT_FALSE(shares.take("192.0.2.1"));
    EXPECT_TRUE(shares.take("192.0.2.2"));
}

TEST(Shares, AllTogetherHaveNoMoreThanThereIs) {
    Shares shares(3, 2);
    const auto first = shares.take("a");
    const auto second = shares.take("b");
    const auto third = shares.take("c");

    EXPECT_TRUE(third);
    EXPECT_FALSE(shares.take("d"));
}

TEST(Shares, WhatEndsIsGivenBackOnceWhereverItWasMoved) {
    Shares shares(2, 1);
    {
        auto share = shares.take("a");
        std::vector<Share> kept;
        kept.push_back(*std::move(share));
        share.reset();
        EXPECT_EQ(shares.taken(), 1U);
        EXPECT_FALSE(shares.take("a"));
    }

    EXPECT_EQ(shares.taken(), 0U);
    EXPECT_TRUE(shares.take("a"));
}

TEST(Shares, AShareThatIsReplacedIsGivenBack) {
    Shares strangers(1, 1);
    Shares hosts(1, 1);
    {
        Share share = *strangers.take("192.0.2.1");
        share = *hosts.take("h1");
        EXPECT_EQ(strangers.taken(), 0U);
        EXPECT_EQ(hosts.taken(), 1U);
    }

    EXPECT_EQ(hosts.taken(), 0U);
}

}  // namespace thimble::server
