#include "thimble/agent/agent_step.hpp"

#include "thimble/protocol/job.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace thimble::agent {
namespace {

using std::chrono::seconds;

constexpr seconds kShortestPatience{50};
constexpr std::chrono::days kPatienceKept{1};
constexpr seconds kFirstRetry{5};
constexpr std::uint32_t kMostDoublings = 8;
constexpr seconds kLongestRetry{15 * 60};
constexpr seconds kHelperRetry{30};
constexpr seconds kHostRetry{60};
constexpr seconds kBetweenCheckIns{60};
constexpr std::string_view kHostAway = "agent.host_away";
constexpr std::uint64_t kStartSpread = 5;     // seconds
constexpr std::uint64_t kSpreadPercent = 20;  // of the interval, half of it either way

seconds drawn_below(std::uint64_t limit, std::uint64_t draw) {
    return seconds(static_cast<std::int64_t>(limit == 0 ? 0 : draw % limit));
}

/// 90 to 110 % of the interval.
seconds spread(seconds interval, std::uint64_t draw) {
    const auto width = static_cast<std::uint64_t>(interval.count()) * kSpreadPercent / 100;
    return interval - seconds(static_cast<std::int64_t>(width / 2)) + drawn_below(width + 1, draw);
}

/// The wait that two were cut off before; 3 of 4 parts of it.
seconds shorter(seconds held) {
    return std::clamp<seconds>(held * 3 / 4, kShortestPatience, kLongestPatience);
}

/// Doubles up to a quarter of an hour; half of it is left to chance.
seconds back_off(std::uint32_t failures, std::uint64_t draw) {
    const std::uint32_t doublings = std::min(failures - 1, kMostDoublings);
    const seconds whole =
        std::min(kLongestRetry, kFirstRetry * static_cast<std::int64_t>(1U << doublings));
    return whole / 2 + drawn_below(static_cast<std::uint64_t>(whole.count() / 2) + 1, draw);
}

bool has(const std::vector<std::string>& ids, const std::string& id) {
    return std::ranges::find(ids, id) != ids.end();
}

bool has_ended(const AgentState& state, const std::string& id) {
    return std::ranges::any_of(state.ended, [&](const EndedJob& job) { return job.id == id; });
}

/// A halt stops changes. To look whether a control holds is none, and without it a halt would let every control lapse.
bool may_begin(const protocol::Work& work, const protocol::WaitingJob& job) {
    if (!work.halted) {
        return true;
    }
    const auto content = protocol::parse_job(job.envelope.content);
    return content && protocol::looks_at_control(content->kind);
}

/// The oldest job that is to be begun; none while something runs.
const protocol::WaitingJob* job_to_begin(const AgentState& state, Instant now) {
    if (!state.running.empty() || now < state.next_job) {
        return nullptr;
    }
    const auto found = std::ranges::find_if(state.work.jobs, [&](const protocol::WaitingJob& job) {
        return !has_ended(state, job.id) && may_begin(state.work, job);
    });
    return found == state.work.jobs.end() ? nullptr : &*found;
}

void count_reported(AgentState& state, std::uint64_t reported) {
    // What the server knows to have ended it does not give again; what it gave before it knew goes too.
    std::erase_if(state.ended, [&](const EndedJob& ended) {
        const bool is_known = ended.sequence <= reported;
        if (is_known) {
            std::erase_if(state.work.jobs, [&](const auto& job) { return job.id == ended.id; });
        }
        return is_known;
    });
    state.reported = reported;
    state.knows_reported = true;
}

class Step {
public:
    Step(AgentState& state, Instant now, std::uint64_t draw)
        : state_(state), now_(now), draw_(draw) {}

