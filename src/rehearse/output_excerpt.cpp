#include "thimble/rehearse/output_excerpt.hpp"

#include "thimble/base/counted.hpp"
#include "thimble/base/lines.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <span>

namespace thimble::rehearse {
namespace {

/// How the package managers' own lines on what went wrong begin.
constexpr std::array<std::string_view, 7> kErrors{
    "dpkg: error",
    "dpkg-deb: error",
    "dpkg-divert: error",
    "E: ",
    "error: ",
    "Error: ",
    "Error in "};

bool is_error(std::string_view line) {
    return std::ranges::any_of(
        kErrors, [line](std::string_view begin) { return line.starts_with(begin); });
}

std::vector<std::string_view> lines_of(std::string_view output) {
    std::vector<std::string_view> all;
    Lines lines(output);
    for (std::string_view line; lines.next(line);) {
        if (!trimmed(line).empty()) {
            all.push_back(line);
        }
    }
    return all;
}

/// Where the error lines stand, and what belongs to them; at most so many.
std::set<std::size_t> telling(std::span<const std::string_view> lines, std::size_t most) {
    std::set<std::size_t> found;
    const auto take = [&](std::size_t at) {
        if (found.size() < most && at < lines.size()) {
            found.insert(at);
        }
    };
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (!is_error(lines[at])) {
            continue;
        }
        take(at);
        if (at > 0) {
            take(at - 1);
        }
        take(at + 1);
    }
    return found;
}

}  // namespace

std::vector<std::string> output_excerpt(std::string_view output, std::size_t most) {
    const std::vector<std::string_view> all = lines_of(output);
    if (all.size() <= most) {
        return {all.begin(), all.end()};
    }
    if (most < 2) {
        return {all.end() - static_cast<std::ptrdiff_t>(most), all.end()};
    }
    // One line counts what is left out; half of the others are the last ones at any rate.
    std::size_t last = most / 2;
    std::set<std::size_t> told = telling(std::span(all).first(all.size() - last), most - 1 - last);
    while (told.size() + 1 + last < most) {
        last = most - 1 - told.size();
        std::erase_if(told, [&](std::size_t at) { return at >= all.size() - last; });
    }
    std::vector<std::string> excerpt;
    excerpt.reserve(most);
    for (const std::size_t at : told) {
        excerpt.emplace_back(all[at]);
    }
    const std::size_t left_out = all.size() - told.size() - last;
    excerpt.push_back("(" + counted(left_out, "line") + " left out; --json has all)");
    excerpt.insert(excerpt.end(), all.end() - static_cast<std::ptrdiff_t>(last), all.end());
    return excerpt;
}

}  // namespace thimble::rehearse
