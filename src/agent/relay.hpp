#pragma once
/// @file The relay: one process that is the network half of many hosts without an agent, each in a folder of its own.

#include "thimble/agent/enrolment.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace thimble::agent {

struct OverSshOrder {
    std::string url;
    std::string token;
    std::string address;   ///< ssh://[user@]name[:port]
    std::string host_key;  ///< "SHA256:…", or a line with the key itself
    std::string key;       ///< file to sign in with; empty: ssh's own choice
    bool sudo = false;
    std::string name;             ///< what the host is called; empty: as it calls itself
    std::filesystem::path relay;  ///< folder of the relay
};

/// Makes a host that is reached over SSH one of the fleet: its key is checked, the programs are brought there, and only
/// then the token is used.
/// @return the host's id
/// @error as enrol; Invalid "host.bad_target", "agent.bad_host_key"; Denied "agent.other_host_key";
///        Unavailable "agent.host_away", "agent.not_delivered"; Unsupported "agent.other_architecture"
Result<std::string> enrol_over_ssh(const OverSshOrder& order);

struct RelayOptions {
    std::filesystem::path folder;
    std::ptrdiff_t at_once = 16;  ///< connections of each kind
    bool once = false;            ///< check in once for each host, begin no job
};

/// Serves every host of the folder until it is killed, each in a thread of its own: what goes wrong with one, holds up
/// no other. Hosts that enrol meanwhile are found within half a minute.
/// @param complain  is called by one thread at a time; the text is what the error is about
/// @error what keeps the relay from beginning; with `once` the first that failed for a host
Result<void> run_relay(
    const RelayOptions& options,
    const Clock& clock,
    const std::function<void(const std::string&, const Error&)>& complain);

}  // namespace thimble::agent
