#include "thimble/cli/nearest_word.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/error_document.hpp"
#include "thimble/cli/exit_status.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::cli {
namespace {

constexpr std::size_t kLongestWord = 64;

/// How many mistypes lie between two words (optimal string alignment).
std::size_t mistypes(std::string_view from, std::string_view to) {
    const std::size_t width = to.size() + 1;
    std::vector<std::size_t> rows(3 * width);
    const auto row = [&](std::size_t index) {
        return std::span(rows).subspan((index % 3) * width, width);
    };
    for (std::size_t j = 0; j < width; ++j) {
        row(0)[j] = j;
    }
    for (std::size_t i = 1; i <= from.size(); ++i) {
        row(i)[0] = i;
        for (std::size_t j = 1; j < width; ++j) {
            const std::size_t other = from[i - 1] == to[j - 1] ? 0 : 1;
            std::size_t least =
                std::min({row(i - 1)[j] + 1, row(i)[j - 1] + 1, row(i - 1)[j - 1] + other});
            const bool swapped =
                i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if (swapped) {
                least = std::min(least, row(i - 2)[j - 2] + 1);
            }
            row(i)[j] = least;
        }
    }
    return row(from.size())[to.size()];
}

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
    if (word.size() > kLongestWord) {
        return {};
    }
    std::string nearest;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t distance = mistypes(word, candidate);
        if (distance < least) {
            least = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

void list_commands(std::string_view before, std::span<const std::string> known, std::ostream& err) {
    constexpr std::size_t kWidth = 80;
    std::string line = "  Commands:";
    for (const std::string& name : known) {
        if (line.size() + 1 + name.size() > kWidth) {
            err << line << '\n';
            line.assign(std::string_view("  Commands:").size(), ' ');
        }
        line += ' ' + name;
    }
    err << line << "\n  More of them: " << before << " --help\n";
}

int refuse_command(
    std::string_view before,
    std::string_view word,
    std::span<const std::string> known,
    std::ostream& err) {
    const std::string wrong =
        "there is no command \"" + std::string(before) + ' ' + printable(word, 80) + '"';
    const std::string nearest = nearest_word(word, known);
    note_error(
        err,
        {.code = "cli.usage",
         .message = wrong,
         .next = std::string(before) + ' ' + (nearest.empty() ? "--help" : nearest)});
    tell(err, wrong);
    if (!nearest.empty()) {
        err << "  Did you mean \"" << before << ' ' << nearest << "\"?\n";
    }
    list_commands(before, known, err);
    return kUsage;
}

}  // namespace thimble::cli
