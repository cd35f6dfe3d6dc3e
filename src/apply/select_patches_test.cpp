#include "thimble/apply/select_patches.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace thimble::apply {
namespace {

/// Two security patches (openssl of two packages, and held curl) and one other update.
struct World {
    model::PlanSelection selection;
    model::PlanPolicy policy;
    model::Inventory inventory;
    model::Assessment assessment;
    model::OrderOfWork work;
    std::vector<TakenBack> taken_back;
    std::vector<std::string> undecided;
    bool passes_over_missing = false;
    std::optional<LockHolder> at_work;

    World() {
        assessment.vulnerabilities.resize(3);
        assessment.vulnerabilities[1].id = "CVE-2026-0001";
        assessment.vulnerabilities[2].id = "CVE-2026-0002";
        add("openssl", {"libssl3", "openssl"}, 1, "DSA-1-1");
        add("curl", {"curl"}, 2, "DSA-2-1");
        work.patches[1].blockers.push_back({model::BlockerKind::Hold, "held by apt-mark"});
        offer("vim", "vim");
    }

    void offer(const std::string& name, const std::string& source) {
        model::InstalledPackage package;
        package.type = "deb";
        package.name = name;
        package.version = "1-1";
        package.architecture = "amd64";
        package.source_name = source;
        inventory.packages.push_back(package);
        model::Offer offered;
        offered.name = name;
        offered.architecture = "amd64";
        offered.installed_version = "1-1";
        offered.candidate_version = "1-2";
        offered.source_name = source;
        inventory.offers.push_back(offered);
    }

    void add(
        std::string source,
        const std::vector<std::string>& names,
        std::uint32_t vulnerability,
        std::string record) {
        model::Patch patch;
        patch.source = source;
        patch.from_version = "1-1";
        patch.to_version = "1-2";
        patch.offered = true;
        patch.security = true;
        patch.vulnerabilities = {vulnerability};
        model::Finding finding;
        finding.vulnerability = vulnerability;
        finding.evidence.push_back({"debian", std::move(record), "", std::nullopt});
        patch.findings = {static_cast<std::uint32_t>(assessment.findings.size())};
        assessment.findings.push_back(finding);
        for (const std::string& name : names) {
            patch.packages.push_back(static_cast<std::uint32_t>(inventory.packages.size()));
            offer(name, source);
        }
        work.patches.push_back(patch);
    }

    [[nodiscard]] Result<Chosen> choose() const {
        return select_patches(
            selection,
            policy,
            {inventory, assessment, work, taken_back, undecided, passes_over_missing, at_work});
    }

