#pragma once
/// @file What hosts outside say of a control on another host, together. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::rollout {

/// What one of them said last.
enum class PlaceAnswer : std::uint8_t {
    None,  ///< it has not answered yet
    Connected,
    NotConnected,
    Unknown,  ///< it could not be asked, or not as who it was to be
};
/// "", "connected", "not-connected", "unknown".
std::string_view place_answer_name(PlaceAnswer answer);
/// A word that is none is Unknown.
PlaceAnswer place_answer_named(std::string_view name);

/// One place from which the control is tried.
struct AskedPlace {
    bool from_allowed = false;
    std::string target;  ///< address and port that it asks
    PlaceAnswer answer = PlaceAnswer::None;
    std::string why;  ///< a sentence about it
    /// Its name. NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of fields that are left out
    std::string who = {};
};

enum class OutsideVerdict : std::uint8_t {
    NotProbed,  ///< no place is named, and those that the server chose prove nothing
    Asked,      ///< not all have answered yet
    Held,       ///< refused places do not get through, allowed ones do
    Open,       ///< a refused place gets through: the control does not hold
    Shut,       ///< an allowed place does not; a service that is down refuses everybody
    Unknown,
};
/// "not-probed", "asked", "held", "open", "shut", "unknown".
std::string_view outside_verdict_name(OutsideVerdict verdict);
std::optional<OutsideVerdict> outside_verdict_named(std::string_view name);

struct OutsideWord {
    OutsideVerdict verdict = OutsideVerdict::NotProbed;
    std::string why;
    bool operator==(const OutsideWord&) const = default;
};

/// What is worst is said: a refused place that gets through, whatever else; then what is not known yet, or at all. It holds
/// when a refused place was tried, and, where somebody is allowed, an allowed one at the same address and port: what is down refuses
/// everybody.
/// @param allows_somebody  the control lets anybody through
OutsideWord outside_word(std::span<const AskedPlace> places, bool allows_somebody);

/// The word that stands after another one: a control that was open stays so until refused places are seen to be refused, and
/// goes on to say who got through.
/// @param before  empty: there is none
OutsideWord next_outside_word(const std::optional<OutsideWord>& before, OutsideWord word);

/// What the server chose, where nobody is named.
struct ChosenPlaces {
    std::span<const AskedPlace> places;
    bool allows_somebody = false;  ///< the control lets anybody through
    std::string nobody_why;        ///< why there are none; empty: there are
};
/// Their word: they prove that it holds, or that it does not, and who they are is said. Whatever else they say takes nothing from
/// the word of its own host: then it was not probed. One that was open stays so until refused places are seen to be refused.
/// @param before  empty: there is none
OutsideWord chosen_outside_word(
    const std::optional<OutsideWord>& before, const ChosenPlaces& chosen);

/// Whether a control of that word counts: where nobody outside was named, as its own host says.
bool counts_outside(std::string_view word);

}  // namespace thimble::rollout
