#pragma once
/// @file Compensating controls: what shields a host while something on it stays open. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace thimble::model {

enum class ControlKind : std::uint8_t {
    Segmentation,  ///< who may reach a service's ports
    Isolation,     ///< nobody reaches the host, and it reaches nobody, but for what manages it
    VirtualPatch,  ///< rules in the web application firewall
    Monitoring,    ///< rules of the kernel's audit: an attack is seen, not stopped
    Hardening,     ///< something is switched off or fenced in
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

/// Of a virtual patch.
enum class ShieldMode : std::uint8_t { Detect, Block };
/// "detect", "block".
std::string_view shield_mode_name(ShieldMode mode);

/// Whether a control may be called so: it names files, tables and keys of a host.
/// Letters, digits, "_" and "-", at most 64, the first a letter or digit.
bool is_control_id(std::string_view id);

}  // namespace thimble::model
