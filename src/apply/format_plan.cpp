#include "thimble/apply/plan_file.hpp"
#include "thimble/apply/plan_words.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"

namespace thimble::apply {
namespace {

void write_count(JsonWriter& json, std::string_view name, std::uint64_t value) {
    json.key(name).number(static_cast<std::int64_t>(value));
}

void write_seconds(JsonWriter& json, std::string_view name, std::chrono::seconds value) {
    json.key(name).number(value.count());
}

void write_selection(JsonWriter& json, const model::PlanSelection& selection) {
    json.key("selection").open_object();
    json.key("security").boolean(selection.security).key("all").boolean(selection.all);
    json.member("vulnerabilities", selection.vulnerabilities);
    json.member("packages", selection.packages);
    json.member("advisories", selection.advisories);
    json.member("excluded", selection.excluded);
    json.member("level", model::upgrade_level_name(selection.level)).close_object();
}

void write_probe(JsonWriter& json, const model::HealthProbe& probe) {
    json.open_object();
    json.member("name", probe.name).member("kind", model::probe_kind_name(probe.kind));
    json.member("target", probe.target);
    json.member("argv", probe.argv);
    write_seconds(json, "timeout_seconds", probe.timeout);
    json.close_object();
}

void write_policy(JsonWriter& json, const model::PlanPolicy& policy) {
    json.key("policy").open_object();
    json.key("allow_removals").boolean(policy.allow_removals);
    json.key("allow_downgrades").boolean(policy.allow_downgrades);
    json.key("allow_untrusted").boolean(policy.allow_untrusted);
    json.member("conffiles", model::conffile_policy_name(policy.conffiles));
    json.key("roll_back_on_failure").boolean(policy.roll_back_on_failure);
    write_count(json, "reserve_bytes", policy.reserve_bytes);
    write_seconds(json, "lock_timeout_seconds", policy.lock_timeout);
    write_seconds(json, "transaction_timeout_seconds", policy.transaction_timeout);
    write_seconds(json, "silence_timeout_seconds", policy.silence_timeout);
    write_seconds(json, "settle_seconds", policy.settle);
    write_count(json, "settle_tries", policy.settle_tries);
    json.key("probes").open_array();
    for (const model::HealthProbe& probe : policy.probes) {
        write_probe(json, probe);
    }
    json.close_array();
    if (!policy.origins.empty()) {
        json.member("origins", policy.origins);
    }
    json.close_object();
}

void write_patches(JsonWriter& json, const std::vector<model::PlannedPatch>& patches) {
    json.key("patches").open_array();
    for (const model::PlannedPatch& patch : patches) {
        json.open_object();
        json.member("source", patch.source).member("from_version", patch.from_version);
        json.member("to_version", patch.to_version);
        json.member("vulnerabilities", patch.vulnerabilities);
        if (patch.evidence_first) {
            json.key("collect_evidence_first").boolean(true);
        }
        json.close_object();
    }
    json.close_array();
}

void write_conffiles(JsonWriter& json, const std::vector<model::PlannedConffile>& conffiles) {
    json.key("conffiles").open_array();
    for (const model::PlannedConffile& conffile : conffiles) {
        json.open_object();
        json.member("package", conffile.package).member("path", conffile.path);
        json.member("conflict", model::conffile_conflict_name(conffile.conflict));
        json.member_or_null("diff", conffile.diff).close_object();
    }
    json.close_array();
}

/// All members but the digest, between braces that the caller writes.
void write_content(JsonWriter& json, const model::Plan& plan) {
    json.member("format", kPlanFormat).member("created_at", format_instant(plan.created_at));
    json.member("host", plan.host).member("machine_id", plan.machine_id);
    if (plan.root) {
        json.key("root").open_object().member("path", plan.root->path);
        write_count(json, "inode", plan.root->inode);
        json.member_or_null("machine_id", plan.root->machine_id).close_object();
    }
    json.member("os_id", plan.os_id).member("os_version", plan.os_version);
    json.member("architecture", plan.architecture).member("manager", plan.manager);
    write_selection(json, plan.selection);
    write_policy(json, plan.policy);
    write_patches(json, plan.patches);
    if (!plan.left_out.empty()) {
        write_left_out(json, plan.left_out);
    }
    json.key("steps").open_array();
    for (const model::PlannedStep& step : plan.steps) {
        write_step(json, step);
    }
    json.close_array();
    write_conffiles(json, plan.conffiles);
    json.member("services", plan.services);
    json.member("restart", restart_word(plan.restart));
    write_count(json, "download_bytes", plan.download_bytes);
    json.key("growth_bytes").number(plan.growth_bytes);
    write_seconds(json, "expected_seconds", plan.expected_duration);
    json.member("host_state", plan.host_state);
    if (plan.held) {
        json.member("held", *plan.held);
    }
    write_problems(json, plan.problems);
}

}  // namespace

void write_problems(JsonWriter& json, const std::vector<model::PlanProblem>& problems) {
    json.key("problems").open_array();
    for (const model::PlanProblem& problem : problems) {
        json.open_object();
        json.member("code", problem.code).member("detail", problem.detail);
        json.member_or_null("next", problem.next).close_object();
    }
    json.close_array();
}

void write_left_out(JsonWriter& json, const std::vector<model::LeftOut>& left_out) {
    json.key("left_out").open_array();
    for (const model::LeftOut& patch : left_out) {
        json.open_object().member("source", patch.source).member("code", patch.code);
        json.member("why", patch.why);
        if (!patch.installed.empty()) {
            json.member("installed", patch.installed).member("type", patch.type);
        }
        json.close_object();
    }
    json.close_array();
}

void write_step(JsonWriter& json, const model::PlannedStep& step) {
    json.open_object();
    json.member("change", model::planned_change_name(step.change)).member("name", step.name);
    json.member("architecture", step.architecture);
    json.member_or_null("from_version", step.from_version);
    json.member_or_null("to_version", step.to_version);
    json.member("source_name", step.source_name).member("source_version", step.source_version);
    json.member("origin", step.origin).key("selected").boolean(step.selected);
    json.key("automatic").boolean(step.automatic).key("essential").boolean(step.essential);
    json.key("growth_bytes").number(step.growth_bytes);
    if (step.unpacked_bytes > 0) {
        write_count(json, "unpacked_bytes", step.unpacked_bytes);
    }
    json.key("archive");
    if (step.archive) {
        json.open_object();
        json.member("file_name", step.archive->file_name).member("uri", step.archive->uri);
        json.member("sha256", step.archive->sha256);
        write_count(json, "size", step.archive->size);
        json.close_object();
    } else {
        json.null();
    }
    json.close_object();
}

std::string plan_digest(const model::Plan& plan) {
    std::string content;
    JsonWriter json(content);
    json.open_object();
    write_content(json, plan);
    json.close_object();
    return sha256_of(content);
}

std::string format_plan(const model::Plan& plan) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    write_content(json, plan);
    json.member("digest", plan_digest(plan)).close_object();
    return text;
}

}  // namespace thimble::apply
