// What time and the comings and goings of hosts mean for controls. What is due is found by an index: a pass costs what
// is due in it, not what there is.
#include "thimble/server/control_course.hpp"
#include "thimble/server/control_facts.hpp"
#include "thimble/server/lead.hpp"
#include "thimble/server/rollout_course.hpp"
#include "thimble/store/audit_log.hpp"
#include "thimble/store/control_probes.hpp"
#include "thimble/store/jobs.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <utility>

namespace thimble::server {
namespace {

constexpr std::int64_t kMostInPass = 2000;
/// What others may have to wait for.
constexpr std::int64_t kMostInTransaction = 200;
/// The last entry of the audit log of which hosts that came, went or changed were looked at.
constexpr const char* kFollowed = "controls.followed";
constexpr std::int64_t kMostEntries = 10'000;

/// One pass. It goes on where one part of it fails; the next finds the same to do.
class ControlWatch {
public:
    ControlWatch(Context& context, Instant now) : context_(context), now_(now) {}

    Result<void> run() {
        THIMBLE_TRY(live_, context_.database.look([](store::Connection& connection) {
            return store::live_controls(connection);
        }));
        if (live_.empty()) {
            return {};
        }
        try_to([&](store::Connection& connection, Trail& trail) {
            return follow_hosts(connection, trail);
        });
        for (std::int64_t done = 0; done < kMostInPass; done += kMostInTransaction) {
            std::size_t looked_at = 0;
            try_to([&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(looked_at, settle_due(connection, trail));
                return {};
            });
            if (std::cmp_less(looked_at, kMostInTransaction)) {
                break;
            }
        }
        for (const store::ControlRecord& control : live_) {
            try_to([&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(
                    auto course, ControlCourse::open(context_, connection, trail, control.id));
                THIMBLE_TRY(course.shorten());
                return course.settle();
            });
        }
        if (has_moved_) {
            context_.documents_changed();  // who judges the hosts
        }
        return first_error_ ? Result<void>(*std::move(first_error_)) : Result<void>();
    }

private:
    void try_to(const std::function<Result<void>(store::Connection&, Trail&)>& work) {
        auto done = server::change(
            context_, now_, [&](store::Connection& connection, Trail& trail) -> Result<void> {
                THIMBLE_TRY(check_lead(context_, connection));
                THIMBLE_TRY(work(connection, trail));
                has_moved_ = has_moved_ || !trail.entries().empty();
                return {};
            });
        if (!done && !first_error_) {
            first_error_ = std::move(done).error();
        }
    }

    Result<void> follow_hosts(store::Connection& connection, Trail& trail) {
        THIMBLE_TRY(const std::string kept, store::setting(connection, kFollowed));
        std::int64_t entry = 0;
        std::from_chars(kept.data(), kept.data() + kept.size(), entry);
        THIMBLE_TRY(const std::int64_t head, store::audit_head(connection));
        if (entry == head) {
            return {};
        }
        // Nobody knows what came before: all of them, once.
        if (kept.empty()) {
            THIMBLE_TRY(follow_all(connection, trail));
            return store::set_setting(connection, kFollowed, std::to_string(head));
        }
        THIMBLE_TRY(
            const auto changed, store::hosts_changed_since(connection, entry, kMostEntries));
        THIMBLE_TRY(const auto candidates, store::candidates_among(connection, changed.ids));
        for (const store::ControlRecord& control : live_) {
            THIMBLE_TRY(auto course, ControlCourse::open(context_, connection, trail, control.id));
            for (const std::string& id : changed.ids) {
                THIMBLE_TRY(follow_one(course, id, candidates));
            }
        }
        THIMBLE_TRY(doubt_answers_of(connection, trail, changed.ids));
        return store::set_setting(connection, kFollowed, std::to_string(changed.up_to));
    }

    /// What a host said that was revoked, replaced or moved since is no proof any more.
    Result<void> doubt_answers_of(
        store::Connection& connection, Trail& trail, const std::vector<std::string>& probers) {
        THIMBLE_TRY(const auto places, store::asked_of(connection, probers));
        for (const auto& [control, id] : places) {
            THIMBLE_TRY(auto host, store::control_host_of(connection, control, id));
            if (!host || !is_control_up(control_state_of(host->state))) {
                continue;
            }
            THIMBLE_TRY(auto course, ControlCourse::open(context_, connection, trail, control));
            THIMBLE_TRY(course.doubt_answers(*host));
            THIMBLE_TRY(course.settle_whole());
        }
        return {};
    }

    Result<void> follow_all(store::Connection& connection, Trail& trail) {
        THIMBLE_TRY(const auto candidates, host_facts(connection));
        for (const store::ControlRecord& control : live_) {
            THIMBLE_TRY(auto course, ControlCourse::open(context_, connection, trail, control.id));
            THIMBLE_TRY(course.follow_scope(candidates));
        }
        return {};
    }

    static Result<void> follow_one(
        ControlCourse& course,
        const std::string& id,
        const std::vector<store::RolloutCandidate>& candidates) {
        const auto found =
            std::ranges::lower_bound(candidates, id, {}, &store::RolloutCandidate::id);
        if (found == candidates.end() || found->id != id) {
            return course.follow_host(id, nullptr);
        }
        const rollout::HostFacts facts = facts_of(*found);
        return course.follow_host(id, &facts);
    }

    /// @return how many hosts were looked at
    Result<std::size_t> settle_due(store::Connection& connection, Trail& trail) {
        THIMBLE_TRY(auto hosts, store::due_control_hosts(connection, now_, kMostInTransaction));
        std::map<std::string, ControlCourse> courses;
        for (store::ControlHost& host : hosts) {
            auto found = courses.find(host.control_id);
            if (found == courses.end()) {
                THIMBLE_TRY(
                    auto course, ControlCourse::open(context_, connection, trail, host.control_id));
                found = courses.emplace(host.control_id, std::move(course)).first;
            }
            THIMBLE_TRY(found->second.settle_host(host));
        }
        for (auto& [id, course] : courses) {
            THIMBLE_TRY(course.settle_whole());
        }
        return hosts.size();
    }

    Context& context_;
    Instant now_;
    std::vector<store::ControlRecord> live_;
    bool has_moved_ = false;
    std::optional<Error> first_error_;
};

}  // namespace

Result<void> watch_controls(Context& context, Instant now) {
    return ControlWatch(context, now).run();
}

}  // namespace thimble::server
