#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/plan_words.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxPlanBytes = std::size_t{64} << 20;

bool is_word_of(std::string_view text, std::string_view more) {
    return std::ranges::all_of(text, [more](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || more.contains(c);
    });
}

/// Names and versions become arguments of programs: none may look like an option or a path.
bool is_package_name(std::string_view text) {
    return !text.empty() && text.size() <= 256 && is_word_of(text.substr(0, 1), "_")
        && is_word_of(text, "+-._");
}

bool is_version(std::string_view text) {
    return text.size() <= 256 && is_word_of(text, "+-.:~^_");
}

bool is_file_name(std::string_view text) {
    return !text.empty() && text.size() <= 255 && is_word_of(text.substr(0, 1), "_")
        && is_word_of(text, "+-.:~^_%");
}

/// The enumerator whose name stands in a member.
template <class Enum, std::size_t Count>
Enum named(
    JsonMembers& members,
    std::string_view member,
    const std::array<Enum, Count>& all,
    std::string_view (*name_of)(Enum)) {
    const std::string text = members.text(member);
    for (const Enum value : all) {
        if (name_of(value) == text) {
            return value;
        }
    }
    members.reject(member);
    return all.front();
}

constexpr std::array kChanges{
    model::PlannedChange::Install,
    model::PlannedChange::Upgrade,
    model::PlannedChange::Downgrade,
    model::PlannedChange::Reinstall,
    model::PlannedChange::Remove};
constexpr std::array kConflicts{
    model::ConffileConflict::Edited,
    model::ConffileConflict::Deleted,
    model::ConffileConflict::Foreign,
    model::ConffileConflict::Replaced};
constexpr std::array kLevels{
    model::UpgradeLevel::SecurityOnly,
    model::UpgradeLevel::Upgrade,
    model::UpgradeLevel::UpgradeWithNew,
    model::UpgradeLevel::Full};
constexpr std::array kProbeKinds{
    model::ProbeKind::Tcp, model::ProbeKind::Http, model::ProbeKind::Command};
constexpr std::array kConffilePolicies{
    model::ConffilePolicy::KeepOld, model::ConffilePolicy::Refuse};
constexpr std::array kRestarts{
    model::Restart::None,
    model::Restart::Services,
    model::Restart::Reboot,
    model::Restart::Unknown};

std::chrono::seconds seconds_of(JsonMembers& members, std::string_view name) {
    constexpr auto kMost = static_cast<std::uint64_t>(kMostPlanTime.count());
    const std::uint64_t found = members.count(name);
    if (found > kMost) {
        members.reject(name);
    }
    return std::chrono::seconds(std::min(found, kMost));
}

Result<model::PlannedArchive> read_archive(const JsonValue& value) {
    JsonMembers members(value);
    model::PlannedArchive archive{
        .file_name = members.text("file_name"),
        .uri = members.text("uri"),
        .sha256 = members.text("sha256"),
        .size = members.count("size")};
    if (!is_file_name(archive.file_name)) {
        members.reject("file_name");
    }
    if (!is_hex(archive.sha256, kSha256Digits)) {
        members.reject("sha256");
    }
    THIMBLE_TRY(members.done());
    return archive;
}

Result<model::PlanSelection> read_selection(const JsonValue& value) {
    JsonMembers members(value);
    model::PlanSelection selection{
        .security = members.boolean("security"),
        .all = members.boolean("all"),
        .vulnerabilities = members.texts("vulnerabilities"),
        .packages = members.texts("packages"),
        .advisories = members.texts("advisories"),
        .excluded = members.texts("excluded"),
        .level = named(members, "level", kLevels, model::upgrade_level_name)};
    THIMBLE_TRY(members.done());
    return selection;
}

Result<model::HealthProbe> read_probe(const JsonValue& value) {
    JsonMembers members(value);
    model::HealthProbe probe{
        .name = members.text("name"),
        .kind = named(members, "kind", kProbeKinds, model::probe_kind_name),
        .target = members.text("target"),
        .argv = members.texts("argv"),
        .timeout = seconds_of(members, "timeout_seconds")};
    THIMBLE_TRY(members.done());
    return probe;
}

