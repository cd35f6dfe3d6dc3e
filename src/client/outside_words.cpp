#include "thimble/client/outside_words.hpp"

#include "thimble/base/name_list.hpp"
#include "thimble/base/terminal_lines.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

namespace thimble::client {
namespace {

struct Phrase {
    std::string_view word;
    std::string_view text;
    bool has_why;
};
/// Worst first.
constexpr std::array kPhrases{
    Phrase{"open", "gets through from outside", true},
    Phrase{"shut", "does not let in whom it allows", true},
    Phrase{"unknown", "not proven from outside", true},
    Phrase{"asked", "asked from outside, not answered yet", false},
    Phrase{"not-probed", "not asked from outside", true},
    Phrase{"held", "proven from outside", true},
};
/// A word of a later version is never fine.
constexpr std::size_t kUnknown = 2;

std::size_t place_of(std::string_view word) {
    const auto* const found = std::ranges::find(kPhrases, word, &Phrase::word);
    return found == kPhrases.end() ? kUnknown : static_cast<std::size_t>(found - kPhrases.begin());
}

/// "web1, web2 and 7 more"
std::string names_of(std::vector<std::string> names) {
    constexpr std::size_t kMostNames = 5;
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return some_names(names, kMostNames);
}

}  // namespace

std::string outside_sentence(std::string_view word, std::string_view why) {
    constexpr std::string_view kSaidAlready = "not probed from outside: ";
    const Phrase& phrase = kPhrases.at(place_of(word));
    if (why.starts_with(kSaidAlready)) {
        why.remove_prefix(kSaidAlready.size());
    }
    std::string text(phrase.text);
    return phrase.has_why && !why.empty() ? text.append(": ").append(why) : text;
}

std::string outside_lines(std::vector<OutsideSaying> sayings) {
    constexpr std::size_t kMostLines = 10;
    std::map<std::pair<std::size_t, std::string>, std::vector<std::string>> by_sentence;
    for (OutsideSaying& saying : sayings) {
        if (!saying.word.empty()) {
            by_sentence[{place_of(saying.word), outside_sentence(saying.word, saying.why)}]
                .push_back(std::move(saying.where));
        }
    }
    std::string out;
    std::size_t left_out = 0;
    std::size_t lines = 0;
    for (const auto& [sentence, names] : by_sentence) {
        if (++lines > kMostLines) {
            left_out += names.size();
            continue;
        }
        out += wrapped_text(
            "From outside, " + names_of(names) + ": " + sentence.second, {.further = "  "});
    }
    return left_out == 0
        ? out
        : out + "From outside, of " + std::to_string(left_out) + " more: --json has it\n";
}

}  // namespace thimble::client
