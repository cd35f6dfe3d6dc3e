#include "thimble/apply/apt_pins.hpp"

#include "thimble/apply/deb_names.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/replace_file.hpp"
#include "thimble/host/root_host.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::string_view kFolder = "/etc/apt/preferences.d";
constexpr std::string_view kPrefix = "thimble-rolled-back-";
constexpr std::string_view kSuffix = ".pref";
constexpr std::size_t kMaxPins = std::size_t{4} << 20;

/// apt reads "*", "?" and "[" as a pattern and "/…/" as an expression; neither names nor versions have them.
bool is_pinnable(const model::PlannedStep& step) {
    return !step.from_version.empty() && step.from_version != step.to_version
        && is_package_name(step.name) && is_architecture(step.architecture)
        && is_version(step.to_version);
}

std::string name_of(std::string_view run) {
    return std::string(kPrefix).append(run).append(kSuffix);
}

bool is_run_id(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || c == 'T' || c == 'Z' || c == '-';
    });
}

Result<host::Descriptor> open_root(const std::string& root) {
    host::Descriptor opened(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0) {
        return host::system_error(errno, root);
    }
    return opened;
}

Result<host::Descriptor> open_folder(const std::string& root) {
    THIMBLE_TRY(const host::Descriptor opened, open_root(root));
    return host::open_beneath(opened, kFolder, O_RDONLY | O_DIRECTORY);
}

/// Packages of apt bring the folder, but somebody may have removed it.
Result<host::Descriptor> make_folder_beneath(const std::string& root) {
    auto folder = open_folder(root);
    if (folder || folder.error().kind != ErrorKind::NotFound) {
        return folder;
    }
    THIMBLE_TRY(const host::Descriptor opened, open_root(root));
    THIMBLE_TRY(
        const host::Descriptor parent,
        host::open_beneath(opened, "/etc/apt", O_RDONLY | O_DIRECTORY));
    constexpr mode_t kForAll = 0755;
    if (::mkdirat(parent.number(), "preferences.d", kForAll) != 0 && errno != EEXIST) {
        return host::system_error(errno, kFolder);
    }
    return open_folder(root);
}

Error not_pinned(const std::string& path, Error cause) {
    Error error = because(path + " cannot be changed", std::move(cause));
    error.code = "apply.not_pinned";
    return error;
}

/// @return whether it had to be written
Result<bool> put_pin(
    const host::Descriptor& folder, const std::string& name, std::string_view text) {
    const host::Descriptor there(
        ::openat(folder.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (there.number() >= 0) {
        const auto bytes = host::read_descriptor(there, name, kMaxPins);
        if (bytes && *bytes == text) {
            return false;
        }
    }
    // The folder is named by its descriptor: what its path leads to may have changed since.
    THIMBLE_TRY(host::replace_file(
        "/proc/self/fd/" + std::to_string(folder.number()) + "/" + name,
        text,
        host::Readers::Anyone));
    return true;
}

}  // namespace

std::string pin_path(std::string_view run) {
    return std::string(kFolder).append("/").append(name_of(run));
}

std::string pinned_run_of(std::string_view file_name) {
    if (!file_name.starts_with(kPrefix) || !file_name.ends_with(kSuffix)
        || file_name.size() < kPrefix.size() + kSuffix.size()) {
        return {};
    }
    file_name.remove_prefix(kPrefix.size());
    file_name.remove_suffix(kSuffix.size());
    return is_run_id(file_name) ? std::string(file_name) : std::string();
}

std::string format_pins(const PinnedRun& pinned) {
    std::string text;
    for (const model::PlannedStep& step : pinned.steps) {
        if (!is_pinnable(step)) {
            continue;
        }
        text += text.empty() ? "" : "\n";
        text += "Explanation: Thimble run " + pinned.run + " took this version back.\n";
        text += "Explanation: To allow it again: thimble patch unblock " + pinned.run
            + " --reason TEXT\n";
        text += "Package: " + step.name;
        text += step.architecture == "all" ? "\n" : ":" + step.architecture + "\n";
        text += "Pin: version " + step.to_version + "\nPin-Priority: -1\n";
    }
    return text;
}

std::vector<std::string> pinned_runs(const std::string& root) {
    std::vector<std::string> runs;
    auto folder = open_folder(root);
    const auto names = folder ? host::list_descriptor(*std::move(folder), kFolder)
                              : Result<std::vector<std::string>>(folder.error());
    if (!names) {
        return runs;
    }
    for (const std::string& name : *names) {
        if (std::string run = pinned_run_of(name); !run.empty()) {
            runs.push_back(std::move(run));
        }
    }
    return runs;
}

Result<std::vector<std::string>> settle_pins(
    const std::string& root,
    std::span<const PinnedRun> wanted,
    std::span<const std::string> known) {
    std::vector<std::string> changed;
    std::vector<std::string> kept;
    for (const PinnedRun& pinned : wanted) {
        const std::string text = format_pins(pinned);
        if (text.empty()) {
            continue;
        }
        const std::string path = pin_path(pinned.run);
        const auto folder = make_folder_beneath(root);
        if (!folder) {
            return not_pinned(path, folder.error());
        }
        const auto written = put_pin(*folder, name_of(pinned.run), text);
        if (!written) {
            return not_pinned(path, written.error());
        }
        if (*written) {
            changed.push_back(path);
        }
        kept.push_back(pinned.run);
    }
    for (const std::string& run : pinned_runs(root)) {
        const bool is_ours = std::ranges::find(known, run) != known.end();
        if (!is_ours || std::ranges::find(kept, run) != kept.end()) {
            continue;
        }
        const auto folder = open_folder(root);
        if (!folder) {
            return not_pinned(pin_path(run), folder.error());
        }
        if (::unlinkat(folder->number(), name_of(run).c_str(), 0) != 0 && errno != ENOENT) {
            return not_pinned(pin_path(run), host::system_error(errno, pin_path(run)));
        }
        changed.push_back(pin_path(run));
    }
    return changed;
}

}  // namespace thimble::apply
