#include "thimble/apply/origin_patterns.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

model::OfferOrigin archive(
    std::string origin, std::string label, std::string suite, std::string codename) {
    model::OfferOrigin made;
    made.origin = std::move(origin);
    made.label = std::move(label);
    made.archive = std::move(suite);
    made.codename = std::move(codename);
    made.component = "main";
    made.site = "deb.debian.org";
    return made;
}

const model::OfferOrigin kMain = archive("Debian", "Debian", "oldstable", "bookworm");
const model::OfferOrigin kSecurity =
    archive("Debian", "Debian-Security", "oldstable-security", "bookworm-security");
const model::OfferOrigin kPocket = archive("Ubuntu", "Ubuntu", "jammy-updates", "jammy");

model::OsRelease bookworm() {
    model::OsRelease os;
    os.id = "debian";
    os.version_codename = "bookworm";
    return os;
}

std::string code_of(const std::string& text) {
    const auto pattern = parse_origin_pattern(text);
    return pattern ? format_origin_pattern(*pattern) : pattern.error().code;
}

bool allows(const std::string& text, const std::vector<model::OfferOrigin>& archives) {
    const auto pattern = parse_origin_pattern(text);
    EXPECT_TRUE(pattern) << text;
    const auto filled = fill_origin_pattern(*pattern, bookworm());
    EXPECT_TRUE(filled) << text;
    return allows_origin(std::vector{*filled}, archives);
}

TEST(ParseOriginPattern, TakesKeysInFullAndShort) {
    EXPECT_EQ(
        code_of("o=Debian,l=Debian-Security,a=stable*,n=book[w]orm,c=main,site=deb.?ebian.org"),
        "origin=Debian,label=Debian-Security,suite=stable*,codename=book[w]orm,component=main,"
        "site=deb.?ebian.org");
    EXPECT_EQ(code_of("archive=stable, origin=Debian"), "suite=stable,origin=Debian");
    EXPECT_EQ(code_of("label=a=b"), "label=a=b");
    EXPECT_EQ(code_of("origin=${distro_id}"), "origin=${distro_id}");
}

TEST(ParseOriginPattern, SaysWhatIsWrongAndWhatIsAllowed) {
    const auto said = [](const std::string& text) {
        const auto pattern = parse_origin_pattern(text);
        EXPECT_FALSE(pattern) << text;
        EXPECT_EQ(pattern.error().kind, ErrorKind::Invalid) << text;
        return pattern.error().text();
    };

    for (const char* text :
         {"", "Debian", "origin=Debian,", ",origin=Debian", "origin=a,b", "=x"}) {
        EXPECT_TRUE(said(text).contains("origin (o), label (l), suite (archive, a), codename (n)"))
            << said(text);
    }
    EXPECT_TRUE(said("orgin=Debian").contains("there is no key 'orgin'")) << said("orgin=Debian");
    EXPECT_TRUE(said("origin=").contains("nothing stands behind origin=")) << "a shell took ${...}";
    EXPECT_TRUE(said("origin=${distro}").contains("there is no ${distro}"));
    EXPECT_TRUE(said("origin=${distro_id").contains("there is no ${distro_id"));
    EXPECT_EQ(code_of("origin=" + std::string(500, 'a')), "apply.bad_origin");
    EXPECT_EQ(code_of("origin=a\nb"), "apply.bad_origin");
}

TEST(FillOriginPattern, NeedsAnOsReleaseThatTells) {
    const auto pattern = parse_origin_pattern("codename=${distro_codename}-security");
    ASSERT_TRUE(pattern);

    EXPECT_EQ(
        format_origin_pattern(*fill_origin_pattern(*pattern, bookworm())),
        "codename=bookworm-security");
    for (const char* codename : {"", "*", "book worm", "${distro_codename}"}) {
        model::OsRelease os = bookworm();
        os.version_codename = codename;
        const auto filled = fill_origin_pattern(*pattern, os);
        ASSERT_FALSE(filled) << codename;
        EXPECT_EQ(filled.error().code, "apply.origin_not_known");
    }
}

