#include "thimble/apply/named_packages.hpp"

#include "thimble/base/utf8.hpp"
#include "thimble/model/package_words.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMostLetters = 256;

Error bad_package(std::string_view text, const std::string& why) {
    return failure(
        ErrorKind::Invalid,
        "apply.bad_package",
        "--package '" + printable(text, kMostLetters) + "': " + why
            + "; give NAME, NAME:ARCHITECTURE, or a glob with *, ? and [...] in quotes");
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// A [ without ] means itself to fnmatch, which no name has.
bool has_open_bracket(std::string_view glob) {
    for (std::size_t at = glob.find('['); at != std::string_view::npos; at = glob.find('[', at)) {
        at = glob.find(']', std::min(at + 2, glob.size()));
        if (at == std::string_view::npos) {
            return true;
        }
    }
    return false;
}

bool means(const PackageWord& word, std::string_view architecture) {
    return word.architecture.empty() || word.architecture == architecture || architecture == "all"
        || architecture == "noarch";
}

}  // namespace

Result<PackageWord> parse_package_word(std::string_view text) {
    constexpr std::string_view kSigns = ".+~_-";
    constexpr std::string_view kGlob = "*?[]";
    constexpr std::string_view kWithin = "^!";
    const std::size_t colon = text.rfind(':');
    const std::string_view name = text.substr(0, colon);
    const std::string_view architecture =
        colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (name.empty() || text.size() > kMostLetters) {
        return bad_package(text, name.empty() ? "it has no name" : "it is too long");
    }
    if (colon != std::string_view::npos && !model::is_architecture(architecture)) {
        return bad_package(
            text, "'" + printable(architecture) + "' behind the colon is no architecture");
    }
    const bool is_glob = name.find_first_of(kGlob) != std::string_view::npos;
    const auto* const stranger = std::ranges::find_if(name, [&](char c) {
        return !is_letter_or_digit(c) && !kSigns.contains(c)
            && !(is_glob && (kGlob.contains(c) || kWithin.contains(c)));
    });
    if (stranger != name.end()) {
        const auto at = static_cast<std::size_t>(stranger - name.begin());
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(name.substr(at)), 1);
        return bad_package(
            text, "no name of a package has '" + printable(name.substr(at, length)) + "'");
    }
    if (name.front() != '_' && kSigns.contains(name.front())) {
        return bad_package(
            text, "no name of a package begins with '" + std::string(1, name[0]) + "'");
    }
    if (has_open_bracket(name)) {
        return bad_package(text, "a [ is not closed");
    }
    return PackageWord{
        .text = std::string(text),
        .name = std::string(name),
        .architecture = std::string(architecture),
        .is_glob = is_glob};
}

Result<NamedPackages> NamedPackages::of(std::span<const std::string> words) {
    NamedPackages named;
    for (const std::string& text : words) {
        THIMBLE_TRY(PackageWord word, parse_package_word(text));
        const std::size_t index = named.words_.size();
        if (word.is_glob) {
            named.globs_.push_back(index);
        } else {
            named.by_name_.emplace(word.name, index);
        }
        named.words_.push_back(std::move(word));
    }
    return named;
}

std::vector<std::string_view> NamedPackages::meaning(
    std::string_view name, std::string_view architecture) const {
    std::vector<std::size_t> found;
    const auto [first, last] = by_name_.equal_range(name);
    for (auto at = first; at != last; ++at) {
        found.push_back(at->second);
    }
    const std::string whole(name);
    for (const std::size_t glob : globs_) {
        if (::fnmatch(words_[glob].name.c_str(), whole.c_str(), 0) == 0) {
            found.push_back(glob);
        }
    }
    std::ranges::sort(found);
    std::vector<std::string_view> texts;
    for (const std::size_t index : found) {
        if (means(words_[index], architecture)) {
            texts.emplace_back(words_[index].text);
        }
    }
    return texts;
}

}  // namespace thimble::apply
