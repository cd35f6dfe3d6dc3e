#include "thimble/agent/job_outcome.hpp"

#include "thimble/base/json_writer.hpp"

#include <cstddef>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxResultBytes = std::size_t{48} << 10;

void write_hooks(JsonWriter& json, const std::vector<HookEnd>& hooks) {
    json.key("hooks").open_array();
    for (const HookEnd& end : hooks) {
        json.open_object().member("step", model::hook_step_name(end.hook.step));
        json.member("name", end.hook.name).member("ended", hook_ending_name(end.ending));
        json.key("exit_status").number(end.exit_status).key("seconds").number(end.lasted.count());
        json.member("output", end.output).close_object();
    }
    json.close_array();
}

}  // namespace

std::string format_job_outcome(const protocol::Job& job, JobOutcome outcome) {
    for (;;) {
        std::string text;
        JsonWriter json(text);
        json.open_object()
            .member("job", job.id)
            .member("kind", protocol::job_kind_name(job.kind))
            .member("outcome", outcome.outcome);
        json.key("exit_status").number(outcome.exit_status);
        json.member_or_null("plan_digest", outcome.plan_digest).key("documents").open_array();
        for (const std::string& digest : outcome.documents) {
            json.text(digest);
        }
        json.close_array();
        if (!outcome.evidence.empty()) {
            json.member("evidence", outcome.evidence);
        }
        if (outcome.reboot) {
            json.key("boot").open_object().member("before", outcome.reboot->before.id);
            json.member("after", outcome.reboot->after.id);
            json.member("kernel", outcome.reboot->after.kernel).close_object();
        }
        if (!outcome.hooks.empty()) {
            write_hooks(json, outcome.hooks);
        }
        json.member("output", outcome.output).close_object();
        if (text.size() <= kMaxResultBytes) {
            return text;
        }
        outcome.output = outcome.output.substr((outcome.output.size() + 1) / 2);
    }
}

}  // namespace thimble::agent
