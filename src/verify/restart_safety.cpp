#include "thimble/verify/verdict.hpp"

#include <algorithm>
#include <array>

namespace thimble::verify {
namespace {

/// Units that a restart of must be a person's decision: one line each, a name or its beginning.
struct Exception {
    std::string_view beginning;
    RestartSafety safety;
    std::string_view why;
};

constexpr std::array kExceptions{
    Exception{"dbus.", RestartSafety::Reboot, "everything is connected to the message bus"},
    Exception{"dbus-broker.", RestartSafety::Reboot, "everything is connected to the message bus"},
    Exception{"systemd-logind.", RestartSafety::Careful, "graphical sessions may end"},
    Exception{"systemd-networkd.", RestartSafety::Careful, "the network may be interrupted"},
    Exception{"networking.", RestartSafety::Careful, "the network is interrupted"},
    Exception{"NetworkManager.", RestartSafety::Careful, "the network may be interrupted"},
    Exception{"wpa_supplicant.", RestartSafety::Careful, "the network is interrupted"},
    Exception{"ifup@", RestartSafety::Careful, "the network is interrupted"},
    Exception{"systemd-resolved.", RestartSafety::Careful, "names may not resolve meanwhile"},
    Exception{"ModemManager.", RestartSafety::Careful, "the network may be interrupted"},
    Exception{"bird", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"frr.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"keepalived.", RestartSafety::Careful, "addresses may move"},
    Exception{"ipsec.", RestartSafety::Careful, "connections are cut"},
    Exception{"strongswan", RestartSafety::Careful, "connections are cut"},
    Exception{"openvpn", RestartSafety::Careful, "connections are cut"},
    Exception{"gdm", RestartSafety::Careful, "graphical sessions end"},
    Exception{"lightdm", RestartSafety::Careful, "graphical sessions end"},
    Exception{"sddm", RestartSafety::Careful, "graphical sessions end"},
    Exception{"lxdm.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"xdm.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"greetd.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"console-getty.", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"container-getty@", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"getty@", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"serial-getty@", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"docker.", RestartSafety::Careful, "containers may stop"},
    Exception{"containerd.", RestartSafety::Careful, "containers may stop"},
    Exception{"podman", RestartSafety::Careful, "containers may stop"},
    Exception{"libvirtd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"qemu", RestartSafety::Careful, "the guest goes down"},
    Exception{"lxc", RestartSafety::Careful, "containers stop"},
    Exception{"corosync.", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"pacemaker.", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"apt-daily", RestartSafety::Careful, "packages may be changing"},
    Exception{"unattended-upgrades.", RestartSafety::Careful, "packages may be changing"},
    Exception{"dnf-automatic", RestartSafety::Careful, "packages may be changing"},
    Exception{"packagekit.", RestartSafety::Careful, "packages may be changing"},
    Exception{"thimble-", RestartSafety::Careful, "it is at work on this host"},
};

UnitRestart careful(const model::StaleProcess& process, std::string why) {
    const std::string name = process.unit.empty()
        ? process.command + " (" + std::to_string(process.pid) + ")"
        : process.unit;
    return {.unit = name, .safety = RestartSafety::Careful, .why = std::move(why), .argv = {}};
}

}  // namespace

std::string_view restart_safety_name(RestartSafety safety) {
    switch (safety) {
        case RestartSafety::Safe: return "safe";
        case RestartSafety::Careful: return "careful";
        case RestartSafety::Reboot: return "reboot";
    }
    return "careful";
}

UnitRestart restart_of(const model::StaleProcess& process, std::string_view own_unit) {
    if (process.unit_kind == "init") {
        return {
            .unit = "systemd",
            .safety = RestartSafety::Safe,
            .why = "it executes itself anew and keeps every unit",
            .argv = {"systemctl", "daemon-reexec"}};
    }
    if (process.unit_kind == "session") {
        return careful(process, "it belongs to a user's session: log out and in again");
    }
    if (process.unit_kind == "user") {
        return careful(process, "it belongs to a user's own service manager");
    }
    if (process.unit_kind == "container") {
        return careful(process, "it runs in a container: build the image anew");
    }
    if (process.unit_kind == "vm") {
        return careful(process, "a restart takes the guest down");
    }
    if (process.unit_kind != "service") {
        return careful(process, "no unit starts it: restart it by hand");
    }
    if (process.unit == own_unit) {
        return careful(process, "this command runs in it and would end with it");
    }
    const auto* const exception = std::ranges::find_if(
        kExceptions,
        [&](const Exception& candidate) { return process.unit.starts_with(candidate.beginning); });
    if (exception != kExceptions.end()) {
        return {
            .unit = process.unit,
            .safety = exception->safety,
            .why = std::string(exception->why),
            .argv = {}};
    }
    return {
        .unit = process.unit,
        .safety = RestartSafety::Safe,
        .why = "a service of its own",
        .argv = {"systemctl", "restart", "--", process.unit}};
}

std::vector<UnitRestart> pending_restarts(const VerifyFacts& facts) {
    std::vector<UnitRestart> restarts;
    restarts.reserve(facts.inventory.stale_processes.size());
    for (const model::StaleProcess& process : facts.inventory.stale_processes) {
        restarts.push_back(restart_of(process, facts.own_unit));
    }
    for (const PackageFiles& files : facts.files) {
        for (const RunningInterpreter* running : readers_before(files, facts.interpreters)) {
            restarts.push_back(restart_of(running->process, facts.own_unit));
        }
    }
    std::ranges::sort(restarts, {}, &UnitRestart::unit);
    const auto rest = std::ranges::unique(restarts, {}, &UnitRestart::unit);
    restarts.erase(rest.begin(), rest.end());
    return restarts;
}

}  // namespace thimble::verify
