#include "thimble/model/vendor_statement.hpp"

#include <gtest/gtest.h>

namespace thimble::model {

TEST(VendorDocument, IsReadFromOpenVex) {
    const auto read = parse_vendor_document(R"({"@context":"https://openvex.dev/ns/v0.2.0",
        "author":"ACME","statements":[
        {"vulnerability":{"name":"CVE-2026-1"},"products":[{"@id":"pkg:deb/debian/curl"}],
         "status":"not_affected","justification":"vulnerable_code_not_present"},
        {"vulnerability":"CVE-2026-2","status":"affected","action_statement":"Wait."}]})");
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(
        sentence_of(*read, read->statements[0]),
        "OpenVEX of ACME: CVE-2026-1 not_affected (vulnerable_code_not_present)");
    EXPECT_EQ(
        sentence_of(*read, read->statements[1]), "OpenVEX of ACME: CVE-2026-2 affected: Wait.");
}

TEST(VendorDocument, IsReadFromCsaf) {
    const auto read = parse_vendor_document(R"({"document":{"category":"csaf_vex",
        "publisher":{"name":"ACME"}},"vulnerabilities":[{"cve":"CVE-2026-1",
        "flags":[{"label":"component_not_present","product_ids":["a"]}],
        "product_status":{"known_not_affected":["a"],"known_affected":["b"]},
        "remediations":[{"category":"no_fix_planned","details":"None."}]}]})");
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->statements.size(), 2U);
    EXPECT_EQ(read->statements[0], (VendorStatement{"CVE-2026-1", "affected", "", "None."}));
    EXPECT_EQ(
        read->statements[1],
        (VendorStatement{"CVE-2026-1", "not_affected", "component_not_present", ""}));
}

TEST(VendorDocument, IsReadFromCycloneDx) {
    const auto read = parse_vendor_document(R"({"bomFormat":"CycloneDX","specVersion":"1.6",
        "metadata":{"supplier":{"name":"ACME"}},"vulnerabilities":[{"id":"CVE-2026-3"},
        {"id":"CVE-2026-1","analysis":{"state":"in_triage","detail":"We look."}}]})");
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->statements.size(), 1U);
    EXPECT_EQ(
        sentence_of(*read, read->statements[0]),
        "CycloneDX of ACME: CVE-2026-1 under_investigation: We look.");
}

TEST(VendorDocument, IsRefusedWhenItSaysNothing) {
    for (const char* bad :
         {"",
          "[]",
          "{}",
          R"({"@context":"https://openvex.dev/ns/v0.2.0","statements":[]})",
          R"({"@context":"https://openvex.dev/ns/v0.2.0","statements":[{"vulnerability":"C"}]})",
          R"({"bomFormat":"CycloneDX","vulnerabilities":[{"id":"C","analysis":{"state":"odd"}}]})",
          R"({"document":{"category":"csaf_security_advisory"},"vulnerabilities":[]})"}) {
        const auto read = parse_vendor_document(bad);
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().code, "model.bad_vex");
    }
    EXPECT_FALSE(parse_vendor_document(std::string(kMaxVendorDocumentBytes + 1, ' ')));
}

}  // namespace thimble::model
