#include "thimble/agent/library_list.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::agent {
namespace {

constexpr std::size_t kMaxLibraries = 500;

/// "   path (0x7f…)" without its address and blanks.
std::string_view without_address(std::string_view text) {
    text = text.substr(0, text.rfind(" (0x"));
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text;
}

}  // namespace

Result<LibraryList> parse_library_list(std::string_view text) {
    constexpr std::string_view kArrow = " => ";
    LibraryList list;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t arrow = line.find(kArrow);
        if (arrow == std::string_view::npos) {
            // The kernel's own library has no file; the interpreter has a path.
            const std::string_view alone = without_address(line);
            list.loader = alone.starts_with('/') ? std::string(alone) : list.loader;
            continue;
        }
        const std::string_view path = without_address(line.substr(arrow + kArrow.size()));
        if (!path.starts_with('/')) {
            return failure(
                ErrorKind::NotFound,
                "agent.no_library",
                "a library of our own programs is not installed: " + std::string(line));
        }
        list.libraries.emplace_back(path);
    }
    if (list.loader.empty() || list.libraries.empty() || list.libraries.size() > kMaxLibraries) {
        return failure(
            ErrorKind::Corrupt,
            "agent.bad_library_list",
            "the libraries of our own programs are not told; is this a static build?");
    }
    return list;
}

}  // namespace thimble::agent
