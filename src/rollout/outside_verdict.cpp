#include "thimble/rollout/outside_verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace thimble::rollout {
namespace {

constexpr auto kAnswers =
    std::to_array<std::string_view>({"", "connected", "not-connected", "unknown"});
constexpr auto kVerdicts =
    std::to_array<std::string_view>({"not-probed", "asked", "held", "open", "shut", "unknown"});

constexpr std::string_view kNotProbed = "not probed from outside: ";

/// The first place that is so.
template <class Predicate>
const AskedPlace* first(std::span<const AskedPlace> places, Predicate is_so) {
    const auto found = std::ranges::find_if(places, is_so);
    return found == places.end() ? nullptr : &*found;
}

}  // namespace

std::string_view place_answer_name(PlaceAnswer answer) {
    return kAnswers.at(static_cast<std::size_t>(answer));
}

PlaceAnswer place_answer_named(std::string_view name) {
    const auto* const found = std::ranges::find(kAnswers, name);
    return found == kAnswers.end() ? PlaceAnswer::Unknown
                                   : static_cast<PlaceAnswer>(found - kAnswers.begin());
}

std::string_view outside_verdict_name(OutsideVerdict verdict) {
    return kVerdicts.at(static_cast<std::size_t>(verdict));
}

std::optional<OutsideVerdict> outside_verdict_named(std::string_view name) {
    const auto* const found = std::ranges::find(kVerdicts, name);
    return found == kVerdicts.end()
        ? std::nullopt
        : std::optional(static_cast<OutsideVerdict>(found - kVerdicts.begin()));
}

OutsideWord outside_word(std::span<const AskedPlace> places, bool allows_somebody) {
    const auto with = [&](PlaceAnswer answer, bool from_allowed) {
        return first(places, [=](const AskedPlace& place) {
            return place.answer == answer && place.from_allowed == from_allowed;
        });
    };
    const auto any = [&](PlaceAnswer answer) {
        return first(places, [=](const AskedPlace& place) { return place.answer == answer; });
    };
    if (places.empty()) {
        return {
            OutsideVerdict::NotProbed,
            "not probed from outside: its document names no host that asks"};
    }
    if (const auto* const open = with(PlaceAnswer::Connected, false)) {
        return {OutsideVerdict::Open, open->why};
    }
    if (const auto* const unknown = any(PlaceAnswer::Unknown)) {
        return {OutsideVerdict::Unknown, "not probed from outside: " + unknown->why};
    }
    if (any(PlaceAnswer::None) != nullptr) {
        return {OutsideVerdict::Asked, "not probed from outside yet"};
    }
    if (const auto* const shut = with(PlaceAnswer::NotConnected, true)) {
        return {OutsideVerdict::Shut, shut->why};
    }
    if (with(PlaceAnswer::NotConnected, false) == nullptr) {
        return {
            OutsideVerdict::Unknown,
            "not probed from outside: its document names no refused place that asks"};
    }
    const auto is_alone = [&](const AskedPlace& place) {
        return !place.from_allowed && std::ranges::none_of(places, [&](const AskedPlace& other) {
            return other.from_allowed && other.target == place.target;
        });
    };
    if (const auto* const alone = first(places, is_alone); allows_somebody && alone != nullptr) {
        return {
            OutsideVerdict::Unknown,
            "not probed from outside: no allowed place asks " + alone->target
                + ", and a service that is down refuses everybody"};
    }
    return {OutsideVerdict::Held, "refused places do not get through, allowed ones do"};
}

OutsideWord next_outside_word(const std::optional<OutsideWord>& before, OutsideWord word) {
    constexpr std::string_view kSince = "; since then: ";
    const bool says_nothing =
        word.verdict == OutsideVerdict::Asked || word.verdict == OutsideVerdict::Unknown;
    if (before && before->verdict == OutsideVerdict::Open && says_nothing) {
        const std::string who = before->why.substr(0, before->why.find(kSince));
        word = {OutsideVerdict::Open, who + std::string(kSince) + word.why};
    }
    return word;
}

OutsideWord chosen_outside_word(
    const std::optional<OutsideWord>& before, const ChosenPlaces& chosen) {
    const auto first_of = [&](bool from_allowed) {
        return first(chosen.places, [=](const AskedPlace& place) {
            return place.from_allowed == from_allowed;
        });
    };
    const bool are_refused = first_of(false) != nullptr
        && first(
               chosen.places,
               [](const AskedPlace& place) {
                   return !place.from_allowed && place.answer != PlaceAnswer::NotConnected;
               })
            == nullptr;
    OutsideWord word = outside_word(chosen.places, chosen.allows_somebody);
    if (word.verdict == OutsideVerdict::NotProbed) {
        word = {OutsideVerdict::Unknown, std::string(kNotProbed) + chosen.nobody_why};
    }
    word = are_refused ? word : next_outside_word(before, std::move(word));
    if (word.verdict == OutsideVerdict::Open) {
        return word;
    }
    const AskedPlace* const allowed = first_of(true);
    if (word.verdict == OutsideVerdict::Held && allowed == nullptr) {
        return {
            OutsideVerdict::NotProbed,
            std::string(kNotProbed)
                + "nobody who is allowed shows that anything answers there at all"};
    }
    if (word.verdict == OutsideVerdict::Held) {
        word.why = "the server chose " + first_of(false)->who
            + ", which is not allowed and does not get through, and " + allowed->who
            + ", which is allowed and does";
        return word;
    }
    const auto* const unanswered = first(
        chosen.places, [](const AskedPlace& place) { return place.answer == PlaceAnswer::None; });
    if (word.verdict == OutsideVerdict::Asked && unanswered != nullptr) {
        word.why = "the server chose " + unanswered->who + ", which has not answered yet";
    }
    const std::string prefix(word.why.starts_with(kNotProbed) ? "" : kNotProbed);
    return {OutsideVerdict::NotProbed, prefix + word.why};
}

bool counts_outside(std::string_view word) {
    const auto verdict = outside_verdict_named(word);
    return word.empty() || verdict == OutsideVerdict::NotProbed || verdict == OutsideVerdict::Held;
}

}  // namespace thimble::rollout
