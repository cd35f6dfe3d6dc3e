#include "thimble/rollout/parse_policy.hpp"

#include "thimble/base/parse_yaml.hpp"
#include "thimble/calendar/parse_window.hpp"
#include "thimble/rollout/policy_reader.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr std::size_t kMostNameBytes = 64;
constexpr std::uint32_t kMostHosts = 1'000'000;
constexpr std::uint32_t kMostDeferrals = 20;
constexpr std::chrono::days kLongestNotice{90};

template <class Value>
struct Word {
    std::string_view word;
    Value value;
};

constexpr std::array kLevels{
    Word<model::UpgradeLevel>{"security-only", model::UpgradeLevel::SecurityOnly},
    Word<model::UpgradeLevel>{"upgrade", model::UpgradeLevel::Upgrade},
    Word<model::UpgradeLevel>{"upgrade-with-new", model::UpgradeLevel::UpgradeWithNew},
    Word<model::UpgradeLevel>{"full", model::UpgradeLevel::Full},
};
constexpr std::array kReboots{
    Word<RebootRule>{"never", RebootRule::Never},
    Word<RebootRule>{"in window", RebootRule::InWindow},
};
constexpr std::array kOpenings{
    Word<EmergencyOpening>{"never", EmergencyOpening::Never},
    Word<EmergencyOpening>{"by hand", EmergencyOpening::ByHand},
    Word<EmergencyOpening>{"by rule", EmergencyOpening::ByRule},
};
constexpr std::array kFreezeKinds{Word<bool>{"hard", true}, Word<bool>{"soft", false}};
constexpr std::array kServices{Word<bool>{"restart", true}, Word<bool>{"leave", false}};
constexpr std::array kOrderFailures{
    Word<OrderFailure>{"wait", OrderFailure::Wait},
    Word<OrderFailure>{"go on", OrderFailure::GoOn}};
constexpr std::array kHookFailures{
    Word<model::HookFailure>{"skip-host", model::HookFailure::SkipHost},
    Word<model::HookFailure>{"fail-host", model::HookFailure::FailHost},
    Word<model::HookFailure>{"halt-ring", model::HookFailure::HaltRing},
    Word<model::HookFailure>{"ignore", model::HookFailure::Ignore},
};
constexpr std::array kRollbacks{Word<bool>{"automatic", true}, Word<bool>{"never", false}};
enum class Selected : std::uint8_t { Security, All, Named };
constexpr std::array kSelections{
    Word<Selected>{"security", Selected::Security},
    Word<Selected>{"all", Selected::All},
    Word<Selected>{"named", Selected::Named},
};

template <class Value, std::size_t Size>
Result<Value> word_of(
    MappingReader& reader,
    std::string_view name,
    const std::array<Word<Value>, Size>& words,
    Value otherwise) {
    if (reader.find(name) == nullptr) {
        return otherwise;
    }
    THIMBLE_TRY(const std::string text, reader.text(name));
    std::string known;
    for (const auto& word : words) {
        if (word.word == text) {
            return word.value;
        }
        known.append(known.empty() ? "" : ", ").append(word.word);
    }
    return reader.otherwise(
        otherwise, reader.bad(name, "\"" + text + "\" is not one of: " + known));
}

/// A member that is a mapping of its own; left out, it is an empty one.
template <class Value>
Result<Value> part(
    MappingReader& reader,
    std::string_view name,
    const std::function<Result<Value>(MappingReader&)>& read) {
    const JsonValue* value = reader.find(name);
    const JsonValue nothing = empty_mapping();
    return reader.whole<Value>(value == nullptr ? nothing : *value, reader.place_of(name), read);
}

Result<HostQuery> read_query(MappingReader& reader) {
    HostQuery query;
    THIMBLE_TRY(query.hosts, reader.texts("hosts"));
    THIMBLE_TRY(query.groups, reader.texts("groups"));
    THIMBLE_TRY(query.tags, reader.texts("tags"));
    THIMBLE_TRY(query.systems, reader.texts("systems"));
    return query;
}

