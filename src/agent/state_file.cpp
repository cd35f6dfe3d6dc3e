#include "thimble/agent/state_file.hpp"

#include "thimble/host/file_access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace thimble::agent {
namespace {

using host::Descriptor;

constexpr unsigned kPrivateFile = 0600;
constexpr unsigned kPrivateFolder = 0700;

Error cannot_write(const std::filesystem::path& file, int error_number) {
    Error error = host::system_error(error_number, file.string());
    error.code = "agent.cannot_write";
    return error;
}

Result<void> write_all(const Descriptor& out, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(out.number(), bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return cannot_write("", errno);
        }
        bytes.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

Result<std::string> read_state_file(const std::filesystem::path& file, std::size_t limit) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is declared so
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (in.number() < 0) {
        return host::system_error(errno, file.string());
    }
    return host::read_descriptor(in, file.string(), limit);
}

Result<void> write_state_file(const std::filesystem::path& file, std::string_view bytes) {
    const std::filesystem::path fresh = file.string() + ".new";
    ::unlink(fresh.c_str());  // what a killed process left
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is declared so
    const Descriptor out(
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivateFile));
    if (out.number() < 0) {
        return cannot_write(fresh, errno);
    }
    THIMBLE_TRY(write_all(out, bytes));
    if (::fsync(out.number()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
        return cannot_write(file, errno);
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): open(2) is declared so
    const Descriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0) {
        return cannot_write(file, errno);
    }
    return {};
}

Result<void> make_state_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    if (folder.has_parent_path()) {
        std::filesystem::create_directories(folder.parent_path(), failed);
    }
    if (::mkdir(folder.c_str(), kPrivateFolder) != 0 && errno != EEXIST) {
        return cannot_write(folder, errno);
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        return cannot_write(folder, errno);
    }
    return {};
}

}  // namespace thimble::agent
