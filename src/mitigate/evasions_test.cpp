#include "thimble/mitigate/evasions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace thimble::mitigate {
namespace {

const RequestSample kAttack{"GET", "/search?q=a+b%3Bc", {{"X-Key", "v"}}, ""};

RequestSample variant(const std::string& evasion) {
    const auto all = variants_of(kAttack);
    const auto found = std::ranges::find(all, evasion, &Variant::evasion);
    EXPECT_NE(found, all.end()) << evasion;
    return found == all.end() ? RequestSample() : found->sample;
}

TEST(Evasions, WriteTheSameValueInOtherWays) {
    EXPECT_EQ(variant("percent-encoded").target, "/search?q=%61%20%62%3B%63");
    EXPECT_EQ(variant("percent-encoded twice").target, "/search?q=%2561%2520%2562%253B%2563");
    EXPECT_EQ(variant("as %uXXXX").target, "/search?q=%u0061%u0020%u0062%u003B%u0063");
    EXPECT_EQ(variant("tabs for blanks").target, "/search?q=a%09b%3Bc");
    EXPECT_EQ(variant("repeated, the harmless one first").target, "/search?q=harmless&q=a%20b%3Bc");
}

TEST(Evasions, CarryTheSameValueInABody) {
    EXPECT_EQ(variant("as a form").body, "q=a%20b%3Bc");
    EXPECT_EQ(variant("as a form").method, "POST");
    EXPECT_EQ(variant("as JSON").body, R"({"q":"a b;c"})");
    EXPECT_EQ(header_of(variant("as JSON"), "content-type"), "application/json");
    EXPECT_NE(variant("as multipart").body.find("name=\"q\"\r\n\r\na b;c\r\n"), std::string::npos);
}

TEST(Evasions, ReachTheSamePathInOtherWays) {
    EXPECT_EQ(variant("path with doubled slashes").target, "//search?q=a+b%3Bc");
    EXPECT_EQ(variant("path with /x/../").target, "/x/../search?q=a+b%3Bc");
    EXPECT_EQ(variant("header names in odd case").headers.front().first, "x-KeY");
}

TEST(Evasions, AreAllDifferentFromTheAttackAndNamedOnce) {
    std::set<std::string> names;
    for (const Variant& one : variants_of(kAttack)) {
        EXPECT_NE(one.sample, kAttack) << one.evasion;
        EXPECT_TRUE(names.insert(one.evasion).second) << one.evasion;
    }
    EXPECT_GE(names.size(), 25U);
}

}  // namespace
}  // namespace thimble::mitigate
