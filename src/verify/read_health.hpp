#pragma once
/// @file Takes the health of a running host.

#include "thimble/host/enclosure.hpp"
#include "thimble/host/host.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/verify/health.hpp"

#include <span>

namespace thimble::verify {

/// Services (`systemctl show`), listening sockets, mounts, default routes, boot id, and the owner's
/// probes. What cannot be looked at is marked unknown.
HealthSnapshot read_health(host::Host& host, std::span<const model::HealthProbe> probes);

/// Asks one probe once: a TCP connection, an HTTP answer of 200 to 399, or a command that exits 0.
ProbeResult ask_probe(host::Host& host, const model::HealthProbe& probe);

/// The same within a clone. Connections are made on the clone's own loopback (IPv6 and IPv4) at the
/// target's port, whatever host it names; that name is still what HTTP and TLS are asked for.
ProbeResult ask_probe(host::Enclosure& clone, const model::HealthProbe& probe);

/// Its units alone, with their records.
HealthSnapshot read_unit_health(host::Host& host);

}  // namespace thimble::verify
