#pragma once
/// @file Watches a simulation from outside. Shares no code with the engine: it knows what was granted, what ended
/// and what people said, and judges by the rules of docs/formats/policy.md in its own words.

#include "scenario.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace thimble::sim {

/// How a host ended, as the server was told.
enum class Outcome : std::uint8_t {
    None,
    Well,
    Unneeded,
    Badly,
    BadlyInClone,
    Refused,
    Pending,  ///< for its services
    PendingReboot,
    Silent
};

class Checker {
public:
    explicit Checker(const Scenario& scenario);

    // What happens, in the order in which it does; `now` by the server's clock.
    void begins(std::size_t host, std::int64_t now);
    void rehearsed(std::size_t host);
    void is_ready(std::size_t host, std::int64_t now);
    void deferred(std::size_t host, std::int64_t now, std::int64_t until);  ///< it was granted
    void told_to_change(
        std::size_t host, std::int64_t real);  ///< its turn came; by the world's clock
    void told_to_reboot(std::size_t host, std::int64_t real);
    void plans(std::size_t host, int version);
    void may_change(std::size_t host, std::int64_t now);  ///< a lease for a transaction was granted
    void may_reboot(std::size_t host, std::int64_t now);
    void refused_reboot(std::size_t host, std::int64_t now);
    void came_back(std::size_t host) { hosts_[host].is_rebooting = false; }
    void ended(std::size_t host, Outcome outcome);
    void frozen(int version) { frozen_ = version; }
    void approved(const std::string& person, std::int64_t now) {
        approvals_.emplace_back(person, now);
    }
    void stopped() { is_stopped_ = true; }
    void resumed();
    void taken_back(std::size_t group) { taken_back_.insert(group); }
    void looked_after(std::size_t group) { taken_back_.erase(group); }
    void skipped(std::size_t ring) { skipped_.insert(ring); }
    void retried(std::size_t ring);

    /// What was broken; empty: nothing.
    [[nodiscard]] const std::vector<std::string>& breaches() const { return breaches_; }
    [[nodiscard]] std::size_t changes() const { return changes_; }

private:
    struct Host {
        std::size_t ring = 0;
        std::string set;
        std::size_t step = 0;  // of the order, from 1
        Outcome outcome = Outcome::None;
        bool is_active = false;
        bool is_rebooting = false;
        bool is_rehearsed = false;
        int refused_reboots = 0;
        std::int64_t refused_at = 0;
        int version = 0;
        std::int64_t ready_at = 0;  // for the first time; 0: not yet
        std::size_t deferrals = 0;
        std::int64_t deferred_until = 0;
    };
    void breach(std::size_t host, const std::string& what);
    void check_time(std::size_t host, const std::optional<DailyHours>& open, std::int64_t now);
    void check_limits(std::size_t host);
    void check_order(std::size_t host);
    void check_elsewhere(std::size_t host, std::int64_t real);
    void check_word(std::size_t host, std::int64_t now);
    void check_owner(std::size_t host, std::int64_t now);
    void check_taken_back(std::size_t host);
    [[nodiscard]] std::string why_not_passed(std::size_t ring) const;
    [[nodiscard]] std::size_t limit_of(std::size_t ring) const;

    const Scenario& scenario_;
    std::vector<Host> hosts_;
    std::vector<std::pair<std::string, std::int64_t>> approvals_;
    std::set<std::size_t> skipped_;
    std::set<std::size_t> begun_rings_;
    std::set<std::size_t> taken_back_;  // groups
    std::vector<std::size_t> sizes_;
    int frozen_ = 0;
    bool is_stopped_ = false;
    std::size_t changes_ = 0;
    std::vector<std::string> breaches_;
};

}  // namespace thimble::sim
