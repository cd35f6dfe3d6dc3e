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
#include <optional>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxPins = std::size_t{4} << 20;

/// apt reads "*", "?" and "[" as a pattern and "/…/" as an expression; neither names nor versions have them.
bool is_pinnable(const model::PlannedStep& step) {
    return step.from_version != step.to_version && is_package_name(step.name)
        && is_architecture(step.architecture) && is_version(step.to_version);
}

std::string path_of(std::string_view name) {
    return std::string(inventory::kPinFolder).append("/").append(name);
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
    return host::open_beneath(opened, inventory::kPinFolder, O_RDONLY | O_DIRECTORY);
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
        return host::system_error(errno, inventory::kPinFolder);
    }
    return open_folder(root);
}

Error not_pinned(const std::string& path, Error cause) {
    Error error = because(path + " cannot be changed", std::move(cause));
    error.code = "apply.not_pinned";
    return error;
}

/// No folder has no names.
Result<std::vector<std::string>> names_in_folder(const std::string& root) {
    auto folder = open_folder(root);
    if (!folder && folder.error().kind == ErrorKind::NotFound) {
        return std::vector<std::string>{};
    }
    THIMBLE_TRY(host::Descriptor opened, std::move(folder));
    return host::list_descriptor(std::move(opened), inventory::kPinFolder);
}

/// What a kill leaves of host::replace_file: the name of a pin and six letters of mkostemp(3).
bool is_half_written(std::string_view name) {
    constexpr std::size_t kLetters = std::string_view(".XXXXXX").size();
    if (name.size() <= kLetters || name[name.size() - kLetters] != '.') {
        return false;
    }
    const std::string_view letters = name.substr(name.size() - kLetters + 1);
    const bool are_letters = std::ranges::all_of(letters, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
    return are_letters && !pinned_run_of(name.substr(0, name.size() - kLetters)).empty();
}

/// @return whether it was there
Result<bool> remove_pin(const std::string& root, const std::string& name) {
    THIMBLE_TRY(const host::Descriptor folder, open_folder(root));
    if (::unlinkat(folder.number(), name.c_str(), 0) == 0) {
        return true;
    }
    if (errno != ENOENT) {
        return host::system_error(errno, name);
    }
    return false;
}

/// @return whether it had to be written
Result<bool> put_pin(const std::string& root, const std::string& name, std::string_view text) {
    THIMBLE_TRY(const host::Descriptor folder, make_folder_beneath(root));
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

/// What came of several pins: one that cannot be changed keeps no other from being.
struct Settled {
    std::vector<std::string> changed;  ///< paths
    std::optional<Error> first_failure;

    void note(const std::string& name, const Result<bool>& done) {
        if (done && *done) {
            changed.push_back(path_of(name));
        }
        if (!done && !first_failure) {
            first_failure = not_pinned(path_of(name), done.error());
        }
    }
    Result<std::vector<std::string>> result() && {
        if (first_failure) {
            return *std::move(first_failure);
        }
        return std::move(changed);
    }
};

}  // namespace

std::string pin_path(std::string_view run) {
    return path_of(inventory::pin_file_name(run));
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

Result<std::vector<PinnedVersion>> read_pins(const std::string& root, std::string_view run) {
    const std::string name = inventory::pin_file_name(run);
    THIMBLE_TRY(const host::Descriptor folder, open_folder(root));
    const host::Descriptor there(
        ::openat(folder.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (there.number() < 0) {
        return host::system_error(errno, name);
    }
    THIMBLE_TRY(const std::string text, host::read_descriptor(there, name, kMaxPins));
    return parse_pins(text);
}

std::vector<std::string> pinned_runs(const std::string& root) {
    std::vector<std::string> runs;
    for (const std::string& name : names_in_folder(root).value_or(std::vector<std::string>{})) {
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
    Settled settled;
    std::vector<std::string> kept;
    for (const PinnedRun& pinned : wanted) {
        if (const std::string text = format_pins(pinned); !text.empty()) {
            kept.push_back(pinned.run);
            settled.note(
                inventory::pin_file_name(pinned.run),
                put_pin(root, inventory::pin_file_name(pinned.run), text));
        }
    }
    const auto names = names_in_folder(root);
    if (!names && !settled.first_failure) {
        settled.first_failure = not_pinned(std::string(inventory::kPinFolder), names.error());
    }
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        const std::string run = pinned_run_of(name);
        const bool is_over = std::ranges::find(known, run) != known.end()
            && std::ranges::find(kept, run) == kept.end();
        if (is_over || is_half_written(name)) {
            settled.note(name, remove_pin(root, name));
        }
    }
    return std::move(settled).result();
}

}  // namespace thimble::apply
