#pragma once
/// @file The health of a host before and after, side by side.

#include "thimble/base/result.hpp"
#include "thimble/verify/ephemeral_ports.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::verify {

/// A service counts as started before it has done anything; one that cannot work mostly ends within this.
inline constexpr std::chrono::seconds kFirstSteps{3};

/// A systemd service, socket, timer or path unit as its manager sees it.
struct UnitState {
    std::string name;
    std::string active;  ///< "active", "failed", …
    std::string sub;     ///< "running", "exited", …
    bool operator==(const UnitState&) const = default;
};

/// What systemd tells of a unit beside its state.
struct UnitRecord {
    std::string name;
    std::uint64_t restarts = 0;  ///< by itself, since somebody last started it; of services
    bool enabled = false;        ///< a boot starts it; others are started when they are asked for
    std::uint64_t started = 0;   ///< microseconds after the boot; 0: not told
    bool operator==(const UnitRecord&) const = default;
};

/// A container or guest whose processes have a scope of their own: of docker, podman, systemd-machined.
struct ContainerState {
    std::string scope;
    bool lasting = false;  ///< it has run for a while, and is no job that ends by itself
    bool operator==(const ContainerState&) const = default;
};

struct ProbeResult {
    std::string name;
    bool passed = false;
    std::string detail;  ///< "HTTP 200 in 12 ms", "connection refused"
    bool asked = true;   ///< false: nobody could ask it, and `detail` says why
    bool operator==(const ProbeResult&) const = default;
};

/// What a host does at one instant. Every list is sorted.
struct HealthSnapshot {
    std::string boot_id;
    bool units_known = false;
    std::vector<UnitState> units;  ///< those that are loaded
    bool records_known = false;
    std::vector<UnitRecord> records;  ///< of the same
    bool containers_known = false;
    std::vector<ContainerState> containers;  ///< those that run
    bool listeners_known = false;
    std::vector<std::string> listeners;       ///< "tcp 0.0.0.0:22 sshd"
    PortRange ephemeral;                      ///< none: not known
    std::vector<std::string> mounts;          ///< "/boot ext4"
    std::vector<std::string> default_routes;  ///< interfaces: "eth0", "eth0 (IPv6)"
    std::vector<ProbeResult> probes;
    bool operator==(const HealthSnapshot&) const = default;
};

/// What lies between two looks.
enum class Since : std::uint8_t {
    TheChange,  ///< and what comes of it
    Anything,   ///< whatever people have done with the host since
};

enum class CheckVerdict : std::uint8_t { Pass, Warn, Fail, Unknown };

std::string_view check_verdict_name(CheckVerdict verdict);

/// One comparison.
struct HealthCheck {
    std::string name;  ///< "services", "listeners", "probe web"
    CheckVerdict verdict = CheckVerdict::Pass;
    std::string summary;              ///< one sentence
    std::vector<std::string> before;  ///< only what differs
    std::vector<std::string> after;
    bool operator==(const HealthCheck&) const = default;
};

/// Whether it is what a probe of the owner's found.
bool is_of_probe(const HealthCheck& check);

/// A unit that was active and is not, a service that ran and has exited, a unit that has failed, a listener, mount or
/// default route that is lost, a probe that passed and does not, a service manager that answers no more: Fail. What was
/// wrong before and still is: Warn. What could not be looked at, or asked: Unknown, with what was seen there before; without the kernel's files nothing is known
/// of mounts and routes either. A service that ends by itself (asked by nobody, its user logged out) has not
/// stopped. After a boot a unit that no boot starts may not have been asked for
/// yet: Warn. Fewer containers of a kind than ran for a while: Warn, they may have ended by themselves;
/// none left of them after what keeps them was started anew or has ended: Fail, where no more than the change lies in between. A listener that is on another of the ports that the kernel chooses is not lost, nor is one of sshd's sessions. New listeners
/// and units are no failure.
/// @source workflow 4.4, 4.5
std::vector<HealthCheck> compare_health(
    const HealthSnapshot& before, const HealthSnapshot& after, Since since = Since::TheChange);

/// The same of probes alone. What was not asked before cannot have been lost, and must pass all the same.
std::vector<HealthCheck> compare_probes(
    const std::vector<ProbeResult>& before, const std::vector<ProbeResult>& after);

/// Between two looks that find a service running it may have ended and been started anew: Fail; Warn, where it did so before the
/// baseline already, or the baseline does not tell.
HealthCheck check_restarts(
    const HealthSnapshot& before, const HealthSnapshot& first, const HealthSnapshot& second);

/// Services that ended by themselves and were started anew since the baseline, or since the boot that came in between: Warn, they may
/// end again and again. None: there are no such, or it is not told.
std::optional<HealthCheck> check_restarts_since(
    const HealthSnapshot& before, const HealthSnapshot& now);
/// Whether a check that passes says something of what runs; mounts and routes that are still there do not.
bool tells_of_what_runs(std::string_view check);
/// Whether anything that runs was looked at: of a directory without a service manager and without a probe nothing is known, though
/// its machine may have mounts and routes.
bool has_looked(const std::vector<HealthCheck>& checks);

/// Whether nothing failed. Unknown does not fail a transaction; it is shown.
bool is_healthy(const std::vector<HealthCheck>& checks);

/// As a document for the record of a run.
std::string format_health(const HealthSnapshot& snapshot);
/// @error Corrupt "verify.bad_health"
Result<HealthSnapshot> parse_health(std::string_view text);
std::string format_checks(const std::vector<HealthCheck>& checks);

}  // namespace thimble::verify