/// "all", or a mapping that names at least one thing.
Result<HostQuery> query_of(MappingReader& reader, std::string_view name) {
    const JsonValue* value = reader.find(name);
    if (value != nullptr) {
        const auto* word = std::get_if<std::string>(&value->value);
        if (word != nullptr && *word == "all") {
            return HostQuery();
        }
    }
    THIMBLE_TRY(HostQuery query, part<HostQuery>(reader, name, read_query));
    if (query == HostQuery()) {
        THIMBLE_TRY(
            reader.refuse(name, "say which: hosts, groups, tags or systems, or the word all"));
    }
    return query;
}

/// One step of the order.
Result<HostQuery> read_step(MappingReader& reader) {
    THIMBLE_TRY(HostQuery query, read_query(reader));
    if (query == HostQuery() && reader.is_clean()) {
        THIMBLE_TRY(reader.refuse("hosts", "say which: hosts, groups, tags or systems"));
    }
    return query;
}

Result<std::optional<HostQuery>> query_if_any(MappingReader& reader, std::string_view name) {
    if (reader.find(name) == nullptr) {
        return std::optional<HostQuery>();
    }
    THIMBLE_TRY(HostQuery query, query_of(reader, name));
    return std::optional(std::move(query));
}

Result<PatchExclusion> read_exclusion(MappingReader& reader) {
    PatchExclusion exclusion;
    THIMBLE_TRY(exclusion.package, reader.text("package"));
    THIMBLE_TRY(exclusion.owner, reader.text("owner"));
    THIMBLE_TRY(exclusion.why, reader.text("why"));
    THIMBLE_TRY(const std::string until, reader.text("until"));
    const auto day = calendar::parse_local_day(until);
    if (day) {
        exclusion.until = std::chrono::sys_days(day->time_since_epoch());
    } else {
        THIMBLE_TRY(reader.refuse("until", day.error().message));
    }
    return exclusion;
}

Result<model::PlanSelection> read_selection(
    MappingReader& reader, std::vector<PatchExclusion>& exclusions) {
    model::PlanSelection selection;
    THIMBLE_TRY(selection.packages, reader.texts("packages"));
    THIMBLE_TRY(selection.vulnerabilities, reader.texts("cves"));
    THIMBLE_TRY(selection.advisories, reader.texts("advisories"));
    const bool names_some = !selection.packages.empty() || !selection.vulnerabilities.empty()
        || !selection.advisories.empty();
    THIMBLE_TRY(
        const Selected selected,
        word_of(reader, "select", kSelections, names_some ? Selected::Named : Selected::Security));
    if (names_some != (selected == Selected::Named) && reader.is_clean()) {
        THIMBLE_TRY(reader.refuse(
            "select", "packages, cves and advisories are for \"named\", which needs some of them"));
    }
    selection.security = selected == Selected::Security;
    selection.all = selected == Selected::All;
    THIMBLE_TRY(
        selection.level, word_of(reader, "level", kLevels, model::UpgradeLevel::SecurityOnly));
    THIMBLE_TRY(exclusions, reader.items<PatchExclusion>("exclude", read_exclusion));
    return selection;
}

Result<RingRule> read_ring(MappingReader& reader) {
    RingRule ring;
    THIMBLE_TRY(ring.name, reader.text("name"));
    THIMBLE_TRY(ring.hosts, query_if_any(reader, "hosts"));
    const JsonValue* share = reader.find("share");
    const auto* word = share == nullptr ? nullptr : std::get_if<std::string>(&share->value);
    if (word != nullptr && *word == "rest") {
        ring.share = kWhole + 1;  // what the others leave: see complete_shares
    } else {
        THIMBLE_TRY(ring.share, share_or(reader, "share", 0));
    }
    if (ring.hosts.has_value() == (ring.share > 0) && reader.is_clean("share")) {
        THIMBLE_TRY(reader.refuse("hosts", "say either which hosts, or which share of the others"));
    }
    THIMBLE_TRY(ring.after, length_or(reader, "after", ring.after));
    THIMBLE_TRY(ring.soak, length_or(reader, "soak", ring.soak));
    THIMBLE_TRY(ring.at_once, limit(reader, "at_once"));
    return ring;
}

