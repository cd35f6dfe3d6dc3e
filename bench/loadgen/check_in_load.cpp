#include "latencies.hpp"
#include "load.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <optional>

namespace thimble::loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHandshakesAtOnce = 64;

class CheckingIn {
public:
    CheckingIn(Crowd& crowd, const CheckInLoad& load, const std::vector<AgentIdentity>& identities)
        : crowd_(crowd), load_(load), identities_(identities), asked_(load.connections) {}

    Result<void> run() {
        connect_all();
        // Above that of an earlier run, which the server remembers.
        sequence_ = static_cast<std::size_t>(
            std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1));
        const double own_before = processor_seconds(::getpid());
        const double server_before = processor_seconds(load_.server_process);
        const double network_before = first_thread_seconds(load_.server_process);
        const auto begun = Clock::now();
        const auto end = begun + load_.time;
        std::size_t sent = 0;
        for (auto now = begun; now < end && !fault_; now = Clock::now()) {
            const std::size_t due = load_.rate == 0
                ? sent + load_.busy - std::min(load_.busy, busy_)
                : static_cast<std::size_t>(
                      std::chrono::duration<double>(now - begun).count()
                      * static_cast<double>(load_.rate));
            for (; sent < due && !idle_.empty(); ++sent) {
                // At a rate it counts from when it was due, not from when this program got to it.
                const auto since = load_.rate == 0
                    ? now
                    : begun + std::chrono::nanoseconds(1'000'000'000ULL * sent / load_.rate);
                ask(idle_.front(), since);
                idle_.pop_front();
            }
            crowd_.wait(
                load_.rate == 0 ? 100 : 1, [this](const CrowdEvent& event) { take(event); });
        }
        if (fault_) {
            return *std::move(fault_);
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        tell(
            seconds,
            {processor_seconds(::getpid()) - own_before,
             processor_seconds(load_.server_process) - server_before,
             first_thread_seconds(load_.server_process) - network_before});
        return {};
    }

private:
    struct Costs {
        double own = 0;
        double server = 0;
        double network = 0;  // of the server's
    };

    void tell(double seconds, const Costs& costs) const {
        const auto count = static_cast<double>(std::max<std::size_t>(latencies_.count(), 1));
        fmt::print(
            "{} connections, {}: {} check-ins in {:.1f} s: {:.0f} per second, {}\n"
            "  processor time each: {:.1f} us of the server, of that {:.1f} us of its network's "
            "thread; {:.1f} us of "
            "this program\n",
            load_.connections,
            load_.rate == 0 ? fmt::format("{} at once", load_.busy)
                            : fmt::format("{} per second due", load_.rate),
            latencies_.count(),
            seconds,
            count / seconds,
            latencies_.text(),
            1e6 * costs.server / count,
            1e6 * costs.network / count,
            1e6 * costs.own / count);
    }

    void connect_all() {
        const auto begun = Clock::now();
        std::size_t opened = 0;
        while (idle_.size() < load_.connections && !fault_) {
            while (opened < load_.connections && opened - idle_.size() < kHandshakesAtOnce) {
                crowd_.connect(opened, identities_[opened].certificate, identities_[opened].key);
                ++opened;
            }
            crowd_.wait(1000, [this](const CrowdEvent& event) { take(event); });
        }
        const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
        fmt::print(
            "{} connections opened in {:.1f} s: {:.0f} handshakes per second\n",
            opened,
            seconds,
            static_cast<double>(opened) / seconds);
    }

    void ask(std::size_t agent, Clock::time_point since) {
        asked_[agent] = since;
        ++busy_;
        crowd_.ask(agent, check_in_request(identities_[agent], ++sequence_));
    }

    void take(const CrowdEvent& event) {
        if (event.kind == CrowdEvent::Kind::Connected) {
            idle_.push_back(event.agent);
            return;
        }
        if (event.kind == CrowdEvent::Kind::Lost || event.status != 200) {
            fault_ = failure(
                ErrorKind::Unavailable,
                "loadgen.refused",
                fmt::format("host {}: {} {}", event.agent, event.status, event.body));
            return;
        }
        latencies_.add(Clock::now() - asked_[event.agent]);
        --busy_;
        idle_.push_back(event.agent);
    }

    Crowd& crowd_;
    const CheckInLoad& load_;
    const std::vector<AgentIdentity>& identities_;
    std::vector<Clock::time_point> asked_;  ///< by agent
    std::deque<std::size_t> idle_;          ///< the longest idle first
    std::size_t busy_ = 0;
    std::size_t sequence_ = 0;
    Latencies latencies_;
    std::optional<Error> fault_;
};

}  // namespace

std::string check_in_request(const AgentIdentity& identity, std::size_t sequence) {
    return request_text(
        "POST",
        "/agent/v1/check-in",
        "application/json",
        fmt::format(
            R"({{"inventory":"{}","packages":"{}","boot_id":"2f1c9c3e-8d5b-4a0e-9a55-0c1f5be0a001",)"
            R"("agent_version":"0.1.0","sequence":{}}})",
            identity.inventory,
            identity.packages,
            sequence));
}

Result<void> check_in(
    const ServerAddress& server,
    const CheckInLoad& load,
    const std::vector<AgentIdentity>& identities) {
    THIMBLE_TRY(Crowd crowd, Crowd::of(server, load.connections));
    return CheckingIn(crowd, load, identities).run();
}

}  // namespace thimble::loadgen