    [[nodiscard]] std::string names() const {
        const auto chosen = choose();
        if (!chosen) {
            return chosen.error().code;
        }
        std::string text;
        for (const PackageVersion& package : chosen->wanted) {
            text += (text.empty() ? "" : " ") + package.name + "=" + package.version;
        }
        return text;
    }
};

TEST(SelectPatches, TakesSecurityByDefaultAndLeavesTheHeldOneOut) {
    const World world;

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
    ASSERT_EQ(chosen->patches.size(), 1U);
    EXPECT_EQ(chosen->patches[0].vulnerabilities, std::vector<std::string>{"CVE-2026-0001"});
    ASSERT_EQ(chosen->left_out.size(), 1U);
    EXPECT_EQ(chosen->left_out[0].code, "hold");
    EXPECT_EQ(chosen->left_out[0].why, "is kept back: held by apt-mark");
}

TEST(SelectPatches, LeavesAPackageThatIsNotSetUpToThePlan) {
    World world;
    world.work.patches[0].blockers = {
        {model::BlockerKind::PackageManagerInterrupted,
         "perl is unpacked: run `dpkg --configure -a`"}};

    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
}

TEST(SelectPatches, DoesNotTakeForInstalledWhatIsNotSetUp) {
    World world;
    world.work.patches.clear();
    world.inventory.offers.clear();
    world.selection.packages = {"curl"};
    const auto curl =
        std::ranges::find(world.inventory.packages, "curl", &model::InstalledPackage::name);
    curl->state = model::PackageState::Unpacked;

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    ASSERT_EQ(chosen->left_out.size(), 1U);
    EXPECT_EQ(chosen->left_out[0].code, "package_manager_interrupted");
    EXPECT_TRUE(chosen->left_out[0].why.contains("curl 1-1 is not set up")) << "why";
    EXPECT_TRUE(model::is_missing(chosen->left_out[0]));
}

TEST(SelectPatches, NamesWhoWorksWhereThePackageManagerLooksInterrupted) {
    World world;
    world.inventory.package_manager_interrupted = true;
    world.work.patches[0].blockers = {
        {model::BlockerKind::PackageManagerInterrupted, "run `dpkg --configure -a`"}};
    const auto why = [&world] {
        const auto chosen = world.choose();
        return chosen && !chosen->left_out.empty() ? chosen->left_out[0].why : "";
    };

    EXPECT_EQ(
        why(), "waits for what the package manager has left unfinished: run `dpkg --configure -a`");
    world.at_work = LockHolder{.pid = 7, .command = "apt-get", .lock = "/var/lib/dpkg/lock"};
    EXPECT_EQ(
        why(),
        "waits for process 7 (apt-get), which is at work and holds /var/lib/dpkg/lock; plan again "
        "when it has ended, and run `dpkg --configure -a` where patches still wait then")
        << "who holds the lock need not be who was interrupted";
}

/// multi-b is of the source of multi-a, and only that is offered.
World with_a_package_left_behind(const char* name, const char* other) {
    World world;
    world.add("multi", {name}, 1, "DSA-3-1");
    world.offer(other, "multi");
    world.inventory.offers.pop_back();
    model::Finding& of_it = world.assessment.findings.emplace_back();
    of_it.vulnerability = 1;
    of_it.package = static_cast<std::uint32_t>(world.inventory.packages.size() - 1);
    of_it.status = model::FindingStatus::AffectedFixNotInMyRepos;
    world.work.patches.back().vulnerabilities = {1, 2};
    world.selection.packages = {"multi"};
    return world;
}

TEST(SelectPatches, NamesWhatStaysBehindAndDoesNotClaimItsVulnerabilities) {
    World world = with_a_package_left_behind("multi-a", "multi-b");

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(world.names(), "multi-a=1-2");
    ASSERT_EQ(chosen->patches.size(), 1U);
    EXPECT_EQ(chosen->patches[0].vulnerabilities, std::vector<std::string>{"CVE-2026-0002"});
    ASSERT_EQ(chosen->left_out.size(), 1U);
    EXPECT_EQ(chosen->left_out[0].source, "multi-b");
    EXPECT_EQ(
        chosen->left_out[0].why,
        "1-1 stays: of the same source as multi 1-2, and no repository offers a newer one");

    world.selection.vulnerabilities = {"CVE-2026-0001"};
    EXPECT_EQ(world.choose()->named, (std::vector<std::string>{"multi", "multi-b", "openssl"}))
        << "what is left of what was asked for is told by the exit status";

    world.selection.vulnerabilities.clear();
    world.assessment.findings.back().status = model::FindingStatus::NotAffected;
    EXPECT_EQ(world.choose()->patches[0].vulnerabilities.size(), 2U) << "it has another line";
    EXPECT_TRUE(world.choose()->left_out.empty());
}

TEST(SelectPatches, TakesTheNewKernelForTheFixOfTheOneBesideIt) {
    World world = with_a_package_left_behind("linux-image-amd64", "linux-image-6.1.0-1-amd64");
    world.work.patches.back().source = "linux";
    world.selection.packages = {"linux"};

    EXPECT_EQ(world.choose()->patches[0].vulnerabilities.size(), 2U);
    EXPECT_TRUE(world.choose()->left_out.empty());
}

/// Of a kernel's patch, where `beside` is of its source and stays at the version before.
Chosen with_a_package_beside(const std::string& source, const char* kernel, const char* beside) {
    World world = with_a_package_left_behind(kernel, beside);
    world.work.patches.back().source = source;
    world.inventory.packages.back().source_name = source;
    world.selection.packages = {source};
    return world.choose().value();
}

TEST(SelectPatches, LetsModulesAndHeadersStayBesideTheirKernel) {
    for (const char* beside :
         {"kernel",
          "kernel-core",
          "kernel-modules",
          "kernel-modules-core",
          "kernel-modules-extra",
          "kernel-devel",
          "kernel-debug-devel"}) {
        const Chosen chosen = with_a_package_beside("kernel", "kernel-core", beside);
        EXPECT_EQ(chosen.patches[0].vulnerabilities.size(), 2U) << beside;
        EXPECT_TRUE(chosen.left_out.empty()) << beside;
    }
    for (const char* beside :
         {"linux-headers-6.1.0-1-amd64", "linux-headers-6.1.0-1-common", "linux-kbuild-6.1"}) {
        const Chosen chosen = with_a_package_beside("linux", "linux-image-amd64", beside);
        EXPECT_EQ(chosen.patches[0].vulnerabilities.size(), 2U) << beside;
        EXPECT_TRUE(chosen.left_out.empty()) << beside;
    }
    EXPECT_EQ(with_a_package_beside("kernel", "kernel-core", "bpftool").left_out.size(), 1U)
        << "there is one of it";
    EXPECT_EQ(with_a_package_beside("kernel", "kernel-tools", "kernel-modules").left_out.size(), 1U)
        << "no kernel comes";
}

TEST(SelectPatches, TakesWhatIsNamedByVulnerabilityPackageAndAdvisory) {
    World world;
    world.selection.vulnerabilities = {"CVE-2026-0001"};
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
    world.selection.vulnerabilities.clear();
    world.selection.packages = {"libssl3"};
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
    world.selection.packages = {"vim"};
    EXPECT_EQ(world.names(), "vim=1-2");
    world.selection.packages.clear();
    world.selection.advisories = {"DSA-1-1"};
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
}

TEST(SelectPatches, TakesEveryUpdateWhenAllAreAskedFor) {
    World world;
    world.selection.all = true;
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2 vim=1-2");
}

TEST(SelectPatches, SaysAllThatItDoesNotKnow) {
    World world;
    world.selection.packages = {"emacs", "vim"};
    world.selection.advisories = {"DSA-9-9"};

    const auto chosen = world.choose();

    ASSERT_FALSE(chosen.has_value());
    EXPECT_EQ(chosen.error().code, "apply.nothing_selected");
    EXPECT_TRUE(chosen.error().text().contains("has to do with emacs, DSA-9-9; "))
        << chosen.error().text();
    EXPECT_TRUE(chosen.error().text().contains("`thimble explain emacs`")) << chosen.error().text();
}

TEST(SelectPatches, SendsNobodyToAnExplanationOfAnAdvisory) {
    World world;
    world.selection.advisories = {"DSA-9-9"};

    EXPECT_EQ(
        world.choose().error().text(),
        "no patch of this host has to do with DSA-9-9; an advisory goes by the name that its feed "
        "gives it, such as DSA-5477-1");
}

TEST(SelectPatches, SaysHowManyMoreItDoesNotKnow) {
    World world;
    for (int number = 10; number < 100; ++number) {
        world.selection.packages.push_back("none" + std::to_string(number));
    }

    const std::string said = world.choose().error().text();

    EXPECT_TRUE(said.contains("none10, none11, ")) << said;
    EXPECT_TRUE(said.contains(", none19 and 80 more; `thimble explain none10`")) << said;
}

TEST(SelectPatches, PassesOverWhatThisHostDoesNotHaveWhenItIsOneOfMany) {
    World world;
    world.passes_over_missing = true;
    world.selection.packages = {"emacs", "vim"};
    EXPECT_EQ(world.names(), "vim=1-2");
    EXPECT_EQ(world.choose()->passed_over, std::vector<std::string>{"emacs"});
    world.selection.packages = {"emacs"};
    EXPECT_EQ(world.names(), "apply.nothing_selected");
}

TEST(SelectPatches, GoesOnWhereSomethingThatIsNamedIsUpToDate) {
    World world;
    world.offer("bash", "bash");
    world.inventory.offers.pop_back();
    world.selection.packages = {"vim", "bash"};

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value()) << chosen.error().text();
    EXPECT_EQ(world.names(), "vim=1-2");
    EXPECT_EQ(
        chosen->left_out,
        (std::vector<model::LeftOut>{
            {"bash", "nothing_newer", "1-1 is installed, and no repository offers a newer one"}}));
    EXPECT_FALSE(model::is_missing(chosen->left_out.front()));
    EXPECT_EQ(chosen->named, std::vector<std::string>{"vim"}) << "nothing of it is lacking";