Result<PolicyWindow> read_window(MappingReader& reader) {
    PolicyWindow window;
    THIMBLE_TRY(window.when.rule, reader.text("rule"));
    THIMBLE_TRY(window.when.zone, reader.text_or("zone", "UTC"));
    THIMBLE_TRY(window.when.offset_days, reader.whole_number_or("offset_days", 0));
    THIMBLE_TRY(const std::string opens, reader.text("opens"));
    THIMBLE_TRY(
        const std::chrono::seconds lasts, length_or(reader, "lasts", std::chrono::seconds(0)));
    window.when.duration = std::chrono::floor<std::chrono::minutes>(lasts);
    THIMBLE_TRY(const std::string from, reader.text_or("from", "2026-01-01"));
    const auto time = calendar::parse_time_of_day(opens);
    const auto day = calendar::parse_local_day(from);
    if (time) {
        window.when.opens = *time;
    } else {
        THIMBLE_TRY(reader.refuse("opens", time.error().message));
    }
    if (day) {
        window.when.from = *day;
    } else {
        THIMBLE_TRY(reader.refuse("from", day.error().message));
    }
    THIMBLE_TRY(const auto uses, reader.texts("for"));
    if (!uses.empty()) {
        window.is_for_install = std::ranges::find(uses, "install") != uses.end();
        window.is_for_reboot = std::ranges::find(uses, "reboot") != uses.end();
        if (uses.size()
            != static_cast<std::size_t>(window.is_for_install)
                + static_cast<std::size_t>(window.is_for_reboot)) {
            THIMBLE_TRY(reader.refuse("for", "install and reboot are what a window can be for"));
        }
    }
    if (const auto checked = calendar::check_window(window.when); !checked && reader.is_clean()) {
        THIMBLE_TRY(reader.refuse("rule", checked.error().message));
    }
    return window;
}

Result<Freeze> read_freeze(MappingReader& reader) {
    Freeze freeze;
    THIMBLE_TRY(freeze.name, reader.text("name"));
    THIMBLE_TRY(freeze.owner, reader.text_or("owner", ""));
    THIMBLE_TRY(freeze.is_hard, word_of(reader, "kind", kFreezeKinds, true));
    THIMBLE_TRY(const std::string zone_name, reader.text_or("zone", "UTC"));
    THIMBLE_TRY(const std::string from, reader.text("from"));
    THIMBLE_TRY(const std::string until, reader.text("until"));
    const auto zone = calendar::Zone::named(zone_name);
    const auto begin = calendar::parse_local_time(from);
    const auto end = calendar::parse_local_time(until);
    if (!zone) {
        THIMBLE_TRY(reader.refuse("zone", zone.error().message));
    }
    if (!begin) {
        THIMBLE_TRY(reader.refuse("from", begin.error().message));
    }
    if (!end) {
        THIMBLE_TRY(reader.refuse("until", end.error().message));
    }
    if (!zone || !begin || !end) {
        return freeze;
    }
    freeze.span = {zone->first_instant_of(*begin), zone->first_instant_of(*end)};
    if (freeze.span.begin >= freeze.span.end) {
        THIMBLE_TRY(reader.refuse("until", "it ends before it begins"));
    }
    return freeze;
}

Result<ApprovalRule> read_approval(MappingReader& reader) {
    ApprovalRule approval;
    THIMBLE_TRY(approval.people, reader.count_or("people", 0, 10));
    THIMBLE_TRY(approval.before_ring, reader.text_or("before", ""));
    THIMBLE_TRY(approval.good_for, length_or(reader, "good_for", approval.good_for));
    return approval;
}

/// A length of time that is needed and has its bounds.
Result<std::chrono::seconds> notice_length(MappingReader& reader, std::string_view name) {
    THIMBLE_TRY(const auto length, length_or(reader, name, std::chrono::seconds(0)));
    if (length <= std::chrono::seconds(0) || length > kLongestNotice) {
        return reader.otherwise(
            length, reader.bad(name, "a time of at most 90d is wanted, for example 24h"));
    }
    return length;
}

