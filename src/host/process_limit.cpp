#include "thimble/host/process_limit.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::string_view kPrefix = "thimble-clone-";
constexpr std::size_t kMostText = std::size_t{64} << 10;

std::string text_of(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    auto text = file.number() < 0 ? Result<std::string>(system_error(errno, path))
                                  : read_descriptor(file, path, kMostText);
    return text ? *std::move(text) : std::string();
}

bool has_word(std::string_view text, std::string_view wanted) {
    text = trimmed(text);
    while (!text.empty()) {
        if (take_word(text) == wanted) {
            return true;
        }
    }
    return false;
}

bool write_text(int file, std::string_view text) {
    return ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// The process that made a group, by its name; 0: it is none of ours.
pid_t maker_of(std::string_view name) {
    pid_t maker = 0;
    if (name.starts_with(kPrefix)) {
        name.remove_prefix(kPrefix.size());
        std::from_chars(name.data(), name.data() + name.size(), maker);
    }
    return maker;
}

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

/// Groups of which nobody is left.
void remove_stale(const std::string& parent) {
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(parent.c_str()));
    while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
        const std::string_view name = static_cast<const char*>(entry->d_name);
        const pid_t maker = maker_of(name);
        if (maker > 0 && ::kill(maker, 0) != 0 && errno == ESRCH) {
            ::rmdir((parent + "/" + std::string(name)).c_str());
        }
    }
}

/// Of version 2 a group has the bound only where its parent hands it down; of version 1 each has.
bool may_hold_groups(const std::string& root) {
    const bool second = ::access((root + "/cgroup.controllers").c_str(), F_OK) == 0;
    return second ? has_word(text_of(root + "/cgroup.subtree_control"), "pids")
                  : ::access((root + "/cgroup.procs").c_str(), W_OK) == 0;
}

std::string new_name() {
    static std::atomic<unsigned> made{0};
    return std::string(kPrefix) + std::to_string(::getpid()) + "-" + std::to_string(made++);
}

}  // namespace

std::vector<std::string> process_group_roots() {
    return {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"};
}

std::uint64_t refused_in(std::string_view events) {
    constexpr std::string_view kWord = "max ";
    Lines lines(events);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with(kWord)) {
            line.remove_prefix(kWord.size());
            return number_in<std::uint64_t>(line).value_or(0);
        }
    }
    return 0;
}

bool come_under(int door) {
    return door < 0 || write_text(door, "0");
}

ProcessLimit ProcessLimit::make(std::uint64_t most, const std::vector<std::string>& roots) {
    ProcessLimit limit(most);
    for (const std::string& root : roots) {
        if (may_hold_groups(root) && limit.take_group(root)) {
            break;
        }
    }
    return limit;
}

bool ProcessLimit::take_group(const std::string& parent) {
    remove_stale(parent);
    const std::string folder = parent + "/" + new_name();
    constexpr mode_t kForAll = 0755;
    if (::mkdir(folder.c_str(), kForAll) != 0) {
        return false;
    }
    const Descriptor bound(::open((folder + "/pids.max").c_str(), O_WRONLY | O_CLOEXEC));
    Descriptor door(::open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (bound.number() < 0 || door.number() < 0
        || !write_text(bound.number(), std::to_string(most_))) {
        ::rmdir(folder.c_str());
        return false;
    }
    folder_ = folder;
    root_ = parent;
    door_ = std::move(door);
    return true;
}

ProcessLimit::ProcessLimit(ProcessLimit&& other) noexcept
    : most_(other.most_),
      folder_(std::exchange(other.folder_, {})),
      root_(std::exchange(other.root_, {})),
      door_(std::move(other.door_)) {}

ProcessLimit::~ProcessLimit() {
    if (!folder_.empty()) {
        ::rmdir(folder_.c_str());
    }
}

std::string ProcessLimit::words() const {
    const std::string bound = "at most " + std::to_string(most_) + " processes, ";
    return is_hard()
        ? bound + "by a control group (" + root_ + ")"
        : bound + "by counting them five times a second: no control group can be made here";
}

std::uint64_t ProcessLimit::refused() const {
    return is_hard() ? refused_in(text_of(folder_ + "/pids.events")) : 0;
}

}  // namespace thimble::host
