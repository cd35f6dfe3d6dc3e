#include "thimble/apply/resolution_policy.hpp"
#include "thimble/apply/rpm_metadata.hpp"
#include "thimble/apply/zypper_packages.hpp"
#include "thimble/apply/zypper_steps.hpp"
#include "thimble/base/error.hpp"
#include "thimble/inventory/rpm_list.hpp"
#include "thimble/model/version_order.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

namespace thimble::apply {
namespace {

using model::PlannedChange;
using model::PlannedStep;

constexpr std::size_t kMaxMetadata = std::size_t{512} << 20;  // compressed
constexpr std::size_t kBlock = std::size_t{256} << 10;
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{8} << 30;

/// Unpacks gzip, xz, zstd … and hands on what is in it.
Result<void> unpack(std::string_view bytes, PrimaryReader& reader) {
    const std::unique_ptr<archive, int (*)(archive*)> file(archive_read_new(), &archive_read_free);
    archive_read_support_filter_all(file.get());
    archive_read_support_format_raw(file.get());
    archive_entry* entry = nullptr;
    std::string block(kBlock, '\0');
    std::uint64_t total = 0;
    if (archive_read_open_memory(file.get(), bytes.data(), bytes.size()) == ARCHIVE_OK
        && archive_read_next_header(file.get(), &entry) == ARCHIVE_OK) {
        for (;;) {
            const la_ssize_t size = archive_read_data(file.get(), block.data(), block.size());
            if (size == 0) {
                return {};
            }
            total += static_cast<std::uint64_t>(std::max<la_ssize_t>(size, 0));
            if (size < 0 || total > kMaxUnpacked) {
                break;
            }
            THIMBLE_TRY(
                reader.take(std::string_view(block).substr(0, static_cast<std::size_t>(size))));
        }
    }
    return failure(
        ErrorKind::Corrupt, "apply.bad_metadata", "a repository's list of packages is damaged");
}

/// zypper names its folders after the repository's alias.
std::string folder_of(const std::string& alias) {
    std::string name = alias;
    std::ranges::replace(name, '/', '_');
    return "/var/cache/zypp/raw/" + name + "/";
}

PlannedChange change_of(const inventory::ZypperChange& change) {
    if (change.from_version.empty()) {
        return PlannedChange::Install;
    }
    if (change.to_version.empty()) {
        return PlannedChange::Remove;
    }
    const auto* const order = model::version_order_named("rpm");
    const auto way = order->compare(change.from_version, change.to_version);
    if (way < 0) {
        return PlannedChange::Upgrade;
    }
    return way > 0 ? PlannedChange::Downgrade : PlannedChange::Reinstall;
}

model::PlanProblem held(const PackageVersion& package) {
    return {
        "apply.held",
        package.name + " is locked: zypper keeps " + package.version + " away",
        "zypper removelock " + package.name};
}

}  // namespace

/// What the repositories offer of the names that count.
struct ZypperPackages::Metadata {
    struct Offer {
        RepositoryPackage package;
        std::string alias;
        std::string url;
        bool is_checked = false;
    };
    std::vector<Offer> offers;  ///< the preferred repository first
    std::set<std::string, std::less<>> names;

    [[nodiscard]] const Offer* find(
        std::string_view name, std::string_view architecture, std::string_view version) const {
        const auto found = std::ranges::find_if(offers, [&](const Offer& offer) {
            return offer.package.package.name == name
                && offer.package.package.architecture == architecture
                && offer.package.package.version == version;
        });
        return found == offers.end() ? nullptr : &*found;
    }
};

Result<void> ZypperPackages::read_repository(
    const inventory::ZypperRepository& repository, Metadata& metadata) {
    const std::string folder = folder_of(repository.alias);
    THIMBLE_TRY(
        const std::string index, host_.read_file(folder + "repodata/repomd.xml", kMaxMetadata));
    THIMBLE_TRY(const std::string primary, parse_repomd(index));
    THIMBLE_TRY(const std::string bytes, host_.read_file(folder + primary, kMaxMetadata));
    PrimaryReader reader([&](RepositoryPackage package) {
        if (metadata.names.contains(package.package.name)) {
            metadata.offers.push_back(
                {.package = std::move(package),
                 .alias = repository.alias,
                 .url = repository.url,
                 .is_checked = repository.is_checked});
        }
    });
    return unpack(bytes, reader);
}

Result<std::vector<inventory::ZypperRepository>> ZypperPackages::repositories() {
    THIMBLE_TRY(const host::Outcome outcome, ask({"--no-refresh", "repos", "--uri"}));
    constexpr int kNone = 6;  // ZYPPER_EXIT_NO_REPOS
    if (outcome.exit_status == kNone) {
        return std::vector<inventory::ZypperRepository>();
    }
    if (outcome.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.zypper_not_asked",
            "zypper ended with status " + std::to_string(outcome.exit_status));
    }
    return inventory::parse_zypper_repositories(outcome.output);
}

