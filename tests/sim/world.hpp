#pragma once
/// @file A server, its hosts, people and a network that loses, delays and doubles, for as long as a scenario lasts.

#include "checker.hpp"
#include "scenario.hpp"
#include "thimble/rollout/step.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace thimble::sim {

/// What a simulation came to.
struct Played {
    std::vector<std::string> breaches;
    std::vector<std::string> log;  ///< only when it was wanted
    std::size_t changes = 0;       ///< transactions that began
    std::size_t crashes = 0;
    std::string end;  ///< phase of the rollout
};

class World {
public:
    World(const Scenario& scenario, bool keeps_log);
    Played play();

private:
    enum class JobState : std::uint8_t { Given, Leased, Closed };
    struct Job {
        std::size_t host = 0;
        rollout::CourseJob kind = rollout::CourseJob::Prefetch;
        JobState state = JobState::Given;
        std::int64_t expires = 0;
        std::int64_t leased_at = 0;
        bool is_taken = false;  ///< by its agent, which does nothing twice
    };
    /// All that survives a crash of the server.
    struct Durable {
        rollout::Rollout rollout;
        std::vector<rollout::HostCourse> courses;
        std::vector<std::size_t> job_of;  ///< by host
        std::vector<int> version_of;      ///< by host: what its plan brings
        int frozen = 0;                   ///< version of the set; 0: none yet
        std::array<std::string, kGroups>
            taken_back_on;  ///< by group: who took the set back; empty: nobody, or looked after
        std::deque<Job>
            jobs;  ///< by number; the first is nobody's. References outlive what is added
    };
    struct Happening {
        std::int64_t at;
        std::uint64_t order;
        std::function<void()> what;
        bool operator<(const Happening& other) const {
            return std::pair(other.at, other.order) < std::pair(at, order);
        }
    };

    // The world
    void later(std::int64_t seconds, std::function<void()> what);
    [[nodiscard]] bool is_calm() const { return time_ > kBegin + (kCalmAfter * kDay); }
    bool fails(std::int64_t thousandths) { return !is_calm() && chance_.one_in(thousandths); }
    void note(const std::string& line);
    void judge_end();
    [[nodiscard]] std::string waited_for() const;

    // The server
    [[nodiscard]] Instant clock() const { return Instant(std::chrono::seconds(time_ + skew_)); }
    /// One transaction: it is kept as a whole, or the server crashed before.
    bool commit(const std::function<void()>& work);
    void tick();
    void drive(const rollout::Event& event);
    void carry_out(const rollout::Command& command);
    void withdraw(std::size_t host);
    void give(std::size_t host, const rollout::CourseStep& step, std::int64_t good_for);
    void take_report(std::size_t job, const rollout::JobEnd& end);
    void lose_overdue();
    bool grant(std::size_t job);
    void move(std::size_t host);
    void keep_back(std::size_t group, const std::string& on);

    // Hosts and people
    void send(std::size_t job, const rollout::JobEnd& end);
    void deliver(std::size_t job);
    void run_job(std::size_t job);
    void run_prefetch(std::size_t job, std::size_t host);
    void run_change(std::size_t job, std::size_t host);
    void run_reboot(std::size_t job);
    void run_verify(std::size_t job, std::size_t host);
    [[nodiscard]] bool is_held_by_order(std::size_t ring) const;
    void person();
    void act(std::int64_t what, std::size_t ring);
    void approve();
    void look_after(std::size_t group);
    void defer();

    const Scenario& scenario_;
    Chance chance_;
    Checker checker_;
    bool keeps_log_;
    std::int64_t time_ = kBegin;
    std::int64_t skew_ = 0;
    std::int64_t moved_at_ = kBegin;  // when a host last stood elsewhere
    bool is_ticking_ = false;         // the server looks again by itself
    std::uint64_t order_ = 0;
    std::priority_queue<Happening> queue_;
    Durable kept_;
    std::vector<std::function<void()>> told_;  // what the checker hears once it is committed
    std::vector<bool> is_dirty_host_;          // changed and waiting for a reboot
    rollout::Openings openings_;
    Played played_;
};

}  // namespace thimble::sim
