#include "thimble/assess/section_judge.hpp"

#include <algorithm>
#include <utility>

namespace thimble::assess {
namespace {

using model::FindingStatus;

/// Whether no section knows the package by its name, so that its source is asked for.
bool is_by_source(SpeakingSections sections, std::string_view name, std::string_view source_name) {
    return !source_name.empty() && std::ranges::none_of(sections, [name](const OpenSection* open) {
        return open->section.find(name).has_value();
    });
}

Question question_of(const Asked& asked, bool by_source) {
    return {
        by_source ? asked.source_version : asked.version, asked.architecture, asked.module_stream};
}

/// Of two sections the subscription's knows the later fixes.
bool overrides(const SectionVerdict& earlier, const SectionVerdict& later) {
    return later.section->channel == Channel::Subscription
        && earlier.verdict.status == FindingStatus::AffectedNoFix
        && (later.verdict.status == FindingStatus::Fixed
            || later.verdict.status == FindingStatus::AffectedFixAvailable);
}

std::string_view id_of(const SectionVerdict& one) {
    const auto* fact = one.section->section.fact(one.verdict.fact);
    return fact == nullptr ? std::string_view{} : one.section->section.facts().id(*fact);
}

/// The verdicts of one section, by vulnerability id: its facts are sorted so.
std::vector<SectionVerdict> verdicts_of(
    const OpenSection& open, std::string_view name, const Question& question) {
    std::vector<SectionVerdict> verdicts;
    if (const auto package = open.section.find(name)) {
        judge_each(*package, open.section, question, [&](const Verdict& verdict) {
            if (open.section.fact(verdict.fact) != nullptr) {
                verdicts.push_back({&open, verdict});
            }
        });
    }
    return verdicts;
}

/// Both by vulnerability id.
std::vector<SectionVerdict> merge(
    const std::vector<SectionVerdict>& earlier, const std::vector<SectionVerdict>& later) {
    std::vector<SectionVerdict> merged;
    merged.reserve(earlier.size() + later.size());
    auto at = later.begin();
    for (const SectionVerdict& one : earlier) {
        const std::string_view id = id_of(one);
        for (; at != later.end() && id_of(*at) < id; ++at) {
            merged.push_back(*at);
        }
        const bool both = at != later.end() && id_of(*at) == id;
        merged.push_back(both && overrides(one, *at) ? *at : one);
        at += both ? 1 : 0;
    }
    merged.insert(merged.end(), at, later.end());
    return merged;
}

}  // namespace

void judge_in(
    SpeakingSections sections,
    const Asked& asked,
    const std::function<void(const SectionVerdict&)>& take) {
    const bool by_source = is_by_source(sections, asked.name, asked.source_name);
    const std::string_view name = by_source ? asked.source_name : asked.name;
    const Question question = question_of(asked, by_source);
    if (sections.size() == 1) {  // nothing to merge: the common case, and a hot one
        const OpenSection& open = *sections.front();
        if (const auto package = open.section.find(name)) {
            judge_each(*package, open.section, question, [&](const Verdict& verdict) {
                take({&open, verdict});
            });
        }
        return;
    }
    std::vector<SectionVerdict> merged;
    for (const OpenSection* open : sections) {
        std::vector<SectionVerdict> verdicts = verdicts_of(*open, name, question);
        merged = merged.empty() ? std::move(verdicts) : merge(merged, verdicts);
    }
    std::ranges::for_each(merged, take);
}

VulnerabilityJudge::VulnerabilityJudge(
    SpeakingSections sections,
    std::string_view name,
    std::string_view source_name,
    std::string_view vulnerability)
    : by_source_(is_by_source(sections, name, source_name)) {
    for (const OpenSection* open : sections) {
        const catalog::FactTable& facts = open->section.facts();
        const auto* fact = facts.find(vulnerability);
        const auto package =
            fact == nullptr ? std::nullopt : open->section.find(by_source_ ? source_name : name);
        if (package) {
            const auto index = static_cast<std::uint32_t>(fact - facts.facts().data());
            places_.push_back({open, *package, index});
        }
    }
}

std::optional<SectionVerdict> VulnerabilityJudge::of(const Asked& asked) const {
    const Question question = question_of(asked, by_source_);
    std::optional<SectionVerdict> said;
    for (const Place& place : places_) {
        if (const auto verdict =
                judge_fact(place.package, place.section->section, question, place.fact)) {
            const SectionVerdict one{place.section, *verdict};
            said = !said || overrides(*said, one) ? one : *said;
        }
    }
    return said;
}

std::optional<SectionVerdict> judge_about(
    SpeakingSections sections, const Asked& asked, std::string_view vulnerability) {
    return VulnerabilityJudge(sections, asked.name, asked.source_name, vulnerability).of(asked);
}

}  // namespace thimble::assess
