#include "thimble/report/exception_vex.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace thimble::report {
namespace {

const Instant kNow = *parse_instant("2026-12-01T00:00:00Z");

constexpr const char* kCurl =
    "pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=source&distro=debian-12";

std::vector<ExceptionStatement> statements() {
    return {
        {"CVE-2026-1",
         "x1",
         "fix_breaks_app",
         "the new one refuses old clients",
         "c1",
         kNow,
         kNow + Days(14),
         {{"h1", "web1", "curl", "7.88.1-10+deb12u5", kCurl},
          {"h2", "web2", "curl", "7.88.1-10+deb12u5", kCurl}},
         true},
        {"GHSA-1",
         "x2",
         "licence",
         "no contract",
         "",
         kNow,
         kNow + Days(90),
         {{"h1", "web1", "a b", "1", "pkg:generic/a%20b@1"}},
         false}};
}

boost::json::value written(VexFormat format) {
    return boost::json::parse(exception_vex(format, statements(), "ops@example.org", kNow));
}

}  // namespace

TEST(ExceptionVex, SaysInOpenVexWhatIsDoneInsteadOfAPatch) {
    const auto document = written(VexFormat::OpenVex);
    const auto& first = document.at("statements").at(0);
    EXPECT_EQ(first.at("status"), "affected");
    EXPECT_EQ(first.at("products").as_array().size(), 2U);
    EXPECT_EQ(first.at("products").at(0).at("subcomponents").at(0).at("@id"), kCurl);
    EXPECT_EQ(
        first.at("action_statement"),
        "Not patched until 2026-12-15 (fix_breaks_app): the new one refuses old clients. Meant "
        "to shield it: c1.");
    EXPECT_EQ(document.at_pointer("/statements/1/status"), "affected");
    EXPECT_EQ(
        document.at_pointer("/statements/1/action_statement"),
        "There is no fix; left as it is until 2027-03-01 (licence): no contract.");
}

TEST(ExceptionVex, NamesInCsafOnlyProductsOfItsTree) {
    const auto document = written(VexFormat::Csaf);
    EXPECT_EQ(document.at("document").at("category"), "csaf_vex");
    std::vector<std::string> known;
    for (const auto& name : document.at("product_tree").at("full_product_names").as_array()) {
        known.emplace_back(name.at("product_id").as_string().c_str());
    }
    EXPECT_EQ(known.size(), 3U);
    for (const auto& one : document.at("vulnerabilities").as_array()) {
        for (const auto& id : one.at("product_status").at("known_affected").as_array()) {
            EXPECT_NE(std::ranges::find(known, id.as_string().c_str()), known.end());
        }
        EXPECT_FALSE(one.at("remediations").as_array().empty());
    }
    EXPECT_EQ(document.at("vulnerabilities").at(1).at("ids").at(0).at("text"), "GHSA-1");
    EXPECT_EQ(
        document.at_pointer(
            "/product_tree/full_product_names/1/product_identification_helper/purl"),
        kCurl);
}

TEST(ExceptionVex, HasInCsafEachVulnerabilityOnce) {
    std::vector<ExceptionStatement> twice = statements();
    twice.push_back(twice.front());
    twice.back().exception = "x3";
    twice.back().controls.clear();
    twice.back().packages = {{"h3", "web3", "curl", "7.88.1-10+deb12u5", kCurl}};

    const auto document =
        boost::json::parse(exception_vex(VexFormat::Csaf, twice, "ops@example.org", kNow));

    ASSERT_EQ(document.at("vulnerabilities").as_array().size(), 2U);
    const auto& item = document.at("vulnerabilities").at(0);
    EXPECT_EQ(item.at("product_status").at("known_affected").as_array().size(), 3U);
    ASSERT_EQ(item.at("remediations").as_array().size(), 2U);
    EXPECT_EQ(item.at("remediations").at(0).at("category"), "mitigation");
    EXPECT_EQ(item.at("remediations").at(1).at("category"), "vendor_fix");
    EXPECT_EQ(document.at_pointer("/vulnerabilities/1/remediations/0/category"), "none_available");
}

TEST(ExceptionVex, RefersInCycloneDxToItsComponents) {
    const auto document = written(VexFormat::CycloneDx);
    const auto& second = document.at("vulnerabilities").at(1);
    EXPECT_EQ(second.at("analysis").at("response").at(0), "can_not_fix");
    EXPECT_EQ(second.at("affects").at(0).at("ref"), "urn:thimble:host:h1:a%20b@1");
    EXPECT_EQ(document.at("components").as_array().size(), 3U);
}

TEST(ExceptionVex, HasOneNameForOneContent) {
    EXPECT_EQ(written(VexFormat::OpenVex), written(VexFormat::OpenVex));
    EXPECT_NE(
        exception_vex(VexFormat::OpenVex, statements(), "a", kNow),
        exception_vex(VexFormat::OpenVex, statements(), "b", kNow));
    EXPECT_EQ(vex_format_named("csaf"), VexFormat::Csaf);
    EXPECT_FALSE(vex_format_named("spdx"));
}

}  // namespace thimble::report
