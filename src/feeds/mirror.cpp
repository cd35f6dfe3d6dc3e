#include "thimble/feeds/mirror.hpp"

#include "thimble/feeds/record_text.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(static_cast<unsigned char>(c) | 0x20U);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Every regular file that a pattern names, relative to the mirror. A pattern is looked for below
/// the folder that stands before its first `*` only.
Result<void> add_matches(
    const std::string& pattern,
    const fs::path& mirror,
    const Limits& limits,
    std::vector<std::string>& found) {
    std::error_code status;
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) {
        if (fs::is_regular_file(mirror / pattern, status)) {
            found.push_back(pattern);
        }
        return {};
    }
    const std::size_t slash = pattern.rfind('/', star);
    const fs::path folder =
        mirror / (slash == std::string::npos ? std::string() : pattern.substr(0, slash));
    if (!fs::is_directory(folder, status)) {
        return {};
    }
    std::uint64_t seen = 0;
    for (fs::directory_iterator entry(folder, status); !status && entry != fs::directory_iterator{};
         entry.increment(status)) {
        if (++seen > limits.max_members) {
            break;
        }
        std::error_code ignored;
        const std::string path = fs::relative(entry->path(), mirror, ignored).generic_string();
        if (entry->is_regular_file(ignored) && matches(pattern, path)) {
            found.push_back(path);
        }
    }
    if (status) {
        return failure(
            ErrorKind::Denied, "feeds.cannot_open", folder.string() + ": " + status.message());
    }
    return {};
}

}  // namespace

Result<fs::path> path_of_file_address(std::string_view address) {
    constexpr std::string_view kPrefix = "file://";
    const std::string_view rest =
        address.starts_with(kPrefix) ? address.substr(kPrefix.size()) : std::string_view{};
    if (!rest.starts_with('/')) {
        return failure(
            ErrorKind::Invalid,
            "feeds.bad_address",
            one_line(address, 200) + " is no address of the form file:///path");
    }
    std::string path;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const bool encoded = rest[i] == '%' && i + 2 < rest.size() && hex_digit(rest[i + 1]) >= 0
            && hex_digit(rest[i + 2]) >= 0;
        if (encoded) {
            path += static_cast<char>(hex_digit(rest[i + 1]) * 16 + hex_digit(rest[i + 2]));
            i += 2;
        } else {
            path += rest[i];
        }
    }
    return fs::path(path);
}

Result<std::vector<std::string>> files_in_mirror(
    const FeedSettings& feed, const fs::path& mirror, const Limits& limits) {
    std::vector<std::string> found;
    for (const RemoteFile& file : feed.files) {
        std::error_code ignored;
        if (fs::is_regular_file(mirror / file.path, ignored)) {
            found.push_back(file.path);
        }
    }
    if (found.empty()) {
        for (const std::string& pattern : feed.mirror_patterns) {
            THIMBLE_TRY(add_matches(pattern, mirror, limits, found));
        }
    }
    if (found.empty()) {
        return failure(
            ErrorKind::NotFound,
            "feeds.not_in_mirror",
            mirror.string() + " has no file of the feed \"" + feed.name + "\"");
    }
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace thimble::feeds