    void operator()(const Started& /*event*/) {
        state_.next_check_in = now_ + drawn_below(kStartSpread, draw_);
    }
    void operator()(const CheckedIn& event) {
        succeed();
        state_.standing = Standing::AsItWas;
        state_.checked_in_at = now_;
        hear_from(event.answer.interval);
        state_.needs = event.answer.needs;
        count_reported(state_, event.answer.report_sequence);
        state_.work = event.answer.work;
    }
    void operator()(const DocumentSent& event) {
        succeed();
        leave(event.digest);
    }
    void operator()(const DocumentRefused& event) {
        succeed();
        leave(event.digest);
    }
    void operator()(const ReportsTaken& event) {
        succeed();
        count_reported(state_, event.reported);
    }
    void operator()(const WorkHeard& event) {
        succeed();
        state_.cuts = 0;
        if (now_ >= state_.patience_until) {
            state_.patience = kLongestPatience;
        }
        if (event.news) {
            state_.work = event.news->work;
        }
        if (state_.standing != Standing::AsItWas) {
            return;
        }
        hear_from(event.news ? event.news->interval : state_.interval);
        if (event.news && event.news->wants_check_in) {
            // It may want what it has just refused, again and again.
            state_.standing = Standing::Unsaid;
            state_.next_check_in = std::max(now_, state_.checked_in_at + kBetweenCheckIns);
        }
    }
    /// Something between here and the server does not bear so long a silence. One cut may be a server that begins anew.
    void operator()(const WaitCut& event) {
        state_.next_try = now_ + drawn_below(kStartSpread, draw_);
        if (++state_.cuts > 1) {
            state_.patience = std::min(state_.patience, shorter(event.held));
            state_.patience_until = now_ + kPatienceKept;
        }
    }
    void operator()(const HostChanged& /*event*/) { state_.next_check_in = now_; }
    void operator()(const Failed& event) {
        if (event.code == kHostAway) {
            state_.standing = Standing::Away;
            state_.next_check_in = now_ + spread(std::min(state_.interval, kHostRetry), draw_);
            return;
        }
        if (event.code == "server.revoked") {
            state_.stopped = "the server has revoked this host; ask who runs it";
        } else if (event.code == "server.unknown_host") {
            state_.stopped = "the server does not know this host; enrol it again";
        }
        ++state_.failures;
        state_.next_try = now_ + back_off(state_.failures, draw_);
    }
    void operator()(const ReportWritten& event) { state_.written = event.sequence; }
    void operator()(const DocumentsOffered& event) {
        for (const std::string& digest : event.digests) {
            if (!has(state_.offered, digest)) {
                state_.offered.push_back(digest);
            }
        }
    }
    void operator()(const JobBegun& event) { state_.running = event.id; }
    void operator()(const JobNotBegun& /*event*/) { state_.next_job = now_ + kHelperRetry; }
    void operator()(const JobEnded& event) {
        state_.running.clear();
        state_.ended.push_back(event.job);
    }

private:
    void succeed() {
        state_.failures = 0;
        state_.next_try = now_;
    }

    void hear_from(seconds interval) {
        state_.interval = interval;
        state_.next_check_in = now_ + spread(interval, draw_);
    }

    /// It is sent no more.
    void leave(const std::string& digest) {
        std::erase(state_.needs, digest);
        std::erase(state_.offered, digest);
    }

    AgentState& state_;
    Instant now_;
    std::uint64_t draw_;
};

}  // namespace

Action next_action(const AgentState& state, Instant now) {
    if (!state.stopped.empty()) {
        return Stop{state.stopped};
    }
    if (const protocol::WaitingJob* job = job_to_begin(state, now); job != nullptr) {
        return BeginJob{*job};
    }
    if (now < state.next_try) {
        return Rest{state.next_try};
    }
    if (now >= state.next_check_in) {
        return CheckIn{};
    }
    if (!state.needs.empty()) {
        return SendDocument{state.needs.front()};
    }
    // Before the reports that name them.
    if (!state.offered.empty()) {
        return SendDocument{state.offered.front()};
    }
    if (state.knows_reported && state.written > state.reported) {
        return SendReports{state.reported};
    }
    if (!state.running.empty()) {
        return Rest{state.next_check_in};
    }
    if (!state.work.jobs.empty() && now < state.next_job) {
        return Rest{std::min(
            state.next_job, state.next_check_in)};  // the server would give it again at once
    }
    return AskForWork{std::min<seconds>(state.patience, state.next_check_in - now), state.standing};
}

AgentState after(AgentState state, const Event& event, Instant now, std::uint64_t draw) {
    std::visit(Step(state, now, draw), event);
    return state;
}

}  // namespace thimble::agent
