#include "thimble/apply/configuration_return.hpp"

#include "thimble/apply/configuration.hpp"
#include "thimble/apply/whole_file.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxDocument = std::size_t{64} << 20;
constexpr const char* kBefore = "/configuration-before.json";
constexpr const char* kAfter = "/configuration-after.json";
constexpr const char* kBack = "/configuration-back.json";

/// An absent document is an empty list.
Result<std::vector<KeptFile>> read_document(const std::string& path) {
    const auto text = read_whole_file(path, kMaxDocument);
    if (!text && text.error().kind == ErrorKind::NotFound) {
        return std::vector<KeptFile>{};
    }
    if (!text) {
        return text.error();
    }
    return parse_configuration(*text);
}

}  // namespace

/// Those that the package manager knows now, those that were there before, and what may lie beside.
Result<std::vector<std::string>> ConfigurationReturn::paths() {
    THIMBLE_TRY(const auto known, packages_.configuration_files(steps_, archives_));
    THIMBLE_TRY(const auto before, read_document(folder_ + kBefore));
    std::vector<std::string> all;
    for (const std::string& path : known) {
        std::ranges::copy(names_beside(path), std::back_inserter(all));
    }
    for (const KeptFile& file : before) {
        all.push_back(file.path);
    }
    std::ranges::sort(all);
    const auto rest = std::ranges::unique(all);
    all.erase(rest.begin(), rest.end());
    return all;
}

Result<void> ConfigurationReturn::keep() {
    THIMBLE_TRY(const auto wanted, paths());
    THIMBLE_TRY(const auto kept, keep_configuration(root_, wanted, folder_));
    return write_whole_file(folder_ + kBefore, format_configuration(kept));
}

Result<void> ConfigurationReturn::look_after() {
    THIMBLE_TRY(const auto wanted, paths());
    const auto files = look_at_configuration(root_, wanted);
    return write_whole_file(folder_ + kAfter, format_configuration(files));
}

Result<void> ConfigurationReturn::forget() {
    std::error_code error;
    std::filesystem::remove(folder_ + kBack, error);
    if (error) {
        return failure(
            ErrorKind::Unavailable,
            "apply.cannot_write",
            folder_ + kBack + " cannot be removed: " + error.message());
    }
    return {};
}

Result<void> ConfigurationReturn::decide() {
    // A way back that was killed has changed files itself: what was decided first stands.
    if (read_whole_file(folder_ + kBack, kMaxDocument)) {
        return {};
    }
    THIMBLE_TRY(const auto before, read_document(folder_ + kBefore));
    THIMBLE_TRY(const auto after, read_document(folder_ + kAfter));
    THIMBLE_TRY(const auto wanted, paths());
    const auto now = look_at_configuration(root_, wanted);
    return write_whole_file(folder_ + kBack, format_configuration(restorable(before, after, now)));
}

Result<std::vector<std::string>> files_left_beside(const std::string& folder) {
    THIMBLE_TRY(const auto before, read_document(folder + kBefore));
    THIMBLE_TRY(const auto after, read_document(folder + kAfter));
    return left_beside(before, after);
}

Result<std::vector<std::string>> ConfigurationReturn::restore() {
    THIMBLE_TRY(const auto back, read_document(folder_ + kBack));
    return restore_configuration(root_, back, folder_);
}

}  // namespace thimble::apply