    world.selection.packages = {"bash", "emacs"};
    EXPECT_EQ(world.names(), "apply.nothing_selected");
    world.passes_over_missing = true;
    EXPECT_EQ(world.names(), "") << "the host has one of them";
    EXPECT_EQ(world.choose()->passed_over, std::vector<std::string>{"emacs"});
}

/// How far a host is, which has packages of the source "multi": of each the name, the architecture, the version of its source.
std::string installed_of_multi(const std::vector<std::array<const char*, 3>>& packages) {
    World world;
    for (const auto& [name, architecture, version] : packages) {
        world.offer(name, "multi");
        world.inventory.offers.pop_back();
        world.inventory.packages.back().architecture = architecture;
        world.inventory.packages.back().source_version = version;
    }
    world.selection.packages = {"multi"};
    const auto chosen = world.choose();
    return chosen ? chosen->left_out.front().type + " " + chosen->left_out.front().installed
                  : chosen.error().text();
}

TEST(SelectPatches, TellsHowFarAHostIsWithASourceOfWhichNothingNewerIsOffered) {
    EXPECT_EQ(installed_of_multi({{{"libmulti", "amd64", "1-9"}}}), "deb 1-9");
    EXPECT_EQ(
        installed_of_multi({{{"libmulti", "amd64", "1-10"}}, {{"libmulti", "i386", "1-9"}}}),
        "deb 1-9")
        << "a mirror may lack one architecture";
    EXPECT_EQ(
        installed_of_multi({{{"libmulti1", "amd64", "1-9"}}, {{"libmulti2", "amd64", "1-10"}}}),
        "deb 1-10")
        << "what a source has ceased to build stays behind";
    EXPECT_EQ(
        installed_of_multi({{{"multi-core", "amd64", "1-10"}}, {{"multi-core", "amd64", "1-9"}}}),
        "deb 1-10")
        << "kernels are side by side";
    EXPECT_EQ(installed_of_multi({{{"multi", "amd64", ""}}}), " ") << "not told is not known";
}

