#include "thimble/base/hex.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/verify/package_files.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble::verify {

std::vector<std::pair<std::string, std::string>> parse_md5sums(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> files;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::string_view digest = line.substr(0, kMd5Digits);
        const std::string_view rest = line.substr(digest.size());
        if (!is_hex(digest, kMd5Digits) || rest.size() < 3 || rest[0] != ' ' || rest[1] != ' ') {
            continue;
        }
        const std::string_view path = rest.substr(2);
        files.emplace_back((path.front() == '/' ? "" : "/") + std::string(path), digest);
    }
    return files;
}

}  // namespace thimble::verify