Result<model::PlanPolicy> read_policy(const JsonValue& value) {
    JsonMembers members(value);
    model::PlanPolicy policy;
    policy.allow_removals = members.boolean("allow_removals");
    policy.allow_downgrades = members.boolean("allow_downgrades");
    policy.allow_untrusted = members.boolean("allow_untrusted");
    policy.conffiles = named(members, "conffiles", kConffilePolicies, model::conffile_policy_name);
    policy.roll_back_on_failure = members.boolean("roll_back_on_failure");
    policy.reserve_bytes = members.count("reserve_bytes");
    policy.lock_timeout = seconds_of(members, "lock_timeout_seconds");
    policy.transaction_timeout = seconds_of(members, "transaction_timeout_seconds");
    policy.silence_timeout = seconds_of(members, "silence_timeout_seconds");
    policy.settle = seconds_of(members, "settle_seconds");
    policy.settle_tries = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(members.count("settle_tries"), kMostSettleTries));
    if (!members.is_null("origins")) {
        policy.origins = members.texts("origins");
    }
    THIMBLE_TRY(policy.probes, read_items<model::HealthProbe>(members.array("probes"), read_probe));
    THIMBLE_TRY(members.done());
    return policy;
}

Result<model::PlannedPatch> read_patch(const JsonValue& value) {
    JsonMembers members(value);
    model::PlannedPatch patch{
        .source = members.text("source"),
        .from_version = members.text("from_version"),
        .to_version = members.text("to_version"),
        .vulnerabilities = members.texts("vulnerabilities"),
        .evidence_first = !members.is_null("collect_evidence_first")
            && members.boolean("collect_evidence_first")};
    if (!is_package_name(patch.source)) {
        members.reject("source");
    }
    if (!is_version(patch.from_version) || !is_version(patch.to_version)) {
        members.reject("from_version or to_version");
    }
    THIMBLE_TRY(members.done());
    return patch;
}

Result<model::PlannedConffile> read_conffile(const JsonValue& value) {
    JsonMembers members(value);
    model::PlannedConffile conffile{
        .package = members.text("package"),
        .path = members.text("path"),
        .conflict = named(members, "conflict", kConflicts, model::conffile_conflict_name),
        .diff = members.text_or_null("diff")};
    THIMBLE_TRY(members.done());
    return conffile;
}

Result<model::RootPlace> read_root(const JsonValue& value) {
    JsonMembers members(value);
    model::RootPlace root{
        .path = members.text("path"),
        .inode = members.count("inode"),
        .machine_id = members.text_or_null("machine_id")};
    THIMBLE_TRY(members.done());
    return root;
}

Result<model::Plan> read_plan(JsonMembers& members) {
    model::Plan plan;
    THIMBLE_TRY(plan.created_at, parse_instant(members.text("created_at")));
    plan.host = members.text("host");
    plan.machine_id = members.text("machine_id");
    if (!members.is_null("root")) {
        THIMBLE_TRY(plan.root, read_root(members.member("root")));
    }
    plan.os_id = members.text("os_id");
    plan.os_version = members.text("os_version");
    plan.architecture = members.text("architecture");
    plan.manager = members.text("manager");
    THIMBLE_TRY(plan.selection, read_selection(members.member("selection")));
    THIMBLE_TRY(plan.policy, read_policy(members.member("policy")));
    THIMBLE_TRY(
        plan.patches, read_items<model::PlannedPatch>(members.array("patches"), read_patch));
    if (!members.is_null("left_out")) {
        THIMBLE_TRY(
            plan.left_out, read_items<model::LeftOut>(members.array("left_out"), read_left_out));
    }
    THIMBLE_TRY(plan.steps, read_items<model::PlannedStep>(members.array("steps"), read_step));
    THIMBLE_TRY(
        plan.conffiles,
        read_items<model::PlannedConffile>(members.array("conffiles"), read_conffile));
    plan.services = members.texts("services");
    plan.restart = named(members, "restart", kRestarts, restart_word);
    plan.download_bytes = members.count("download_bytes");
    plan.growth_bytes = members.number("growth_bytes");
    plan.expected_duration = seconds_of(members, "expected_seconds");
    plan.host_state = members.text("host_state");
    if (!members.is_null("held")) {
        plan.held = members.texts("held");
    }
    THIMBLE_TRY(
        plan.problems, read_items<model::PlanProblem>(members.array("problems"), read_problem));
    return plan;
}

