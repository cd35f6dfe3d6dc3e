#pragma once
/// @file A service of the owner's choice, started in the clone and asked.

#include "thimble/base/result.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/trial.hpp"
#include "thimble/verify/ephemeral_ports.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace thimble::rehearse {

/// What services did, all of them running at the same time.
struct ServiceResults {
    std::vector<TrialResult> results;    ///< "service web.service", then "probe web"
    std::vector<std::string> listeners;  ///< while they ran: "tcp 0.0.0.0:80", sorted
};

/// Starts the units as far as parse_unit understands them, gives them time until the probes pass, asks
/// every probe, and stops them. In the clone a probe asks loopback, whatever its host.
/// @param settle  within which a service must be up and a probe have passed
ServiceResults try_services(
    host::Enclosure& clone,
    const std::vector<std::string>& units,
    const std::vector<model::HealthProbe>& probes,
    std::chrono::milliseconds settle);

/// @error NotFound "rehearse.no_unit": the host has none of that name; Invalid "rehearse.bad_unit": no service
Result<void> check_unit(host::Host& host, const std::string& unit);

/// The services that the host has units of, sorted; of "web@one.service" its template.
std::vector<std::string> service_names(host::Host& host);

/// The sockets that listen in the clone, sorted.
std::vector<std::string> read_listeners(host::Host& clone);

/// The ports that the clone's kernel chooses of: those of its network, which is another than ours. The
/// usual ones when it has no program that could tell.
verify::PortRange read_port_range(host::Host& clone);

}  // namespace thimble::rehearse
