#include "scenario.hpp"

#include <algorithm>

namespace thimble::sim {
namespace {

using rollout::kWhole;

std::chrono::hours hours(Chance& chance, std::int64_t most) {
    return std::chrono::hours(chance.between(0, most));
}

/// Most fleets are small, because what goes wrong between hosts goes wrong between few.
std::size_t fleet_size(Chance& chance) {
    const std::int64_t kind = chance.between(0, 9'999);
    if (kind == 0) {
        return 10'000;
    }
    return static_cast<std::size_t>(
        kind < 200 ? chance.between(200, 1'000) : chance.between(1, 24));
}

rollout::PolicyWindow window_of(const DailyHours& open, bool is_for_install) {
    rollout::PolicyWindow window;
    window.when.rule = "FREQ=DAILY";
    window.when.from = std::chrono::local_days(std::chrono::days((kBegin / kDay) - 10));
    window.when.opens = std::chrono::hours(open.from);
    window.when.duration = std::chrono::hours(open.hours);
    window.is_for_install = is_for_install;
    window.is_for_reboot = !is_for_install;
    return window;
}

void choose_times(Scenario& scenario, Chance& chance) {
    if (chance.one_in(600)) {
        scenario.install_hours = DailyHours{
            static_cast<int>(chance.between(0, 23)), static_cast<int>(chance.between(1, 6))};
        scenario.reboot_hours = DailyHours{
            static_cast<int>(chance.between(0, 23)), static_cast<int>(chance.between(1, 6))};
        scenario.policy.windows = {
            window_of(*scenario.install_hours, true), window_of(*scenario.reboot_hours, false)};
    }
    for (std::int64_t count = chance.between(0, 2); count > 0; --count) {
        const std::int64_t begin = kBegin + chance.between(0, 15 * kDay);
        const std::int64_t end = begin + chance.between(1, 3 * kDay);
        scenario.freezes.emplace_back(begin, end);
        scenario.policy.freezes.push_back(
            {"freeze",
             {Instant(std::chrono::seconds(begin)), Instant(std::chrono::seconds(end))},
             true,
             ""});
    }
}

void choose_rings(Scenario& scenario, Chance& chance) {
    const std::int64_t count = chance.between(1, 4);
    const std::size_t size = fleet_size(chance);
    const bool is_small =
        size < 100;  // few at once in a large fleet would take longer than is played
    for (std::int64_t at = 0; at < count; ++at) {
        rollout::RingRule ring;
        ring.name = "r" + std::to_string(at);
        ring.hosts = rollout::HostQuery{{}, {ring.name}, {}, {}};
        ring.after = hours(chance, 48 * at);
        ring.soak = hours(chance, 24);
        if (is_small && chance.one_in(700)) {
            ring.at_once = rollout::HostLimit{
                static_cast<std::uint32_t>(chance.between(1, 4)),
                static_cast<std::uint32_t>(chance.between(0, 3) * 1'000)};
        }
        scenario.policy.rings.push_back(ring);
    }
    for (std::size_t at = 0; at < size; ++at) {
        rollout::HostFacts host;
        // Numbers of one length, so that the order of the ids is that of the hosts.
        host.id = host.name = "h" + std::to_string(10'000 + at);
        host.group = "r" + std::to_string(at == 0 ? 0 : chance.between(0, count - 1));
        if (chance.one_in(300)) {
            host.tags = {"ha=s" + std::to_string(chance.between(0, 3))};
        }
        scenario.hosts.push_back(std::move(host));
    }
}

void choose_rules(Scenario& scenario, Chance& chance) {
    rollout::Policy& policy = scenario.policy;
    if (chance.one_in(500)) {
        const auto ring = static_cast<std::size_t>(
            chance.between(0, static_cast<std::int64_t>(policy.rings.size()) - 1));
        // People come twice a day: a word that is good for less may be good in no window.
        constexpr std::int64_t kShortest = 13;
        policy.approval = {
            static_cast<std::uint32_t>(chance.between(1, 2)),
            policy.rings[ring].name,
            std::chrono::hours(std::max(chance.between(1, 200), kShortest))};
    }
    policy.health.success_share = static_cast<std::uint32_t>(chance.between(5, 10) * 1'000);
    policy.health.coverage_share = static_cast<std::uint32_t>(chance.between(5, 10) * 1'000);
    policy.health.least_successes = static_cast<std::uint32_t>(chance.between(0, 3));
    if (chance.one_in(500)) {
        policy.health.most_failures = static_cast<std::uint32_t>(chance.between(0, 3));
    }
    policy.restart_services = chance.one_in(500);
    policy.reboot = {
        chance.one_in(500) ? rollout::RebootRule::InWindow : rollout::RebootRule::Never,
        static_cast<std::uint32_t>(
            chance.between(1, 3) + static_cast<std::int64_t>(scenario.hosts.size() / 30)),
        std::chrono::minutes(15)};
}

/// Databases before applications, and other rollouts that have hosts of the same sets. Drawn last, so that what a seed
/// played before it plays still.
void choose_others(Scenario& scenario, Chance& chance) {
    if (chance.one_in(400)) {
        scenario.steps = static_cast<std::size_t>(chance.between(1, 3));
        for (std::size_t step = 1; step <= scenario.steps; ++step) {
            scenario.policy.order.push_back({{}, {}, {"step=" + std::to_string(step)}, {}});
        }
        scenario.policy.order_failure =
            chance.one_in(300) ? rollout::OrderFailure::GoOn : rollout::OrderFailure::Wait;
        for (rollout::HostFacts& host : scenario.hosts) {
            if (chance.one_in(700)) {
                host.tags.push_back("step=" + std::to_string(chance.between(1, 4)));
            }
        }
    }
    for (std::int64_t count = chance.one_in(300) ? chance.between(1, 30) : 0; count > 0; --count) {
        const auto at = static_cast<std::size_t>(
            chance.between(0, static_cast<std::int64_t>(scenario.hosts.size()) - 1));
        const std::int64_t begin = kBegin + chance.between(0, kCalmAfter * kDay);
        scenario.busy.push_back(
            {"ha=s" + std::to_string(chance.between(0, 3)),
             chance.one_in(500) ? "elsewhere" : scenario.hosts[at].id,
             begin,
             begin + chance.between(60, kDay),
             chance.one_in(200)});
    }
}

/// What owners know of, and may put off. Drawn after all others, for the same reason.
void choose_notice(Scenario& scenario, Chance& chance) {
    scenario.due.resize(scenario.hosts.size());
    if (!chance.one_in(400)) {
        return;
    }
    scenario.notice = chance.between(1, 30 * 3600);
    if (chance.one_in(800)) {
        scenario.deferrals = static_cast<std::size_t>(chance.between(1, 3));
        scenario.longest_deferral = chance.between(1, 3 * kDay);
    }
    for (std::int64_t& due : scenario.due) {
        due = chance.one_in(500) ? kBegin + chance.between(0, 30 * kDay) : 0;
    }
    scenario.policy.notice = {
        std::chrono::seconds(scenario.notice),
        static_cast<std::uint32_t>(scenario.deferrals),
        std::chrono::seconds(scenario.longest_deferral)};
}

Faults choose_faults(Chance& chance) {
    if (chance.one_in(150)) {
        return {};  // all goes well
    }
    const auto often = [&chance] {
        return chance.one_in(500) ? chance.between(0, 150) : 0;
    };
    return {
        .plan_refused = often(),
        .rehearsal_fails = often(),
        .transaction_fails = often(),
        .dies_in_transaction = often(),
        .unreachable = often(),
        .skipped = often(),
        .needs_reboot = chance.one_in(300) ? 500 : 0,
        .does_not_return = often(),
        .refuses_reboot = chance.one_in(300) ? 400 : 0,
        .hook_fails = often(),
        .message_lost = chance.one_in(500) ? chance.between(0, 500) : 0,
        .message_doubled = often(),
        .server_crashes = often(),
        .other_version = often(),
        .clock_jumps = chance.one_in(300) ? 5 : 0,
        .person_acts = often(),
        .agent_lies = often(),
        .misses_nothing = chance.one_in(300) ? chance.between(0, 950) : 0};
}

}  // namespace

Scenario scenario_of(std::uint64_t seed) {
    Chance chance(seed);
    Scenario scenario;
    scenario.seed = seed;
    scenario.policy.name = "p";
    choose_rings(scenario, chance);
    choose_times(scenario, chance);
    choose_rules(scenario, chance);
    scenario.faults = choose_faults(chance);
    choose_others(scenario, chance);
    choose_notice(scenario, chance);
    return scenario;
}

std::string describe(const Scenario& scenario) {
    const auto open = [](const std::optional<DailyHours>& hours) {
        return hours
            ? std::to_string(hours->from) + ":00 for " + std::to_string(hours->hours) + " h"
            : std::string("always");
    };
    std::string text = "seed " + std::to_string(scenario.seed) + "\nhosts "
        + std::to_string(scenario.hosts.size()) + "\ninstall " + open(scenario.install_hours)
        + "\nreboot " + open(scenario.reboot_hours) + "\nfreezes "
        + std::to_string(scenario.freezes.size()) + "\n";
    for (const rollout::RingRule& ring : scenario.policy.rings) {
        const auto members =
            std::ranges::count(scenario.hosts, ring.name, &rollout::HostFacts::group);
        text += "ring " + ring.name + ": " + std::to_string(members) + " hosts, after "
            + std::to_string(ring.after.count()) + " s, soak " + std::to_string(ring.soak.count())
            + " s\n";
    }
    text += "approval by " + std::to_string(scenario.policy.approval.people) + " before "
        + scenario.policy.approval.before_ring + "\n";
    text += "order of " + std::to_string(scenario.steps) + " steps, sets busy elsewhere "
        + std::to_string(scenario.busy.size()) + " times\n";
    text += "notice of " + std::to_string(scenario.notice) + " s, "
        + std::to_string(scenario.deferrals) + " deferrals of at most "
        + std::to_string(scenario.longest_deferral) + " s\n";
    return text;
}

}  // namespace thimble::sim
