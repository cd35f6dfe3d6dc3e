#include "thimble/assess/section_judge.hpp"

#include "thimble/catalog/advisory_builder_test.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace thimble::assess {
namespace {

using catalog::ACatalog;
using catalog::AnAdvisory;

const std::string kStandard = "Ubuntu:22.04:LTS";
const std::string kSubscription = "Ubuntu:Pro:22.04:LTS";

/// curl: one that only each knows, one without a fix in the first, one fixed in both.
ACatalog jammy() {
    return ACatalog(
        {AnAdvisory("R-1").about({"CVE-2026-1"}).affects(kStandard, "curl", "0", "2"),
         AnAdvisory("R-2").about({"CVE-2026-2"}).affects(kSubscription, "curl", "0", "2"),
         AnAdvisory("R-3").about({"CVE-2026-3"}).affects(kStandard, "curl", "0", ""),
         AnAdvisory("R-4").about({"CVE-2026-3"}).affects(kSubscription, "curl", "0", "3"),
         AnAdvisory("R-5").about({"CVE-2026-4"}).affects(kStandard, "curl", "0", "2"),
         AnAdvisory("R-6").about({"CVE-2026-4"}).affects(kSubscription, "curl", "0", "4")});
}

class Sections {
public:
    explicit Sections(const catalog::Catalog& catalog) {
        for (const SectionName& name : sections_of({"ubuntu", "22.04", "jammy", "", {}})) {
            if (const auto section = *catalog.section(name.key)) {
                open_.push_back({*section, name.channel, name.key, 0});
                speaking_.push_back(&open_.back());
            }
        }
    }
    [[nodiscard]] SpeakingSections speaking() const { return speaking_; }

private:
    std::deque<OpenSection> open_;
    std::vector<const OpenSection*> speaking_;
};

Asked asked(std::string_view name, std::string_view version) {
    return {name, version, {}, {}, {}, {}};
}

std::string words(const SectionVerdict& said) {
    return said.section->key + " " + std::string(model::finding_status_name(said.verdict.status))
        + " " + std::string(said.verdict.fixed_version);
}

}  // namespace

TEST(JudgeIn, TheSubscriptionSpeaksWhereItKnowsAFixThatTheOthersDoNot) {
    const ACatalog catalog = jammy();
    const Sections sections(*catalog);
    std::vector<std::string> said;

    judge_in(sections.speaking(), asked("curl", "1"), [&said](const SectionVerdict& one) {
        said.push_back(words(one));
    });

    EXPECT_EQ(
        said,
        (std::vector<std::string>{
            kStandard + " affected_fix_available 2",
            kSubscription + " affected_fix_available 2",
            kSubscription + " affected_fix_available 3",
            kStandard + " affected_fix_available 2"}));
}

TEST(JudgeAbout, IsTheOneVerdictOfAll) {
    const ACatalog catalog = jammy();
    const Sections sections(*catalog);
    for (const std::string_view version : {"1", "2", "3", "5"}) {
        const Asked question = asked("curl", version);
        std::map<std::string, std::string> all;
        judge_in(sections.speaking(), question, [&all](const SectionVerdict& one) {
            const auto& facts = one.section->section.facts();
            all[std::string(facts.id(*one.section->section.fact(one.verdict.fact)))] = words(one);
        });
        ASSERT_EQ(all.size(), 4U);
        for (const auto& [id, expected] : all) {
            const auto said = judge_about(sections.speaking(), question, id);

            ASSERT_TRUE(said) << id;
            EXPECT_EQ(words(*said), expected) << id << " in " << version;
        }
        EXPECT_FALSE(judge_about(sections.speaking(), question, "CVE-2026-9"));
    }
}

TEST(JudgeIn, ASourceIsAskedForWhereNoSectionNamesTheBinary) {
    const ACatalog catalog = jammy();
    const Sections sections(*catalog);
    Asked binary = asked("libcurl", "9");
    binary.source_name = "curl";
    binary.source_version = "1";
    Asked named = asked("curl", "1");
    named.source_name = "other";
    named.source_version = "9";

    const auto by_source = judge_about(sections.speaking(), binary, "CVE-2026-1");
    const auto by_name = judge_about(sections.speaking(), named, "CVE-2026-1");

    ASSERT_TRUE(by_source);
    ASSERT_TRUE(by_name);
    EXPECT_EQ(words(*by_source), kStandard + " affected_fix_available 2");
    EXPECT_EQ(words(*by_name), words(*by_source));
    EXPECT_FALSE(judge_about(sections.speaking(), asked("libcurl", "1"), "CVE-2026-1"));
}

}  // namespace thimble::assess
