#pragma once
/// @file A compensating control as its document says it: what is put up on a host. Plain values.
/// Format: docs/formats/control.md.

#include "thimble/mitigate/virtual_patch.hpp"
#include "thimble/model/control.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace thimble::mitigate {

using model::control_kind_name;
using model::control_kind_named;
using model::ControlKind;
using model::is_control_id;
using model::shield_mode_name;
using model::ShieldMode;

enum class Transport : std::uint8_t { Tcp, Udp };
std::string_view transport_name(Transport transport);

/// Ports that are guarded.
struct GuardedPort {
    Transport protocol = Transport::Tcp;
    std::uint16_t port = 0;
    bool operator==(const GuardedPort&) const = default;
};

/// Something that the host must reach whatever happens: the server of its agent, names, time.
struct KeptServer {
    Transport protocol = Transport::Tcp;
    std::string address;
    std::uint16_t port = 0;
    bool operator==(const KeptServer&) const = default;
};

/// Who may reach a port of the host in its isolation, for its management.
struct Management {
    Transport protocol = Transport::Tcp;
    std::uint16_t port = 0;
    std::vector<std::string> from;  ///< prefixes
    bool operator==(const Management&) const = default;
};

/// A question to a port, from a place where it must be answered, or must not.
struct ControlProbe {
    bool from_allowed = false;
    std::string address;
    std::uint16_t port = 0;
    std::string
        space;  ///< a network namespace of the host (/run/netns) that is that place; empty: it is elsewhere
    std::string host;  ///< the host of the fleet that is that place; empty: none is named
    std::string
        of;  ///< whose address it is, where the control has several hosts; empty: of its one host
    bool operator==(const ControlProbe&) const = default;
};

struct Segmentation {
    std::vector<GuardedPort> listeners;
    std::vector<std::string> allow;  ///< prefixes; empty: nobody but the host itself
    std::vector<KeptServer> keep;
    std::uint32_t revert_seconds = 60;
    std::vector<ControlProbe> probes;
    bool operator==(const Segmentation&) const = default;
};

struct Isolation {
    std::vector<KeptServer> keep;
    std::vector<Management> manage;
    std::uint32_t revert_seconds = 60;
    std::vector<ControlProbe> probes;
    bool operator==(const Isolation&) const = default;
};

enum class WebServer : std::uint8_t { Nginx, Apache };

/// Where a virtual patch is put up.
struct VirtualPatchDelivery {
    WebServer server = WebServer::Nginx;
    ShieldMode mode = ShieldMode::Detect;
    VirtualPatch patch;
    std::string address;  ///< IP address of the live service
    std::uint16_t port = 80;
    std::string host;  ///< of requests; empty: the address
    std::vector<std::uint16_t>
        bypass_ports;  ///< ports of the address where the service must not answer unshielded
    bool operator==(const VirtualPatchDelivery&) const = default;
};

/// Accesses that are watched.
struct FileWatch {
    std::string path;
    std::string permissions;  ///< of "rwxa", in that order
    bool operator==(const FileWatch&) const = default;
};

struct Monitoring {
    std::vector<FileWatch> watch;
    std::vector<std::string> programs;  ///< paths whose start is noted
    std::uint32_t within_seconds = 10;  ///< in which an event must be seen
    bool operator==(const Monitoring&) const = default;
};

struct DisabledUnit {
    std::string unit;
    bool operator==(const DisabledUnit&) const = default;
};
struct BlacklistedModule {
    std::string module;
    bool operator==(const BlacklistedModule&) const = default;
};
struct KernelSetting {
    std::string name;  ///< "net.ipv4.ip_forward"
    std::string value;
    bool operator==(const KernelSetting&) const = default;
};
/// What a unit may not do any more.
struct UnitSandbox {
    struct Directive {
        std::string name;
        std::string value;
        bool operator==(const Directive&) const = default;
    };
    std::string unit;
    std::vector<Directive> directives;  ///< of known names, in the order of the document
    bool operator==(const UnitSandbox&) const = default;
};
/// A package that is needed by nothing else is taken off the host.
struct RemovedPackage {
    std::string package;
    bool operator==(const RemovedPackage&) const = default;
};
using Hardening =
    std::variant<DisabledUnit, BlacklistedModule, KernelSetting, UnitSandbox, RemovedPackage>;

/// What somebody else does, and says that it is done.
struct ExternalControl {
    std::string what;
    std::string reference;  ///< of a ticket or change; may be empty
    bool operator==(const ExternalControl&) const = default;
};

/// In the order of ControlKind.
using ControlSettings = std::
    variant<Segmentation, Isolation, VirtualPatchDelivery, Monitoring, Hardening, ExternalControl>;

struct Control {
    ControlSettings settings;
    [[nodiscard]] ControlKind kind() const { return static_cast<ControlKind>(settings.index()); }
    bool operator==(const Control&) const = default;
};

inline constexpr std::size_t kMaxControlDocument = std::size_t{24} << 10;

/// A document of JSON: what servers and hosts take from each other.
/// @error Corrupt "base.bad_json"; Invalid "mitigate.bad_control", "mitigate.bad_patch": where, what, and what to write instead
Result<Control> parse_control(std::string_view text);

/// The same as people write it, in JSON or YAML: for files of whoever runs the program, and of nobody else.
/// @error Invalid "mitigate.bad_control", "mitigate.bad_patch", "base.bad_yaml": where, what, and what to write instead
Result<Control> parse_control_file(std::string_view text);

/// JSON without white space; parse_control reads the same control from it.
std::string format_control(const Control& control);

}  // namespace thimble::mitigate
