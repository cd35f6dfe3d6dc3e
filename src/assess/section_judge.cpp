#include "thimble/assess/section_judge.hpp"

#include <algorithm>
#include <utility>

namespace thimble::assess {
namespace {

using model::FindingStatus;

/// Name and version by which the sections know the package.
struct Named {
    std::string_view name;
    Question question;
};

Named named_in(SpeakingSections sections, const Asked& asked) {
    const bool by_source = !asked.source_name.empty()
        && std::ranges::none_of(sections, [&asked](const OpenSection* open) {
               return open->section.find(asked.name).has_value();
           });
    return {
        by_source ? asked.source_name : asked.name,
        {by_source ? asked.source_version : asked.version,
         asked.architecture,
         asked.module_stream}};
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
std::vector<SectionVerdict> verdicts_of(const OpenSection& open, const Named& named) {
    std::vector<SectionVerdict> verdicts;
    if (const auto package = open.section.find(named.name)) {
        judge_each(*package, open.section, named.question, [&](const Verdict& verdict) {
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
    const Named named = named_in(sections, asked);
    if (sections.size() == 1) {  // nothing to merge: the common case, and a hot one
        const OpenSection& open = *sections.front();
        if (const auto package = open.section.find(named.name)) {
            judge_each(*package, open.section, named.question, [&](const Verdict& verdict) {
                take({&open, verdict});
            });
        }
        return;
    }
    std::vector<SectionVerdict> merged;
    for (const OpenSection* open : sections) {
        std::vector<SectionVerdict> verdicts = verdicts_of(*open, named);
        merged = merged.empty() ? std::move(verdicts) : merge(merged, verdicts);
    }
    std::ranges::for_each(merged, take);
}

std::optional<SectionVerdict> judge_about(
    SpeakingSections sections, const Asked& asked, std::string_view vulnerability) {
    const Named named = named_in(sections, asked);
    std::optional<SectionVerdict> said;
    for (const OpenSection* open : sections) {
        const catalog::FactTable& facts = open->section.facts();
        const auto* fact = facts.find(vulnerability);
        const auto package = fact == nullptr ? std::nullopt : open->section.find(named.name);
        if (!package) {
            continue;
        }
        const auto index = static_cast<std::uint32_t>(fact - facts.facts().data());
        if (const auto verdict = judge_fact(*package, open->section, named.question, index)) {
            const SectionVerdict one{open, *verdict};
            said = !said || overrides(*said, one) ? one : *said;
        }
    }
    return said;
}

}  // namespace thimble::assess
