#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/rpm_database.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace thimble::apply {
namespace {

using model::PlannedChange;
using model::PlannedStep;

enum Field : std::uint8_t { Name, Epoch, Version, Release, Architecture, Size, Md5, HeaderSha256 };
constexpr std::size_t kFields = 8;

std::string version_of(std::string_view epoch, std::string_view version, std::string_view release) {
    std::string text;
    if (!epoch.empty() && epoch != "0" && epoch != "(none)") {
        text = std::string(epoch) + ":";
    }
    return text + std::string(version) + "-" + std::string(release);
}

Result<RpmEntry> read_entry(std::string_view line) {
    auto fields = split_fields<kFields>(line, '\t');
    if (fields && fields->back().contains('\t')) {
        fields.reset();
    }
    RpmEntry entry;
    if (fields) {
        entry.package.name = (*fields)[Name];
        entry.package.architecture = (*fields)[Architecture];
        entry.package.version =
            version_of((*fields)[Epoch], (*fields)[Version], (*fields)[Release]);
        entry.bytes = number_in<std::int64_t>((*fields)[Size]).value_or(0);
        entry.identity = std::string((*fields)[Md5]) + " " + std::string((*fields)[HeaderSha256]);
    }
    if (!fields || entry.package.name.empty() || (*fields)[Version].empty()) {
        return failure(
            ErrorKind::Corrupt,
            "apply.bad_database",
            "rpm told of a package in a way that is not understood: " + printable(line, 100));
    }
    return entry;
}

bool is_sound(const PlannedStep& step) {
    const bool removes = step.change == PlannedChange::Remove;
    return is_package_name(step.name) && is_architecture(step.architecture)
        && (step.from_version.empty() || is_version(step.from_version))
        && (removes ? !step.from_version.empty() : is_version(step.to_version))
        && (removes
            || (step.archive && is_archive_name(step.archive->file_name)
                && step.archive->file_name.ends_with(".rpm")));
}

}  // namespace

std::string rpm_entry_format() {
    return R"(%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{LONGSIZE}\t%{SIGMD5}\t%{SHA256HEADER}\n)";
}

Result<std::vector<RpmEntry>> parse_rpm_entries(std::string_view text) {
    std::vector<RpmEntry> entries;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (!line.starts_with("gpg-pubkey\t")) {
            THIMBLE_TRY(entries.emplace_back(), read_entry(line));
        }
    }
    std::ranges::sort(entries);
    return entries;
}

std::vector<PackageVersion> duplicates(
    std::span<const RpmEntry> entries, std::span<const std::string> several_allowed) {
    const auto same = [](const RpmEntry& left, const RpmEntry& right) {
        return left.package.name == right.package.name
            && left.package.architecture == right.package.architecture;
    };
    std::vector<PackageVersion> found;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const bool twice = (at > 0 && same(entries[at - 1], entries[at]))
            || (at + 1 < entries.size() && same(entries[at], entries[at + 1]));
        if (twice
            && std::ranges::find(several_allowed, entries[at].package.name)
                == several_allowed.end()) {
            found.push_back(entries[at].package);
        }
    }
    return found;
}

const RpmEntry* find_entry(
    std::span<const RpmEntry> entries, const PlannedStep& step, const std::string& version) {
    const auto found = std::ranges::find(
        entries, PackageVersion{step.name, step.architecture, version}, &RpmEntry::package);
    return found == entries.end() ? nullptr : &*found;
}

std::vector<PlannedStep> open_steps(
    std::span<const PlannedStep> steps, std::span<const RpmEntry> entries) {
    std::vector<PlannedStep> open;
    for (const PlannedStep& step : steps) {
        const bool came =
            step.to_version.empty() || find_entry(entries, step, step.to_version) != nullptr;
        const bool went =
            step.from_version.empty() || find_entry(entries, step, step.from_version) == nullptr;
        if (!came || !went) {
            open.push_back(step);
        }
    }
    return open;
}

std::string rpm_label(const PlannedStep& step, std::string_view version) {
    const std::size_t epoch = version.find(':');
    version.remove_prefix(epoch == std::string_view::npos ? 0 : epoch + 1);
    return step.name + "-" + std::string(version) + "." + step.architecture;
}

Result<void> check_rpm_steps(std::span<const PlannedStep> steps) {
    for (const PlannedStep& step : steps) {
        if (!is_sound(step)) {
            return failure(
                ErrorKind::Invalid,
                "apply.bad_step",
                "a step of the plan has a name that cannot be used: " + printable(step.name, 100)
                    + " " + printable(step.to_version, 100));
        }
    }
    return {};
}

}  // namespace thimble::apply
