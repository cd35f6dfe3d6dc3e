#include "thimble/apply/run_lock.hpp"
#include "thimble/base/lines.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble::apply {
namespace {

/// "fe:00:1234": major and minor in hexadecimal, inode in decimal.
std::optional<HeldLock> read_file(std::string_view text) {
    constexpr int kHexadecimal = 16;
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    const auto major = number_in<std::uint32_t>(text.substr(0, first), kHexadecimal);
    const auto minor =
        number_in<std::uint32_t>(text.substr(first + 1, second - first - 1), kHexadecimal);
    const auto inode = number_in<std::uint64_t>(text.substr(second + 1));
    if (!major || !minor || !inode) {
        return std::nullopt;
    }
    return HeldLock{.pid = 0, .device_major = *major, .device_minor = *minor, .inode = *inode};
}

/// "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; "1: -> …" only waits for it.
std::optional<HeldLock> read_lock(std::string_view line) {
    take_word(line);  // its number
    if (take_word(line) == "->") {
        return std::nullopt;
    }
    take_word(line);
    take_word(line);
    const auto pid = number_in<std::uint32_t>(take_word(line));
    auto lock = read_file(take_word(line));
    if (!pid || !lock) {
        return std::nullopt;
    }
    lock->pid = *pid;
    return lock;
}

}  // namespace

std::vector<HeldLock> parse_proc_locks(std::string_view text) {
    std::vector<HeldLock> locks;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (const auto lock = read_lock(line)) {
            locks.push_back(*lock);
        }
    }
    return locks;
}

}  // namespace thimble::apply
