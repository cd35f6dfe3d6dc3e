#include "thimble/inventory/reader_rights.hpp"

#include "thimble/base/lines.hpp"

#include <charconv>
#include <cstdint>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxStatus = std::size_t{64} << 10U;
constexpr std::uint64_t kTracing = std::uint64_t{1} << 19U;  // CAP_SYS_PTRACE in capability.h

/// The second word after the name of a line: of Uid the effective one.
std::string_view second_word(std::string_view words) {
    const std::size_t first = words.find_first_not_of(" \t");
    const std::size_t gap = words.find_first_of(" \t", first);
    const std::size_t second = words.find_first_not_of(" \t", gap);
    if (first == std::string_view::npos || gap == std::string_view::npos
        || second == std::string_view::npos) {
        return {};
    }
    return words.substr(second, words.find_first_of(" \t", second) - second);
}

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
    text = trimmed(text);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

}  // namespace

std::optional<ReaderRights> parse_reader_rights(std::string_view status) {
    std::string_view user;
    std::optional<std::uint64_t> capabilities;
    Lines lines(status);
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with("Uid:")) {
            user = second_word(line.substr(4));
        } else if (line.starts_with("CapEff:")) {
            capabilities = hexadecimal(line.substr(7));
        }
    }
    if (user.empty() || !capabilities) {
        return std::nullopt;
    }
    return ReaderRights{.is_root = user == "0", .traces = (*capabilities & kTracing) != 0};
}

std::string step_to_see_more(host::Host& host) {
    const auto status = host.read_file("/proc/self/status", kMaxStatus);
    const auto rights = status ? parse_reader_rights(*status) : std::nullopt;
    if (!rights) {
        return "Run the scan as root; what root may not look at is kept by a container or a "
               "security "
               "module.";
    }
    if (!rights->is_root) {
        return "Run the scan as root.";
    }
    return rights->traces
        ? "The scan runs as root already: a container or a security module keeps it from root. Run "
          "the scan outside of that, or have it allowed there."
        : "The scan runs as root, but without CAP_SYS_PTRACE, as in a container: run it outside of "
          "that, or give the container this capability.";
}

}  // namespace thimble::inventory
