#include "thimble/base/counted.hpp"
#include "thimble/verify/health.hpp"
#include "thimble/verify/parse_units.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace thimble::verify {
namespace {

using Texts = std::vector<std::string>;

/// What is in the first list only.
Texts missing_from(const Texts& whole, const Texts& part) {
    Texts lost;
    std::ranges::set_difference(whole, part, std::back_inserter(lost));
    return lost;
}

Texts active_units(const HealthSnapshot& snapshot) {
    Texts names;
    for (const UnitState& unit : snapshot.units) {
        if (unit.active == "active") {
            names.push_back(unit.name);
        }
    }
    return names;
}

Texts failed_units(const HealthSnapshot& snapshot) {
    Texts names;
    for (const UnitState& unit : snapshot.units) {
        if (unit.active == "failed") {
            names.push_back(unit.name);
        }
    }
    return names;
}

/// Services that end by themselves: when nobody asks them, when their user or their connection has gone.
constexpr std::array<std::string_view, 15> kComeAndGo{
    "NetworkManager-dispatcher.",
    "apt-daily",
    "colord.",
    "fwupd.",
    "geoclue.",
    "packagekit.",
    "realmd.",
    "ssh@",
    "sshd@",
    "systemd-hostnamed.",
    "systemd-importd.",
    "systemd-localed.",
    "systemd-timedated.",
    "user-runtime-dir@",
    "user@"};

/// A name that systemd-run has made: "run-u12.service", "run-r" and 32 hexadecimal digits, "run-p1-i2.service".
bool is_transient(std::string_view unit) {
    constexpr std::string_view kPrefix = "run-";
    return unit.starts_with(kPrefix) && unit.size() > kPrefix.size() + 1
        && std::string_view("urp").contains(unit[kPrefix.size()])
        && std::string_view("0123456789abcdef").contains(unit[kPrefix.size() + 1])
        && unit.substr(kPrefix.size() + 1, unit.find('.') - kPrefix.size() - 1)
               .find_first_not_of("0123456789abcdef-i")
        == std::string_view::npos;
}

bool comes_and_goes(const std::string& unit) {
    return is_transient(unit) || std::ranges::any_of(kComeAndGo, [&](std::string_view beginning) {
               return unit.starts_with(beginning);
           });
}

/// Ran, and does not: what was running is not when it has but exited.
Texts stopped_units(const HealthSnapshot& before, const HealthSnapshot& after) {
    Texts stopped = missing_from(active_units(before), active_units(after));
    for (const UnitState& unit : after.units) {
        const auto earlier = std::ranges::find(before.units, unit.name, &UnitState::name);
        const bool ran = earlier != before.units.end() && earlier->active == "active"
            && earlier->sub == "running";
        if (ran && unit.active == "active" && unit.sub == "exited") {
            stopped.push_back(unit.name);
        }
    }
    std::erase_if(stopped, comes_and_goes);
    std::ranges::sort(stopped);
    return stopped;
}

/// What somebody's ssh forwards ends with the session.
bool is_of_session(const std::string& listener) {
    return (listener.ends_with(" sshd") || listener.ends_with(" sshd-session"))
        && (listener.contains(" 127.0.0.1:") || listener.contains(" [::1]:")
            || listener.contains(" ::1:"));
}

/// Sorted; none: nothing is known of it.
const UnitRecord* record_of(const HealthSnapshot& snapshot, const std::string& name) {
    const auto found = std::ranges::lower_bound(snapshot.records, name, {}, &UnitRecord::name);
    return found == snapshot.records.end() || found->name != name ? nullptr : &*found;
}

/// Takes out what no boot starts, where there was one: the bus, a socket or a person starts it when it is asked for.
Texts take_unasked(const HealthSnapshot& before, const HealthSnapshot& after, Texts& stopped) {
    Texts unasked;
    if (before.boot_id == after.boot_id || !after.records_known) {
        return unasked;
    }
    std::erase_if(stopped, [&](const std::string& unit) {
        const UnitRecord* record = record_of(after, unit);
        const bool is_unasked = record == nullptr || !record->enabled;
        if (is_unasked) {
            unasked.push_back(unit);
        }
        return is_unasked;
    });
    return unasked;
}

HealthCheck check_services(const HealthSnapshot& before, const HealthSnapshot& after) {
    HealthCheck check{.name = "services", .verdict = {}, .summary = {}, .before = {}, .after = {}};
    if (before.units_known && !after.units_known) {
        check.verdict = CheckVerdict::Fail;
        check.summary = "the service manager answered before and does not now";
        return check;
    }
    if (!before.units_known) {
        check.verdict = CheckVerdict::Unknown;
        check.summary = "there is no service manager to ask";
        return check;
    }
    const Texts failed_before = failed_units(before);
    const Texts new_failures = missing_from(failed_units(after), failed_before);
    Texts stopped = stopped_units(before, after);
    const Texts unasked = take_unasked(before, after, stopped);
    for (const std::string& unit : stopped) {
        check.before.push_back(unit + " active");
    }
    for (const std::string& unit : new_failures) {
        check.after.push_back(unit + " failed");
    }
    if (!new_failures.empty() || !stopped.empty()) {
        check.verdict = CheckVerdict::Fail;
        check.summary = counted(new_failures.size(), "unit") + " newly failed, "
            + std::to_string(stopped.size()) + " no longer active";
    } else if (!unasked.empty()) {
        check.verdict = CheckVerdict::Warn;
        check.summary = counted(unasked.size(), "unit")
            + " that no boot starts, not asked for since the last one";
        check.before = unasked;
    } else if (!failed_before.empty()) {
        check.verdict = CheckVerdict::Warn;
        check.summary = counted(failed_before.size(), "unit") + " had failed before already";
        check.before = failed_before;
        check.after = failed_units(after);
    } else {
        check.summary = counted(active_units(after).size(), "unit") + " active, none failed";
    }
    return check;
}

/// Those of a kind, by name.
Texts containers_of(const HealthSnapshot& snapshot, std::string_view kind, bool lasting) {
    Texts names;
    for (const ContainerState& one : snapshot.containers) {
        if (container_kind(one.scope) == kind && (one.lasting || !lasting)) {
            names.push_back(one.scope);
        }
    }
    return names;
}

/// What containers and guests hang on.
struct Engine {
    std::string_view kind;
    std::string_view unit;
    bool idles;  ///< it ends by itself when it has nothing left to look after
};

constexpr std::array<Engine, 8> kEngines{{
    {"docker-", "containerd.service", false},
    {"docker-", "docker.service", false},
    {"docker-", "snap.docker.dockerd.service", false},
    {"libpod-", "podman-restart.service", false},  // podman's other service has no part in them
    {"machine-", "libvirt-guests.service", false},
    {"machine-", "libvirtd.service", true},
    {"machine-", "systemd-machined.service", true},
    {"machine-", "virtqemud.service", true},
}};

std::string_view state_of(const HealthSnapshot& snapshot, std::string_view name) {
    const auto unit = std::ranges::find(snapshot.units, name, &UnitState::name);
    return unit == snapshot.units.end() ? std::string_view() : std::string_view(unit->active);
}

/// What has become of an engine that was active; empty: it goes on as it did, or nothing tells.
std::string interruption(
    const HealthSnapshot& before, const HealthSnapshot& after, const Engine& engine) {
    const std::string unit(engine.unit);
    if (state_of(before, unit) != "active") {
        return {};
    }
    const std::string_view now = state_of(after, unit);
    if (now != "active") {
        return engine.idles && now != "failed" ? std::string() : unit + " is not active any more";
    }
    const UnitRecord* earlier = record_of(before, unit);
    const UnitRecord* record = record_of(after, unit);
    const bool is_known = earlier != nullptr && record != nullptr;
    const bool was_started = is_known && earlier->started > 0 && record->started > 0
        && earlier->started != record->started;
    const bool has_ended = is_known && earlier->restarts != record->restarts;
    return before.boot_id != after.boot_id || was_started || has_ended ? unit + " was started anew"
                                                                       : std::string();
}

std::string interruption_of_kind(
    const HealthSnapshot& before, const HealthSnapshot& after, std::string_view kind) {
    for (const Engine& engine : kEngines) {
        std::string what = engine.kind == kind ? interruption(before, after, engine) : "";
        if (!what.empty()) {
            return what;
        }
    }
    return {};
}

/// An engine that is restarted may leave its containers down, and nothing else tells of them. They may come again by another name,
/// so their number counts. One that ends while its engine goes on has ended by itself. None: there was none before.
std::optional<HealthCheck> check_containers(
    const HealthSnapshot& before, const HealthSnapshot& after, Since since) {
    if (before.containers.empty()) {
        return std::nullopt;
    }
    HealthCheck check{
        .name = "containers", .verdict = {}, .summary = {}, .before = {}, .after = {}};
    if (!after.containers_known) {
        check.verdict = CheckVerdict::Unknown;
        check.summary = "containers were seen before and cannot be now";
        std::ranges::transform(
            before.containers, std::back_inserter(check.before), &ContainerState::scope);
        return check;
    }
    std::size_t lost = 0;
    std::string why;
    for (const std::string_view kind : {"docker-", "libpod-", "machine-"}) {
        const Texts earlier = containers_of(before, kind, true);
        const Texts now = containers_of(after, kind, false);
        if (now.size() >= earlier.size()) {
            continue;
        }
        lost += earlier.size() - now.size();
        if (now.empty() && since == Since::TheChange && why.empty()) {
            why = interruption_of_kind(before, after, kind);
        }
        std::ranges::copy(missing_from(earlier, now), std::back_inserter(check.before));
    }
    if (lost > 0) {
        check.verdict = why.empty() ? CheckVerdict::Warn : CheckVerdict::Fail;
    }
    check.summary = lost == 0 ? counted(after.containers.size(), "container") + ", none lost"
                              : counted(lost, "container") + " fewer than before"
            + (why.empty() ? "" : ": none of their kind is left, and " + why);
    return check;
}

/// Of mounts in a baseline those that must still be there: a baseline of before has more. "/home nfs4" is not lost where an automounter
/// waits at /home.
Texts lasting_mounts(const Texts& before, const Texts& after) {
    Texts lasting;
    for (const std::string& mount : before) {
        const std::string path = mount.substr(0, mount.rfind(' '));
        const bool is_automounted = std::ranges::binary_search(after, path + " autofs");
        if (!is_passing_mount(path) && !is_automounted) {
            lasting.push_back(mount);
        }
    }
    return lasting;
}

/// @param read  whether there was a kernel to ask in either look: where there is none, to have lost none says nothing
HealthCheck check_lost(std::string_view noun, const Texts& before, const Texts& after, bool read) {
    // "mount" of "mounts", "default route" of "routes".
    HealthCheck check{
        .name = std::string(noun.substr(noun.rfind(' ') + 1)) + "s",
        .verdict = {},
        .summary = {},
        .before = {},
        .after = {}};
    if (before.empty() && after.empty()) {
        check.verdict = read ? CheckVerdict::Pass : CheckVerdict::Unknown;
        check.summary = read ? "there was no " + std::string(noun) + " to lose"
                             : check.name + " cannot be seen";
        return check;
    }
    check.before = missing_from(before, after);
    check.after = missing_from(after, before);
    check.verdict = check.before.empty() ? CheckVerdict::Pass : CheckVerdict::Fail;
    check.summary = check.before.empty() ? counted(after.size(), noun) + ", none lost"
                                         : counted(check.before.size(), noun) + " lost";
    return check;
}

HealthCheck check_listeners(const HealthSnapshot& before, const HealthSnapshot& after) {
    if (!before.listeners_known || !after.listeners_known) {
        return {
            .name = "listeners",
            .verdict = CheckVerdict::Unknown,
            .summary = before.listeners_known
                ? "listening sockets were seen before and cannot be now"
                : "listening sockets cannot be seen",
            .before = before.listeners,
            .after = {}};
    }
    Texts lost = missing_from(before.listeners, after.listeners);
    std::erase_if(lost, is_of_session);
    Texts found = missing_from(after.listeners, before.listeners);
    const std::size_t moved = pair_moved(before.ephemeral, lost, found);
    HealthCheck check{
        .name = "listeners",
        .verdict = lost.empty() ? CheckVerdict::Pass : CheckVerdict::Fail,
        .summary = lost.empty()
            ? counted(after.listeners.size(), "listening socket") + ", none lost"
            : counted(lost.size(), "listening socket") + " lost",
        .before = std::move(lost),
        .after = std::move(found)};
    if (moved > 0) {
        check.summary += "; " + std::to_string(moved)
            + " on another of the ports that the kernel chooses, told by process and address";
    }
    return check;
}

constexpr std::string_view kProbe = "probe ";

HealthCheck check_probe(const ProbeResult& before, const ProbeResult& after) {
    HealthCheck check{
        .name = std::string(kProbe) + after.name,
        .verdict = CheckVerdict::Pass,
        .summary = after.detail,
        .before = {before.detail},
        .after = {after.detail}};
    if (!after.asked) {
        check.verdict = CheckVerdict::Unknown;
        check.summary = "not asked: " + after.detail;
    } else if (!after.passed) {
        check.verdict = before.passed ? CheckVerdict::Fail : CheckVerdict::Warn;
        check.summary = before.passed ? "passed before, fails now: " + after.detail
                                      : "fails, and failed before: " + after.detail;
    }
    return check;
}

}  // namespace

