#include "thimble/rollout/forecast.hpp"

#include "thimble/calendar/parse_window.hpp"
#include "thimble/rollout/explain.hpp"
#include "thimble/rollout/step.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace thimble::rollout {
namespace {

/// How long a rehearsal, a verification or a reboot takes, roughly.
constexpr std::chrono::minutes kTick{15};
constexpr std::chrono::days kBehind{8};
/// A host that waits at the end is told for which window.
constexpr std::chrono::days kBeyond{40};

class Play {
public:
    Play(Rollout rollout, Openings openings, calendar::Span time, std::chrono::seconds typical)
        : rollout_(std::move(rollout)),
          openings_(std::move(openings)),
          time_(time),
          typical_(typical),
          changed_at_(rollout_.hosts.size()),
          opened_at_(rollout_.rings.size()) {}

    void run(const std::map<std::string, bool>& misses) {
        Instant now = time_.begin;
        while (now < time_.end && rollout_.phase == RolloutPhase::Running) {
            const bool moved = move_hosts(misses);
            freeze();
            approve(now);
            Step next = step(std::move(rollout_), Ticked{}, openings_, now);
            rollout_ = std::move(next.rollout);
            note(next.commands, now);
            now_ = now;
            now = moved || !next.commands.empty() ? now + kTick : next_instant(now);
        }
    }

    [[nodiscard]] ForecastLine line(std::size_t at, const Holds& holds) const {
        const RolloutHost& host = rollout_.hosts[at];
        ForecastLine line{host.id, rollout_.policy.rings[host.ring].name, changed_at_[at], ""};
        if (line.changed_at != Instant()) {
            line.why = "ring opens " + format_instant(opened_at_[host.ring]);
            if (host.order != 0) {
                line.why += ", step " + std::to_string(host.order) + " of "
                    + std::to_string(rollout_.policy.order.size()) + " of the order";
            }
            for (const calendar::Span& span : openings_.install) {
                if (span.has(line.changed_at) && !rollout_.policy.windows.empty()) {
                    line.why += ", window " + format_instant(span.begin) + " to "
                        + format_instant(span.end);
                }
            }
            line.why += notice_words(host);
        } else if (host.stage == HostStage::NothingToDo) {
            line.why = "misses nothing";
        } else {
            line.why = explain(rollout_, at, holds, now_).sentence;
        }
        return line;
    }

    /// Why those that were not changed still wait in the end.
    [[nodiscard]] Holds holds() const { return {rollout_, openings_, now_}; }
    [[nodiscard]] const Rollout& rollout() const { return rollout_; }
    [[nodiscard]] bool needs_word() const { return needs_word_; }

private:
    /// Of a host that might have been changed while its owner had notice.
    [[nodiscard]] std::string notice_words(const RolloutHost& host) const {
        const NoticeRule& rule = rollout_.policy.notice;
        const calendar::Span notice{host.noticed_at, host.noticed_at + rule.before};
        const bool has_waited =
            std::ranges::any_of(openings_.install, [&](const calendar::Span& span) {
                return span.begin < notice.end && notice.begin < span.end;
            });
        if (host.noticed_at == Instant() || !has_waited) {
            return "";
        }
        const std::string words = ", its owner has notice until " + format_instant(notice.end);
        return rule.deferrals == 0 ? words
                                   : words + " and may put it off " + std::to_string(rule.deferrals)
                + (rule.deferrals == 1 ? " time, " : " times, each ")
                + calendar::format_length(rule.longest) + " at most";
    }

    bool move_hosts(const std::map<std::string, bool>& misses) {
        bool moved = false;
        for (RolloutHost& host : rollout_.hosts) {
            const HostStage before = host.stage;
            if (host.stage == HostStage::Preparing) {
                host.stage = misses.at(host.id) ? HostStage::Ready : HostStage::NothingToDo;
                host.expected = typical_;
            } else if (host.stage == HostStage::Changing || host.stage == HostStage::Rebooting) {
                host.stage = HostStage::Succeeded;
            }
            moved = moved || host.stage != before;
        }
        return moved;
    }