TEST(SelectPatches, DoesNotTellTheVersionOfAnotherSource) {
    World world;
    world.offer("bash", "bash-defaults");
    world.inventory.offers.pop_back();
    world.inventory.packages.back().source_version = "7";
    world.selection.packages = {"bash"};

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value()) << chosen.error().text();
    EXPECT_EQ(chosen->left_out.front().code, "nothing_newer");
    EXPECT_EQ(chosen->left_out.front().installed, "");
}

TEST(SelectPatches, TakesAKernelByTheSourceThatSignsIt) {
    World world;
    world.add("linux-signed-amd64", {"linux-image-amd64"}, 1, "DSA-4-1");
    world.work.patches.back().source = "linux";
    for (const char* word : {"linux", "linux-signed-amd64"}) {
        world.selection.packages = {word};
        EXPECT_EQ(world.names(), "linux-image-amd64=1-2") << word;
        EXPECT_TRUE(world.choose()->left_out.empty()) << word;
    }
}

TEST(SelectPatches, TakesWhatIsNamedWithItsArchitectureOrByAGlob) {
    World world;
    world.offer("vim-i386", "vim");
    world.inventory.packages.back().name = "vim";
    world.inventory.packages.back().architecture = "i386";
    world.inventory.offers.back().name = "vim";
    world.inventory.offers.back().architecture = "i386";
    const auto wanted = [&world](const char* word) {
        world.selection.packages = {word};
        std::string text;
        const auto chosen = world.choose();
        if (!chosen) {
            return chosen.error().code;
        }
        for (const PackageVersion& one : chosen->wanted) {
            text += one.name + ":" + one.architecture + " ";
        }
        return text;
    };

    EXPECT_EQ(wanted("vim"), "vim:amd64 vim:i386 ");
    EXPECT_EQ(wanted("vim:i386"), "vim:i386 ");
    EXPECT_EQ(wanted("v?m:amd64"), "vim:amd64 ");
    EXPECT_EQ(wanted("libssl*"), "libssl3:amd64 openssl:amd64 ") << "the whole patch";
    EXPECT_EQ(wanted("openssl:amd64"), "libssl3:amd64 openssl:amd64 ");
    EXPECT_EQ(wanted("vim:arm64"), "apply.nothing_selected");
    EXPECT_EQ(wanted("emacs*"), "apply.nothing_selected");
    EXPECT_EQ(wanted("vim:"), "apply.bad_package");
}

