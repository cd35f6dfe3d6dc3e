#include "thimble/prioritize/decide.hpp"

#include "thimble/prioritize/decision_tables.hpp"

#include <algorithm>
#include <array>

namespace thimble::prioritize {
namespace {

using model::Automatable;
using model::Decision;
using model::DecisionInput;
using model::Exploitation;
using model::TechnicalImpact;
using model::VulnerabilityFacts;

constexpr std::string_view kVulnrichment = "vulnrichment";
constexpr std::string_view kDefault = "default";

std::string yes_no(bool value) {
    return value ? "yes" : "no";
}

std::string_view exploitation_name(Exploitation exploitation) {
    switch (exploitation) {
        case Exploitation::None: return "none";
        case Exploitation::PublicPoc: return "public poc";
        case Exploitation::Active: return "active";
    }
    return "active";
}

/// The sources of exploit evidence as static text, so that inputs stay cheap.
std::string_view exploit_source(const VulnerabilityFacts& facts) {
    static constexpr std::array<std::string_view, 3> kSources{"metasploit", "exploitdb", "nuclei"};
    for (const std::string_view source : kSources) {
        const bool named = std::any_of(
            facts.exploits.begin(), facts.exploits.end(), [source](const auto& exploit) {
                return exploit.source == source;
            });
        if (named) {
            return source;
        }
    }
    return "exploit evidence";
}

/// Gathers what the tables ask, with source and date of each.
class Inputs {
public:
    explicit Inputs(const VulnerabilityFacts& facts) : facts_(facts) {
        constexpr std::size_t kInputs = 8;
        list_.reserve(kInputs);
        if (facts.ssvc) {
            ssvc_date_ = facts.ssvc->timestamp;
        }
    }

    bool kev(bool feed_known) {
        if (facts_.kev) {
            list_.push_back({"kev", "yes", "kev", facts_.kev->added});
        } else {
            list_.push_back({"kev", "no", feed_known ? "kev" : kDefault, std::nullopt});
        }
        return facts_.kev.has_value();
    }

    Exploitation exploitation() {
        Exploitation value = Exploitation::None;
        std::string_view source = kDefault;
        std::optional<Instant> as_of;
        if (facts_.ssvc && facts_.ssvc->exploitation) {
            value = *facts_.ssvc->exploitation;
            source = kVulnrichment;
            as_of = ssvc_date_;
        }
        if (!facts_.exploits.empty() && value == Exploitation::None) {
            value = Exploitation::PublicPoc;
            source = exploit_source(facts_);
            as_of.reset();
        }
        if (facts_.kev) {
            value = Exploitation::Active;
            source = "kev";
            as_of = facts_.kev->added;
        }
        list_.push_back({"exploitation", std::string(exploitation_name(value)), source, as_of});
        return value;
    }

    Automatable automatable() {
        const std::optional<Automatable> said =
            facts_.ssvc ? facts_.ssvc->automatable : std::nullopt;
        const bool given = said.has_value();
        const Automatable value = said.value_or(Automatable::No);
        list_.push_back(
            {"automatable",
             yes_no(value == Automatable::Yes),
             given ? kVulnrichment : kDefault,
             given ? ssvc_date_ : std::nullopt});
        return value;
    }

    TechnicalImpact impact() {
        const std::optional<TechnicalImpact> said =
            facts_.ssvc ? facts_.ssvc->impact : std::nullopt;
        const bool given = said.has_value();
        const TechnicalImpact value = said.value_or(TechnicalImpact::Total);
        list_.push_back(
            {"technical_impact",
             value == TechnicalImpact::Total ? "total" : "partial",
             given ? kVulnrichment : kDefault,
             given ? ssvc_date_ : std::nullopt});
        return value;
    }

    void exposure(const Exposure& exposure) {
        list_.push_back(
            {"publicly_exposed", yes_no(exposure.publicly_exposed), exposure.source, std::nullopt});
        list_.push_back(
            {"system_exposure",
             std::string(system_exposure_name(exposure.system)),
             exposure.source,
             std::nullopt});
    }

