#pragma once
/// @file The two loads: hosts that enrol and send what they have, and hosts that check in.

#include "agent_identity.hpp"
#include "crowd.hpp"
#include "host_documents.hpp"
#include "thimble/base/result.hpp"
#include "thimble/protocol/enrolment_token.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace thimble::loadgen {

struct EnrolLoad {
    std::size_t hosts = 0;
    std::size_t busy = 0;  ///< how many are at it at once
    protocol::EnrolmentToken token;
};

/// Each host makes a key, enrols, checks in and sends the documents that the server lacks.
/// @return who enrolled, in the order of the hosts
/// @error of the first host that was refused
Result<std::vector<AgentIdentity>> enrol_hosts(
    const ServerAddress& server, const EnrolLoad& load, const HostDocuments& documents);

struct CheckInLoad {
    std::size_t connections = 0;  ///< kept open, each of a host of its own
    std::size_t busy = 0;         ///< requests at once, when there is no rate
    std::size_t rate = 0;  ///< requests per second, whatever the answers do; 0: as many as go
    std::chrono::seconds time{10};
    long server_process = 0;  ///< whose processor time is told; 0: of none
};

/// Checks in without change and prints how fast that went.
/// @error of the first check-in that was not answered by 200
Result<void> check_in(
    const ServerAddress& server,
    const CheckInLoad& load,
    const std::vector<AgentIdentity>& identities);

/// The body of a check-in.
std::string check_in_request(const AgentIdentity& identity, std::size_t sequence);

}  // namespace thimble::loadgen
