#pragma once
/// @file The frozen patch set of a rollout: what the first ring planned, and nothing else after it. Pure.

#include "thimble/base/json_members.hpp"
#include "thimble/model/plan.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::model {

/// A source package of the set.
struct FrozenSource {
    std::string version;
    bool is_selected = false;  ///< was asked for; else it came along
    bool operator==(const FrozenSource&) const = default;
};

/// By system (operating system and architecture, as the server knows them of the host), then by name of
/// the source package.
class FrozenSet {
public:
    /// Takes a plan of the first ring. Of two versions of one source the one that came first stays, and
    /// the plan with the other is outside.
    void add(const std::string& system, const Plan& plan);

    /// Why a plan may not be carried out under this set; empty: all of it is in the set.
    [[nodiscard]] std::string why_outside(const std::string& system, const Plan& plan) const;

    /// Why a host that was asked for sources of this set is behind it though it offers nothing newer: of what is "nothing_newer" with it
    /// the set has a later version than is installed, or nobody can tell. Empty: it is not.
    /// @param left_out  of the answer of a host of that system
    /// @param excluded  sources that were not wanted of it
    [[nodiscard]] std::string why_behind(
        const std::string& system,
        const std::vector<LeftOut>& left_out,
        const std::vector<std::string>& excluded) const;

    /// Whether hosts of a system get a version of a source package by it.
    [[nodiscard]] bool has(const std::string& system, const std::string& source) const;

    /// What a later host of a system is asked to plan: the selected sources of the set, by name.
    /// @param wanted  what the policy selects; its level and exclusions stay
    [[nodiscard]] PlanSelection selection_for(
        const std::string& system, const PlanSelection& wanted) const;

    /// The same text for the same set, whatever the order in which its plans came.
    [[nodiscard]] std::string json() const;
    /// @error Corrupt "model.bad_set"
    static Result<FrozenSet> parse(std::string_view text);

    /// The part of one system alone, as `json` writes it; of a system that it does not have, an empty one.
    [[nodiscard]] std::string part(const std::string& system) const;
    /// A set of that part alone. @error Corrupt "model.bad_set"
    static Result<FrozenSet> of_part(const std::string& system, std::string_view part);

    /// SHA-256 of each part, by system.
    [[nodiscard]] std::map<std::string, std::string> part_digests() const;
    /// What is approved: `digest_of_parts` of its parts, so that a host can check it with its own part.
    [[nodiscard]] std::string digest() const;

    bool operator==(const FrozenSet&) const = default;

private:
    std::map<std::string, std::map<std::string, FrozenSource>> systems_;
};

/// SHA-256 of the object of JSON that names the digest of each part.
std::string digest_of_parts(const std::map<std::string, std::string>& digests);

}  // namespace thimble::model
