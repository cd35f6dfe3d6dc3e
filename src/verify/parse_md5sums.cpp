#include "thimble/base/lines.hpp"
#include "thimble/verify/package_files.hpp"

#include <algorithm>

namespace thimble::verify {

std::vector<std::pair<std::string, std::string>> parse_md5sums(std::string_view text) {
    constexpr std::size_t kDigits = 32;
    std::vector<std::pair<std::string, std::string>> files;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view digest = line.substr(0, std::min(kDigits, line.size()));
        const bool is_digest = digest.size() == kDigits && std::ranges::all_of(digest, [](char c) {
                                   return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                               });
        const std::string_view rest = line.substr(digest.size());
        if (!is_digest || rest.size() < 3 || rest[0] != ' ' || rest[1] != ' ') {
            continue;
        }
        const std::string_view path = rest.substr(2);
        files.emplace_back((path.front() == '/' ? "" : "/") + std::string(path), digest);
    }
    return files;
}

}  // namespace thimble::verify
