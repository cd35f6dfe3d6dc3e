#pragma once
/// @file The names of package states in documents; those of dpkg. Private to this folder.

#include "thimble/model/inventory.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace thimble::inventory {

constexpr std::array<std::pair<model::PackageState, std::string_view>, 6> kPackageStates{{
    {model::PackageState::Installed, "installed"},
    {model::PackageState::HalfInstalled, "half-installed"},
    {model::PackageState::Unpacked, "unpacked"},
    {model::PackageState::HalfConfigured, "half-configured"},
    {model::PackageState::TriggersAwaited, "triggers-awaited"},
    {model::PackageState::TriggersPending, "triggers-pending"},
}};

}  // namespace thimble::inventory
