#include "thimble/base/lines.hpp"
#include "thimble/inventory/rpm_files.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr std::uint32_t kConfig = 1U << 0U;
constexpr std::uint32_t kNoReplace = 1U << 4U;
constexpr std::uint32_t kGhost = 1U << 6U;
constexpr std::uint32_t kSha256 = 8;  // PGPHASHALGO_SHA256
constexpr std::uint32_t kFormat = 0170000;
constexpr std::uint32_t kRegular = 0100000;
constexpr std::uint32_t kNormal =
    0;  // RPMFILE_STATE_NORMAL; 2: left out, 1: another package's lies there
constexpr std::uint32_t kUnknown = 999;  // the list of an archive has no states

enum Field : std::uint8_t { Digest, Algorithm, Flags, Mode, State, Path };
constexpr std::size_t kFields = 6;

std::optional<RpmFile> read(std::string_view line) {
    const auto fields = split_fields<kFields>(line, '\t');  // a path may hold tabs
    if (!fields || !(*fields)[Path].starts_with('/')) {
        return std::nullopt;
    }
    const auto flags = number_in<std::uint32_t>((*fields)[Flags]);
    const auto mode = number_in<std::uint32_t>((*fields)[Mode]);
    if (!flags || !mode) {
        return std::nullopt;
    }
    const std::uint32_t state = number_in<std::uint32_t>((*fields)[State]).value_or(kUnknown);
    RpmFile file;
    file.path = (*fields)[Path];
    file.digest = (*fields)[Digest];
    file.is_sha256 = number_in<std::uint32_t>((*fields)[Algorithm]) == kSha256;
    file.is_config = (*flags & kConfig) != 0;
    file.is_noreplace = (*flags & kNoReplace) != 0;
    file.is_ghost = (*flags & kGhost) != 0;
    file.is_regular = (*mode & kFormat) == kRegular;
    file.is_left_out = state != kNormal && state != kUnknown;
    return file;
}

}  // namespace

std::string rpm_files_format() {
    return R"([%{FILEDIGESTS}\t%{=FILEDIGESTALGO}\t%{FILEFLAGS}\t%{FILEMODES}\t%{FILESTATES}\t%{FILENAMES}\n])";
}

std::vector<RpmFile> parse_rpm_files(std::string_view text) {
    std::vector<RpmFile> files;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        auto file = read(line);
        if (file) {
            files.push_back(*std::move(file));
        }
    }
    return files;
}

}  // namespace thimble::inventory
