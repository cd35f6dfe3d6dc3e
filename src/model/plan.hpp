#pragma once
/// @file A plan: the frozen patch set of one host, and all that is known of its transaction beforehand.

#include "thimble/base/instant.hpp"
#include "thimble/model/inventory.hpp"
#include "thimble/model/patch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// What a transaction does to one binary package.
enum class PlannedChange : std::uint8_t { Install, Upgrade, Downgrade, Reinstall, Remove };

/// The one archive (a .deb, an .rpm, an .apk) that may bring a version.
struct PlannedArchive {
    std::string file_name;   ///< plain, without a folder
    std::string uri;         ///< where the package manager fetches it; empty: kept by us only
    std::string sha256;      ///< lower-case hex
    std::uint64_t size = 0;  ///< bytes
    bool operator==(const PlannedArchive&) const = default;
};

/// One binary package of the transaction.
struct PlannedStep {
    PlannedChange change = PlannedChange::Upgrade;
    std::string name;
    std::string architecture;
    std::string from_version;  ///< empty: not installed before
    std::string to_version;    ///< empty: removed
    std::string source_name;
    std::string source_version;  ///< of to_version; of from_version for a removal
    std::string origin;          ///< "Debian-Security bookworm-security"; for people
    bool selected = false;       ///< was asked for; else it comes along
    bool automatic = false;      ///< installed as a dependency; the mark is kept
    bool essential = false;
    std::int64_t growth_bytes = 0;          ///< of the installed files
    std::uint64_t unpacked_bytes = 0;       ///< of to_version's files; 0: none, or not known
    std::optional<PlannedArchive> archive;  ///< none for a removal
    bool operator==(const PlannedStep&) const = default;
};

/// Whether a package of `architecture` is the one that a step changes: of its two versions one may be of all architectures ("all", "noarch")
/// and the other of one.
bool is_architecture_of_step(const PlannedStep& step, std::string_view architecture);

/// Why a configuration file of a new version will not simply replace the old one.
enum class ConffileConflict : std::uint8_t {
    Edited,   ///< changed on the host, and the new version ships other contents
    Deleted,  ///< removed on the host, and the new version ships other contents
    Foreign,  ///< newly shipped where a different file already is
    /// rpm only: the package wants its own file there whatever was changed; the host's is put beside it
    Replaced,
};

/// A predicted configuration file conflict.
/// @source dpkg's rule: asks iff current != recorded and shipped != recorded and current != shipped
struct PlannedConffile {
    std::string package;
    std::string path;
    ConffileConflict conflict = ConffileConflict::Edited;
    std::string diff;  ///< unified, current to shipped; bounded; empty when it is not text
    bool operator==(const PlannedConffile&) const = default;
};

/// One patch of the scan that the plan carries out.
struct PlannedPatch {
    std::string source;
    std::string from_version;
    std::string to_version;
    std::vector<std::string> vulnerabilities;  ///< ids, most urgent first
    bool evidence_first = false;  ///< volatile evidence is collected before it (BOD 26-04)
    bool operator==(const PlannedPatch&) const = default;
};

enum class UpgradeLevel : std::uint8_t {
    SecurityOnly,    ///< only the selected packages and what they cannot do without
    Upgrade,         ///< nothing new, nothing removed
    UpgradeWithNew,  ///< new packages allowed
    Full,            ///< removals allowed
};

/// What the owner asked for.
struct PlanSelection {
    bool security = true;                      ///< every patch that is a security matter
    bool all = false;                          ///< every offered update
    std::vector<std::string> vulnerabilities;  ///< --cve
    std::vector<std::string> packages;         ///< --package: binary or source names
    std::vector<std::string> advisories;       ///< --advisory
    std::vector<std::string> excluded;         ///< --exclude: names
    UpgradeLevel level = UpgradeLevel::SecurityOnly;
    bool operator==(const PlanSelection&) const = default;
};

enum class ProbeKind : std::uint8_t { Tcp, Http, Command };

/// The owner's own question to a service.
struct HealthProbe {
    std::string name;
    ProbeKind kind = ProbeKind::Tcp;
    std::string target;             ///< host:port or http URL
    std::vector<std::string> argv;  ///< of a command; exit status 0 is healthy
    std::chrono::seconds timeout{10};
    bool operator==(const HealthProbe&) const = default;
};