Result<NoticeRule> read_notice(MappingReader& reader) {
    NoticeRule notice;
    THIMBLE_TRY(notice.before, notice_length(reader, "before"));
    if (reader.find("defer") == nullptr) {
        return notice;
    }
    return part<NoticeRule>(reader, "defer", [&](MappingReader& defer) -> Result<NoticeRule> {
        THIMBLE_TRY(notice.deferrals, defer.count_or("times", 0, kMostDeferrals));
        if (notice.deferrals == 0) {
            THIMBLE_TRY(defer.refuse("times", "how often is wanted, 1 to 20"));
        }
        THIMBLE_TRY(notice.longest, notice_length(defer, "at_most"));
        return notice;
    });
}

Result<NoticeRule> notice_if_any(MappingReader& reader) {
    return reader.find("notice") == nullptr ? Result<NoticeRule>(NoticeRule())
                                            : part<NoticeRule>(reader, "notice", read_notice);
}

Result<model::HealthProbe> read_probe(MappingReader& reader) {
    model::HealthProbe probe;
    THIMBLE_TRY(probe.name, reader.text("name"));
    THIMBLE_TRY(const std::string http, reader.text_or("http", ""));
    THIMBLE_TRY(const std::string tcp, reader.text_or("tcp", ""));
    if (http.empty() == tcp.empty() && reader.is_clean("tcp")) {
        THIMBLE_TRY(
            reader.refuse("http", "say either which http address or which tcp HOST:PORT is asked"));
    }
    probe.kind = tcp.empty() ? model::ProbeKind::Http : model::ProbeKind::Tcp;
    probe.target = tcp.empty() ? http : tcp;
    return probe;
}

Result<model::PlanHealth> read_host_health(MappingReader& reader) {
    model::PlanHealth health;
    THIMBLE_TRY(health.probes, reader.items<model::HealthProbe>("probes", read_probe));
    THIMBLE_TRY(const auto limit, length_or(reader, "probe_limit", model::HealthProbe().timeout));
    for (model::HealthProbe& probe : health.probes) {
        probe.timeout = limit;
    }
    THIMBLE_TRY(health.settle, length_or(reader, "settle", health.settle));
    THIMBLE_TRY(
        health.settle_tries,
        reader.count_or("tries", health.settle_tries, model::kMostSettleTries));
    if (const std::string why = model::why_no_fleet_health(health);
        !why.empty() && reader.is_clean()) {
        THIMBLE_TRY(reader.refuse("probes", why));
    }
    return health;
}

Result<void> read_hook(
    MappingReader& reader, model::HookStep step, std::vector<model::OwnerHook>& hooks) {
    const std::string_view name = model::hook_step_name(step);
    if (reader.find(name) == nullptr) {
        return {};
    }
    model::OwnerHook hook;
    hook.step = step;
    const auto read = [&](MappingReader& inner) -> Result<model::OwnerHook> {
        THIMBLE_TRY(hook.name, inner.text("hook"));
        THIMBLE_TRY(hook.limit, length_or(inner, "limit", hook.limit));
        THIMBLE_TRY(
            hook.on_failure,
            word_of(inner, "on_failure", kHookFailures, model::default_failure(step)));
        if (const std::string why = model::why_no_hooks({&hook, 1});
            !why.empty() && inner.is_clean()) {
            THIMBLE_TRY(inner.refuse("hook", why));
        }
        return hook;
    };
    THIMBLE_TRY(hooks.emplace_back(), part<model::OwnerHook>(reader, name, read));
    return {};
}

Result<std::vector<model::OwnerHook>> read_hooks(MappingReader& reader) {
    std::vector<model::OwnerHook> hooks;
    for (const model::HookStep step :
         {model::HookStep::Drain,
          model::HookStep::Pre,
          model::HookStep::Post,
          model::HookStep::Undrain}) {
        THIMBLE_TRY(read_hook(reader, step, hooks));
    }
    return hooks;
}

Result<HealthRule> read_health(MappingReader& reader, model::PlanHealth& of_host) {
    HealthRule health;
    THIMBLE_TRY(of_host, read_host_health(reader));
    THIMBLE_TRY(health.success_share, share_or(reader, "success", health.success_share));
    THIMBLE_TRY(
        health.least_successes,
        reader.count_or("least_successes", health.least_successes, kMostHosts));
    THIMBLE_TRY(health.least_share, share_or(reader, "least_share", health.least_share));
    THIMBLE_TRY(health.coverage_share, share_or(reader, "coverage", health.coverage_share));
    if (reader.find("failures") != nullptr) {
        THIMBLE_TRY(health.most_failures, reader.count_or("failures", 0, kMostHosts));
    }
    return health;
}

