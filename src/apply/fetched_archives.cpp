#include "thimble/apply/fetched_archives.hpp"

#include "thimble/apply/sha256.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <system_error>

namespace thimble::apply {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxNamed = 5;

/// What an ending means for the caller; the first rows weigh most.
struct EndingError {
    FetchEnding ending;
    ErrorKind kind;
    const char* code;
    const char* words;
};
constexpr std::array<EndingError, 6> kErrors{{
    {FetchEnding::WrongDigest,
     ErrorKind::Corrupt,
     "apply.wrong_archive",
     "is not what the index or the plan says"},
    {FetchEnding::Untrusted, ErrorKind::Denied, "apply.untrusted_origin", "is not trusted"},
    {FetchEnding::VersionGone, ErrorKind::NotFound, "apply.version_gone", "is gone"},
    {FetchEnding::NoSpace, ErrorKind::Unavailable, "apply.no_space", "does not fit"},
    {FetchEnding::Unreachable, ErrorKind::Unavailable, "apply.not_fetched", "cannot be reached"},
    {FetchEnding::Failed, ErrorKind::Unavailable, "apply.not_fetched", "was not fetched"},
}};

/// "<archive> <words> (<why>)" of the first archives that ended so; empty: none did.
std::string ending_words(const std::vector<FetchedArchive>& fetched, const EndingError& row) {
    std::string detail;
    std::size_t count = 0;
    for (const FetchedArchive& archive : fetched) {
        if (archive.ending != row.ending || ++count > kMaxNamed) {
            continue;
        }
        detail += (detail.empty() ? "" : "; ") + archive.file_name + " " + row.words;
        detail += archive.why.empty() ? "" : " (" + printable(archive.why, 400) + ")";
    }
    if (count > kMaxNamed) {
        detail += "; and " + std::to_string(count - kMaxNamed) + " more";
    }
    return detail;
}

Result<void> judge(const std::vector<FetchedArchive>& fetched) {
    for (const EndingError& row : kErrors) {
        const std::string detail = ending_words(fetched, row);
        if (!detail.empty()) {
            return failure(row.kind, row.code, detail);
        }
    }
    return {};
}

Error wrong_archive(const model::PlannedArchive& archive, const std::string& what) {
    return failure(
        ErrorKind::Corrupt, "apply.wrong_archive", archive.file_name + " has another " + what);
}

/// What nobody has used for long is removed; see retention.hpp. Where a time cannot be set it is fetched anew then.
void mark_used(std::span<const model::PlannedStep> steps, const std::string& folder) {
    for (const model::PlannedStep& step : steps) {
        if (step.archive) {
            static_cast<void>(::utimensat(
                AT_FDCWD, (folder + "/" + step.archive->file_name).c_str(), nullptr, 0));
        }
    }
}

}  // namespace

Result<void> check_archive(const std::string& folder, const model::PlannedArchive& archive) {
    const std::string path = folder + "/" + archive.file_name;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) {
        return failure(ErrorKind::NotFound, "apply.no_archive", path + " is not there");
    }
    if (size != archive.size) {
        return wrong_archive(archive, "size than the plan says");
    }
    THIMBLE_TRY(const std::string digest, sha256_of_file(path));
    if (digest != archive.sha256) {
        return wrong_archive(archive, "SHA-256 than the plan says");
    }
    return {};
}

void ProgressReader::hear(std::string_view line) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    const auto done = number_in<std::uint32_t>(line.substr(0, tab));
    if (done && progress_ && tab < line.size()) {
        progress_(std::min(*done, 1000U), printable(line.substr(tab + 1), 200));
    }
}

void ProgressReader::take(std::string_view piece) {
    lines_.take(piece, [this](std::string_view line) { hear(line); });
}

Result<std::string> archive_folder(const std::string& folder) {
    std::error_code error;
    std::string absolute = fs::absolute(folder, error).string();
    fs::create_directories(absolute, error);
    if (error) {
        return failure(
            ErrorKind::Unavailable,
            "apply.cannot_write",
            absolute + " cannot be made: " + error.message());
    }
    return absolute;
}

Result<void> fetch_and_check(
    std::span<const model::PlannedStep> steps,
    const std::string& folder,
    const FetchWanted& fetch_wanted) {
    std::vector<WantedArchive> wanted;
    std::vector<const model::PlannedArchive*> missing;
    for (const model::PlannedStep& step : steps) {
        if (!step.archive || check_archive(folder, *step.archive)) {
            continue;
        }
        std::error_code error;
        fs::remove(folder + "/" + step.archive->file_name, error);
        wanted.push_back(
            {.package = {step.name, step.architecture, step.to_version},
             .sha256 = step.archive->sha256,
             .file_name = step.archive->file_name});
        missing.push_back(&*step.archive);
    }
    if (!wanted.empty()) {
        THIMBLE_TRY(const auto fetched, fetch_wanted(wanted, folder));
        THIMBLE_TRY(judge(fetched));
    }
    for (const model::PlannedArchive* archive : missing) {
        auto checked = check_archive(folder, *archive);
        if (!checked) {
            std::error_code error;
            fs::remove(folder + "/" + archive->file_name, error);
            return checked;
        }
    }
    mark_used(steps, folder);
    return {};
}

Result<model::PlannedArchive> describe_archive(
    const std::string& folder, const std::string& file_name) {
    const std::string path = folder + "/" + file_name;
    THIMBLE_TRY(const std::string digest, sha256_of_file(path));
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return model::PlannedArchive{
        .file_name = file_name, .uri = {}, .sha256 = digest, .size = error ? 0 : size};
}

}  // namespace thimble::apply
