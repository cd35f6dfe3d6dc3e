#include "thimble/apply/run_lock.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace thimble::apply {
namespace {

/// The fields of one line, split at blanks; at most as many as there is room for.
using Fields = std::array<std::string_view, 8>;

Fields fields_of(std::string_view line) {
    Fields fields;
    for (std::string_view& field : fields) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string_view::npos) {
            break;
        }
        line.remove_prefix(begin);
        field = line.substr(0, line.find(' '));
        line.remove_prefix(field.size());
    }
    return fields;
}

template <class Number>
bool read_number(std::string_view text, int base, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

/// "fe:00:1234": major and minor in hexadecimal, inode in decimal.
bool read_file(std::string_view text, HeldLock& lock) {
    constexpr int kHexadecimal = 16;
    constexpr int kDecimal = 10;
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    return second != std::string_view::npos
        && read_number(text.substr(0, first), kHexadecimal, lock.device_major)
        && read_number(text.substr(first + 1, second - first - 1), kHexadecimal, lock.device_minor)
        && read_number(text.substr(second + 1), kDecimal, lock.inode);
}

}  // namespace

std::vector<HeldLock> parse_proc_locks(std::string_view text) {
    std::vector<HeldLock> locks;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        // "1: POSIX  ADVISORY  WRITE 4711 fe:00:1234 0 EOF"; "1: -> …" waits for it
        const Fields fields = fields_of(line);
        HeldLock lock;
        if (fields[1] != "->" && read_number(fields[4], 10, lock.pid)
            && read_file(fields[5], lock)) {
            locks.push_back(lock);
        }
    }
    return locks;
}

}  // namespace thimble::apply