Result<RebootPolicy> read_reboot(MappingReader& reader) {
    RebootPolicy reboot;
    THIMBLE_TRY(reboot.rule, word_of(reader, "when", kReboots, reboot.rule));
    THIMBLE_TRY(reboot.at_once, reader.count_or("at_once", reboot.at_once, kMostHosts));
    THIMBLE_TRY(reboot.returns_within, length_or(reader, "returns_within", reboot.returns_within));
    if (reboot.at_once == 0) {
        THIMBLE_TRY(reader.refuse("at_once", "at least one host at once is wanted"));
    }
    return reboot;
}

Result<std::vector<std::chrono::seconds>> read_soaks(MappingReader& reader) {
    THIMBLE_TRY(const auto texts, reader.texts("soak"));
    std::vector<std::chrono::seconds> soaks;
    for (const std::string& text : texts) {
        const auto length = calendar::parse_length(text);
        if (length) {
            soaks.push_back(*length);
        } else {
            THIMBLE_TRY(reader.refuse("soak", length.error().message));
        }
    }
    return soaks;
}

Result<EmergencyRule> read_emergency(MappingReader& reader) {
    EmergencyRule emergency;
    THIMBLE_TRY(emergency.opens, word_of(reader, "opens", kOpenings, emergency.opens));
    if (reader.find("soak") != nullptr) {
        THIMBLE_TRY(emergency.soaks, read_soaks(reader));
    }
    return emergency;
}

/// The ring of the rest gets its share; shares must be of the whole.
Result<void> complete_shares(std::vector<RingRule>& rings, const MappingReader& reader) {
    std::uint32_t named = 0;
    RingRule* rest = nullptr;
    for (RingRule& ring : rings) {
        if (ring.share <= kWhole) {
            named += ring.share;
        } else if (rest != nullptr) {
            return reader.refuse("rings", "two rings cannot both be the rest");
        } else {
            rest = &ring;
        }
    }
    if (rest != nullptr && named < kWhole) {
        rest->share = kWhole - named;
        named = kWhole;
    }
    if (rest != nullptr ? rest->share > kWhole : named != 0 && named != kWhole) {
        return reader.refuse(
            "rings", "the shares must be 100% together; write share: rest in one of them");
    }
    return {};
}

Result<void> check_ring_names(const Policy& policy, const MappingReader& reader) {
    std::set<std::string_view> names;
    for (const RingRule& ring : policy.rings) {
        if (!names.insert(ring.name).second) {
            THIMBLE_TRY(reader.refuse("rings", "two rings are called \"" + ring.name + "\""));
        }
    }
    const std::string& before = policy.approval.before_ring;
    if (!before.empty() && !names.contains(before)) {
        return reader.refuse("approval.before", "no ring is called \"" + before + "\"");
    }
    return {};
}

Result<void> check_name(const Policy& policy, const MappingReader& reader) {
    const bool is_plain = std::ranges::all_of(policy.name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '-' || c == '_' || c == '.';
    });
    if (!is_plain || policy.name.size() > kMostNameBytes || policy.name.starts_with('.')) {
        return reader.refuse(
            "policy",
            "a name of at most 64 letters, digits, dots, dashes and underscores is wanted");
    }
    return {};
}

/// That there is a window for all that the policy asks for.
Result<void> check_windows(const Policy& policy, const MappingReader& reader) {
    const bool has_reboot_window =
        policy.windows.empty() || std::ranges::any_of(policy.windows, &PolicyWindow::is_for_reboot);
    const bool has_install_window = policy.windows.empty()
        || std::ranges::any_of(policy.windows, &PolicyWindow::is_for_install);
    if (!has_install_window || (policy.reboot.rule == RebootRule::InWindow && !has_reboot_window)) {
        return reader.refuse(
            "windows",
            has_install_window ? "none is for reboots, which reboot.when asks for"
                               : "none is for installing, so nothing would ever be installed");
    }
    return {};
}

