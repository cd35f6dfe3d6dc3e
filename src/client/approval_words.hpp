#pragma once
/// @file What a person who says yes agrees to, in words. Pure.

#include "thimble/base/json_members.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// How an id is called; one that is not among them stands as it is.
using NamesOfIds = std::map<std::string, std::string>;

/// Ids of hosts that the document of a control names, each once; empty: none, or it cannot be read.
std::vector<std::string> hosts_in_document(std::string_view document);

/// The scope of a control, JSON as text: "whichever are of the groups web and tagged env=prod".
std::string scope_in_words(std::string_view scope);

/// What a control is to do.
struct ControlWords {
    const JsonValue& control;            ///< an item of the list controls
    std::span<const JsonValue> hosts;    ///< items of the list control-hosts
    std::span<const JsonValue> effects;  ///< proposals for what it covers, as the server says them
    NamesOfIds names;                    ///< of hosts in its document
};
/// Hosts now and later, what is put up, against what, until when, what it does to decisions, and the digest. At most
/// 80 columns where no word is longer.
std::string control_approval_lines(const ControlWords& words);

/// What a rollout is to do.
struct RolloutWords {
    const JsonValue& rollout;            ///< an item of the list rollouts
    const JsonValue& outlook;            ///< as the server says it
    std::span<const JsonValue> hosts;    ///< items of the list deployment-hosts
    std::span<const JsonValue> patches;  ///< items of the list patches
};
/// The first source packages of a frozen set that were asked for, at most 20, each once.
std::vector<std::string> sources_of_set(std::string_view frozen);
/// On how many hosts the rehearsal has passed, and what the change will restart there, as far as their plans are known.
/// @param hosts  items of the list deployment-hosts
std::string rehearsal_lines(const JsonValue& outlook, std::span<const JsonValue> hosts);
/// Hosts, versions, which vulnerabilities they close and how urgent that is, what the rehearsals said, what is restarted and
/// when, until when the word is good, and the digest.
std::string rollout_approval_lines(const RolloutWords& words);

}  // namespace thimble::client
