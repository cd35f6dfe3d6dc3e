#include "checker.hpp"

#include <algorithm>

namespace thimble::sim {
namespace {

std::size_t number_of(const std::string& ring) {
    return static_cast<std::size_t>(std::stoul(ring.substr(1)));
}

}  // namespace

Checker::Checker(const Scenario& scenario)
    : scenario_(scenario), sizes_(scenario.policy.rings.size()) {
    for (const rollout::HostFacts& facts : scenario.hosts) {
        Host host;
        host.ring = number_of(facts.group);
        for (const std::string& tag : facts.tags) {
            if (tag.starts_with("ha=")) {
                host.set = tag;
            } else {
                host.step = static_cast<std::size_t>(std::stoul(tag.substr(5)));  // "step="
            }
        }
        hosts_.push_back(host);
        ++sizes_[host.ring];
    }
}

void Checker::breach(std::size_t host, const std::string& what) {
    breaches_.push_back(scenario_.hosts[host].id + ": " + what);
}

void Checker::begins(std::size_t host, std::int64_t now) {
    Host& one = hosts_[host];
    one.outcome = Outcome::None;
    one.is_rehearsed = false;
    one.refused_reboots = 0;
    if (is_stopped_) {
        breach(host, "begun after a halt");
    }
    const rollout::RingRule& rule = scenario_.policy.rings[one.ring];
    if (now < kBegin + rule.after.count() && scenario_.faults.clock_jumps == 0) {
        breach(host, "begun before the deferral of its ring");
    }
    if (!begun_rings_.insert(one.ring).second) {
        return;
    }
    if (one.ring > 0 && !skipped_.contains(one.ring - 1)) {
        const std::string why = why_not_passed(one.ring - 1);
        if (!why.empty()) {
            breach(host, "begun though the ring before has not passed: " + why);
        }
    }
}

void Checker::rehearsed(std::size_t host) {
    hosts_[host].is_rehearsed = true;
}

void Checker::is_ready(std::size_t host, std::int64_t now) {
    Host& one = hosts_[host];
    one.ready_at = one.ready_at == 0 ? now : one.ready_at;
}

void Checker::deferred(std::size_t host, std::int64_t now, std::int64_t until) {
    Host& one = hosts_[host];
    one.deferred_until = until;
    if (++one.deferrals > scenario_.deferrals) {
        breach(host, "put off more often than the policy allows");
    }
    if (until > now + scenario_.longest_deferral) {
        breach(host, "put off for longer than the policy allows");
    }
    if (scenario_.due[host] != 0 && until > scenario_.due[host]) {
        breach(host, "put off past its due date");
    }
    if (one.ready_at == 0 || one.is_active) {
        breach(host, "put off though its owner had no notice, or too late");
    }
}

/// Its owner has had the time that the policy gives, and has not put it off.
void Checker::check_owner(std::size_t host, std::int64_t now) {
    const Host& one = hosts_[host];
    if (scenario_.notice != 0 && now < one.ready_at + scenario_.notice) {
        breach(host, "changed before the notice of its owner ran out");
    }
    if (now < one.deferred_until) {
        breach(host, "changed though its owner has put it off");
    }
}

void Checker::plans(std::size_t host, int version) {
    hosts_[host].version = version;
}

void Checker::check_time(
    std::size_t host, const std::optional<DailyHours>& open, std::int64_t now) {
    for (const auto& [begin, end] : scenario_.freezes) {
        if (begin <= now && now < end) {
            breach(host, "changed in a freeze");
        }
    }
    if (!open) {
        return;
    }
    const std::int64_t second = now % kDay;
    const std::int64_t begin = open->from * std::int64_t{3600};
    const std::int64_t end = begin + (open->hours * std::int64_t{3600});
    const bool is_open = (begin <= second && second < end) || second + kDay < end;
    if (!is_open) {
        breach(host, "changed outside its window");
    }
}

std::size_t Checker::limit_of(std::size_t ring) const {
    const std::size_t size = sizes_[ring];
    const auto& rule = scenario_.policy.rings[ring].at_once;
    if (rule) {
        return std::max<std::size_t>({1, rule->count, size * rule->share / 10'000});
    }
    if (size < 25) {
        return 1;
    }
    const std::size_t percent = size <= 100 ? 5 : size <= 1000 ? 8 : 10;
    return std::max<std::size_t>(1, size * percent / 100);
}

void Checker::check_limits(std::size_t host) {
    const Host& one = hosts_[host];
    std::size_t active = 0;
    for (std::size_t at = 0; at < hosts_.size(); ++at) {
        const Host& other = hosts_[at];
        active += other.ring == one.ring && other.is_active ? 1U : 0U;
        const bool is_peer = at != host && !one.set.empty() && other.set == one.set;
        if (is_peer && (other.is_active || other.is_rebooting)) {
            breach(host, "changed at once with " + scenario_.hosts[at].id + " of its set");
        }
        if (is_peer && other.outcome == Outcome::Badly) {
            breach(host, "changed though " + scenario_.hosts[at].id + " of its set is broken");
        }
    }
    if (active > limit_of(one.ring)) {
        breach(host, std::to_string(active) + " hosts are changed at once");
    }
}

/// Those of earlier steps must have come to their ends, and to good ones where the policy waits for that.
void Checker::check_order(std::size_t host) {
    const Host& one = hosts_[host];
    const bool goes_on = scenario_.policy.order_failure == rollout::OrderFailure::GoOn;
    const bool reboots = scenario_.policy.reboot.rule == rollout::RebootRule::InWindow;
    if (scenario_.steps == 0 || one.step == 0 || one.step > scenario_.steps) {
        return;
    }
    for (std::size_t at = 0; at < hosts_.size(); ++at) {
        const Host& other = hosts_[at];
        if (other.ring != one.ring || other.step == 0 || other.step >= one.step) {
            continue;
        }
        bool is_done = other.outcome == Outcome::Well || other.outcome == Outcome::Refused;
        is_done = is_done || other.outcome == Outcome::Unneeded;
        is_done =
            is_done || (other.outcome == Outcome::Pending && !scenario_.policy.restart_services);
        is_done = is_done || (other.outcome == Outcome::PendingReboot && !reboots);
        const bool has_given_up =
            other.outcome == Outcome::PendingReboot && other.refused_reboots >= 5;
        const bool has_ended = other.outcome != Outcome::None
            && (other.outcome != Outcome::PendingReboot || !reboots || has_given_up);
        if (!is_done && !(goes_on && has_ended)) {
            breach(host, "its turn came before that of " + scenario_.hosts[at].id);
        }
    }
}

void Checker::check_elsewhere(std::size_t host, std::int64_t real) {
    for (const BusyTime& busy : scenario_.busy) {
        const bool is_now = busy.begin <= real && real < busy.end;
        if (is_now && busy.set == hosts_[host].set && busy.host != scenario_.hosts[host].id) {
            breach(host, "its turn came while another rollout changes one of its set");
        }
    }
}

void Checker::check_taken_back(std::size_t host) {
    if (taken_back_.contains(host % 3)) {
        breach(host, "changed though another of its group took the set back");
    }
}

void Checker::told_to_change(std::size_t host, std::int64_t real) {
    check_taken_back(host);
    check_order(host);
    check_elsewhere(host, real);
}

void Checker::told_to_reboot(std::size_t host, std::int64_t real) {
    check_order(host);
    check_elsewhere(host, real);
}

void Checker::check_word(std::size_t host, std::int64_t now) {
    const rollout::ApprovalRule& rule = scenario_.policy.approval;
    const std::size_t from = rule.before_ring.empty() ? 0 : number_of(rule.before_ring);
    if (rule.people == 0 || hosts_[host].ring < from) {
        return;
    }
    std::set<std::string> people;
    for (const auto& [person, at] : approvals_) {
        if (person != "user:requester" && now < at + rule.good_for.count()) {
            people.insert(person);
        }
    }
    if (people.size() < rule.people) {
        breach(host, "changed without the word of enough people");
    }
}

void Checker::may_change(std::size_t host, std::int64_t now) {
    Host& one = hosts_[host];
    ++changes_;
    if (is_stopped_) {
        breach(host, "changed after a halt");
    }
    if (!one.is_rehearsed) {
        breach(host, "changed without a rehearsal");
    }
    if (frozen_ == 0 || one.version != frozen_) {
        breach(host, "changed to what is not in the frozen set");
    }
    if (one.is_active) {
        breach(host, "changed twice at once");
    }
    one.is_active = true;
    check_time(host, scenario_.install_hours, now);
    check_limits(host);
    check_word(host, now);
    check_owner(host, now);
    check_taken_back(host);
}

void Checker::may_reboot(std::size_t host, std::int64_t now) {
    Host& one = hosts_[host];
    if (is_stopped_) {
        breach(host, "rebooted after a halt");
    }
    one.is_rebooting = true;
    if (one.refused_reboots >= 5) {
        breach(host, "told to reboot again though it refused 5 times");
    }
    const std::int64_t wait = one.refused_reboots == 0 ? 0 : 600LL << (one.refused_reboots - 1);
    if (now < one.refused_at + wait && scenario_.faults.clock_jumps == 0) {
        breach(host, "told to reboot again too soon");
    }
    check_time(host, scenario_.reboot_hours, now);
    const auto rebooting = std::ranges::count(hosts_, true, &Host::is_rebooting);
    if (rebooting > scenario_.policy.reboot.at_once) {
        breach(host, std::to_string(rebooting) + " hosts reboot at once");
    }
    check_limits(host);
}

void Checker::refused_reboot(std::size_t host, std::int64_t now) {
    ++hosts_[host].refused_reboots;
    hosts_[host].refused_at = now;
}

void Checker::ended(std::size_t host, Outcome outcome) {
    Host& one = hosts_[host];
    one.is_active = false;
    one.is_rebooting = false;
    one.outcome = outcome;
}

void Checker::resumed() {
    is_stopped_ = false;
}

void Checker::retried(std::size_t ring) {
    for (Host& host : hosts_) {
        if (host.ring == ring && host.refused_reboots >= 5) {
            host.refused_reboots = 0;
        }
        const bool stays = host.outcome == Outcome::Well || host.outcome == Outcome::Unneeded
            || host.outcome == Outcome::Pending || host.outcome == Outcome::PendingReboot;
        if (host.ring == ring && !stays) {
            host.outcome = Outcome::None;
        }
    }
}

std::string Checker::why_not_passed(std::size_t ring) const {
    const rollout::HealthRule& rule = scenario_.policy.health;
    std::size_t well = 0;
    std::size_t badly = 0;
    std::size_t refused = 0;
    std::size_t unneeded = 0;
    for (const Host& host : hosts_) {
        if (host.ring == ring) {
            const bool is_installed =
                host.outcome == Outcome::Pending || host.outcome == Outcome::PendingReboot;
            well += host.outcome == Outcome::Well || is_installed ? 1U : 0U;
            const bool is_bad =
                host.outcome == Outcome::Badly || host.outcome == Outcome::BadlyInClone;
            badly += is_bad ? 1U : 0U;
            refused += host.outcome == Outcome::Refused ? 1U : 0U;
            unneeded += host.outcome == Outcome::Unneeded ? 1U : 0U;
        }
    }
    const std::size_t concerned = sizes_[ring] - unneeded;
    const std::size_t expected = concerned - refused;
    if (expected == 0) {
        return concerned == 0 ? "" : "nothing was tried on a host";
    }
    const std::size_t share = (concerned * rule.least_share + 9'999) / 10'000;
    const std::size_t least =
        std::min<std::size_t>(expected, std::max<std::size_t>(rule.least_successes, share));
    if (well < least) {
        return std::to_string(well) + " successes, " + std::to_string(least) + " wanted";
    }
    if (well * 10'000 < (well + badly) * rule.success_share) {
        return "too many failures";
    }
    if ((well + badly) * 10'000 < expected * rule.coverage_share) {
        return "too few hosts ended";
    }
    return "";
}

}  // namespace thimble::sim