Result<ZypperPackages::Metadata> ZypperPackages::read_metadata(
    std::set<std::string, std::less<>> names) {
    Metadata metadata;
    metadata.names = std::move(names);
    THIMBLE_TRY(const auto all, repositories());
    for (const inventory::ZypperRepository& repository : all) {
        if (!repository.is_enabled) {
            continue;
        }
        auto read = read_repository(repository, metadata);
        if (!read) {
            return because("the repository " + repository.alias, std::move(read).error());
        }
    }
    return metadata;
}

/// The arguments for what can be asked for; the rest is a problem.
Result<std::vector<std::string>> ZypperPackages::installable(
    const Resolving& wanted, const Metadata& metadata, Resolution& resolution) {
    THIMBLE_TRY(const host::Outcome outcome, ask({"--no-refresh", "locks"}));
    THIMBLE_TRY(
        const std::vector<std::string> locks, inventory::parse_zypper_locks(outcome.output));
    std::vector<std::string> arguments;
    for (const PackageVersion& package : wanted.wanted) {
        const bool locked = std::ranges::any_of(locks, [&](const std::string& lock) {
            return inventory::is_locked(lock, package.name);
        });
        if (metadata.find(package.name, package.architecture, package.version) == nullptr) {
            resolution.problems.push_back(
                {"apply.version_gone",
                 "no repository offers " + package.name + " " + package.version,
                 "Make the plan again"});
        } else if (locked) {
            resolution.problems.push_back(held(package));
        } else {
            arguments.push_back(zypper_label(package));
        }
    }
    return arguments;
}

PlannedStep ZypperPackages::step_of(
    const inventory::ZypperChange& change,
    const Resolving& wanted,
    const std::vector<RpmEntry>& now,
    const Metadata& metadata) {
    PlannedStep step;
    step.change = change_of(change);
    step.name = change.name;
    step.architecture = change.architecture;
    step.from_version = change.from_version;
    step.to_version = change.to_version;
    step.selected = std::ranges::any_of(
        wanted.wanted, [&](const PackageVersion& package) { return package.name == change.name; });
    step.automatic = !step.selected && step.change == PlannedChange::Install;
    if (const RpmEntry* before = find_entry(now, step, step.from_version)) {
        step.growth_bytes -= before->bytes;
    }
    const Metadata::Offer* offer =
        metadata.find(change.name, change.architecture, change.to_version);
    const auto source =
        offer == nullptr ? std::nullopt : inventory::split_source_rpm(offer->package.source_rpm);
    step.source_name = source ? source->first : change.name;
    if (source) {
        step.source_version = source->second;
    } else {
        step.source_version = change.to_version.empty() ? change.from_version : change.to_version;
    }
    if (offer == nullptr) {
        return step;
    }
    step.origin = offer->alias;
    step.growth_bytes += offer->package.installed_bytes;
    const std::string& location = offer->package.location;
    step.archive = {
        .file_name = location.substr(location.rfind('/') + 1),
        .uri = offer->url + "/" + location,
        .sha256 = offer->package.sha256,
        .size = offer->package.size};
    return step;
}