enum class ConffilePolicy : std::uint8_t {
    KeepOld,  ///< the host's file stays; the new one is put beside it and reported
    Refuse,   ///< a plan with a conflict is for a person
};

/// The owner's rules for this plan.
struct PlanPolicy {
    bool allow_removals = false;
    bool allow_downgrades = false;
    bool allow_untrusted = false;
    ConffilePolicy conffiles = ConffilePolicy::KeepOld;
    bool roll_back_on_failure = true;
    std::uint64_t reserve_bytes = std::uint64_t{256} << 20;  ///< to be left free after all
    std::chrono::seconds lock_timeout{60};  ///< how long to wait for a package manager lock
    std::chrono::seconds transaction_timeout{3600};  ///< a transaction that lasts longer is killed
    std::chrono::seconds silence_timeout{600};       ///< likewise one that says nothing for so long
    std::chrono::seconds settle{120};                ///< within which a probe must have passed …
    std::uint32_t settle_tries = 3;                  ///< … in that many tries
    std::vector<HealthProbe> probes;
    /// Patterns of the archives that versions may come from, any of which suffices; empty: from every archive.
    std::vector<std::string> origins;
    bool operator==(const PlanPolicy&) const = default;
};

/// Why a plan may not be applied as it is.
struct PlanProblem {
    std::string code;    ///< "apply.removal_not_allowed"
    std::string detail;  ///< one sentence that names the package
    std::string next;    ///< what to do about it; may be empty
    bool operator==(const PlanProblem&) const = default;
};

/// A patch that was asked for and does not move.
struct LeftOut {
    std::string
        source;  ///< source package; binary package of an update that is no patch of the scan
    std::string
        code;  ///< the root blocker ("hold"), or "installed", "nothing_newer", "not_offered", "subscription_only"
    std::string why;  ///< in words
    // NOLINTBEGIN(readability-redundant-member-init): g++ warns of fields that are left out
    /// Of "nothing_newer" whose word is the name of a source: the newest version of that source which is installed, and its purl type
    /// ("deb"); empty: not told.
    std::string installed = {};
    std::string type = {};
    // NOLINTEND(readability-redundant-member-init)
    bool operator==(const LeftOut&) const = default;
};

/// Whether the host is known to lack it: what is installed has only to become live, if anything. Of nothing newer only who knows
/// of a newer version can tell: FrozenSet::why_behind.
bool is_missing(const LeftOut& patch);

/// Which directory a root is, and of which machine: what tells one root without a machine id of its own from others.
struct RootPlace {
    std::string path;         ///< without links
    std::uint64_t inode = 0;  ///< another directory of that name has another
    std::string machine_id;   ///< of the machine that it lies on; empty: it has none
    bool operator==(const RootPlace&) const = default;
};

/// Immutable once it is written. What is rehearsed, approved and applied is this and nothing else.
struct Plan {
    Instant created_at;
    std::string host;               ///< for people
    std::string machine_id;         ///< empty: it has none, and `root` tells
    std::optional<RootPlace> root;  ///< none: an earlier version made it
    std::string os_id;              ///< "debian"
    std::string os_version;         ///< "12"
    std::string architecture;       ///< native
    std::string manager;            ///< "apt", "dnf", "zypper", "apk"
    PlanSelection selection;
    PlanPolicy policy;
    std::vector<PlannedPatch> patches;  ///< most urgent first
    std::vector<LeftOut> left_out;
    std::vector<PlannedStep> steps;  ///< by name, then architecture
    std::vector<PlannedConffile> conffiles;
    std::vector<std::string> services;  ///< units that will have to restart
    Restart restart = Restart::None;
    std::uint64_t download_bytes = 0;
    std::int64_t growth_bytes = 0;
    std::chrono::seconds expected_duration{0};
    std::string host_state;  ///< digest of the host's packages that the plan was made for
    std::optional<std::vector<std::string>> held;  ///< names, sorted; none: it was not known
    std::vector<PlanProblem> problems;             ///< not empty: the plan is refused
    bool operator==(const Plan&) const = default;
};

/// The names that plans, JSON and the documentation use: "upgrade", "edited", "security-only" …
std::string_view planned_change_name(PlannedChange change);
std::string_view conffile_conflict_name(ConffileConflict conflict);
std::string_view upgrade_level_name(UpgradeLevel level);
std::string_view probe_kind_name(ProbeKind kind);
std::string_view conffile_policy_name(ConffilePolicy policy);

}  // namespace thimble::model
