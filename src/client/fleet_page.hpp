#pragma once
/// @file Pages of the server's lists, as they are read; pure.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::client {

/// A host of the list `hosts`, as far as it is shown.
struct ListedHost {
    std::string id;
    std::string name;
    std::string group;
    std::string reach;                     ///< "agent" or "ssh"
    std::string tags;                      ///< comma separated
    std::optional<std::uint64_t> overdue;  ///< this and the next four: none is not known
    std::optional<std::uint64_t> exploited;
    std::optional<std::uint64_t> pending;
    std::optional<std::uint64_t> blocked;
    std::optional<std::uint64_t> unknown;
    std::string unknown_why;    ///< empty: what is said of it can be relied on
    std::string superseded_by;  ///< id of the later enrolment of the same machine; empty: none
    std::optional<Instant> last_seen;
    bool is_revoked = false;
    /// Why a job does not begin there; empty: nothing is said. NOLINTNEXTLINE(readability-redundant-member-init): left out by tests
    std::string waits_why = {};
    /// Changelogs of pending updates were not read there: what these alone name is not known.
    bool has_unread_changelogs = false;
    bool operator==(const ListedHost&) const = default;
};

/// A patch of the list `patches`, or of `fleet-patches`, which has no host.
struct ListedPatch {
    std::string source;
    std::string from;  ///< of `patches` only
    std::string to;
    std::string state;       ///< of `patches` only
    std::string blocker;     ///< of `patches` only
    std::int64_t hosts = 1;  ///< of `fleet-patches` only
    std::int64_t ready = 0;  ///< of `fleet-patches` only
    bool kev = false;
    bool exploited = false;
    bool public_exploit = false;
    std::optional<Instant> due;
    std::string due_rule;  ///< this and what follows: of `patches` only
    std::string outcome;
    std::string restart;
    std::vector<std::string> vulnerabilities;  ///< ids, most urgent first
    std::string exception;                     ///< id of the one that covers it; empty: none
    std::optional<Instant> excepted_until;
    bool operator==(const ListedPatch&) const = default;
};

template <class Item>
struct ListPage {
    std::vector<Item> items;
    std::string next_cursor;  ///< empty: the last page
    bool operator==(const ListPage&) const = default;
};

/// @error Corrupt "client.odd_answer"
Result<ListPage<ListedHost>> parse_host_page(std::string_view text);
/// @error Corrupt "client.odd_answer"
Result<ListPage<ListedPatch>> parse_patch_page(std::string_view text);
/// @error Corrupt "client.odd_answer"
Result<ListPage<ListedPatch>> parse_fleet_patch_page(std::string_view text);

/// One member of an answer that is an object. @error Corrupt "client.odd_answer"
Result<std::string> parse_answer_member(std::string_view text, std::string_view member);

}  // namespace thimble::client