TEST(SelectPatches, KeepsApartWhatNobodyCanTell) {
    World world;
    world.undecided = {"CVE-2026-9", "CVE-2026-0001"};
    world.selection.vulnerabilities = {"CVE-2026-9", "CVE-2026-0001"};

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value()) << chosen.error().text();
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
    EXPECT_EQ(chosen->not_known, std::vector<std::string>{"CVE-2026-9"});

    world.selection.vulnerabilities = {"CVE-2026-9"};
    ASSERT_TRUE(world.choose().has_value());
    EXPECT_EQ(world.names(), "") << "it is not called missing";
    world.selection.advisories = {"DSA-9-9"};
    EXPECT_TRUE(world.choose().error().text().contains("has to do with DSA-9-9; "))
        << "that is decided";
}

TEST(SelectPatches, LeavesAWholePatchOutWhenOneOfItsPackagesIsExcluded) {
    World world;
    world.selection.excluded = {"libssl3"};
    EXPECT_EQ(world.names(), "");
}

TEST(SelectPatches, NamesThePackageThatIsExcludedAndTakesNoneOfItsPatch) {
    World world;
    world.selection.excluded = {"openssl-data"};
    world.work.patches[0].packages.push_back(
        static_cast<std::uint32_t>(world.inventory.packages.size()));
    world.offer("openssl-data", "openssl");

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_TRUE(chosen->wanted.empty()) << "nor those before it";
    ASSERT_EQ(chosen->left_out.size(), 2U);
    EXPECT_EQ(
        chosen->left_out[0],
        (model::LeftOut{"openssl", "excluded", "openssl-data is excluded from this plan"}));
}

TEST(SelectPatches, TellsOfEveryUpdateThatIsExcluded) {
    World world;
    world.selection.all = true;
    world.selection.excluded = {"vim"};

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(
        chosen->left_out.back(), (model::LeftOut{"vim", "excluded", "is excluded from this plan"}));
}

TEST(SelectPatches, TellsWhatNobodyOffersInWords) {
    World world;
    world.work.patches[0].offered = false;
    world.work.patches[0].blocked_reason = "not_offered";
    world.work.patches[1].blockers.clear();
    world.work.patches[1].offered = false;
    world.work.patches[1].blocked_reason = "subscription_only";

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_EQ(
        chosen->left_out,
        (std::vector<model::LeftOut>{
            {"openssl", "not_offered", "is offered by no configured repository"},
            {"curl", "subscription_only", "is only for subscribers of the vendor"}}));
}

