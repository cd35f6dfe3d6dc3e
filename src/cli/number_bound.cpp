#include "thimble/cli/number_bound.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <string>
#include <system_error>

namespace thimble::cli {

CLI::Validator within(const NumberBound& bound) {
    const std::string words = std::to_string(bound.least) + " to " + std::to_string(bound.most);
    return {
        [bound, words](const std::string& text) {
            std::uint64_t number = 0;
            const char* const end = text.data() + text.size();
            const auto [at, failed] = std::from_chars(text.data(), end, number);
            const bool is_within =
                failed == std::errc() && at == end && number >= bound.least && number <= bound.most;
            const bool is_octal = text.starts_with('0') && text.size() > 1;  // as it would be read
            if (!is_within || is_octal) {
                return "give a whole number from " + words + ", not \"" + text + "\"";
            }
            return std::string();
        },
        words};
}

}  // namespace thimble::cli
