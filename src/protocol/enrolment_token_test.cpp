#include "thimble/protocol/enrolment_token.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/protocol/signing.hpp"

#include <gtest/gtest.h>

namespace {

using thimble::protocol::EnrolmentToken;
using thimble::protocol::format_enrolment_token;
using thimble::protocol::parse_enrolment_token;

EnrolmentToken token() {
    return {
        .authority = thimble::sha256_of("abc"), .id = "tok_1", .secret = "AAAAAAAAAAAAAAAAAAAAAA"};
}

TEST(EnrolmentToken, PinsTheAuthorityByItsDigest) {
    EXPECT_EQ(
        format_enrolment_token(token()),
        "thimble1.ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0.tok_1.AAAAAAAAAAAAAAAAAAAAAA");
}

TEST(EnrolmentToken, ParseOfFormatIsIdentity) {
    const auto parsed = parse_enrolment_token(format_enrolment_token(token()));

    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, token());
}

TEST(EnrolmentToken, MayHaveAnIdThatBeginsWithAnyDigitOfBase64) {
    EnrolmentToken odd = token();
    odd.id = "-_x";

    EXPECT_EQ(*parse_enrolment_token(format_enrolment_token(odd)), odd);
}

TEST(EnrolmentToken, RefusesAnythingElse) {
    const std::string good = format_enrolment_token(token());
    EXPECT_FALSE(parse_enrolment_token("").has_value());
    EXPECT_FALSE(parse_enrolment_token(good + ".more").has_value());
    EXPECT_FALSE(parse_enrolment_token(good + "\n").has_value());
    EXPECT_FALSE(parse_enrolment_token("thimble2" + good.substr(8)).has_value());
    EXPECT_FALSE(parse_enrolment_token(good.substr(0, good.rfind('.'))).has_value());
    EXPECT_FALSE(parse_enrolment_token(good.substr(0, good.size() - 1)).has_value());
    EXPECT_FALSE(parse_enrolment_token(good + std::string(300, 'A')).has_value());
    EXPECT_FALSE(parse_enrolment_token("thimble1.AAAA.tok_1.AAAAAAAAAAAAAAAAAAAAAA").has_value());
}

TEST(EnrolmentToken, IsNotRepeatedInItsError) {
    const auto parsed = parse_enrolment_token("thimble1.x.y.SECRETSECRETSECRET");

    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().text().find("SECRETSECRET"), std::string::npos);
}

}  // namespace
