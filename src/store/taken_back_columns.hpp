#pragma once
/// @file The columns of the list of what hosts took back. Pure.

#include "thimble/store/list_table.hpp"

#include <array>

namespace thimble::store {

using enum ColumnType;

inline constexpr std::array kTakenBackColumns{
    ListColumn{"id", "t.id", Text, "Its id"},
    ListColumn{
        "state",
        "CASE WHEN t.reviewed_at = 0 THEN 'open' ELSE 'reviewed' END",
        Text,
        "open: kept from all hosts of the group; reviewed: somebody has looked"},
    ListColumn{"host_id", "t.host_id", Text, "The host that took it back"},
    ListColumn{"host", "h.name", Text, "The name of that host"},
    ListColumn{"group", "t.host_group", Text, "The group from which it is kept"},
    ListColumn{"patches", "t.patches", Words, "Source packages and versions"},
    ListColumn{
        "vulnerability_ids",
        "t.vulnerabilities",
        Words,
        "Which are open again on that host, as far as was known"},
    ListColumn{"deployment_id", "t.deployment_id", Text, "The deployment that brought it"},
    ListColumn{"run", "t.run", Text, "The host's own id of the run"},
    ListColumn{"why", "t.why", Text, "What the host says of it"},
    ListColumn{"taken_back_at", "t.taken_back_at", Instant, "When"},
    ListColumn{"reviewed_at", "t.reviewed_at", Instant, "When somebody looked; never: nobody yet"},
    ListColumn{"reviewed_by", "t.reviewed_by", Text, "Who: user:NAME"},
    ListColumn{"notes", "t.notes", Text, "What was said then"},
};

}  // namespace thimble::store