std::string_view check_verdict_name(CheckVerdict verdict) {
    switch (verdict) {
        case CheckVerdict::Pass: return "pass";
        case CheckVerdict::Warn: return "warn";
        case CheckVerdict::Fail: return "fail";
        case CheckVerdict::Unknown: return "unknown";
    }
    return "unknown";
}

bool is_of_probe(const HealthCheck& check) {
    return check.name.starts_with(kProbe);
}

std::vector<HealthCheck> compare_probes(
    const std::vector<ProbeResult>& before, const std::vector<ProbeResult>& after) {
    std::vector<HealthCheck> checks;
    checks.reserve(after.size());
    for (const ProbeResult& probe : after) {
        const auto earlier = std::ranges::find(before, probe.name, &ProbeResult::name);
        const ProbeResult assumed{.name = probe.name, .passed = true, .detail = "not asked"};
        const bool was_asked = earlier != before.end() && earlier->asked;
        checks.push_back(check_probe(was_asked ? *earlier : assumed, probe));
    }
    return checks;
}

std::vector<HealthCheck> compare_health(
    const HealthSnapshot& before, const HealthSnapshot& after, Since since) {
    std::vector<HealthCheck> checks;
    checks.push_back(check_services(before, after));
    if (auto containers = check_containers(before, after, since)) {
        checks.push_back(*std::move(containers));
    }
    checks.push_back(check_listeners(before, after));
    const bool read = !before.boot_id.empty() || !after.boot_id.empty();
    checks.push_back(
        check_lost("mount", lasting_mounts(before.mounts, after.mounts), after.mounts, read));
    checks.push_back(
        check_lost("default route", before.default_routes, after.default_routes, read));
    const std::vector<HealthCheck> probes = compare_probes(before.probes, after.probes);
    checks.insert(checks.end(), probes.begin(), probes.end());
    if (before.boot_id != after.boot_id) {
        checks.push_back(
            {.name = "boot",
             .verdict = CheckVerdict::Warn,
             .summary = "the host was booted in between",
             .before = {before.boot_id},
             .after = {after.boot_id}});
    }
    return checks;
}