    void human_impact(const PriorityPolicy& policy) {
        list_.push_back(
            {"human_impact",
             std::string(human_impact_name(policy.human_impact)),
             policy.human_impact_said ? "owner" : kDefault,
             std::nullopt});
    }

    std::uint32_t epss() {
        if (!facts_.epss) {
            list_.push_back({"epss", "none", kDefault, std::nullopt});
            return 0;
        }
        const std::uint32_t score = facts_.epss->score_millionths;
        const std::string digits = std::to_string(1'000'000 + score).substr(1, 5);
        list_.push_back(
            {"epss", (score >= 1'000'000 ? "1." : "0.") + digits, "epss", facts_.epss->scored});
        return score;
    }

    std::vector<DecisionInput> take() { return std::move(list_); }

private:
    const VulnerabilityFacts& facts_;
    std::optional<Instant> ssvc_date_;
    std::vector<DecisionInput> list_;
};

/// Keeps the earlier of the two.
void offer(model::DueDate& due, Instant candidate, std::string rule) {
    if (!due.due || candidate < *due.due) {
        due.due = candidate;
        due.rule = std::move(rule);
    }
}

}  // namespace

Decision decide(
    const VulnerabilityFacts& facts,
    const Exposure& exposure,
    const PriorityPolicy& policy,
    bool fix_available) {
    Inputs inputs(facts);
    Decision decision;
    decision.kev = inputs.kev(policy.kev_known);
    const Exploitation exploitation = inputs.exploitation();
    const Automatable automatable = inputs.automatable();
    const TechnicalImpact impact = inputs.impact();
    inputs.exposure(exposure);
    inputs.human_impact(policy);
    decision.epss_millionths = inputs.epss();
    decision.exploited_elsewhere = !decision.kev && exploitation == Exploitation::Active;
    // Exploited in secret is not public: only evidence of an exploit that anybody can get counts.
    decision.public_poc = exploitation == Exploitation::PublicPoc || !facts.exploits.empty();
    decision.exposure = exposure.system;
    decision.human_impact = policy.human_impact;
    if (facts.kev) {
        decision.kev_added = facts.kev->added;
    }

    const DeployerRow& deployer =
        deployer_row(exploitation, exposure.system, automatable, policy.human_impact);
    decision.ssvc_row = deployer.row;
    decision.outcome = deployer.outcome;
    const bool exploit_exists = decision.kev || decision.exploited_elsewhere || decision.public_poc;
    if (exploit_exists && fix_available && decision.outcome < model::SsvcOutcome::OutOfCycle) {
        decision.outcome = model::SsvcOutcome::OutOfCycle;
        decision.raised = true;
    }

    const BodRow& bod = bod_2604_row(decision.kev, exposure.publicly_exposed, automatable, impact);
    decision.bod_row = bod.row;
    decision.forensic = bod.forensic;
    if (bod.days > 0) {
        decision.deadline = Days{bod.days};
    }
    decision.inputs = inputs.take();
    return decision;
}

model::DueDate due_date(
    const Decision& decision,
    const VulnerabilityFacts& facts,
    const PriorityPolicy& policy,
    Instant detected_at) {
    const Instant start =
        decision.kev_added ? std::min(*decision.kev_added, detected_at) : detected_at;
    model::DueDate due;
    due.rule = "BOD 26-04 row " + std::to_string(decision.bod_row);
    if (decision.deadline) {
        offer(due, start + *decision.deadline, due.rule);
    }
    if (policy.policy_deadline) {
        offer(due, start + *policy.policy_deadline, "owner's policy");
    }
    if (policy.cardholder_data && facts.cvss.severity >= model::Severity::High) {
        offer(due, start + Days{30}, "PCI DSS 6.3.3");
    }
    return due;
}

}  // namespace thimble::prioritize
