#include "thimble/protocol/signing.hpp"

#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>

namespace {

using namespace thimble::protocol;

// RFC 8032, section 7.1, test 1.
TEST(Signing, IsThatOfTheStandard) {
    SigningSeed seed{};
    const std::string digits = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    for (std::size_t at = 0; at < seed.size(); ++at) {
        seed.at(at) = static_cast<unsigned char>(std::stoi(digits.substr(at * 2, 2), nullptr, 16));
    }

    // d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
    EXPECT_EQ(
        format_deployment_key(deployment_key_of(seed)),
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
        "-----END PUBLIC KEY-----\n");
    EXPECT_TRUE(is_signed_by("", sign("", seed), deployment_key_of(seed)));
    EXPECT_EQ(sign("", seed).front(), 0xe5);
    EXPECT_EQ(sign("", seed).back(), 0x0b);
}

TEST(DeploymentKey, ParseOfFormatIsIdentity) {
    const DeploymentKey key = deployment_key_of(seed_of(7));

    EXPECT_EQ(*parse_deployment_key(format_deployment_key(key)), key);
    EXPECT_FALSE(parse_deployment_key(format_deployment_key(key).substr(8)).has_value());
    EXPECT_FALSE(parse_deployment_key("").has_value());
}

TEST(Envelope, ParseOfFormatIsIdentity) {
    const Envelope envelope = seal(format_job(apply_job()), seed_of(1));

    const auto parsed = parse_envelope(format_envelope(envelope));

    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, envelope);
}

TEST(Envelope, IsRefusedWhenTooLong) {
    Envelope envelope = seal(format_job(apply_job()), seed_of(1));
    envelope.content.assign(kMaxJobBytes + 1, 'a');

    EXPECT_EQ(parse_envelope(format_envelope(envelope)).error().code, "protocol.bad_envelope");
}

TEST(Envelope, IsAlteredWhenAnyBitOfContentOrSignatureFlips) {
    const Envelope envelope = seal("content", seed_of(1));
    const DeploymentKey key = deployment_key_of(seed_of(1));
    ASSERT_EQ(check_seal(envelope, key), SealCheck::Intact);
    for (std::size_t at = 0; at < envelope.signature.size(); ++at) {
        Envelope flipped = envelope;
        flipped.signature.at(at) ^= 1U;
        EXPECT_EQ(check_seal(flipped, key), SealCheck::Altered);
    }
    for (std::size_t at = 0; at < envelope.content.size(); ++at) {
        Envelope flipped = envelope;
        flipped.content.at(at) = 'x';
        EXPECT_EQ(check_seal(flipped, key), SealCheck::Altered);
    }
}

}  // namespace