    void freeze() {
        const bool is_open = std::ranges::any_of(rollout_.hosts, [](const RolloutHost& host) {
            return host.ring == 0
                && (host.stage == HostStage::Waiting || host.stage == HostStage::Preparing);
        });
        if (!is_open) {
            rollout_.frozen = "forecast";
        }
    }

    /// As many people as are needed say yes when it is needed.
    void approve(Instant now) {
        for (std::size_t at = 0; at < rollout_.hosts.size(); ++at) {
            if (rollout_.hosts[at].stage != HostStage::Ready) {
                continue;
            }
            if (Holds(rollout_, openings_, now).of(at).reason == HoldReason::Approval) {
                needs_word_ = true;
                for (std::uint32_t one = 0; one < rollout_.policy.approval.people; ++one) {
                    rollout_.approvals.push_back(
                        {"person " + std::to_string(one), rollout_.frozen, now});
                }
            }
            return;  // what holds one of them holds all
        }
    }

    void note(const std::vector<Command>& commands, Instant now) {
        for (const Command& command : commands) {
            if (command.kind == Command::Kind::Change) {
                changed_at_[command.host] = now;
            }
        }
        for (std::size_t ring = 0; ring < rollout_.rings.size(); ++ring) {
            if (opened_at_[ring] == Instant() && rollout_.rings[ring].phase != RingPhase::Waiting) {
                opened_at_[ring] = now;
            }
        }
    }

    /// When something can change by itself.
    [[nodiscard]] Instant next_instant(Instant now) const {
        Instant next = time_.end;
        const auto take = [&](Instant instant) {
            if (instant > now) {
                next = std::min(next, instant);
            }
        };
        for (std::size_t ring = 0; ring < rollout_.rings.size(); ++ring) {
            take(rollout_.began + rollout_.policy.rings[ring].after);
            take(rollout_.rings[ring].since + rollout_.policy.rings[ring].soak);
        }
        for (const calendar::Span& span : openings_.install) {
            take(span.begin);
        }
        for (const RolloutHost& host : rollout_.hosts) {
            take(host.noticed_at + rollout_.policy.notice.before);
        }
        return std::max(next, now + std::chrono::seconds(1));
    }

    Rollout rollout_;
    Openings openings_;
    calendar::Span time_;
    std::chrono::seconds typical_;
    std::vector<Instant> changed_at_;
    std::vector<Instant> opened_at_;
    Instant now_;
    bool needs_word_ = false;
};

}  // namespace

Result<Forecast> forecast(
    const Policy& policy,
    std::span<const ForecastHost> hosts,
    calendar::Span time,
    std::chrono::seconds typical) {
    std::map<std::string, bool> misses;
    std::vector<HostFacts> facts;
    Forecast result;
    for (const ForecastHost& host : hosts) {
        if (is_about(policy, host.facts)) {
            misses[host.facts.id] = host.misses;
            facts.push_back(host.facts);
        } else {
            result.lines.push_back({host.facts.id, "", {}, "the policy is not about it"});
        }
    }
    THIMBLE_TRY(Rollout rollout, begin_rollout(policy, facts, "whoever begins it", time.begin));
    THIMBLE_TRY(Openings openings, openings_of(policy, time.begin - kBehind, time.end + kBeyond));
    for (const HostFacts& host : facts) {
        if (!std::ranges::binary_search(rollout.hosts, host.id, {}, &RolloutHost::id)) {
            result.lines.push_back({host.id, "", {}, "it is in no ring"});
        }
    }
    Play play(std::move(rollout), std::move(openings), time, typical);
    play.run(misses);
    const Holds holds = play.holds();
    for (std::size_t at = 0; at < play.rollout().hosts.size(); ++at) {
        result.lines.push_back(play.line(at, holds));
    }
    std::ranges::sort(result.lines, {}, [](const ForecastLine& line) {
        return std::tuple(line.changed_at == Instant(), line.changed_at, line.host_id);
    });
    result.needs_word = play.needs_word();
    if (play.rollout().phase == RolloutPhase::Done) {
        result.done_at = play.rollout().since;
    }
    return result;
}

}  // namespace thimble::rollout
