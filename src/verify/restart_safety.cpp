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
    Exception{"wpa_supplicant", RestartSafety::Careful, "the network is interrupted"},
    Exception{"hostapd", RestartSafety::Careful, "the network is interrupted"},
    Exception{"iwd.", RestartSafety::Careful, "the network is interrupted"},
    Exception{"connman", RestartSafety::Careful, "the network is interrupted"},
    Exception{"dhclient", RestartSafety::Careful, "the network is interrupted"},
    Exception{"dhcpcd", RestartSafety::Careful, "the network is interrupted"},
    Exception{"pppd", RestartSafety::Careful, "the network is interrupted"},
    Exception{"ppp@", RestartSafety::Careful, "the network is interrupted"},
    Exception{"pppoe", RestartSafety::Careful, "the network is interrupted"},
    Exception{"netplan", RestartSafety::Careful, "the network is interrupted"},
    Exception{"network.", RestartSafety::Careful, "the network is interrupted"},
    Exception{"wicked", RestartSafety::Careful, "the network is interrupted"},
    Exception{
        "ovs-", RestartSafety::Careful, "the network of guests and containers is interrupted"},
    Exception{
        "ovsdb-", RestartSafety::Careful, "the network of guests and containers is interrupted"},
    Exception{
        "openvswitch",
        RestartSafety::Careful,
        "the network of guests and containers is interrupted"},
    Exception{
        "ovn-", RestartSafety::Careful, "the network of guests and containers is interrupted"},
    Exception{"ifup@", RestartSafety::Careful, "the network is interrupted"},
    Exception{"systemd-resolved.", RestartSafety::Careful, "names may not resolve meanwhile"},
    Exception{"ModemManager.", RestartSafety::Careful, "the network may be interrupted"},
    Exception{
        "firewalld.",
        RestartSafety::Careful,
        "rules that container engines and others have put in are lost"},
    Exception{"bird", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"frr.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"quagga.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"zebra.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"bgpd.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"ospfd.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"babeld.", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"exabgp", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"gobgp", RestartSafety::Careful, "routes are withdrawn"},
    Exception{"keepalived.", RestartSafety::Careful, "addresses may move"},
    Exception{"ipsec.", RestartSafety::Careful, "connections are cut"},
    Exception{"strongswan", RestartSafety::Careful, "connections are cut"},
    Exception{"tailscaled.", RestartSafety::Careful, "connections are cut"},
    Exception{"wg-quick@", RestartSafety::Careful, "connections are cut"},
    Exception{"zerotier-one.", RestartSafety::Careful, "connections are cut"},
    Exception{"netbird", RestartSafety::Careful, "connections are cut"},
    Exception{"nebula", RestartSafety::Careful, "connections are cut"},
    Exception{"cloudflared", RestartSafety::Careful, "connections are cut"},
    Exception{"teleport", RestartSafety::Careful, "connections are cut"},
    Exception{"xl2tpd.", RestartSafety::Careful, "connections are cut"},
    Exception{"openconnect", RestartSafety::Careful, "connections are cut"},
    Exception{"ocserv.", RestartSafety::Careful, "connections are cut"},
    Exception{"charon", RestartSafety::Careful, "connections are cut"},
    Exception{"autossh", RestartSafety::Careful, "connections are cut"},
    Exception{"openvpn", RestartSafety::Careful, "connections are cut"},
    Exception{"gdm", RestartSafety::Careful, "graphical sessions end"},
    Exception{"lightdm", RestartSafety::Careful, "graphical sessions end"},
    Exception{"sddm", RestartSafety::Careful, "graphical sessions end"},
    Exception{"lxdm.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"xdm.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"display-manager.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"xrdp", RestartSafety::Careful, "graphical sessions end"},
    Exception{"x2go", RestartSafety::Careful, "graphical sessions end"},
    Exception{"gnome-remote-desktop", RestartSafety::Careful, "graphical sessions end"},
    Exception{"vncserver", RestartSafety::Careful, "graphical sessions end"},
    Exception{"tigervnc", RestartSafety::Careful, "graphical sessions end"},
    Exception{"xpra", RestartSafety::Careful, "graphical sessions end"},
    Exception{"slim.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"nodm.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"ly.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"greetd.", RestartSafety::Careful, "graphical sessions end"},
    Exception{"console-getty.", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"container-getty@", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"getty@", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"serial-getty@", RestartSafety::Careful, "logged-in users are cut off"},
    Exception{"docker.", RestartSafety::Careful, "containers may stop"},
    Exception{"containerd.", RestartSafety::Careful, "containers may stop"},
    Exception{"podman", RestartSafety::Careful, "containers may stop"},
    Exception{"crio.", RestartSafety::Careful, "containers may stop"},
    Exception{"cri-o.", RestartSafety::Careful, "containers may stop"},
    Exception{"cri-docker", RestartSafety::Careful, "containers may stop"},
    Exception{"kubelet.", RestartSafety::Careful, "containers may stop"},
    Exception{"k3s", RestartSafety::Careful, "containers may stop"},
    Exception{"rke2-", RestartSafety::Careful, "containers may stop"},
    Exception{"k0s", RestartSafety::Careful, "containers may stop"},
    Exception{"nomad.", RestartSafety::Careful, "containers may stop"},
    Exception{"buildkit", RestartSafety::Careful, "containers may stop"},
    Exception{"snap.docker", RestartSafety::Careful, "containers may stop"},
    Exception{"systemd-nspawn@", RestartSafety::Careful, "containers may stop"},
    Exception{"incus", RestartSafety::Careful, "containers may stop"},
    Exception{"lxd", RestartSafety::Careful, "containers may stop"},
    Exception{"snap.lxd", RestartSafety::Careful, "containers may stop"},
    Exception{"garden.", RestartSafety::Careful, "containers may stop"},
    Exception{"libvirt", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtqemud.", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtxend.", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtlxcd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtchd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtnetworkd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtlockd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"virtlogd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"xen", RestartSafety::Careful, "guests may be affected"},
    Exception{"pve", RestartSafety::Careful, "guests may be affected"},
    Exception{"qmeventd.", RestartSafety::Careful, "guests may be affected"},
    Exception{"spice", RestartSafety::Careful, "guests may be affected"},
    Exception{"qemu", RestartSafety::Careful, "the guest goes down"},
    Exception{"lxc", RestartSafety::Careful, "containers stop"},
    Exception{"iscsi", RestartSafety::Careful, "storage may be cut off"},
    Exception{"open-iscsi", RestartSafety::Careful, "storage may be cut off"},
    Exception{"multipathd.", RestartSafety::Careful, "storage may be cut off"},
    Exception{"drbd", RestartSafety::Careful, "storage may be cut off"},
    Exception{"autofs.", RestartSafety::Careful, "storage may be cut off"},
    Exception{"nbd", RestartSafety::Careful, "storage may be cut off"},
    Exception{"glusterd", RestartSafety::Careful, "storage may be cut off"},
    Exception{"ceph", RestartSafety::Careful, "storage may be cut off"},
    Exception{"rpc-statd.", RestartSafety::Careful, "storage may be cut off"},
    Exception{"nfs", RestartSafety::Careful, "storage may be cut off"},
    Exception{"zfs-zed.", RestartSafety::Careful, "storage may be cut off"},
    Exception{"lvm2-", RestartSafety::Careful, "storage may be cut off"},
    Exception{"clvm", RestartSafety::Careful, "storage may be cut off"},
    Exception{"corosync.", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"pacemaker.", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"patroni", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"etcd", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"consul", RestartSafety::Careful, "the cluster may fail over"},
    Exception{"salt-minion.", RestartSafety::Careful, "the run that it is in is lost"},
    Exception{"puppet", RestartSafety::Careful, "the run that it is in is lost"},
    Exception{"pxp-agent.", RestartSafety::Careful, "the run that it is in is lost"},
    Exception{"chef-client", RestartSafety::Careful, "the run that it is in is lost"},
    Exception{"cinc-client", RestartSafety::Careful, "the run that it is in is lost"},
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
        return careful(
            process,
            "it belongs to a container, which a restart takes down; what is inside comes of its "
            "image");
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

UnitRestart restart_of(const RootProcess& process) {
    return {
        .unit = process.command + " (" + std::to_string(process.pid) + ")",
        .safety = RestartSafety::Careful,
        .why = "it runs from the directory: restart it there",
        .argv = {}};
}

UnitRestart restart_of(const BootLoaderCopies& copies) {
    const std::string& place = copies.other.front();
    return {
        .unit = "boot loader",
        .safety = RestartSafety::Careful,
        .why = place + " is not of " + copies.package + ": run " + renewal_of(place),
        .argv = {}};
}

std::vector<UnitRestart> pending_restarts(const VerifyFacts& facts) {
    std::vector<UnitRestart> restarts;
    restarts.reserve(facts.inventory.stale_processes.size());
    for (const model::StaleProcess& process : facts.inventory.stale_processes) {
        restarts.push_back(restart_of(process, facts.own_unit));
    }
    for (const RootProcess& process :
         facts.of_root ? facts.of_root->seen : std::vector<RootProcess>()) {
        if (!process.replaced.empty()) {
            restarts.push_back(restart_of(process));
        }
    }
    for (const BootLoaderCopies& copies : facts.boot_loaders) {
        if (!copies.other.empty()) {
            restarts.push_back(restart_of(copies));
        }
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