HealthCheck check_restarts(
    const HealthSnapshot& before, const HealthSnapshot& first, const HealthSnapshot& second) {
    HealthCheck check{
        .name = "restarts",
        .verdict = CheckVerdict::Pass,
        .summary = "no service ended and was started anew",
        .before = {},
        .after = {}};
    if (!first.records_known || !second.records_known) {
        check.verdict = CheckVerdict::Unknown;
        check.summary = "systemctl does not tell how often services were started anew";
        return check;
    }
    std::size_t fresh = 0;
    for (const UnitRecord& now : second.records) {
        const UnitRecord* then = record_of(first, now.name);
        if (then == nullptr || now.restarts <= then->restarts) {
            continue;
        }
        check.after.push_back(
            now.name + " ended and was started anew "
            + counted(now.restarts - then->restarts, "time"));
        const UnitRecord* earlier = record_of(before, now.name);
        const bool did_before =
            !before.records_known || (earlier != nullptr && earlier->restarts > 0);
        fresh += did_before ? 0 : 1;
    }
    if (!check.after.empty()) {
        check.verdict = fresh > 0 ? CheckVerdict::Fail : CheckVerdict::Warn;
        check.summary = counted(check.after.size(), "service")
            + " ended and started anew while nobody did anything"
            + (fresh > 0 ? "" : ", as before already");
    }
    return check;
}

