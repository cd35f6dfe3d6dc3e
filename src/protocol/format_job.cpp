#include "thimble/base/json_writer.hpp"
#include "thimble/protocol/job.hpp"

#include <string>
#include <vector>

namespace thimble::protocol {
namespace {

void write_names(JsonWriter& json, JsonKey name, const std::vector<std::string>& names) {
    json.key(name).open_array();
    for (const std::string& text : names) {
        json.text(text);
    }
    json.close_array();
}

void write_health(JsonWriter& json, const model::PlanHealth& health) {
    json.key("health").open_object().key("probes").open_array();
    for (const model::HealthProbe& probe : health.probes) {
        json.open_object().member("name", probe.name);
        json.member("kind", model::probe_kind_name(probe.kind)).member("target", probe.target);
        json.key("timeout_seconds").number(probe.timeout.count()).close_object();
    }
    json.close_array().key("settle_seconds").number(health.settle.count());
    json.key("settle_tries").number(health.settle_tries);
    json.key("roll_back_on_failure").boolean(health.roll_back_on_failure).close_object();
}

void write_hooks(JsonWriter& json, const JobHooks& hooks) {
    json.key("hooks").open_object().member("deployment", hooks.deployment);
    json.key("steps").open_array();
    for (const model::OwnerHook& hook : hooks.steps) {
        json.open_object().member("step", model::hook_step_name(hook.step));
        json.member("name", hook.name).key("limit_seconds").number(hook.limit.count());
        json.member("on_failure", model::hook_failure_name(hook.on_failure)).close_object();
    }
    json.close_array().close_object();
}

}  // namespace

std::string format_selection(const model::PlanSelection& selection) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    json.key("security").boolean(selection.security).key("all").boolean(selection.all);
    write_names(json, "vulnerabilities", selection.vulnerabilities);
    write_names(json, "packages", selection.packages);
    write_names(json, "advisories", selection.advisories);
    write_names(json, "excluded", selection.excluded);
    json.member("level", model::upgrade_level_name(selection.level)).close_object();
    return text;
}

std::string format_job(const Job& job) {
    std::string text;
    JsonWriter json(text);
    json.open_object()
        .member("format", "thimble.job/1")
        .member("kind", job_kind_name(job.kind))
        .member("id", job.id)
        .member("host", job.host)
        .member_or_null("plan_digest", job.plan_digest)
        .member_or_null("run", job.run);
    if (job.kind == JobKind::Prefetch) {
        json.key("selection").written(format_selection(job.selection));
    } else {
        json.key("selection").null();
    }
    if (job.health) {
        write_health(json, *job.health);
    }
    if (job.hooks) {
        write_hooks(json, *job.hooks);
    }
    if (job.control) {
        json.key("control").open_object().member("id", job.control->id);
        json.member("digest", job.control->digest);
        json.member_or_null("document", job.control->document).close_object();
    }
    if (job.probe) {
        json.key("probe").open_object().member(
            "from", job.probe->from_allowed ? "allowed" : "refused");
        json.member("address", job.probe->address)
            .key("port")
            .number(job.probe->port)
            .close_object();
    }
    json.member_or_null("lease", job.lease)
        .member("not_before", format_instant(job.not_before))
        .member("expires_at", format_instant(job.expires_at))
        .key("sequence")
        .number(static_cast<std::int64_t>(job.sequence))
        .close_object();
    return text;
}

}  // namespace thimble::protocol