Result<Policy> read_policy(MappingReader& reader, std::size_t hosts) {
    Policy policy;
    THIMBLE_TRY(reader.keep(policy.name, reader.text("policy")));
    THIMBLE_TRY(reader.keep(policy.hosts, query_of(reader, "hosts")));
    THIMBLE_TRY(reader.keep(policy.hosts_except, query_if_any(reader, "except")));
    THIMBLE_TRY(reader.keep(
        policy.selection, part<model::PlanSelection>(reader, "patches", [&](MappingReader& inner) {
            return read_selection(inner, policy.exclusions);
        })));
    THIMBLE_TRY(reader.keep(policy.rings, reader.items<RingRule>("rings", read_ring)));
    THIMBLE_TRY(reader.keep(policy.windows, reader.items<PolicyWindow>("windows", read_window)));
    THIMBLE_TRY(reader.keep(policy.freezes, reader.items<Freeze>("freezes", read_freeze)));
    THIMBLE_TRY(
        reader.keep(policy.approval, part<ApprovalRule>(reader, "approval", read_approval)));
    THIMBLE_TRY(reader.keep(policy.notice, notice_if_any(reader)));
    THIMBLE_TRY(
        reader.keep(policy.health, part<HealthRule>(reader, "health", [&](MappingReader& inner) {
                        return read_health(inner, policy.host_health);
                    })));
    THIMBLE_TRY(reader.keep(
        policy.host_health.roll_back_on_failure,
        word_of(reader, "rollback", kRollbacks, policy.host_health.roll_back_on_failure)));
    THIMBLE_TRY(reader.keep(
        policy.hooks, part<std::vector<model::OwnerHook>>(reader, "hooks", read_hooks)));
    THIMBLE_TRY(reader.keep(policy.order, reader.items<HostQuery>("order", read_step)));
    THIMBLE_TRY(reader.keep(
        policy.order_failure,
        word_of(reader, "order_failure", kOrderFailures, policy.order_failure)));
    THIMBLE_TRY(
        reader.keep(policy.restart_services, word_of(reader, "services", kServices, false)));
    THIMBLE_TRY(reader.keep(policy.reboot, part<RebootPolicy>(reader, "reboot", read_reboot)));
    THIMBLE_TRY(
        reader.keep(policy.emergency, part<EmergencyRule>(reader, "emergency", read_emergency)));
    THIMBLE_TRY(reader.keep(policy.availability_tag, reader.text_or("availability_tag", "ha")));
    if (policy.rings.empty()) {
        policy.rings = default_rings(hosts);
    }
    THIMBLE_TRY(check_name(policy, reader));
    // Whether parts fit together can only be told of parts that could be read.
    if (reader.is_clean("rings")) {
        THIMBLE_TRY(check_ring_names(policy, reader));
        THIMBLE_TRY(complete_shares(policy.rings, reader));
    }
    if (reader.is_clean("windows") && reader.is_clean("reboot")) {
        THIMBLE_TRY(check_windows(policy, reader));
    }
    return policy;
}

}  // namespace

ReadPolicy read_all(const JsonValue& document, std::size_t hosts) {
    ReadPolicy all;
    MappingReader reader(document, "", kBadPolicy, &all.errors);
    if (!std::holds_alternative<JsonValue::Object>(document.value)) {
        all.errors.push_back(reader.bad("the document", "a mapping is wanted"));
        return all;
    }
    auto read = read_policy(reader, hosts);
    const bool is_read = read.has_value();
    // It fails when there are so many that these are enough.
    [[maybe_unused]] const auto kept = reader.keep(all.policy, std::move(read));
    [[maybe_unused]] const auto done = is_read ? reader.done() : Result<void>();
    return all;
}

Result<Policy> parse_policy(std::string_view text, std::size_t hosts) {
    THIMBLE_TRY(const JsonValue document, parse_yaml(text));
    MappingReader reader(document, "", kBadPolicy);
    if (!std::holds_alternative<JsonValue::Object>(document.value)) {
        return reader.bad("the document", "a mapping is wanted");
    }
    THIMBLE_TRY(Policy policy, read_policy(reader, hosts));
    THIMBLE_TRY(reader.done());
    return policy;
}

}  // namespace thimble::rollout
