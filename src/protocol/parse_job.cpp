#include "thimble/base/digest.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/model/selectable_name.hpp"
#include "thimble/protocol/identifier.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/protocol/signing.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

namespace thimble::protocol {
namespace {

constexpr std::array kLevels{
    model::UpgradeLevel::SecurityOnly,
    model::UpgradeLevel::Upgrade,
    model::UpgradeLevel::UpgradeWithNew,
    model::UpgradeLevel::Full};

Error bad_job(std::string message) {
    return failure(ErrorKind::Corrupt, "protocol.bad_job", "a job: " + std::move(message));
}

std::vector<std::string> read_names(JsonMembers& members, std::string_view name) {
    std::vector<std::string> names = members.texts(name);
    if (names.size() > kMaxSelectedNames
        || !std::ranges::all_of(names, model::is_selectable_name)) {
        members.reject(name);
    }
    return names;
}

Result<Instant> read_instant(JsonMembers& members, std::string_view name) {
    const std::string text = members.text(name);
    THIMBLE_TRY(members.done());
    return parse_instant(text);
}

Result<model::HealthProbe> read_probe(const JsonValue& value) {
    JsonMembers members(value);
    model::HealthProbe probe;
    probe.name = members.text("name");
    const std::string kind = members.text("kind");
    probe.kind = kind == model::probe_kind_name(model::ProbeKind::Http) ? model::ProbeKind::Http
                                                                        : model::ProbeKind::Tcp;
    if (kind != model::probe_kind_name(probe.kind)) {
        members.reject("kind");
    }
    probe.target = members.text("target");
    probe.timeout = std::chrono::seconds(members.number("timeout_seconds"));
    THIMBLE_TRY(members.done());
    return probe;
}

Result<model::PlanHealth> read_health(const JsonValue& value) {
    JsonMembers members(value);
    model::PlanHealth health;
    THIMBLE_TRY(health.probes, read_items<model::HealthProbe>(members.array("probes"), read_probe));
    health.settle = std::chrono::seconds(members.number("settle_seconds"));
    health.settle_tries = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(members.count("settle_tries"), model::kMostSettleTries + 1));
    health.roll_back_on_failure = members.boolean("roll_back_on_failure");
    THIMBLE_TRY(members.done());
    if (const std::string why = model::why_no_fleet_health(health); !why.empty()) {
        return bad_job("health: " + why);
    }
    return health;
}

Result<model::OwnerHook> read_hook(const JsonValue& value) {
    JsonMembers members(value);
    model::OwnerHook hook;
    const auto step = model::hook_step_named(members.text("step"));
    hook.name = members.text("name");
    hook.limit = std::chrono::seconds(members.number("limit_seconds"));
    const auto failure = model::hook_failure_named(members.text("on_failure"));
    if (!step) {
        members.reject("step");
    }
    if (!failure) {
        members.reject("on_failure");
    }
    THIMBLE_TRY(members.done());
    hook.step = step.value_or(model::HookStep::Drain);
    hook.on_failure = failure.value_or(model::HookFailure::SkipHost);
    return hook;
}

Result<JobHooks> read_hooks(JobKind kind, const JsonValue& value) {
    JsonMembers members(value);
    JobHooks hooks;
    hooks.deployment = members.text("deployment");
    THIMBLE_TRY(hooks.steps, read_items<model::OwnerHook>(members.array("steps"), read_hook));
    const bool are_of_kind = std::ranges::all_of(
        hooks.steps, [kind](const model::OwnerHook& hook) { return takes_hook(kind, hook.step); });
    if (!is_identifier(hooks.deployment)) {
        members.reject("deployment");
    }
    if (hooks.steps.empty() || !are_of_kind) {
        members.reject("steps");
    }
    THIMBLE_TRY(members.done());
    if (const std::string why = model::why_no_hooks(hooks.steps); !why.empty()) {
        return bad_job("hooks: " + why);
    }
    return hooks;
}

Result<JobControl> read_control(JobKind kind, const JsonValue& value) {
    JsonMembers members(value);
    JobControl control{
        members.text("id"), members.text("digest"), members.text_or_null("document")};
    if (!is_identifier(control.id)) {
        members.reject("id");
    }
    if (!is_sha256(control.digest)) {
        members.reject("digest");
    }
    const bool is_deployed = kind == JobKind::DeployControl;
    if (control.document.empty() == is_deployed || control.document.size() > kMaxControlBytes
        || (is_deployed && sha256_of(control.document) != control.digest)) {
        members.reject("document");
    }
    THIMBLE_TRY(members.done());
    return control;
}

/// In the one form that an address has; a name is none.
bool is_address(const std::string& text) {
    const int family = text.contains(':') ? AF_INET6 : AF_INET;
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    std::array<char, INET6_ADDRSTRLEN> form{};
    return ::inet_pton(family, text.c_str(), bytes.data()) == 1
        && ::inet_ntop(family, bytes.data(), form.data(), form.size()) != nullptr
        && text == form.data();
}

Result<JobProbe> read_probe_of_control(const JsonValue& value) {
    JsonMembers members(value);
    JobProbe probe;
    const std::string from = members.text("from");
    probe.from_allowed = from == "allowed";
    probe.address = members.text("address");
    const std::uint64_t port = members.count("port");
    if (!probe.from_allowed && from != "refused") {
        members.reject("from");
    }
    if (!is_address(probe.address)) {
        members.reject("address");
    }
    if (port == 0 || port > std::numeric_limits<std::uint16_t>::max()) {
        members.reject("port");
    }
    THIMBLE_TRY(members.done());
    probe.port = static_cast<std::uint16_t>(port);
    return probe;
}

/// A kind has what it needs, and nothing that it would ignore.
void check_arguments(const Job& job, JsonMembers& members) {
    const bool has_plan = job.plan_digest.empty() ? false : is_sha256(job.plan_digest);
    if (has_plan != needs_plan(job.kind) || (!has_plan && !job.plan_digest.empty())) {
        members.reject("plan_digest");
    }
    const bool has_run = is_identifier(job.run);
    if (has_run != (job.kind == JobKind::Rollback) || (!has_run && !job.run.empty())) {
        members.reject("run");
    }
    const bool has_lease = is_identifier(job.lease);
    if (has_lease != needs_lease(job.kind) || (!has_lease && !job.lease.empty())) {
        members.reject("lease");
    }
    if (!is_identifier(job.id)) {
        members.reject("id");
    }
    if (!is_identifier(job.host)) {
        members.reject("host");
    }
    if (job.expires_at <= job.not_before) {
        members.reject("expires_at");
    }
}

Result<Job> read_job(const JsonValue& document) {
    JsonMembers members(document);
    if (members.text("format") != "thimble.job/1") {
        members.reject("format");
    }
    const std::string kind = members.text("kind");
    THIMBLE_TRY(members.done());
    const auto known = job_kind_named(kind);
    if (!known) {
        return failure(
            ErrorKind::Unsupported,
            "protocol.unknown_kind",
            "a job of a kind that this version does not know");
    }
    Job job;
    job.kind = *known;
    job.id = members.text("id");
    job.host = members.text("host");
    job.plan_digest = members.text_or_null("plan_digest");
    job.run = members.text_or_null("run");
    if (job.kind == JobKind::Prefetch) {
        THIMBLE_TRY(job.selection, parse_selection(members.member("selection")));
    }
    if (job.kind == JobKind::Prefetch && !members.is_null("health")) {
        THIMBLE_TRY(job.health, read_health(members.member("health")));
    }
    if (!members.is_null("hooks")) {
        THIMBLE_TRY(job.hooks, read_hooks(job.kind, members.member("hooks")));
    }
    if (needs_control(job.kind)) {
        THIMBLE_TRY(job.control, read_control(job.kind, members.member("control")));
    }
    if (job.kind == JobKind::ProbeControl) {
        THIMBLE_TRY(job.probe, read_probe_of_control(members.member("probe")));
    }
    job.lease = members.text_or_null("lease");
    THIMBLE_TRY(job.not_before, read_instant(members, "not_before"));
    THIMBLE_TRY(job.expires_at, read_instant(members, "expires_at"));
    job.sequence = members.count("sequence");
    check_arguments(job, members);
    THIMBLE_TRY(members.done());
    return job;
}

}  // namespace

