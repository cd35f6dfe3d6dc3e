#include "thimble/cli/plan_gaps.hpp"

#include "thimble/apply/plan_builder_test.hpp"
#include "thimble/apply/plan_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace thimble::cli {
namespace {

const model::Gap kStale{"assess.index_stale", "the index is old", "apt-get update"};
const model::Gap kNoArchive{"inventory.no_security_archive", "none carries them", "add it"};
const model::Gap kNoIndex{"inventory.no_index", "there is no index of x", "apt-get update"};
const model::Gap kUnread{"inventory.no_changelog", "not read", "scan there"};

TEST(IndexGaps, AreWhatTheChoiceRestsOn) {
    const std::vector<model::Gap> gaps{kUnread, kStale, kNoArchive, kNoIndex};
    model::PackageIndex index;
    index.archives.emplace().emplace_back().origin = "Debian";
    model::PlanPolicy policy;
    using Gaps = std::vector<model::Gap>;

    EXPECT_EQ(index_gaps(gaps, index, policy), (Gaps{kStale, kNoArchive, kNoIndex}));
    policy.origins = {"origin=Debian,component=main"};
    EXPECT_EQ(index_gaps(gaps, index, policy), (Gaps{kStale, kNoIndex}))
        << "whoever names an archive says that it has them; of one without an index nobody can";
    policy.origins = {"origin=Elsewhere"};
    EXPECT_EQ(index_gaps(gaps, index, policy), (Gaps{kStale, kNoArchive, kNoIndex}));
}

TEST(CatalogGaps, AreToldWhereAdvisoriesDecideWhatIsChosen) {
    const model::Gap none{"assess.no_catalog", "there is none", "thimble feeds sync"};
    const model::Gap old{"assess.feed_stale", "osv is old", "thimble feeds sync osv"};
    const std::vector<model::Gap> gaps{kUnread, kStale, none, old};
    using Gaps = std::vector<model::Gap>;
    model::PlanSelection selection;
    const auto told = [&gaps, &selection](bool is_one_of_many) {
        return catalog_gaps(gaps, selection, is_one_of_many);
    };

    selection.security = true;
    EXPECT_EQ(told(false), (Gaps{none, old}));
    EXPECT_EQ(told(true), (Gaps{none, old})) << "nobody else has judged what it lacks";
    selection.packages = {"curl"};
    EXPECT_EQ(told(true), (Gaps{none, old})) << "and every security patch";
    selection.security = false;
    EXPECT_EQ(told(false), Gaps()) << "a package is itself without advisories";
    selection.vulnerabilities = {"CVE-2026-1"};
    EXPECT_EQ(told(false), (Gaps{none, old}));
    EXPECT_EQ(told(true), Gaps()) << "who named it has judged the hosts";
    selection = {};
    selection.all = true;
    EXPECT_EQ(told(false), Gaps());
    selection.security = true;
    EXPECT_EQ(told(false), Gaps());
    selection.advisories = {"DSA-1-1"};
    EXPECT_EQ(told(false), (Gaps{none, old}));
    EXPECT_EQ(told(true), Gaps());
}

TEST(NotKnownGap, SaysWhyAndWhatNext) {
    model::Inventory inventory;
    inventory.packages.emplace_back().type = "deb";
    model::Offer& offer = inventory.offers.emplace_back();
    offer.source_name = "curl";
    offer.security = true;
    const std::vector<std::string> names{"CVE-2026-1", "CVE-2026-2"};

    const model::Gap unread = not_known_gap(names, inventory, {kUnread}, {});
    EXPECT_EQ(
        unread.detail,
        "it is not known whether a patch closes CVE-2026-1, CVE-2026-2: 1 offered patch (curl) "
        "may, as its changelog was not read");
    EXPECT_EQ(unread.next, "scan there");
    EXPECT_EQ(
        not_known_gap(names, inventory, {kUnread, kStale}, {kStale}),
        (model::Gap{
            "cli.not_known",
            "it is not known whether a patch closes CVE-2026-1, CVE-2026-2: the index is old",
            "apt-get update"}));
}

TEST(WithGaps, LeavesThePlanOneThatIsRead) {
    const model::Plan plan = apply::small_plan();

    const std::string answer = with_gaps(apply::format_plan(plan), {kStale});

    EXPECT_TRUE(answer.ends_with(
        R"(,"gaps":[{"code":"assess.index_stale","detail":"the index is old","next":"apt-get update"}]})"))
        << answer;
    const auto read = apply::parse_plan(answer);
    ASSERT_TRUE(read.has_value()) << read.error().text();
    EXPECT_EQ(*read, plan);
    EXPECT_TRUE(with_gaps(apply::format_plan(plan), {}).ends_with(R"(,"gaps":[]})"));
}

}  // namespace
}  // namespace thimble::cli
