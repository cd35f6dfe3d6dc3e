#include "thimble/host/root_host.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"
#include "thimble/host/host.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel has it

/// The components still to walk, the next one last.
class PendingPath {
public:
    explicit PendingPath(std::string_view path) { push_in_front(path); }

    void push_in_front(std::string_view path) {
        while (!path.empty()) {
            const std::size_t slash = path.rfind('/');
            const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
            if (begin < path.size() && path.substr(begin) != ".") {
                reversed_.emplace_back(path.substr(begin));
            }
            path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
        }
    }
    [[nodiscard]] bool empty() const { return reversed_.empty(); }
    std::string pop() {
        std::string next = std::move(reversed_.back());
        reversed_.pop_back();
        return next;
    }

private:
    std::vector<std::string> reversed_;
};

bool is_link(const Descriptor& file) {
    struct stat status{};
    return ::fstat(file.number(), &status) == 0 && S_ISLNK(status.st_mode);
}

/// Walks down from a root, one component at a time; ".." and links never climb above it.
class Walk {
public:
    Walk(const Descriptor& root, std::string_view path, bool keep_last_link)
        : root_(root), path_(path), pending_(path), keep_last_link_(keep_last_link) {}

    Result<void> run() {
        while (!pending_.empty()) {
            const std::string name = pending_.pop();
            if (name != "..") {
                THIMBLE_TRY(step(name));
            } else if (!parents_.empty()) {
                parents_.pop_back();
            }
        }
        return {};
    }

    [[nodiscard]] int here() const {
        return parents_.empty() ? root_.number() : parents_.back().number();
    }

    /// The place that was reached, as a path descriptor; an invalid one for the root itself.
    Descriptor take() { return parents_.empty() ? Descriptor() : std::move(parents_.back()); }

private:
    Result<void> step(const std::string& name) {
        Descriptor next(::openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (next.number() < 0) {
            return system_error(errno, path_);
        }
        if (!is_link(next) || (keep_last_link_ && pending_.empty())) {
            parents_.push_back(std::move(next));
            return {};
        }
        if (++links_ > kMaxLinks) {
            return system_error(ELOOP, path_);
        }
        THIMBLE_TRY(const std::string target, read_link_descriptor(next, path_));
        if (target.starts_with('/')) {
            parents_.clear();
        }
        pending_.push_in_front(target);
        return {};
    }

    const Descriptor& root_;
    std::string_view path_;
    PendingPath pending_;
    std::vector<Descriptor> parents_;
    bool keep_last_link_;
    int links_ = 0;
};

}  // namespace

Result<Descriptor> walk_beneath(const Descriptor& root, std::string_view path, int flags) {
    THIMBLE_TRY(check_path(path));
    Walk walk(root, path, (flags & O_NOFOLLOW) != 0);
    THIMBLE_TRY(walk.run());
    // A path descriptor cannot be read, so the place is opened once more, by its number.
    const std::string again = "/proc/self/fd/" + std::to_string(walk.here());
    if ((flags & O_PATH) != 0) {
        if (Descriptor place = walk.take(); place.number() >= 0) {
            return place;
        }
    }
    Descriptor file(::open(again.c_str(), (flags & ~O_NOFOLLOW) | O_CLOEXEC));
    if (file.number() < 0) {
        return system_error(errno, path);
    }
    return file;
}

Result<Descriptor> open_beneath(const Descriptor& root, std::string_view path, int flags) {
    THIMBLE_TRY(check_path(path));
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const std::string text(path);
    Descriptor file(
        static_cast<int>(::syscall(SYS_openat2, root.number(), text.c_str(), &how, sizeof how)));
    if (file.number() >= 0) {
        return file;
    }
    if (errno == ENOSYS || errno == EPERM || errno == EAGAIN) {
        return walk_beneath(root, path, flags);
    }
    return system_error(errno, path);
}

Result<std::unique_ptr<RootHost>> RootHost::open(const std::string& directory) {
    Descriptor root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (root.number() < 0) {
        return system_error(errno, directory);
    }
    std::error_code error;
    const std::string absolute = std::filesystem::absolute(directory, error).string();
    if (error) {
        return system_error(error.value(), directory);
    }
    return std::unique_ptr<RootHost>(new RootHost(directory, absolute, std::move(root)));
}

Result<Descriptor> RootHost::open_file(std::string_view path) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    return open_beneath(root_, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

Result<std::string> RootHost::read_file(std::string_view path, std::size_t limit) {
    THIMBLE_TRY(const Descriptor file, open_file(path));
    return read_descriptor(file, path, limit);
}

Result<std::vector<std::string>> RootHost::list(std::string_view path) {
    THIMBLE_TRY(Descriptor folder, open_beneath(root_, path, O_RDONLY | O_DIRECTORY));
    return list_descriptor(std::move(folder), path);
}

Result<FileInfo> RootHost::look(std::string_view path, Follow follow) {
    THIMBLE_TRY(
        const Descriptor file,
        open_beneath(root_, path, O_PATH | (follow == Follow::No ? O_NOFOLLOW : 0)));
    return look_at_descriptor(file, path);
}

Result<std::string> RootHost::read_link(std::string_view path) {
    THIMBLE_TRY(const Descriptor link, open_beneath(root_, path, O_PATH | O_NOFOLLOW));
    return read_link_descriptor(link, path);
}

Result<Outcome> RootHost::run(const Command& /*command*/) {
    return failure(
        ErrorKind::Unsupported, "host.runs_nothing", "nothing in a root directory is executed");
}

}  // namespace thimble::host
