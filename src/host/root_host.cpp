#include "thimble/host/root_host.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

namespace thimble::host {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel has it

Result<Descriptor> open_in_root(const Descriptor& root, std::string_view path, int flags) {
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

}  // namespace

Result<Descriptor> walk_beneath(const Descriptor& root, std::string_view path, int flags) {
    THIMBLE_TRY(check_path(path));
    const bool keep_last_link = (flags & O_NOFOLLOW) != 0;
    PendingPath pending(path);
    std::vector<Descriptor> parents;  // from the root down: ".." never climbs above it
    const auto here = [&] {
        return parents.empty() ? root.number() : parents.back().number();
    };
    int links = 0;
    while (!pending.empty()) {
        const std::string name = pending.pop();
        if (name == "..") {
            if (!parents.empty()) {
                parents.pop_back();
            }
            continue;
        }
        Descriptor next(::openat(here(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        if (next.number() < 0) {
            return system_error(errno, path);
        }
        if (!is_link(next) || (keep_last_link && pending.empty())) {
            parents.push_back(std::move(next));
            continue;
        }
        if (++links > kMaxLinks) {
            return system_error(ELOOP, path);
        }
        THIMBLE_TRY(const std::string target, read_link_descriptor(next, path));
        if (target.starts_with('/')) {
            parents.clear();
        }
        pending.push_in_front(target);
    }
    if ((flags & O_PATH) != 0 && !parents.empty()) {
        return std::move(parents.back());
    }
    // Through /proc because a path descriptor cannot be read; "." for a folder needs no /proc.
    const std::string again = "/proc/self/fd/" + std::to_string(here());
    Descriptor file(::open(again.c_str(), (flags & ~O_NOFOLLOW) | O_CLOEXEC));
    if (file.number() < 0) {
        return system_error(errno, path);
    }
    return file;
}

Result<std::unique_ptr<RootHost>> RootHost::open(const std::string& directory) {
    Descriptor root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (root.number() < 0) {
        return system_error(errno, directory);
    }
    return std::unique_ptr<RootHost>(new RootHost(directory, std::move(root)));
}

Result<std::string> RootHost::read_file(std::string_view path, std::size_t limit) {
    THIMBLE_TRY(const Descriptor file, open_in_root(root_, path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    return read_descriptor(file, path, limit);
}

Result<std::vector<std::string>> RootHost::list(std::string_view path) {
    THIMBLE_TRY(Descriptor folder, open_in_root(root_, path, O_RDONLY | O_DIRECTORY));
    return list_descriptor(std::move(folder), path);
}

Result<FileInfo> RootHost::look(std::string_view path, Follow follow) {
    THIMBLE_TRY(
        const Descriptor file,
        open_in_root(root_, path, O_PATH | (follow == Follow::No ? O_NOFOLLOW : 0)));
    return look_at_descriptor(file, path);
}

Result<std::string> RootHost::read_link(std::string_view path) {
    THIMBLE_TRY(const Descriptor link, open_in_root(root_, path, O_PATH | O_NOFOLLOW));
    return read_link_descriptor(link, path);
}

Result<Outcome> RootHost::run(const Command& /*command*/) {
    return failure(
        ErrorKind::Unsupported, "host.runs_nothing", "nothing in a root directory is executed");
}

}  // namespace thimble::host
