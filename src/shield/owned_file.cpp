#include "thimble/shield/owned_file.hpp"

#include "thimble/host/file_access.hpp"
#include "thimble/host/replace_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace thimble::shield {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;
constexpr auto kFolderOfAnyone = fs::perms(0755);
constexpr std::size_t kMostNews = std::size_t{4} << 20;

}  // namespace

Result<void> write_owned(const OwnedFile& file) {
    std::error_code failed;
    const fs::path folder = fs::path(file.path).parent_path();
    if (fs::create_directories(folder, failed)) {
        fs::permissions(folder, kFolderOfAnyone, failed);  // whatever our umask is
    }
    return host::replace_file(file.path, file.text, host::Readers::Anyone);
}

Result<void> remove_owned(const std::string& path) {
    const std::string begun = fs::path(path).filename().string() + ".";
    constexpr std::size_t kRandom = 6;  // see host::replace_file
    std::error_code failed;
    for (fs::directory_iterator entry(fs::path(path).parent_path(), failed);
         !failed && entry != fs::directory_iterator();
         entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(begun) && name.size() == begun.size() + kRandom) {
            ::unlink(entry->path().c_str());
        }
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
        return host::system_error(errno, path);
    }
    return {};
}

Result<std::string> text_of(const std::string& path) {
    const host::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) {
        return host::system_error(errno, path);
    }
    return host::read_descriptor(file, path, kMostFileBytes);
}

ControlCheck look_at_owned(const OwnedFile& file) {
    const auto text = text_of(file.path);
    const bool is_same = text && *text == file.text;
    const std::string other = text ? "changed" : text.error().text();
    return {
        .name = "file " + file.path,
        .expected = "as it was written",
        .seen = is_same ? "as it was written" : other,
        .passed = is_same};
}

std::size_t size_of(const std::string& path) {
    std::error_code failed;
    const auto size = fs::file_size(path, failed);
    return failed ? 0 : size;
}

std::string written_since(const std::string& path, std::size_t from) {
    const std::size_t size = size_of(path);
    from = size < from ? 0 : from;  // it was begun anew
    from = std::max(from, size - std::min(size, kMostNews));
    std::string text(size - from, '\0');
    const host::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    const ssize_t count = file.number() < 0
        ? -1
        : ::pread(file.number(), text.data(), text.size(), static_cast<off_t>(from));
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
}

}  // namespace thimble::shield