TEST(AllowsOrigin, WantsEveryPartOfOnePattern) {
    EXPECT_TRUE(allows("origin=Debian,codename=${distro_codename}-security", {kSecurity}));
    EXPECT_FALSE(allows("origin=Debian,codename=${distro_codename}-security", {kMain}));
    EXPECT_FALSE(allows("origin=Ubuntu,codename=bookworm-security", {kSecurity}));
    EXPECT_TRUE(allows("origin=${distro_id}", {kMain})) << "os-release writes it in lower case";
    EXPECT_TRUE(allows("site=*.debian.org", {kMain}));
    EXPECT_FALSE(allows("label=Debian", {kSecurity})) << "a glob is for all of a value";
    EXPECT_FALSE(allows("origin=*", {})) << "no archive offers it";
    EXPECT_TRUE(allows("label=Debian-Security", {kMain, kSecurity})) << "either of them offers it";

    const auto patterns =
        parse_origin_patterns(std::vector<std::string>{"origin=Ubuntu", "label=Debian-Security"});
    ASSERT_TRUE(patterns);
    EXPECT_TRUE(allows_origin(*patterns, std::vector{kSecurity}));
    EXPECT_FALSE(allows_origin(*patterns, std::vector{kMain}));
    EXPECT_TRUE(allows_origin({}, std::vector{kMain})) << "without patterns";
}

TEST(AllowsOrigin, DoesNotBelieveAnUnsignedArchiveBesideASignedOne) {
    model::OfferOrigin pretender = kSecurity;
    pretender.trusted = false;

    EXPECT_FALSE(allows("label=Debian-Security", {pretender, kMain}));
    EXPECT_TRUE(allows("label=Debian-Security", {pretender})) << "--allow-untrusted decides on it";
}

TEST(OriginRefusal, NamesTheArchiveAndThePatternToAdd) {
    EXPECT_EQ(
        origin_refusal("brand-new 2", std::vector{kMain}),
        "brand-new 2 comes from Debian bookworm, which no --origin allows");
    EXPECT_EQ(
        origin_to_add(std::vector{kSecurity}),
        "--origin 'origin=Debian,label=Debian-Security,codename=bookworm-security'");
    EXPECT_EQ(
        origin_to_add(std::vector{kPocket}),
        "--origin 'origin=Ubuntu,label=Ubuntu,suite=jammy-updates'")
        << "Ubuntu's codename is that of every pocket";
    EXPECT_EQ(archive_words(std::vector{kPocket}), "Ubuntu jammy-updates");
    model::OfferOrigin bare;
    bare.site = "repo.example.org";
    EXPECT_EQ(origin_to_add(std::vector{bare}), "--origin 'site=repo.example.org'");
}

model::OfferOrigin any_archive() {
    const auto word = [] {
        return *rc::gen::container<std::string>(
            rc::gen::elementOf(std::string("aB-.*?[]\\,$={} '\xc3\n")));
    };
    model::OfferOrigin made = archive(word(), word(), word(), word());
    made.component = word();
    made.site = word();
    made.trusted = *rc::gen::arbitrary<bool>();
    return made;
}

// The pattern that a refusal says to add is read, and takes the refusal away; no other part of the list takes it back.
RC_GTEST_PROP(AllowsOrigin, IsMetByThePatternThatARefusalNames, ()) {
    std::vector<model::OfferOrigin> archives{any_archive()};
    if (*rc::gen::arbitrary<bool>()) {
        archives.push_back(any_archive());
    }
    const std::string text = format_origin_pattern(origin_pattern_of(archives));
    const auto added = parse_origin_pattern(text);
    RC_ASSERT(added.has_value());
    std::vector<OriginPattern> patterns{*added};
    RC_ASSERT(allows_origin(patterns, archives));

    patterns.insert(patterns.begin(), origin_pattern_of(std::vector{any_archive()}));
    RC_ASSERT(allows_origin(patterns, archives));
}

// One part more never allows what was refused.
RC_GTEST_PROP(AllowsOrigin, IsNarrowedByEveryPart, ()) {
    const std::vector<model::OfferOrigin> archives{any_archive()};
    OriginPattern pattern = origin_pattern_of(std::vector{any_archive()});
    const bool before = allows_origin(std::vector{pattern}, archives);
    const OriginPattern more = origin_pattern_of(std::vector{any_archive()});
    pattern.parts.insert(pattern.parts.end(), more.parts.begin(), more.parts.end());
    RC_ASSERT(before || !allows_origin(std::vector{pattern}, archives));
}

}  // namespace
}  // namespace thimble::apply
