#pragma once
/// @file Compensating controls: what shields a host while something on it stays open. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thimble::model {

enum class ControlKind : std::uint8_t {
    Segmentation,  ///< who may reach a port
    Isolation,     ///< nothing but management reaches the host
    VirtualPatch,  ///< a rule of the web application firewall
    Monitoring,    ///< an attack is seen, not stopped
    Hardening,     ///< a unit, module or setting is taken away or tightened
    External,      ///< on a device that no agent reaches; people attest it
};
inline constexpr std::array kControlKinds{
    ControlKind::Segmentation,
    ControlKind::Isolation,
    ControlKind::VirtualPatch,
    ControlKind::Monitoring,
    ControlKind::Hardening,
    ControlKind::External};

/// "segmentation", "isolation", "virtual-patch", "monitoring", "hardening", "external".
std::string_view control_kind_name(ControlKind kind);
std::optional<ControlKind> control_kind_named(std::string_view name);

}  // namespace thimble::model
