#include "thimble/agent/job_command.hpp"

#include "thimble/model/plan_command.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace thimble::agent {
namespace {

using Words = std::vector<std::string>;

Words patch_words(const JobPlaces& places, Words verb) {
    Words words{places.patch};
    words.insert(words.end(), verb.begin(), verb.end());
    words.insert(words.end(), {"--json", "--state", places.state});
    if (!places.root.empty()) {
        words.insert(words.end(), {"--root", places.root});
    }
    return words;
}

/// The owner of a policy may ask for less than root may: see model::why_no_fleet_health.
void add_health(Words& words, const model::PlanHealth& health) {
    for (const model::HealthProbe& probe : health.probes) {
        words.insert(
            words.end(),
            {"--probe",
             probe.name + "=" + std::string(model::probe_kind_name(probe.kind)) + ":"
                 + probe.target});
    }
    if (!health.probes.empty()) {
        words.insert(
            words.end(), {"--probe-limit", std::to_string(health.probes.front().timeout.count())});
    }
    words.insert(
        words.end(),
        {"--settle",
         std::to_string(health.settle.count()),
         "--settle-tries",
         std::to_string(health.settle_tries)});
    if (!health.roll_back_on_failure) {
        words.emplace_back("--no-rollback");
    }
}

Words plan_words(const protocol::Job& job, const JobPlaces& places) {
    Words words = patch_words(places, {"patch", "plan"});
    std::ranges::move(model::selection_words(job.selection), std::back_inserter(words));
    if (job.health) {
        add_health(words, *job.health);
    }
    words.insert(
        words.end(),
        {"--pass-over-missing",  // what was selected was so for many hosts
         "--output",
         fresh_plan_file(places)});
    return words;
}

Words apply_words(const std::string& plan, const JobPlaces& places) {
    Words words = patch_words(places, {"patch", "apply", plan});
    // When the turn of a host comes is the rollout's to say; what has changed on the host since still counts.
    words.insert(words.end(), {"--max-age", "0"});
    if (!places.approvers.empty()) {
        words.insert(
            words.end(),
            {"--approvers", places.approvers, "--approvals", std::to_string(places.approvals)});
    }
    if (!places.approval.empty()) {
        words.insert(words.end(), {"--approval", places.approval});
    }
    return words;
}

/// What is done to the control of a job.
Words control_words(const protocol::Job& job, const JobPlaces& places, Words verb) {
    if (!job.control) {
        return {};
    }
    Words words{places.control, "control"};
    words.insert(words.end(), verb.begin(), verb.end());
    words.insert(
        words.end(),
        {"--id",
         job.control->id,
         "--digest",
         job.control->digest,
         "--job",
         job.id,
         "--json",
         "--state",
         places.state});
    if (!places.root.empty()) {
        words.insert(words.end(), {"--root", places.root});
    }
    return words;
}

/// The document lies beside its digest: the root helper has written it there.
Words deploy_words(const protocol::Job& job, const JobPlaces& places) {
    return job.control
        ? control_words(job, places, {"deploy", control_file(places, job.control->digest)})
        : Words();
}

/// It works on nothing of this host: neither its controls nor a directory that stands for it.
Words probe_words(const protocol::Job& job, const JobPlaces& places) {
    if (!job.control || !job.probe) {
        return {};
    }
    return {
        places.control,
        "control",
        "probe",
        "--id",
        job.control->id,
        "--digest",
        job.control->digest,
        "--job",
        job.id,
        "--from",
        job.probe->from_allowed ? "allowed" : "refused",
        "--address",
        job.probe->address,
        "--port",
        std::to_string(job.probe->port),
        "--json"};
}

Words inventory_words(const JobPlaces& places) {
    Words words{places.agent, "inventory", "--cache", places.state};
    if (!places.root.empty()) {
        words.insert(words.end(), {"--root", places.root});
    }
    return words;
}

}  // namespace

std::string plan_file(const JobPlaces& places, const std::string& digest) {
    return places.plans + "/" + digest + ".json";
}

std::string control_file(const JobPlaces& places, const std::string& digest) {
    return places.plans + "/control-" + digest + ".json";
}

std::vector<std::string> recover_command(const protocol::Job& job, const JobPlaces& places) {
    return control_words(job, places, {"recover"});
}

std::string fresh_plan_file(const JobPlaces& places) {
    return places.plans + "/fresh.json";
}

Words command_of(const protocol::Job& job, const JobPlaces& places) {
    using protocol::JobKind;
    const std::string plan = plan_file(places, job.plan_digest);
    switch (job.kind) {
        case JobKind::Inventory: return inventory_words(places);
        case JobKind::Prefetch: return plan_words(job, places);
        case JobKind::Rehearse: return patch_words(places, {"patch", "rehearse", plan});
        case JobKind::Apply: return apply_words(plan, places);
        case JobKind::Verify: return patch_words(places, {"verify", "--plan", plan});
        case JobKind::Rollback: return patch_words(places, {"patch", "rollback", job.run});
        case JobKind::RestartServices:
            return patch_words(places, {"verify", "--plan", plan, "--restart-services"});
        case JobKind::Reboot: return {};  // see reboot.hpp
        case JobKind::DeployControl: return deploy_words(job, places);
        case JobKind::VerifyControl: return control_words(job, places, {"verify"});
        case JobKind::RemoveControl: return control_words(job, places, {"remove"});
        case JobKind::ProbeControl: return probe_words(job, places);
    }
    return {};
}

Words resume_command(const JobPlaces& places) {
    return patch_words(places, {"patch", "resume"});
}

}  // namespace thimble::agent
