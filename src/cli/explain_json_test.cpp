#include "thimble/cli/explain_json.hpp"

#include "thimble/cli/exit_status.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::cli {
namespace {

/// curl, which CVE-2026-1 affects, and whose patch closes it.
Scan a_scan() {
    Scan scan;
    scan.inventory.host = "web1";
    scan.inventory.os.id = "debian";
    model::InstalledPackage& package = scan.inventory.packages.emplace_back();
    package.type = "deb";
    package.name = package.source_name = "curl";
    package.version = package.source_version = "7-1";
    scan.assessment.vulnerabilities.resize(2);
    model::VulnerabilityFacts& facts = scan.assessment.vulnerabilities[1];
    facts.id = "CVE-2026-1";
    facts.kev = model::KevEntry{.added = *parse_instant("2026-10-01"), .due = {}, .name = {}};
    model::Finding& finding = scan.assessment.findings.emplace_back();
    finding.vulnerability = 1;
    finding.status = model::FindingStatus::AffectedFixAvailable;
    finding.fixed_version = "7-2";
    scan.work.decisions.emplace_back();
    scan.work.decision_of_finding = {0};
    scan.work.due_of_finding.emplace_back();
    model::Patch& patch = scan.work.patches.emplace_back();
    patch.source = "curl";
    patch.to_version = "7-2";
    patch.packages = {0};
    patch.findings = {0};
    patch.vulnerabilities = {1};
    patch.offered = true;
    return scan;
}

std::string document_of(const Scan& scan, const std::string& subject) {
    return explain_json(scan, {}, explained(scan, subject));
}

TEST(ExplainJson, HasPatchFindingAndFactsOfWhatIsAskedAbout) {
    const Scan scan = a_scan();
    for (const char* subject : {"CVE-2026-1", "curl"}) {
        const std::string text = document_of(scan, subject);
        for (const char* part :
             {R"({"format":"thimble.explain/1","subject":")",
              R"("vulnerabilities":[{"id":"CVE-2026-1","cvss":null,"kev":{"added":"2026-10-01",)",
              R"("patches":[{"patch":{"rank":1,"source":"curl",)",
              R"("vulnerabilities_known":true,"install":"apt-get install --only-upgrade curl"})",
              R"("findings":[{"finding":{"vulnerability":"CVE-2026-1","package":{"name":"curl",)",
              R"("records":null,"alternatives":[)",
              R"("next":"Update curl to 7-2 or later"}],"gaps":[]})"}) {
            EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
        }
        EXPECT_EQ(explained_status(scan, explained(scan, subject)), kSomethingDue);
    }
}

TEST(ExplainJson, TellsThatNobodyKnowsWhatAPatchCloses) {
    Scan scan = a_scan();
    scan.assessment.findings.clear();
    scan.work.patches[0].vulnerabilities.clear();
    scan.work.patches[0].findings.clear();

    EXPECT_TRUE(document_of(scan, "curl").contains(R"("vulnerabilities_known":false,)"));
    model::Offer& offer = scan.inventory.offers.emplace_back();
    offer.source_name = "curl";
    offer.security = true;
    const std::string text = document_of(scan, "CVE-2026-2");
    EXPECT_TRUE(text.contains(R"("patches":[],"findings":[],"gaps":[{"code":"cli.not_known",)"))
        << text;
    EXPECT_EQ(explained_status(scan, explained(scan, "CVE-2026-2")), kCouldNotTell);
}

TEST(Explained, KnowsNothingOfWhatNobodyNames) {
    const Scan scan = a_scan();

    EXPECT_FALSE(is_known(explained(scan, "no-such-package")));
    EXPECT_TRUE(explained(scan, "CVE-2026-1").is_vulnerability);
    EXPECT_EQ(explained(scan, "curl").patches, std::vector<std::size_t>{0});
}

}  // namespace
}  // namespace thimble::cli
