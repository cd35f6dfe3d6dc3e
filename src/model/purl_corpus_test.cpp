// The test suite of the package-url specification, with the tests of its type definitions.
#include "thimble/model/corpus_path.hpp"
#include "thimble/model/corpus_zip.hpp"
#include "thimble/model/purl.hpp"

#include <boost/json/src.hpp>  // header-only use: no other file of this program needs JSON
#include <gtest/gtest.h>

#include <array>

namespace thimble::model {
namespace {

namespace json = boost::json;

// The suite contradicts itself. These qualifiers it calls invalid where it parses them, and valid where it
// validates the same text; the specification ignores the case of keys.
constexpr std::array<std::string_view, 2> kContradicted = {
    "pkg:gem/jruby-launcher@1.1.2?Platform=java",
    "pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25"};

std::string text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

Purl parts_of(const json::object& object) {
    Purl purl{
        .type = text_at(object, "type"),
        .name_space = text_at(object, "namespace"),
        .name = text_at(object, "name"),
        .version = text_at(object, "version"),
        .qualifiers = {},
        .subpath = text_at(object, "subpath")};
    const auto* qualifiers = object.if_contains("qualifiers");
    if (qualifiers != nullptr && qualifiers->is_object()) {
        for (const auto& [key, value] : qualifiers->as_object()) {
            purl.qualifiers.emplace(key, value.as_string());
        }
    }
    return purl;
}

void check_test(const json::object& test) {
    const auto& input = test.at("input");
    const bool builds = input.is_object();
    const auto purl =
        builds ? canonical_purl(parts_of(input.as_object())) : parse_purl(text_at(test, "input"));
    const auto* fails = test.if_contains("expected_failure");
    if (fails != nullptr && fails->is_bool() && fails->as_bool()) {
        EXPECT_FALSE(purl) << json::serialize(test);
        return;
    }
    ASSERT_TRUE(purl) << json::serialize(test) << purl.error().message;
    const auto& expected = test.at("expected_output");
    if (expected.is_object()) {
        EXPECT_EQ(*purl, parts_of(expected.as_object())) << json::serialize(test);
    } else {
        EXPECT_EQ(format_purl(*purl), expected.as_string()) << json::serialize(test);
    }
}

// And the definition of the type git is sensitive to case, unlike this test of it.
constexpr std::string_view kFoldedGit =
    "pkg:git/github/Package-url/purl-Spec@244fd47e07d1004f0aed9c";

bool is_contradicted(const json::object& test) {
    if (text_at(test, "input") == kFoldedGit) {
        return true;
    }
    const bool known =
        std::ranges::find(kContradicted, text_at(test, "input")) != kContradicted.end();
    return known && text_at(test, "test_type") == "parse";
}

TEST(PurlCorpus, AgreesWithTheSuiteOfTheSpecification) {
    const auto archive = corpus_path("purl/purl-spec-tests-and-types.zip");
    if (!archive) {
        GTEST_SKIP() << "skipped: no data";
    }
    const auto names = list_zip(*archive);
    if (names.empty()) {
        GTEST_SKIP() << "skipped: no unzip";
    }

    int checked = 0;
    for (const auto& name : names) {
        if (!name.starts_with("tests/")) {
            continue;
        }
        const auto suite = json::parse(read_zip_entry(*archive, name).value());
        for (const auto& test : suite.as_object().at("tests").as_array()) {
            if (!is_contradicted(test.as_object())) {
                check_test(test.as_object());
                ++checked;
            }
        }
    }

    EXPECT_GE(checked, 580);
}

}  // namespace
}  // namespace thimble::model
