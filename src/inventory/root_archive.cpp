#include "thimble/inventory/root_archive.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/model/package_words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::string_view kIncludeWord = "#include";

bool begins_with_folder(std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// No component is empty, "." or "..", and none holds NUL.
bool is_plain_path(std::string_view path) {
    if (path.empty() || path.size() > 4096 || path.contains('\0')) {
        return false;
    }
    while (!path.empty()) {
        const std::string_view component = path.substr(0, path.find('/'));
        if (component.empty() || component == "." || component == "..") {
            return false;
        }
        path.remove_prefix(std::min(path.size(), component.size() + 1));
    }
    return true;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::vector<std::string> root_archive_command() {
    return {
        "tar",
        "-c",
        "-z",
        "--ignore-failed-read",
        "--exclude=etc/apt/auth.conf",
        "--exclude=etc/apt/auth.conf.d",
        "--exclude=var/lib/apt/lists/partial/*",  // its date tells of a refresh
        "--exclude=var/lib/apt/lists/auxfiles",
        "--exclude=var/lib/apt/lists/*_i18n_Translation-*",
        "--exclude=var/lib/apt/lists/*_dep11_*",
        "--exclude=var/lib/apt/lists/*_source_Sources*",
        "--exclude=var/lib/apt/lists/*_Contents-*",
        "-f",
        "-",
        "-C",
        "/",
        "etc/apt",
        "var/lib/apt/lists",
        "var/lib/apt/extended_states",
        "var/lib/apt/periodic/update-success-stamp",
        "var/lib/dpkg/status"};
}

EntryUse use_of_entry(std::string_view path) {
    if (path.starts_with("./")) {
        path.remove_prefix(2);
    }
    if (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    if (!is_plain_path(path) || begins_with_folder(path, "etc/apt/auth.conf")
        || begins_with_folder(path, "etc/apt/auth.conf.d")) {
        return EntryUse::Refuse;
    }
    if (begins_with_folder(path, "etc/apt/apt.conf")
        || begins_with_folder(path, "etc/apt/apt.conf.d")) {
        return EntryUse::Settings;
    }
    constexpr std::array<std::string_view, 5> kWanted{
        "etc/apt",
        "var/lib/apt/lists",
        "var/lib/apt/extended_states",
        "var/lib/apt/periodic",
        "var/lib/dpkg/status"};
    const bool wanted = std::ranges::any_of(
        kWanted, [&](std::string_view folder) { return begins_with_folder(path, folder); });
    return wanted ? EntryUse::Data : EntryUse::Refuse;
}

bool includes_other_files(std::string_view settings) {
    const auto at = std::ranges::search(
        settings, kIncludeWord, [](char c, char wanted) { return lower(c) == wanted; });
    return !at.empty();
}

std::string_view included_path(std::string_view line) {
    line = trimmed(line);
    if (!line.starts_with(kIncludeWord) || !line.ends_with(';')) {
        return {};
    }
    line = trimmed(line.substr(kIncludeWord.size(), line.size() - kIncludeWord.size() - 1));
    const bool is_quoted = line.size() > 2 && line.front() == '"' && line.back() == '"';
    const std::string_view path = is_quoted ? line.substr(1, line.size() - 2) : std::string_view();
    return model::is_plain_path(path) ? path : std::string_view();
}

}  // namespace thimble::inventory
