#include "thimble/host/enclosure_folder.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <fts.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace thimble::host {
namespace {

constexpr std::string_view kPrefix = "clone-";
constexpr int kRemovalTries = 20;

struct CloseWalk {
    void operator()(FTS* walk) const { ::fts_close(walk); }
};
using Walk = std::unique_ptr<FTS, CloseWalk>;

/// FTS_PHYSICAL: links are entries, never followed. FTS_NOCHDIR: we stay where we are.
Walk walk_of(const std::string& path) {
    std::string copy = path;
    std::array<char*, 2> roots{copy.data(), nullptr};
    return Walk(::fts_open(roots.data(), FTS_PHYSICAL | FTS_NOCHDIR, nullptr));
}

Error work_error(int error_number, const std::string& path) {
    const std::string text = path + ": " + std::generic_category().message(error_number);
    if (error_number == ENOSPC || error_number == EDQUOT) {
        return failure(ErrorKind::Unavailable, "host.no_space", text);
    }
    if (error_number == EROFS) {
        return failure(ErrorKind::Unavailable, "host.read_only", text);
    }
    return system_error(error_number, path);
}

Result<void> make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return work_error(errno, path);
    }
    return {};
}

Result<Descriptor> open_lock(const std::string& path) {
    Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.number() < 0) {
        return work_error(errno, path);
    }
    return lock;
}

/// Removes the folders of which nobody holds the lock.
Result<void> sweep(const std::string& work) {
    Descriptor folder(::open(work.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0) {
        return work_error(errno, work);
    }
    THIMBLE_TRY(const std::vector<std::string> names, list_descriptor(std::move(folder), work));
    for (const std::string& name : names) {
        if (!name.starts_with(kPrefix)) {
            continue;
        }
        std::string path = work;
        path.append("/").append(name);
        const Descriptor lock(::open((path + "/lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (lock.number() >= 0 && ::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
            continue;  // alive
        }
        THIMBLE_TRY(remove_tree(path));
    }
    return {};
}

int remove_once(const std::string& path) {
    const Walk walk = walk_of(path);
    if (!walk) {
        return errno;
    }
    int problem = 0;
    while (const FTSENT* entry = ::fts_read(walk.get())) {
        if (entry->fts_info == FTS_D) {
            continue;  // it comes again as FTS_DP, when it is empty
        }
        const bool is_folder = entry->fts_info == FTS_DP || entry->fts_info == FTS_DNR;
        const int failed = is_folder ? ::rmdir(entry->fts_accpath) : ::unlink(entry->fts_accpath);
        if (failed != 0 && errno != ENOENT) {
            problem = errno;
        }
    }
    return problem;
}

}  // namespace

Result<void> remove_tree(const std::string& path) {
    int problem = 0;
    for (int attempt = 0; attempt < kRemovalTries; ++attempt) {
        problem = remove_once(path);
        if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
            return {};
        }
        // Processes of a killed enclosure may write a moment longer.
        ::usleep(20'000);
    }
    return because("could not be removed", system_error(problem, path));
}

Result<EnclosureFolder> EnclosureFolder::make(const std::string& work) {
    if (!work.starts_with('/')) {
        return failure(ErrorKind::Invalid, "host.bad_path", "the work folder is not absolute");
    }
    THIMBLE_TRY(make_folder(work));
    // Held while a folder exists whose own lock is not taken yet.
    THIMBLE_TRY(const Descriptor gate, open_lock(work + "/.lock"));
    if (::flock(gate.number(), LOCK_EX) != 0) {
        return work_error(errno, work);
    }
    THIMBLE_TRY(sweep(work));
    std::string path = work + "/" + std::string(kPrefix) + "XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) {
        return work_error(errno, path);
    }
    EnclosureFolder folder(path, Descriptor());
    THIMBLE_TRY(folder.lock_, open_lock(path + "/lock"));
    if (::flock(folder.lock_.number(), LOCK_EX | LOCK_NB) != 0) {
        return work_error(errno, path);
    }
    for (const char* const name : {"/root", "/layers", "/kit", "/tmp", "/output"}) {
        THIMBLE_TRY(make_folder(path + name));
    }
    return folder;
}

EnclosureFolder::EnclosureFolder(EnclosureFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

EnclosureFolder& EnclosureFolder::operator=(EnclosureFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
}

EnclosureFolder::~EnclosureFolder() {
    remove();
}

void EnclosureFolder::remove() noexcept {
    if (!path_.empty()) {
        // What cannot be removed now is removed by the next enclosure in the same work folder.
        static_cast<void>(remove_tree(path_));
        path_.clear();
    }
}

Result<std::uint64_t> EnclosureFolder::cost() const {
    const Walk walk = walk_of(path_);
    if (!walk) {
        return system_error(errno, path_);
    }
    std::uint64_t blocks = 0;
    std::set<ino_t> counted;
    while (const FTSENT* entry = ::fts_read(walk.get())) {
        if (entry->fts_info == FTS_DP || entry->fts_statp == nullptr || entry->fts_info == FTS_NS) {
            continue;
        }
        const struct stat& status = *entry->fts_statp;
        if (entry->fts_info == FTS_D || status.st_nlink == 1
            || counted.insert(status.st_ino).second) {
            blocks += static_cast<std::uint64_t>(status.st_blocks);
        }
    }
    return blocks * 512;
}

Result<std::uint64_t> EnclosureFolder::free_bytes() const {
    struct statvfs status{};
    if (::statvfs(path_.c_str(), &status) != 0) {
        return system_error(errno, path_);
    }
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<std::string> EnclosureFolder::keep() {
    std::string kept = path_;
    kept.replace(kept.rfind(kPrefix), kPrefix.size(), "kept-");
    if (::rename(path_.c_str(), kept.c_str()) != 0) {
        return system_error(errno, path_);
    }
    path_.clear();
    return kept;
}

}  // namespace thimble::host
