#include "thimble/rehearse/examine_boot.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/model/loaded_at_boot.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace thimble::rehearse {
namespace {

constexpr std::string_view kKernel = "vmlinuz-";

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

/// Under the names of Debian, Red Hat and SUSE.
bool has_initial_files(const std::vector<std::string>& names, const std::string& release) {
    return contains(names, "initrd.img-" + release) || contains(names, "initrd-" + release)
        || contains(names, "initramfs-" + release + ".img");
}

std::vector<std::string> releases_in(const std::vector<std::string>& names) {
    std::vector<std::string> releases;
    for (const std::string& name : names) {
        if (name.starts_with(kKernel)) {
            releases.push_back(name.substr(kKernel.size()));
        }
    }
    return releases;
}

}  // namespace

std::vector<Check> examine_boot(
    const model::Plan& plan,
    const std::vector<std::string>& before,
    const std::vector<std::string>& after) {
    const std::vector<std::string> known = releases_in(before);
    const bool have_initial_files = std::ranges::any_of(
        known, [&](const std::string& release) { return has_initial_files(before, release); });
    Check check = named_check("boot");
    std::size_t came = 0;
    for (const std::string& release : releases_in(after)) {
        if (contains(known, release)) {
            continue;
        }
        ++came;
        if (have_initial_files && !has_initial_files(after, release)) {
            check.verdict = CheckVerdict::Fail;
            check.evidence.push_back("kernel " + release + " came without its initial file system");
        }
    }
    const bool brings_kernel = std::ranges::any_of(plan.steps, [](const model::PlannedStep& step) {
        return !step.to_version.empty() && model::is_kernel_package(step.name);
    });
    if (came == 0 && !brings_kernel) {
        return {};
    }
    check.summary = counted(came, "new kernel") + " in /boot"
        + (check.evidence.empty() ? "" : ", " + check.evidence.front())
        + "; the boot loader was not tried: a clone has none";
    return {check};
}

namespace {

/// Of a file system with blocks of 4 KiB.
std::uint64_t on_disk(std::uint64_t size) {
    constexpr std::uint64_t kBlock = 4096;
    return (size + kBlock - 1) / kBlock * kBlock;
}

std::string kibibytes(std::uint64_t bytes) {
    return std::to_string((bytes + 1023) >> 10U) + " KiB";
}

/// How much room the writes need, and which files they are.
struct BootNeed {
    std::uint64_t bytes = 0;
    std::vector<std::string> files;
};

BootNeed need_of(const BootWrites& writes) {
    BootNeed need;
    std::uint64_t largest_beside = 0;
    for (const auto& [path, file] : writes.after.files) {
        const auto earlier = writes.before.files.find(path);
        if (earlier == writes.before.files.end()) {
            need.bytes += on_disk(file.size);
            need.files.push_back(path + ": " + kibibytes(file.size) + ", is new");
            continue;
        }
        if (earlier->second == file) {
            continue;
        }
        const std::uint64_t old = on_disk(earlier->second.size);
        need.bytes += std::max(on_disk(file.size), old) - old;
        if (writes.owned.contains(path)) {
            need.bytes += old;
        } else {
            largest_beside = std::max(largest_beside, old);
        }
        need.files.push_back(
            path + ": " + kibibytes(file.size) + ", " + kibibytes(earlier->second.size)
            + " before");
    }
    need.bytes += largest_beside;
    return need;
}

}  // namespace

std::vector<Check> examine_boot_room(const BootWrites& writes) {
    const BootNeed need = need_of(writes);
    const bool is_complete = writes.before.complete && writes.after.complete;
    if (need.files.empty() && is_complete) {
        return {};
    }
    Check check = named_check("room in /boot");
    const std::string needed = kibibytes(need.bytes) + " are needed in /boot";
    const std::string free = std::to_string(writes.free_bytes.value_or(0) >> 10U) + " KiB are free";
    if (writes.free_bytes && *writes.free_bytes < need.bytes) {
        check.verdict = CheckVerdict::Fail;
        check.summary =
            needed + ", " + free + ": the transaction would fill it, and so would the way back";
    } else if (!is_complete || !writes.free_bytes) {
        check.verdict = CheckVerdict::Warn;
        check.summary = is_complete
            ? needed + "; how much is free cannot be told"
            : "not all of /boot could be read: whether what is written there fits is not known";
    } else {
        check.summary = needed + ", " + free;
    }
    add_evidence(check, need.files);
    return {check};
}

}  // namespace thimble::rehearse
