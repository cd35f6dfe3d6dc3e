#pragma once
/// @file Which host of the fleet tries a control from outside where its document names none. Pure.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace thimble::server {

/// A host that could be asked.
struct ProberCandidate {
    std::string id;
    std::string address;  ///< its own; one that is none is never chosen
};

/// Who is wanted.
struct ProberWish {
    bool from_allowed = false;         ///< among the allowed sources, else among the others
    std::vector<std::string> allowed;  ///< prefixes that are let through
    std::string target;                ///< address of the host that is shielded
    std::string key;      ///< of the control on its host, so that not one host has to try all
    std::string current;  ///< id of who was chosen before; empty: nobody was
    bool is_current_spent = false;  ///< it could not tell: it is the turn of the next one
};

/// The one that is asked: of the family of the target, not at its address, on the wanted side of the fence. It stays the same
/// as long as it can be asked; otherwise the next of a ring that is another one for each key. One that is spent is asked again
/// where there is no other.
/// @param candidates  ids unique, any order
/// @return its place among them; none: nobody can be asked. O(candidates times prefixes)
std::optional<std::size_t> chosen_prober(
    std::span<const ProberCandidate> candidates, const ProberWish& wish);

}  // namespace thimble::server
