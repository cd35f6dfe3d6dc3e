#include "thimble/model/purl.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

// The canonical text, or the reason why there is none.
std::string canonical(std::string_view text) {
    const auto purl = parse_purl(text);
    return purl ? format_purl(*purl) : purl.error().message;
}

TEST(ParsePurl, TakesTheTextApart) {
    const auto purl =
        parse_purl("pkg:deb/debian/attr@1:2.4.47-2%2Bb1?distro=bookworm&arch=amd64#usr/share");

    ASSERT_TRUE(purl);
    EXPECT_EQ(
        *purl,
        (Purl{
            .type = "deb",
            .name_space = "debian",
            .name = "attr",
            .version = "1:2.4.47-2+b1",
            .qualifiers = {{"arch", "amd64"}, {"distro", "bookworm"}},
            .subpath = "usr/share"}));
}

TEST(ParsePurl, NormalisesByType) {
    EXPECT_EQ(
        canonical("pkg:PYPI/Django_package@1.11.1.DEV1"), "pkg:pypi/django-package@1.11.1.dev1");
    EXPECT_EQ(
        canonical("pkg:github/Package-url/purl-Spec@1"), "pkg:github/package-url/purl-spec@1");
    EXPECT_EQ(canonical("pkg:npm/@babel/core#/a/./../b/"), "pkg:npm/%40babel/core#a/b");
    EXPECT_EQ(canonical("pkg:cargo/Inflector@0.11"), "pkg:cargo/Inflector@0.11");
    EXPECT_EQ(canonical("pkg:unheard-of/A/B@C"), "pkg:unheard-of/A/B@C");
    EXPECT_EQ(canonical("pkg:cpan/drolsky/DateTime"), "pkg:cpan/DROLSKY/DateTime");
}

TEST(ParsePurl, ForgivesSlashesAndDropsEmptyQualifiers) {
    EXPECT_EQ(canonical("pkg://npm//foo@1?a=&b=2"), "pkg:npm/foo@1?b=2");
}

TEST(ParsePurl, ChecksWhatTheTypeRequires) {
    EXPECT_EQ(canonical("pkg:deb/curl@1"), "type deb requires a namespace");
    EXPECT_EQ(canonical("pkg:cargo/a/b@1"), "type cargo has no namespace");
    EXPECT_EQ(canonical("pkg:julia/Dates"), "type julia requires the qualifier uuid");
    EXPECT_EQ(canonical("pkg:golang/stdlib@1.22.1"), "pkg:golang/stdlib@1.22.1");
}

TEST(ParsePurl, RefusesWhatIsNotAPurl) {
    EXPECT_EQ(canonical(""), "a purl starts with 'pkg:'");
    EXPECT_EQ(canonical("npm/foo@1"), "a purl starts with 'pkg:'");
    EXPECT_EQ(canonical("pkg:npm"), "type or name is missing");
    EXPECT_EQ(canonical("pkg:npm/@1"), "name is missing");
    EXPECT_EQ(canonical("pkg:npm/foo@%zz"), "invalid percent-encoding");
    EXPECT_EQ(canonical("pkg:npm/foo@1%2"), "invalid percent-encoding");
    EXPECT_EQ(canonical("pkg:npm/foo@%ff"), "text is not UTF-8");
    EXPECT_EQ(canonical("pkg:npm/a%2Fb/foo"), "encoded '/' within a segment");
    EXPECT_EQ(canonical("pkg:npm/foo?a=1&A=2"), "qualifier given twice");
    EXPECT_EQ(canonical("pkg:npm/foo?a"), "qualifier without '='");
    EXPECT_EQ(canonical("pkg:npm/foo?1=2"), "invalid qualifier key '1'");
    EXPECT_EQ(canonical("pkg:n_m/foo").substr(0, 15), "type is missing");
    EXPECT_EQ(canonical("pkg:npm/" + std::string(20000, 'a')), "text is too long");
}

}  // namespace
}  // namespace thimble::model
