#include "thimble/shield/control_folder.hpp"

#include "thimble/host/replace_file.hpp"
#include "thimble/mitigate/control.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace thimble::shield {
namespace {

namespace fs = std::filesystem;
constexpr mode_t kOwnerOnly = 0700;
constexpr mode_t kLockMode = 0600;

Result<void> make_folder(const fs::path& path) {
    if (::mkdir(path.c_str(), kOwnerOnly) != 0 && errno != EEXIST) {
        return host::system_error(errno, path.string());
    }
    return {};
}

}  // namespace

Result<ControlFolder> ControlFolder::open(const fs::path& state) {
    fs::path path = state / "controls";
    std::error_code failed;
    fs::create_directories(state, failed);
    THIMBLE_TRY(make_folder(path));
    host::Descriptor lock(
        ::open((path / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kLockMode));
    if (lock.number() < 0) {
        return host::system_error(errno, path.string());
    }
    while (::flock(lock.number(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            return host::system_error(errno, path.string());
        }
    }
    return ControlFolder(std::move(path), std::move(lock));
}

Result<ControlRecord> ControlFolder::read(const std::string& id) const {
    const std::string file = (path_ / id / "record.json").string();
    const host::Descriptor open(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (open.number() < 0 && errno == ENOENT) {
        return failure(
            ErrorKind::NotFound,
            "shield.no_control",
            "this host has no control \"" + id + "\": thimble control installed lists them");
    }
    if (open.number() < 0) {
        return host::system_error(errno, file);
    }
    THIMBLE_TRY(const std::string text, host::read_descriptor(open, file, kMaxRecordBytes));
    return parse_control_record(text);
}

Result<void> ControlFolder::write(const ControlRecord& record) const {
    const fs::path folder = path_ / record.id;
    THIMBLE_TRY(make_folder(folder));
    return host::replace_file(
        (folder / "record.json").string(), format_control_record(record), host::Readers::Owner);
}

Result<void> ControlFolder::forget(const std::string& id) const {
    std::error_code failed;
    fs::remove_all(path_ / id, failed);
    if (failed) {
        return host::system_error(failed.value(), (path_ / id).string());
    }
    return {};
}

std::string ControlFolder::path_of(const std::string& id) const {
    std::error_code failed;
    return fs::absolute(path_ / id, failed).string();
}

std::vector<std::string> ControlFolder::ids() const {
    std::vector<std::string> ids;
    std::error_code failed;
    for (fs::directory_iterator entry(path_, failed); !failed && entry != fs::directory_iterator();
         entry.increment(failed)) {
        std::string name = entry->path().filename().string();
        if (mitigate::is_control_id(name)) {
            ids.push_back(std::move(name));
        }
    }
    std::ranges::sort(ids);
    return ids;
}

}  // namespace thimble::shield
