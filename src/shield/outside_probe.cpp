#include "thimble/shield/outside_probe.hpp"

#include "thimble/base/hex.hpp"
#include "thimble/mitigate/address_prefix.hpp"
#include "thimble/shield/reach.hpp"

#include <chrono>
#include <optional>

namespace thimble::shield {
namespace {

/// Two more packets are sent in it when the first is lost.
constexpr std::chrono::milliseconds kPatience{4000};

}  // namespace

Result<ControlReport> probe_from_here(const OutsideProbe& probe, const Clock& clock) {
    const auto address = mitigate::address_in(probe.address);
    if (!model::is_control_id(probe.id) || !is_sha256(probe.digest) || !address
        || probe.port == 0) {
        return failure(
            ErrorKind::Invalid,
            "shield.bad_probe",
            "a probe has the id of a control, the digest of its document, an address and a port");
    }
    THIMBLE_TRY(const Reach reach, try_to_reach(*address, probe.port, "", kPatience));
    // Who cannot even ask has seen nothing of the control.
    const std::optional<bool> is_as_it_should_be = reach == Reach::NoWay
        ? std::nullopt
        : std::optional((reach == Reach::Connected) == probe.from_allowed);
    return ControlReport{
        .id = probe.id,
        .digest = probe.digest,
        .kind = model::ControlKind::External,
        .action = ControlAction::Probe,
        .state = is_as_it_should_be.value_or(false) ? ControlState::Holding : ControlState::Broken,
        .at = clock.now(),
        .mode = {},
        .checks =
            {{.name = "probe " + mitigate::endpoint_text(*address, probe.port),
              .expected = probe.from_allowed ? "connected" : "not connected",
              .seen = std::string(reach_name(reach)),
              .passed = is_as_it_should_be}},
        .bypass = {},
        .job = {},
        .source = source_towards(*address, probe.port)};
}

}  // namespace thimble::shield