void ZypperPackages::judge_step(
    const PlannedStep& step,
    const Resolving& wanted,
    const Metadata& metadata,
    Resolution& resolution) {
    const auto tell = [&](const char* code, std::string detail, std::string next) {
        resolution.problems.push_back({code, std::move(detail), std::move(next)});
    };
    const std::string words = step.name + " " + step.to_version;
    if (std::ranges::find(wanted.excluded, step.name) != wanted.excluded.end()) {
        tell("apply.excluded", step.name + " is excluded, but would have to change", "");
    }
    if (step.change == PlannedChange::Install && wanted.level == model::UpgradeLevel::Upgrade) {
        tell(
            "apply.needs_new_packages",
            words + " would be new",
            "Plan with --level upgrade-with-new.");
    }
    if (step.change == PlannedChange::Remove) {
        return;
    }
    const auto* offer = metadata.find(step.name, step.architecture, step.to_version);
    if (offer == nullptr || offer->package.sha256.empty()) {
        tell("apply.no_digest", "The repository gives no SHA-256 of " + words, "");
    } else if (!offer->is_checked) {
        tell(
            "apply.untrusted_origin",
            step.name + " comes from " + offer->alias
                + ", whose packages are not checked (gpgcheck=0)",
            "zypper modifyrepo --gpgcheck " + offer->alias + ", or plan with --allow-untrusted");
    }
}

Result<Resolution> ZypperPackages::resolve(const Resolving& wanted) {
    Resolution resolution;
    const bool everything =
        wanted.wanted.empty() && wanted.level != model::UpgradeLevel::SecurityOnly;
    if (wanted.wanted.empty() && !everything) {
        return resolution;
    }
    THIMBLE_TRY(const host::Outcome refreshed, ask({"refresh"}));
    if (refreshed.exit_status != 0) {
        return failure(
            ErrorKind::Unavailable,
            "apply.zypper_not_asked",
            "zypper could not refresh the repositories (status "
                + std::to_string(refreshed.exit_status) + "): " + last_words(refreshed.errors));
    }
    std::set<std::string, std::less<>> names;
    for (const PackageVersion& package : wanted.wanted) {
        names.insert(package.name);
    }
    std::vector<std::string> arguments{"--no-refresh", everything ? "update" : "install"};
    arguments.insert(arguments.end(), {"--dry-run", "--no-recommends"});
    if (!everything) {
        THIMBLE_TRY(const Metadata known, read_metadata(names));
        THIMBLE_TRY(auto labels, installable(wanted, known, resolution));
        if (labels.empty()) {
            return resolution;
        }
        arguments.insert(arguments.end(), {"--oldpackage", "--"});
        std::ranges::move(labels, std::back_inserter(arguments));
    }
    THIMBLE_TRY(const host::Outcome outcome, ask(std::move(arguments)));
    THIMBLE_TRY(
        const inventory::ZypperSummary summary, inventory::parse_zypper_summary(outcome.output));
    if (zypper_ending(outcome.exit_status).ending != TransactionEnding::Done) {
        resolution.problems.push_back({"apply.dependency_conflict", summary.complaint, ""});
        return resolution;
    }
    for (const inventory::ZypperChange& change : summary.changes) {
        names.insert(change.name);
    }
    THIMBLE_TRY(const Metadata metadata, read_metadata(std::move(names)));
    THIMBLE_TRY(const std::vector<RpmEntry> now, rpm_.entries());
    for (const inventory::ZypperChange& change : summary.changes) {
        resolution.steps.push_back(step_of(change, wanted, now, metadata));
        judge_step(resolution.steps.back(), wanted, metadata, resolution);
    }
    refuse_other_repositories(wanted.origins, resolution);
    return resolution;
}

/// The repository's rule, on the copy that will be installed.
Result<void> ZypperPackages::check_signatures(
    std::span<const PlannedStep> steps, const std::string& folder) {
    THIMBLE_TRY(const auto all, repositories());
    for (const PlannedStep& step : steps) {
        const auto origin =
            std::ranges::find(all, step.origin, &inventory::ZypperRepository::alias);
        if (!step.archive || origin == all.end() || !origin->is_checked) {
            continue;
        }
        THIMBLE_TRY(
            const std::string why, rpm_.signature_problem(folder + "/" + step.archive->file_name));
        if (!why.empty()) {
            return failure(
                ErrorKind::Denied,
                "apply.untrusted_origin",
                step.archive->file_name + " is not trusted: " + why);
        }
    }
    return {};
}

}  // namespace thimble::apply
