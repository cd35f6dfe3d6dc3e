#include "thimble/prioritize/alternatives.hpp"

#include <array>

namespace thimble::prioritize {
namespace {

using model::SystemExposure;
using model::VulnerabilityFacts;

/// What one alternative starts from.
struct Situation {
    VulnerabilityFacts facts;
    Exposure exposure;
    PriorityPolicy policy;
};

model::SsvcPoints& points(VulnerabilityFacts& facts) {
    return facts.ssvc ? *facts.ssvc : facts.ssvc.emplace();
}

struct Change {
    std::string_view words;
    void (*apply)(Situation&);
};

constexpr std::array kChanges{
    Change{
        "if it were added to KEV",
        [](Situation& at) {
            at.facts.kev.emplace();
        }},
    Change{
        "if a public exploit appeared",
        [](Situation& at) {
            at.facts.exploits.push_back({"assumed", ""});
        }},
    Change{
        "if CISA called it automatable",
        [](Situation& at) {
            points(at.facts).automatable = model::Automatable::Yes;
        }},
    Change{
        "if CISA called it not automatable",
        [](Situation& at) {
            points(at.facts).automatable = model::Automatable::No;
        }},
    Change{
        "if CISA called its impact partial",
        [](Situation& at) {
            points(at.facts).impact = model::TechnicalImpact::Partial;
        }},
    Change{
        "if CISA called its impact total",
        [](Situation& at) {
            points(at.facts).impact = model::TechnicalImpact::Total;
        }},
    Change{
        "if it were reachable from the internet",
        [](Situation& at) {
            at.exposure = {SystemExposure::Open, true, "assumed", ""};
        }},
    Change{
        "if nothing but this host could reach it",
        [](Situation& at) {
            at.exposure = {SystemExposure::Small, false, "assumed", ""};
        }},
    Change{
        "if the human impact were very high",
        [](Situation& at) {
            at.policy.human_impact = model::HumanImpact::VeryHigh;
        }},
};

}  // namespace

std::vector<Alternative> alternatives(
    const VulnerabilityFacts& facts,
    const Exposure& exposure,
    const PriorityPolicy& policy,
    bool fix_available) {
    const model::Decision today = decide(facts, exposure, policy, fix_available);
    std::vector<Alternative> found;
    for (const Change& change : kChanges) {
        Situation situation{facts, exposure, policy};
        change.apply(situation);
        model::Decision decision =
            decide(situation.facts, situation.exposure, situation.policy, fix_available);
        if (decision.outcome != today.outcome || decision.deadline != today.deadline) {
            found.push_back({change.words, std::move(decision)});
        }
    }
    return found;
}

}  // namespace thimble::prioritize
