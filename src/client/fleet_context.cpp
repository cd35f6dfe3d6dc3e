#include "thimble/client/fleet_context.hpp"

#include "thimble/host/replace_file.hpp"

#include <sys/stat.h>

#include <array>
#include <fstream>
#include <system_error>

namespace thimble::client {
namespace {

constexpr std::size_t kMaxBytes = 4096;
constexpr unsigned kOthers = 077;

}  // namespace

Result<FleetContext> read_fleet_context(const std::filesystem::path& file) {
    struct stat info{};
    if (::stat(file.c_str(), &info) != 0) {
        return failure(
            ErrorKind::NotFound,
            "client.no_context",
            "no server is known here; `thimble login https://NAME:PORT` first");
    }
    if ((info.st_mode & kOthers) != 0) {
        return failure(
            ErrorKind::Denied,
            "client.context_exposed",
            "others may read " + file.string() + ", which holds a token; chmod 600 it");
    }
    std::ifstream in(file, std::ios::binary);
    std::array<char, kMaxBytes> bytes{};
    in.read(bytes.data(), bytes.size());
    return parse_fleet_context({bytes.data(), static_cast<std::size_t>(in.gcount())});
}

Result<void> write_fleet_context(const std::filesystem::path& file, const FleetContext& context) {
    std::error_code failed;  // what follows tells it better
    std::filesystem::create_directories(file.parent_path(), failed);
    return host::replace_file(file.string(), format_fleet_context(context), host::Readers::Owner);
}

}  // namespace thimble::client