Result<model::PlanSelection> parse_selection(const JsonValue& value) {
    JsonMembers members(value);
    model::PlanSelection selection;
    selection.security = members.boolean("security");
    selection.all = members.boolean("all");
    selection.vulnerabilities = read_names(members, "vulnerabilities");
    selection.packages = read_names(members, "packages");
    selection.advisories = read_names(members, "advisories");
    selection.excluded = read_names(members, "excluded");
    const std::string level = members.text("level");
    const auto* const found = std::ranges::find_if(kLevels, [&](model::UpgradeLevel candidate) {
        return model::upgrade_level_name(candidate) == level;
    });
    if (found == kLevels.end()) {
        members.reject("level");
    } else {
        selection.level = *found;
    }
    THIMBLE_TRY(members.done());
    return selection;
}

Result<Job> parse_job(std::string_view text) {
    if (text.size() > kMaxJobBytes) {
        return bad_job("it is too long");
    }
    const auto document = parse_json(text);
    if (!document) {
        return bad_job(document.error().text());
    }
    auto job = read_job(*document);
    if (!job) {
        return job.error().code == "protocol.unknown_kind" ? job.error()
                                                           : bad_job(job.error().text());
    }
    if (format_job(*job) != text) {
        return bad_job("it is not in its canonical form");
    }
    return job;
}

}  // namespace thimble::protocol