std::optional<HealthCheck> check_restarts_since(
    const HealthSnapshot& before, const HealthSnapshot& now) {
    if (!before.records_known || !now.records_known) {
        return std::nullopt;
    }
    HealthCheck check{
        .name = "restarts",
        .verdict = CheckVerdict::Warn,
        .summary = {},
        .before = {},
        .after = {}};
    const bool has_booted = before.boot_id != now.boot_id;
    for (const UnitRecord& record : now.records) {
        const UnitRecord* earlier = has_booted ? nullptr : record_of(before, record.name);
        const std::uint64_t restarts = earlier == nullptr ? 0 : earlier->restarts;
        if (record.restarts > restarts) {
            check.after.push_back(
                record.name + " ended and was started anew "
                + counted(record.restarts - restarts, "time"));
        }
    }
    if (check.after.empty()) {
        return std::nullopt;
    }
    check.summary = counted(check.after.size(), "service") + " ended and started anew since "
        + (has_booted ? "the boot: " : "the baseline: ") + check.after.front();
    return check;
}

bool tells_of_what_runs(std::string_view check) {
    return check != "mounts" && check != "routes";
}

bool has_looked(const std::vector<HealthCheck>& checks) {
    return std::ranges::any_of(checks, [](const HealthCheck& check) {
        const bool says_nothing =
            check.verdict == CheckVerdict::Pass && !tells_of_what_runs(check.name);
        return check.verdict != CheckVerdict::Unknown && !says_nothing;
    });
}

bool is_healthy(const std::vector<HealthCheck>& checks) {
    return std::ranges::none_of(
        checks, [](const HealthCheck& check) { return check.verdict == CheckVerdict::Fail; });
}

}  // namespace thimble::verify
