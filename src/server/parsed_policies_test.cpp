#include "thimble/server/parsed_policies.hpp"

#include "thimble/rollout/policy.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

std::string policy_named(const std::string& name, std::size_t padding = 0) {
    return "policy: " + name + "\nhosts: all\n#" + std::string(padding, 'x') + "\n";
}

TEST(ParsedPolicies, ReadsATextOnceForANumberOfHosts) {
    ParsedPolicies policies;
    const ParsedPolicies::Kept first = *policies.of(policy_named("a"), 10);

    EXPECT_EQ(*policies.of(policy_named("a"), 10), first);
    EXPECT_NE(*policies.of(policy_named("a"), 1000), first);
    EXPECT_NE(*policies.of(policy_named("b"), 10), first);
    EXPECT_EQ(first->name, "a");
    EXPECT_EQ(policies.count(), 3U);
}

TEST(ParsedPolicies, KeepsNothingThatCannotBeRead) {
    ParsedPolicies policies;

    EXPECT_EQ(policies.of("policy: [", 10).error().code, "base.bad_yaml");
    EXPECT_EQ(policies.count(), 0U);
}

TEST(ParsedPolicies, IsBoundedByTheLengthOfTheTexts) {
    constexpr std::size_t kLong = 200U << 10U;
    ParsedPolicies policies;
    const ParsedPolicies::Kept first = *policies.of(policy_named("first", kLong), 10);

    for (std::size_t at = 0; at < ParsedPolicies::kMostBytes / kLong + 1; ++at) {
        ASSERT_TRUE(policies.of(policy_named("p" + std::to_string(at), kLong), 10));
    }

    EXPECT_LE(policies.count() * kLong, ParsedPolicies::kMostBytes);
    EXPECT_NE(*policies.of(policy_named("first", kLong), 10), first);
    EXPECT_EQ(first->name, "first");
}

}  // namespace
}  // namespace thimble::server
