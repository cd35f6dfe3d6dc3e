#include "thimble/cli/explain_json.hpp"

#include "thimble/catalog/advisory_builder_test.hpp"
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
        for (
            const char* part :
            {R"({"format":"thimble.explain/1","subject":")",
             R"("vulnerabilities":[{"id":"CVE-2026-1","cvss":null,"kev":{"added":"2026-10-01",)",
             R"("patches":[{"patch":{"rank":1,"source":"curl",)",
             R"("vulnerabilities_known":true,"lift":[],"install":"thimble patch plan --package curl"})",
             R"("findings":[{"finding":{"vulnerability":"CVE-2026-1","package":{"name":"curl",)",
             R"("records":null,"alternatives":[)",
             R"("next":"Update curl to 7-2 or later"}],"gaps":[]})"}) {
            EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
        }
        EXPECT_EQ(explained_status(scan, explained(scan, subject)), kSomethingDue);
    }
}

TEST(ExplainJson, NamesWhoCallsItUnimportantAndWhichRecordDoes) {
    const catalog::ACatalog catalog(
        {catalog::AnAdvisory("DEBIAN-CVE-2026-1")
             .by(model::Authority::Tracker)
             .about({"CVE-2026-1"})
             .affects("Debian:12", "curl", "0", "")
             .calls_unimportant(),
         catalog::AnAdvisory("DSA-1")
             .by(model::Authority::Erratum)
             .about({"CVE-2026-1"})
             .affects("Debian:12", "curl", "0", "7-2")});
    const catalog::AlignedBytes bytes(catalog.text());
    Scan scan = a_scan();
    scan.catalog = *catalog::Catalog::over(bytes.bytes());
    scan.inventory.os.version_id = "12";
    scan.assessment.findings[0].called_unimportant_by = "Debian";

    const std::string text = document_of(scan, "curl");

    for (const char* part :
         {R"("fixed_version":"7-2","called_unimportant_by":"Debian",)",
          R"("claim":"affected below 7-2","standing":"decides","unimportant":false})",
          R"("standing":"superseded by a stronger voice","unimportant":true})"}) {
        EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
    }
}

TEST(Explained, FindsThePatchOfAPackageWithoutAFindingByItsSource) {
    Scan scan = a_scan();
    model::InstalledPackage& library = scan.inventory.packages.emplace_back();
    library.name = "libcurl4";
    library.source_name = "curl";

    const Explained found = explained(scan, "libcurl4");

    EXPECT_EQ(found.patches, std::vector<std::size_t>{0});
    EXPECT_EQ(explained_status(scan, found), kSomethingDue);
}

TEST(ExplainedStatus, IsThatNothingIsDueOfWhatIsFixedWhateverElseAPatchCloses) {
    Scan scan = a_scan();
    scan.assessment.findings[0].status = model::FindingStatus::Fixed;
    scan.work.patches[0].vulnerabilities.clear();

    EXPECT_EQ(explained_status(scan, explained(scan, "CVE-2026-1")), kNothingDue);
    EXPECT_EQ(explained_status(scan, explained(scan, "curl")), kSomethingDue);
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
    EXPECT_TRUE(text.contains(
        R"("patches":[],"updates":[],"findings":[],"gaps":[{"code":"cli.not_known",)"))
        << text;
    EXPECT_EQ(explained_status(scan, explained(scan, "CVE-2026-2")), kCouldNotTell);
}

TEST(ExplainJson, NamesWhatKeepsBackAnUpdateThatIsNoSecurityMatter) {
    Scan scan = a_scan();
    scan.assessment.findings.clear();
    scan.work.patches.clear();
    model::Offer& offer = scan.inventory.offers.emplace_back();
    offer.name = offer.source_name = "curl";
    offer.installed_version = "7-1";
    offer.source_version = "7-1";
    offer.candidate_version = "7-1+b1";
    offer.blockers = {{model::BlockerKind::TakenBack, "run r1 took it back"}};

    const std::string text = document_of(scan, "curl");

    const char* const update =
        R"("patches":[],"updates":[{"source":"curl","from":"7-1","to":"7-1+b1",)"
        R"("blockers":[{"kind":"taken_back","detail":"run r1 took it back"}],)"
        R"("lift":["thimble patch unblock r1 --reason TEXT"],"install":)";
    EXPECT_TRUE(text.contains(update)) << text;
    EXPECT_TRUE(document_of(scan, "vim").contains(R"("updates":[],)"));

    scan.inventory.offers.front().security = true;
    EXPECT_TRUE(document_of(scan, "curl").contains(R"("updates":[],)"))
        << "the order of work has it";
}

TEST(Explained, KnowsNothingOfWhatNobodyNames) {
    Scan scan = a_scan();
    const catalog::AlignedBytes empty(catalog::ACatalog({}).text());
    scan.catalog = *catalog::Catalog::over(empty.bytes());

    EXPECT_FALSE(is_known(explained(scan, "no-such-package")));
    EXPECT_FALSE(is_known(explained(scan, "CVE-2099-1234")));
    EXPECT_TRUE(explained(scan, "CVE-2026-1").is_vulnerability);
    EXPECT_EQ(explained(scan, "curl").patches, std::vector<std::size_t>{0});
}

TEST(Explained, CannotTellWithoutACatalog) {
    Scan scan = a_scan();
    scan.assessment.findings.clear();
    scan.work.patches.clear();
    const auto why = [&scan](const char* subject) {
        const Explained found = explained(scan, subject);
        EXPECT_TRUE(is_known(found)) << subject;
        EXPECT_EQ(explained_status(scan, found), kCouldNotTell) << subject;
        return found.not_known ? found.not_known->detail + "; " + found.not_known->next : "";
    };

    EXPECT_EQ(
        why("CVE-2099-1234"),
        "it is not known whether CVE-2099-1234 concerns this host: there is no catalog of "
        "advisories to ask; thimble feeds sync");
    EXPECT_EQ(
        why("emacs"),
        "it is not known whether emacs is a vulnerability: no such package is installed, and there "
        "is no catalog of advisories to ask; thimble feeds sync");
    EXPECT_EQ(
        why("curl"),
        "it is not known whether curl, which is installed, has a vulnerability: there is no "
        "catalog of advisories to ask; thimble feeds sync");
    const catalog::AlignedBytes empty(catalog::ACatalog({}).text());
    scan.catalog = *catalog::Catalog::over(empty.bytes());
    EXPECT_EQ(explained_status(scan, explained(scan, "curl")), kNothingDue);
}

TEST(ExplainedStatus, IsThatNobodyCanTellWhereFindingsAreUnknown) {
    Scan scan = a_scan();
    scan.work.patches.clear();
    const auto status_for = [&scan](model::FindingStatus status) {
        scan.assessment.findings.front().status = status;
        return explained_status(scan, explained(scan, "curl"));
    };

    EXPECT_EQ(status_for(model::FindingStatus::Unknown), kCouldNotTell);
    EXPECT_EQ(status_for(model::FindingStatus::UnderInvestigation), kSomethingDue);
    EXPECT_EQ(status_for(model::FindingStatus::AffectedNoFix), kSomethingDue);
    EXPECT_EQ(status_for(model::FindingStatus::Fixed), kNothingDue);
    scan.assessment.findings.push_back(scan.assessment.findings.front());
    scan.work.decision_of_finding.push_back(0);
    scan.work.due_of_finding.emplace_back();
    EXPECT_EQ(status_for(model::FindingStatus::Unknown), kCouldNotTell) << "and one is fixed";
}

}  // namespace
}  // namespace thimble::cli
