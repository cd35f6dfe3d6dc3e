#include "thimble/prioritize/order_of_work.hpp"

#include "thimble/prioritize/exposure.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace thimble::prioritize {
namespace {

using model::FindingStatus;

/// A host and its findings, assembled in words.
struct Scene {
    model::Inventory inventory;
    model::Assessment assessment;
    PriorityPolicy policy;

    Scene() {
        assessment.vulnerabilities.resize(1);
        inventory.listeners_known = true;
    }
    std::uint32_t package(std::string name, std::string source, std::string version) {
        model::InstalledPackage package;
        package.type = "deb";
        package.architecture = "amd64";
        package.name = std::move(name);
        package.version = package.source_version = std::move(version);
        package.source_name = std::move(source);
        inventory.packages.push_back(std::move(package));
        return static_cast<std::uint32_t>(inventory.packages.size() - 1);
    }
    std::uint32_t vulnerability(std::string id) {
        model::VulnerabilityFacts facts;
        facts.id = std::move(id);
        assessment.vulnerabilities.push_back(std::move(facts));
        return static_cast<std::uint32_t>(assessment.vulnerabilities.size() - 1);
    }
    void finding(
        std::uint32_t package,
        std::uint32_t vulnerability,
        FindingStatus status,
        std::string fixed) {
        assessment.findings.push_back(
            {vulnerability, package, status, std::move(fixed), "", "", {}});
    }
    model::Offer& offer(std::uint32_t package, std::string version, bool security) {
        const model::InstalledPackage& installed = inventory.packages[package];
        model::Offer offer;
        offer.name = installed.name;
        offer.architecture = installed.architecture;
        offer.source_name = installed.source_name;
        offer.candidate_version = offer.source_version = std::move(version);
        offer.security = security;
        inventory.offers.push_back(std::move(offer));
        inventory.index.asked = true;
        return inventory.offers.back();
    }
    [[nodiscard]] model::OrderOfWork work() const {
        return order_of_work(
            inventory,
            assessment,
            policy,
            std::vector<Instant>(assessment.findings.size(), *parse_instant("2026-11-01")));
    }
};

TEST(OrderOfWork, SixtyVulnerabilitiesOfOneSourceAreOnePatch) {
    Scene scene;
    const auto library = scene.package("libx1", "x", "1");
    const auto tool = scene.package("x-tools", "x", "1");
    for (int i = 0; i < 60; ++i) {
        const auto id = scene.vulnerability("CVE-2026-" + std::to_string(i));
        scene.finding(library, id, FindingStatus::AffectedFixAvailable, "2");
        scene.finding(tool, id, FindingStatus::AffectedFixAvailable, "2." + std::to_string(i));
    }

    const model::OrderOfWork work = scene.work();

    ASSERT_EQ(work.patches.size(), 1U);
    EXPECT_EQ(work.patches[0].vulnerabilities.size(), 60U);
    EXPECT_EQ(work.patches[0].packages, (std::vector<std::uint32_t>{library, tool}));
    EXPECT_EQ(work.patches[0].to_version, "2.59") << "the version that closes all of them";
}

TEST(OrderOfWork, ExploitedThenPublicExploitThenTheRest) {
    Scene scene;
    const auto quiet = scene.vulnerability("CVE-1");
    scene.assessment.vulnerabilities[quiet].epss = model::EpssScore{999'000, 999'000, {}, ""};
    const auto poc = scene.vulnerability("CVE-2");
    scene.assessment.vulnerabilities[poc].exploits.push_back({"exploitdb", "1"});
    const auto kev = scene.vulnerability("CVE-3");
    scene.assessment.vulnerabilities[kev].kev =
        model::KevEntry{*parse_instant("2026-10-01"), {}, "", false};
    scene.finding(scene.package("a", "a", "1"), quiet, FindingStatus::AffectedFixAvailable, "2");
    scene.finding(scene.package("b", "b", "1"), poc, FindingStatus::AffectedFixAvailable, "2");
    scene.finding(scene.package("c", "c", "1"), kev, FindingStatus::AffectedFixAvailable, "2");

    const model::OrderOfWork work = scene.work();

    ASSERT_EQ(work.patches.size(), 3U);
    EXPECT_EQ(work.patches[0].source, "c");
    EXPECT_EQ(work.patches[1].source, "b");
    EXPECT_EQ(work.patches[2].source, "a");
}

TEST(OrderOfWork, AnOfferThatIsNoSecurityMatterIsOnlyCounted) {
    Scene scene;
    scene.offer(scene.package("a", "a", "1"), "2", false);
    scene.offer(scene.package("b", "b", "1"), "2", true);

    const model::OrderOfWork work = scene.work();

    ASSERT_EQ(work.patches.size(), 1U);
    EXPECT_EQ(work.patches[0].source, "b");
    EXPECT_EQ(work.other_updates, 1U);
}

TEST(OrderOfWork, AHoldBlocksAlsoWhenNobodyAskedForOffers) {
    Scene scene;
    const auto held = scene.package("curl", "curl", "1");
    scene.inventory.packages[held].held = true;
    scene.finding(held, scene.vulnerability("CVE-1"), FindingStatus::AffectedFixAvailable, "2");

    const model::OrderOfWork work = scene.work();

    ASSERT_EQ(work.patches[0].blockers.size(), 1U);
    EXPECT_EQ(work.patches[0].blockers[0].kind, model::BlockerKind::Hold);
}

TEST(OrderOfWork, TheRootBlockerComesFirst) {
    Scene scene;
    model::Offer& offer = scene.offer(scene.package("a", "a", "1"), "2", true);
    offer.blockers = {{model::BlockerKind::NoSpace, ""}, {model::BlockerKind::Hold, "held"}};

    EXPECT_EQ(scene.work().patches[0].blockers[0].kind, model::BlockerKind::Hold);
}

TEST(OrderOfWork, AnOlderRunningKernelIsAPatchThatNeedsAReboot) {
    Scene scene;
    const auto kernel =
        scene.package("linux-image-6.1.0-28-amd64", "linux-signed-amd64", "6.1.119-1");
    scene.finding(
        kernel, scene.vulnerability("CVE-1"), FindingStatus::FixedInstalledNotRunning, "6.1.124-1");

    const model::OrderOfWork work = scene.work();

    ASSERT_EQ(work.patches.size(), 1U);
    EXPECT_EQ(work.patches[0].source, "linux");
    EXPECT_TRUE(work.patches[0].installed);
    EXPECT_EQ(work.patches[0].restart, model::Restart::Reboot);
    EXPECT_EQ(work.patches[0].from_version, "6.1.119-1");
}

TEST(ComesBefore, IsAStrictWeakOrder) {
    EXPECT_TRUE(rc::check([] {
        const auto decision = [] {
            model::Decision made;
            made.kev = *rc::gen::arbitrary<bool>();
            made.exploited_elsewhere = *rc::gen::arbitrary<bool>();
            made.public_poc = *rc::gen::arbitrary<bool>();
            const int days = *rc::gen::inRange(0, 3);
            made.deadline = days == 0 ? std::nullopt : std::optional{Days{days}};
            made.outcome = static_cast<model::SsvcOutcome>(*rc::gen::inRange(0, 4));
            made.epss_millionths = static_cast<std::uint32_t>(*rc::gen::inRange(0, 3));
            return made;
        };
        const model::Decision a = decision();
        const model::Decision b = decision();
        const model::Decision c = decision();
        RC_ASSERT(!comes_before(a, a));
        RC_ASSERT(!(comes_before(a, b) && comes_before(b, a)));
        RC_ASSERT(!(comes_before(a, b) && comes_before(b, c)) || comes_before(a, c));
        RC_ASSERT(!(a.kev && !b.kev) || comes_before(a, b));
    }));
}

TEST(ExposureMap, OnlyThePackageThatOwnsTheSocketIsExposed) {
    Scene scene;
    scene.package("openssh-server", "openssh", "1");
    scene.package("bash", "bash", "1");
    scene.inventory.listeners.push_back({"tcp", "0.0.0.0", 22, false, 1, "sshd", "openssh-server"});

    const ExposureMap map(scene.inventory, OwnerExposure::Unsaid);

    EXPECT_TRUE(map.of("openssh").publicly_exposed);
    EXPECT_EQ(map.of("openssh").system, model::SystemExposure::Open);
    EXPECT_FALSE(map.of("bash").publicly_exposed);
    EXPECT_EQ(map.of("bash").system, model::SystemExposure::Small);
}

TEST(ExposureMap, TheOwnersWordDecidesAndLoopbackIsNotExposed) {
    Scene scene;
    scene.package("openssh-server", "openssh", "1");
    scene.package("db", "db", "1");
    scene.inventory.listeners.push_back({"tcp", "0.0.0.0", 22, false, 1, "sshd", "openssh-server"});
    scene.inventory.listeners.push_back({"tcp", "127.0.0.1", 5432, true, 2, "db", "db"});

    EXPECT_FALSE(
        ExposureMap(scene.inventory, OwnerExposure::Internal).of("openssh").publicly_exposed);
    EXPECT_TRUE(ExposureMap(scene.inventory, OwnerExposure::Dmz).of("openssh").publicly_exposed);
    EXPECT_FALSE(ExposureMap(scene.inventory, OwnerExposure::Public).of("db").publicly_exposed);
}

TEST(ExposureMap, ASocketWhoseOwnerIsHiddenMayBeAnyPackages) {
    Scene scene;
    scene.package("bash", "bash", "1");
    scene.inventory.listeners.push_back({"tcp", "0.0.0.0", 2024, false, 0, "", ""});

    EXPECT_EQ(
        ExposureMap(scene.inventory, OwnerExposure::Unsaid).of("bash").system,
        model::SystemExposure::Controlled);
    EXPECT_EQ(ExposureMap(scene.inventory, OwnerExposure::Unsaid).of("bash").source, "default");
}

TEST(ExposureMap, WithoutSocketsTheAnswerIsMarkedAsAssumed) {
    Scene scene;
    scene.inventory.listeners_known = false;

    EXPECT_EQ(ExposureMap(scene.inventory, OwnerExposure::Unsaid).of("x").source, "default");
    EXPECT_TRUE(ExposureMap(scene.inventory, OwnerExposure::Public).of("x").publicly_exposed);
}

TEST(IsPrivateAddress, KnowsThePrivateRanges) {
    for (const char* address :
         {"10.1.2.3",
          "172.16.0.1",
          "172.31.9.9",
          "192.168.1.1",
          "100.64.0.1",
          "fd00::1",
          "fe80::1"}) {
        EXPECT_TRUE(is_private_address(address)) << address;
    }
    for (const char* address :
         {"0.0.0.0", "::", "172.32.0.1", "8.8.8.8", "100.128.0.1", "2001:db8::1"}) {
        EXPECT_FALSE(is_private_address(address)) << address;
    }
}

model::OrderOfWork unnamed(int count) {
    model::OrderOfWork work;
    for (int i = 0; i < count; ++i) {
        work.patches.emplace_back().source = "p" + std::to_string(i);
    }
    return work;
}

TEST(GapOfUnnamedVulnerabilities, CountsAndNamesThePatches) {
    const auto gap = gap_of_unnamed_vulnerabilities(unnamed(1));
    ASSERT_TRUE(gap);
    EXPECT_TRUE(gap->detail.starts_with("which CVEs 1 patch closes is not known")) << gap->detail;
    EXPECT_TRUE(gap->detail.ends_with("names any: p0")) << gap->detail;

    const auto many = gap_of_unnamed_vulnerabilities(unnamed(7));
    ASSERT_TRUE(many);
    EXPECT_TRUE(many->detail.starts_with("which CVEs 7 patches close is")) << many->detail;
    EXPECT_TRUE(many->detail.ends_with("p0, p1, p2, p3, p4 and 2 more")) << many->detail;
}

TEST(GapOfUnnamedVulnerabilities, LeavesOutWhatAFeedOrAChangelogNames) {
    model::OrderOfWork work = unnamed(2);
    work.patches[0].vulnerabilities = {1};
    work.patches[1].urgency = "high";

    EXPECT_FALSE(gap_of_unnamed_vulnerabilities(work));
}

TEST(OrderOfWork, IsTheSameForWhatADistributionCallsUnimportant) {
    Scene scene;
    const std::uint32_t nginx = scene.package("nginx", "nginx", "1");
    scene.offer(nginx, "2", true);
    scene.finding(
        nginx, scene.vulnerability("CVE-2026-1"), FindingStatus::AffectedFixAvailable, "2");
    scene.assessment.vulnerabilities[1].kev =
        model::KevEntry{*parse_instant("2026-10-01"), {}, "nginx", true};
    scene.finding(nginx, scene.vulnerability("CVE-2026-2"), FindingStatus::AffectedNoFix, "");
    const model::OrderOfWork before = scene.work();

    for (model::Finding& finding : scene.assessment.findings) {
        finding.called_unimportant_by = "Debian";
    }

    const model::OrderOfWork after = scene.work();
    EXPECT_EQ(after.patches, before.patches);
    EXPECT_EQ(after.decisions, before.decisions);
    EXPECT_EQ(after.decision_of_finding, before.decision_of_finding);
    EXPECT_EQ(after.due_of_finding, before.due_of_finding);
}

TEST(OrderOfWork, TheChangelogTellsUrgencyAndNews) {
    Scene scene;
    scene.offer(scene.package("curl", "curl", "1"), "2", true);
    scene.offer(
        scene.package("linux-image-6.1.0-28-amd64", "linux-signed-amd64", "6.1.119-1"),
        "6.1.124-1",
        true);
    scene.inventory.changelogs = {
        {"curl", "1", "2", {}, "high", {"curl: read this"}, "curl.deb"},
        {"linux-signed-amd64", "6.1.119-1", "6.1.124-1", {}, "medium", {}, "linux.deb"}};

    for (const model::Patch& patch : scene.work().patches) {
        const bool kernel = patch.source == "linux";
        EXPECT_EQ(patch.urgency, kernel ? "medium" : "high");
        EXPECT_EQ(patch.news.size(), kernel ? 0U : 1U);
    }
}

TEST(OrderOfWork, NamesTheServicesOfAListeningPackageOnce) {
    Scene scene;
    scene.offer(scene.package("openssh-server", "openssh", "1"), "2", true);
    scene.inventory.listeners = {
        {"tcp", "0.0.0.0", 22, false, 1, "sshd", "openssh-server"},
        {"tcp", "::", 22, false, 1, "sshd", "openssh-server"}};

    const model::OrderOfWork work = scene.work();

    EXPECT_EQ(work.patches.at(0).restart, model::Restart::Services);
    EXPECT_EQ(work.patches.at(0).services, std::vector<std::string>{"sshd"});
}

TEST(OrderOfWork, DoesNotKnowWhatHasToRestartWithoutSockets) {
    Scene scene;
    scene.inventory.listeners_known = false;
    scene.offer(scene.package("tool", "tool", "1"), "2", true);
    scene.offer(scene.package("libx1", "x", "1"), "2", true);

    for (const model::Patch& patch : scene.work().patches) {
        EXPECT_EQ(
            patch.restart,
            patch.source == "x" ? model::Restart::Services : model::Restart::Unknown);
    }
}

TEST(OrderOfWork, WhatTheVendorFixedAndNobodyOffersIsBlocked) {
    Scene scene;
    const auto held = scene.package("curl", "curl", "1");
    const auto second = scene.package("libcurl4", "curl", "1");
    scene.inventory.packages[held].held = scene.inventory.packages[second].held = true;
    for (const auto package : {held, second}) {
        scene.finding(
            package,
            scene.vulnerability("CVE-" + std::to_string(package)),
            FindingStatus::AffectedFixNotInMyRepos,
            "2");
        scene.assessment.findings.back().reason = "not_offered";
    }

    const model::OrderOfWork work = scene.work();

    ASSERT_EQ(work.patches.size(), 1U);
    EXPECT_EQ(work.patches[0].blocked_reason, "not_offered");
    EXPECT_EQ(work.patches[0].blockers.size(), 1U) << "one hold is said once";
    EXPECT_EQ(work.patches[0].to_version, "2");
}

TEST(OrderOfWork, WhatHasNoFixIsNoPatch) {
    Scene scene;
    for (const FindingStatus status :
         {FindingStatus::AffectedNoFix,
          FindingStatus::Fixed,
          FindingStatus::NotAffected,
          FindingStatus::UnderInvestigation,
          FindingStatus::Unknown}) {
        scene.finding(scene.package("p", "p", "1"), scene.vulnerability("CVE-1"), status, "");
    }

    EXPECT_TRUE(scene.work().patches.empty());
}

}  // namespace
}  // namespace thimble::prioritize