TEST(SelectPatches, TakesOnlyWhatComesFromAnArchiveThatIsAllowed) {
    World world;
    world.policy.origins = {"label=Debian-Security"};
    model::OfferOrigin security;
    security.label = "Debian-Security";
    model::OfferOrigin other;
    other.origin = "Elsewhere";
    for (model::Offer& offer : world.inventory.offers) {
        offer.origins = {offer.name == "libssl3" ? other : security};
    }

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_TRUE(chosen->wanted.empty()) << "openssl comes as a whole or not at all";
    ASSERT_EQ(chosen->left_out.size(), 2U);
    EXPECT_EQ(
        chosen->left_out[0],
        (model::LeftOut{
            "openssl",
            "origin_not_allowed",
            "libssl3 1-2 comes from Elsewhere, which no --origin allows; to allow it: --origin "
            "'origin=Elsewhere'"}));
    world.policy.origins.emplace_back("origin=Elsewhere");
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
    world.policy.origins = {"nonsense"};
    EXPECT_EQ(world.names(), "apply.bad_origin");
}

TEST(SelectPatches, TellsTheFirstOfSeveralReasons) {
    World world;
    world.policy.origins = {"label=Nobody"};
    const auto first = [&world] {
        return world.choose()->left_out[1].code;
    };
    EXPECT_EQ(first(), "hold");
    world.work.patches[1].blockers = {{model::BlockerKind::Pin, "pinned to priority -1"}};
    EXPECT_EQ(first(), "origin_not_allowed");
    world.selection.excluded = {"curl"};
    EXPECT_EQ(first(), "excluded");
    world.selection.excluded.clear();
    world.policy.origins.clear();
    EXPECT_EQ(world.choose()->left_out[0].code, "pin");
}

TEST(SelectPatches, KnowsWhatOfItWasNamed) {
    World world;
    world.selection.vulnerabilities = {"CVE-2026-0001"};
    world.selection.packages = {"vim"};
    EXPECT_EQ(world.choose()->named, (std::vector<std::string>{"openssl", "vim"}));

    world.selection.vulnerabilities = {"CVE-2026-0002"};
    world.selection.all = true;
    const auto held = world.choose();
    EXPECT_EQ(held->left_out.front().source, "curl");
    EXPECT_EQ(held->named, (std::vector<std::string>{"curl", "vim"}));

    world.selection = {};
    EXPECT_TRUE(world.choose()->named.empty()) << "every security patch, none by its name";
}

TEST(SelectPatches, SaysThatAnUpdateIsExcludedThatIsNamedToo) {
    World world;
    world.selection.packages = {"vim"};
    world.selection.excluded = {"vim"};

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    ASSERT_EQ(chosen->left_out.size(), 1U);
    EXPECT_EQ(chosen->left_out[0].source, "vim");
}

TEST(SelectPatches, LeavesOutWhatWasTakenBack) {
    World world;
    world.taken_back.push_back({"openssl", "1-2", "run-1", {}});

    const auto chosen = world.choose();

    ASSERT_TRUE(chosen.has_value());
    EXPECT_TRUE(chosen->wanted.empty());
    EXPECT_NE(chosen->left_out[0].why.find("run-1"), std::string::npos);
}

TEST(SelectPatches, LetsThePolicyUnblock) {
    World world;
    world.work.patches[1].blockers = {{model::BlockerKind::NeedsRemovals, "removes x"}};
    EXPECT_EQ(world.names(), "libssl3=1-2 openssl=1-2");
    world.policy.allow_removals = true;
    EXPECT_EQ(world.names(), "curl=1-2 libssl3=1-2 openssl=1-2");
}

}  // namespace
}  // namespace thimble::apply
