#pragma once
/// @file What a host has, as plain values: read by inventory, judged by assess.

#include "thimble/base/instant.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace thimble::model {

/// os-release(5), the fields that decide.
struct OsRelease {
    std::string id;                ///< "debian"
    std::string version_id;        ///< "12"; empty on testing and sid
    std::string version_codename;  ///< "bookworm"
    std::string pretty_name;
    std::vector<std::string> id_like;
    bool operator==(const OsRelease&) const = default;
};

enum class PackageState : std::uint8_t {
    Installed,
    HalfInstalled,
    Unpacked,
    HalfConfigured,
    TriggersAwaited,
    TriggersPending,
};

/// One installed package. Packages of which only configuration files are left are not listed.
struct InstalledPackage {
    std::string type;  ///< purl type: "deb", "rpm", "apk", "npm", "pypi", "cargo", "golang"
    std::string name;
    std::string version;         ///< with its epoch
    std::string architecture;    ///< "amd64", "all"; empty where there is none
    std::string source_name;     ///< equals name where the package names no source
    std::string source_version;  ///< equals version where the package names none
    PackageState state = PackageState::Installed;
    bool held = false;  ///< dpkg selection "hold"
    bool essential = false;
    std::string origin;         ///< vendor or origin field of the package itself; empty: not told
    std::string module_stream;  ///< rpm modularity: "postgresql:12"
    bool operator==(const InstalledPackage&) const = default;
};

/// Why an offered patch does not move (workflow: first match in this order is the root blocker).
enum class BlockerKind : std::uint8_t {
    Hold,
    Excluded,
    TakenBack,
    Phased,
    OriginNotAllowed,
    Pin,
    NeedsNewPackages,
    NeedsRemovals,
    DependencyConflict,
    ConffilePrompt,
    PackageManagerInterrupted,
    NoSpace,
    RepositoryUnreachable,
    SignatureExpired,
};

struct Blocker {
    BlockerKind kind = BlockerKind::Hold;
    std::string detail;  ///< who or what, in words: "held by apt-mark", "draw 73 > 40 %"
    bool operator==(const Blocker&) const = default;
};

/// One archive that offers a version.
struct OfferOrigin {
    std::string origin;    ///< "Debian"
    std::string label;     ///< "Debian-Security"
    std::string archive;   ///< suite: "oldstable-security"
    std::string codename;  ///< "bookworm-security"
    std::string component;
    std::string site;
    bool trusted = true;
    bool operator==(const OfferOrigin&) const = default;
};

/// An upgrade that the package manager knows for one installed binary package.
struct Offer {
    std::string name;
    std::string architecture;
    std::string installed_version;
    std::string candidate_version;  ///< the newest version that the configured repositories offer
    std::string source_name;
    std::string source_version;  ///< of the candidate
    std::vector<OfferOrigin> origins;
    bool security = false;  ///< the candidate, or a version between, comes from a security archive
    bool in_upgrade = false;  ///< the package manager's own full upgrade would install it
    std::optional<std::uint32_t> phased_percentage;
    std::optional<std::uint32_t>
        phase_draw;  ///< this host's draw, 0..100; kept back when above the percentage
    std::vector<Blocker> blockers;  ///< in the order of BlockerKind; the first is the root
    std::uint64_t download_bytes = 0;
    std::int64_t growth_bytes = 0;  ///< of what is installed; negative: it shrinks
    bool operator==(const Offer&) const = default;
};

/// What a changelog tells about the way from the installed to the offered version (evidence where
/// the vendor's feed is absent).
struct ChangelogEvidence {
    std::string source_name;
    std::string from_version;
    std::string to_version;
    std::vector<std::string> vulnerabilities;  ///< CVE ids, sorted, unique
    std::string urgency;                       ///< highest of the entries: "low" .. "emergency"
    std::vector<std::string> news;             ///< NEWS entries between the two versions
    std::string read_from;                     ///< the archive that was read, with its digest
    bool operator==(const ChangelogEvidence&) const = default;
};

/// An archive that packages come from and of which there is no index: what is configured of it.
struct UnfetchedArchive {
    std::string uri;    ///< "http://security.debian.org/debian-security", without a password
    std::string suite;  ///< "bookworm-security"
    bool operator==(const UnfetchedArchive&) const = default;
};

/// The package manager's index: what its answers rest on.
struct PackageIndex {
    bool asked = false;                   ///< false: nobody asked what the repositories offer
    std::optional<Instant> refreshed_at;  ///< newest successful refresh; absent: never or unknown
    std::vector<std::string> problems;    ///< unreachable repository, expired signature, …
    /// Every configured archive that packages come from and whose index is here, each once; `unfetched` are the others. Absent: the package manager does not tell.
    std::optional<std::vector<OfferOrigin>> archives = std::nullopt;
    std::vector<UnfetchedArchive> unfetched = {};  // NOLINT(readability-redundant-member-init): g++
    bool operator==(const PackageIndex&) const = default;
};

struct KernelState {
    std::string running_release;  ///< uname -r; empty: not known (a root directory)
    std::string running_version;  ///< its package version, where the build tells ("6.1.124-1")
    std::string newest_release;   ///< newest bootable image of the same flavour; empty: none found
    bool container = false;       ///< the kernel belongs to somebody else
    std::optional<Instant> booted_at;
    bool operator==(const KernelState&) const = default;
};

/// A process that still maps a file which has been replaced on disk.
struct StaleProcess {
    std::uint32_t pid = 0;
    std::string command;
    std::string unit;       ///< systemd unit; empty: none
    std::string unit_kind;  ///< "service", "session", "user", "init", "container", "vm", ""
    std::vector<std::string> files;  ///< replaced files it maps
    bool heuristic = false;  ///< interpreter sources newer than the process: probable, not proven
    bool operator==(const StaleProcess&) const = default;
};

/// A listening socket and who owns it.
struct Listener {
    std::string protocol;  ///< "tcp", "udp"
    std::string address;
    std::uint16_t port = 0;
    bool loopback = false;
    std::uint32_t pid = 0;  ///< 0: not told (needs root)
    std::string command;
    std::string package;  ///< binary package that owns the executable; empty: not known
    bool operator==(const Listener&) const = default;
};

/// Something that could not be known, and what it would take.
struct Gap {
    std::string code;    ///< "inventory.no_offers"
    std::string detail;  ///< one sentence
    std::string next;    ///< what to do about it; may be empty
    bool operator==(const Gap&) const = default;
};

/// Everything that was read about one host at one instant.
struct Inventory {
    std::string host;  ///< host name, or the root directory
    Instant taken_at;
    OsRelease os;
    std::string architecture;  ///< the package manager's native architecture
    std::string machine_id;
    std::vector<InstalledPackage> packages;
    std::vector<Offer> offers;
    std::vector<ChangelogEvidence> changelogs;
    PackageIndex index;
    KernelState kernel;
    std::vector<StaleProcess> stale_processes;
    std::vector<Listener> listeners;
    bool listeners_known = false;
    bool processes_known = false;
    bool reboot_required = false;  ///< /run/reboot-required
    bool package_manager_interrupted = false;
    std::vector<Gap> gaps;
    bool operator==(const Inventory&) const = default;
};

}  // namespace thimble::model
