#pragma once
/// @file What servers on one PostgreSQL tell each other: changes in the order of their commits, and who leads.

#include "thimble/base/instant.hpp"
#include "thimble/store/connection.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::store {

/// What others must read anew.
struct ServerNews {
    enum class Kind : std::uint8_t {
        Host,       ///< enrolled, moved, revoked; subject: its id
        Inventory,  ///< of a host; subject: the host's id
        Document,   ///< arrived or was forgotten; subject: its digest
        Job,        ///< made or closed; subject: its id
        Halt,       ///< begun or ended
    };
    Kind kind = Kind::Host;
    std::string subject;
    bool operator==(const ServerNews&) const = default;
};

struct ServerChange {
    std::int64_t number = 0;  ///< 1, 2, 3 without holes
    std::string server;       ///< that made it
    ServerNews news;
    bool operator==(const ServerChange&) const = default;
};

/// Tells the others, within the transaction of the change, which is InTurn.
Result<void> add_server_changes(
    Connection& connection, const std::string& server, std::span<const ServerNews> news);

/// Those behind `after` up to `until`, in order. Some are missing when they were forgotten meanwhile.
Result<std::vector<ServerChange>> server_changes(
    Connection& connection, std::int64_t after, std::int64_t until);

/// Forgets all but the last `kept`.
Result<void> forget_server_changes(Connection& connection, std::int64_t kept);

/// Who leads.
struct ServerLead {
    std::string holder;   ///< id of a start of a server; empty: nobody
    std::string address;  ///< of that server, for people
    Instant until;        ///< by the clock of the database
    bool operator==(const ServerLead&) const = default;
};

/// What all servers have in common, in one look.
struct ServersState {
    std::int64_t last_change = 0;
    std::int64_t audit_head = 0;
    ServerLead lead;
    Instant now;  ///< by the clock of the database, which is one for all
};
Result<ServersState> servers_state(Connection& connection);

/// Within a transaction InTurn that has read the state.
Result<void> set_server_lead(Connection& connection, const ServerLead& lead);

}  // namespace thimble::store