Result<model::Plan> read_document(std::string_view text) {
    if (text.size() > kMaxPlanBytes) {
        return failure(ErrorKind::Invalid, "apply.bad_plan", "the file is too large for a plan");
    }
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    const std::string format = members.text("format");
    if (format.starts_with("thimble.plan/") && format != kPlanFormat) {
        return failure(
            ErrorKind::Unsupported,
            "apply.plan_format",
            "the plan is of another version of Thimble; make it again");
    }
    if (format != kPlanFormat) {
        members.reject("format");
        THIMBLE_TRY(members.done());
    }
    THIMBLE_TRY(model::Plan plan, read_plan(members));
    const std::string digest = members.text("digest");
    THIMBLE_TRY(members.done());
    if (digest != plan_digest(plan)) {
        return failure(
            ErrorKind::Corrupt,
            "apply.altered_plan",
            "the plan was altered after it was made: its content does not have the digest " + digest
                + "; make it again with `thimble patch plan`");
    }
    return plan;
}

}  // namespace

Result<model::PlanProblem> read_problem(const JsonValue& value) {
    JsonMembers members(value);
    model::PlanProblem problem{
        .code = members.text("code"),
        .detail = members.text("detail"),
        .next = members.text_or_null("next")};
    THIMBLE_TRY(members.done());
    return problem;
}

Result<model::LeftOut> read_left_out(const JsonValue& value) {
    JsonMembers members(value);
    model::LeftOut patch{
        .source = members.text("source"), .code = members.text("code"), .why = members.text("why")};
    if (!members.is_null("installed")) {
        patch.installed = members.text("installed");
        patch.type = members.text("type");
        if (patch.installed.empty() || !is_version(patch.installed)) {
            members.reject("installed");
        }
    }
    THIMBLE_TRY(members.done());
    return patch;
}

std::string_view restart_word(model::Restart restart) {
    switch (restart) {
        case model::Restart::None: return "none";
        case model::Restart::Services: return "services";
        case model::Restart::Reboot: return "reboot";
        case model::Restart::Unknown: return "unknown";
    }
    return "unknown";
}

Result<model::PlannedStep> read_step(const JsonValue& value) {
    JsonMembers members(value);
    model::PlannedStep step;
    step.change = named(members, "change", kChanges, model::planned_change_name);
    step.name = members.text("name");
    step.architecture = members.text("architecture");
    step.from_version = members.text_or_null("from_version");
    step.to_version = members.text_or_null("to_version");
    step.source_name = members.text("source_name");
    step.source_version = members.text("source_version");
    step.origin = members.text("origin");
    step.selected = members.boolean("selected");
    step.automatic = members.boolean("automatic");
    step.essential = members.boolean("essential");
    step.growth_bytes = members.number("growth_bytes");
    step.unpacked_bytes = members.count_or_null("unpacked_bytes").value_or(0);
    if (!is_package_name(step.name)) {
        members.reject("name");
    }
    if (!is_word_of(step.architecture, "-_")) {
        members.reject("architecture");
    }
    if (!is_version(step.from_version) || !is_version(step.to_version)) {
        members.reject("to_version");
    }
    const bool removes = step.change == model::PlannedChange::Remove;
    if (removes != step.to_version.empty() || removes != members.is_null("archive")) {
        members.reject("archive");
    }
    THIMBLE_TRY(members.done());
    if (!removes) {
        THIMBLE_TRY(step.archive, read_archive(members.member("archive")));
    }
    return step;
}

Result<model::Plan> parse_plan(std::string_view text) {
    auto plan = read_document(text);
    if (!plan && plan.error().code == "base.bad_json") {
        Error error = std::move(plan).error();
        error.code = "apply.bad_plan";
        return because("not a plan of Thimble", std::move(error));
    }
    return plan;
}

}  // namespace thimble::apply
