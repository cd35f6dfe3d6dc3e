#include "thimble/openid/attempt.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace thimble::openid {

TEST(Attempt, FollowsFromItsSecretAlone) {
    const Attempt attempt = attempt_of("one");

    EXPECT_EQ(attempt.state, attempt_of("one").state);
    const std::set<std::string> all{
        attempt.state, attempt.nonce, attempt.verifier, attempt.challenge, attempt_of("two").state};
    EXPECT_EQ(all.size(), 5U);
    EXPECT_EQ(attempt.verifier.size(), 64U);   // RFC 7636: 43 to 128
    EXPECT_EQ(attempt.challenge.size(), 43U);  // SHA-256 without padding
}

TEST(FormOf, EncodesWhatCouldLeadElsewhere) {
    EXPECT_EQ(form_of({{"a", "b c&d=e"}, {"f", "é%+"}}), "a=b%20c%26d%3De&f=%C3%A9%25%2B");
    EXPECT_EQ(address_with("https://x/y", {{"a", "1"}}), "https://x/y?a=1");
    EXPECT_EQ(address_with("https://x/y?t=2", {{"a", "1"}}), "https://x/y?t=2&a=1");
}

RC_GTEST_PROP(FormEncoded, LeavesNothingThatParts, (const std::string& text)) {
    RC_ASSERT(form_encoded(text).find_first_of("&=# \r\n?/") == std::string::npos);
}

}  // namespace thimble::openid
