#include "thimble/cli/plan_refusals.hpp"

#include "thimble/cli/aimed_commands.hpp"

#include <gtest/gtest.h>

namespace thimble::cli {
namespace {

using Words = std::vector<std::string>;

model::Inventory with_curl() {
    model::Inventory inventory;
    model::InstalledPackage& package = inventory.packages.emplace_back();
    package.name = "libcurl4";
    package.source_name = "curl";
    package.architecture = "amd64";
    return inventory;
}

std::string words_of(const Words& unknown) {
    const auto known = packages_known(unknown, with_curl());
    EXPECT_EQ(known.error().code, kNothingSelected);
    EXPECT_EQ(known.error().kind, ErrorKind::NotFound);
    return known.error().text();
}

TEST(PackagesKnown, SaysWhichPackageMayBeMeant) {
    EXPECT_EQ(
        words_of({"culr"}),
        "no patch of this host has to do with culr: no such package is installed; nearest is curl: "
        "thimble patch plan --package curl");
    EXPECT_EQ(
        step_in(words_of({"culr", "libcurl4:arm64"})),
        "nearest is curl, libcurl4: thimble patch plan --package curl --package libcurl4");
}

TEST(StepAfterRefusal, RenewsTheCatalogWhereAnAdvisoryIsNotKnown) {
    model::PlanSelection selection;
    selection.advisories = {"DSA-9-9"};
    ScanOptions data;
    const auto step = [&](const char* code, const char* words) {
        return step_after_refusal(failure(ErrorKind::NotFound, code, words), selection, data);
    };

    EXPECT_EQ(
        step(kNothingSelected, "no patch of this host has to do with DSA-9-9"),
        "Is it spelled so? The catalog may be older than the advisory: thimble feeds sync");
    EXPECT_EQ(step(kNothingSelected, "no patch of this host has to do with emacs"), "");
    EXPECT_EQ(step("cli.unknown_exclusion", "DSA-9-9"), "");
    data.catalog = "my.cat";
    EXPECT_TRUE(step("catalog.missing", "there is none").ends_with("--output my.cat"));
}

TEST(PackagesKnown, SaysWhatThereIsWhereNoneIsNear) {
    EXPECT_EQ(
        words_of({"no-such-*"}),
        "no patch of this host has to do with no-such-*: no such package is installed; `thimble "
        "scan` lists the patches that there are");
}

TEST(UnknownPackages, AreTheWordsThatMeanNothingInstalled) {
    model::PlanSelection selection;
    selection.packages = {
        "curl", "nosuch", "libcurl4:amd64", "libcurl4:arm64", "lib*", "x*", "b:["};

    const UnknownPackages unknown = unknown_packages(selection, with_curl());

    EXPECT_EQ(unknown.words, (Words{"nosuch", "libcurl4:arm64", "x*"}));
    EXPECT_EQ(unknown.others.packages, (Words{"curl", "libcurl4:amd64", "lib*", "b:["}))
        << "what is no name is told by others";
    EXPECT_TRUE(unknown.names_others);
}

TEST(UnknownPackages, AreNotAllThatIsNamedWhereVulnerabilitiesAre) {
    model::PlanSelection selection;
    selection.packages = {"nosuch"};
    EXPECT_FALSE(unknown_packages(selection, with_curl()).names_others);
    selection.vulnerabilities = {"CVE-2026-1"};
    EXPECT_TRUE(unknown_packages(selection, with_curl()).names_others);
}

}  // namespace
}  // namespace thimble::cli
