#include "thimble/prioritize/exposure.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

namespace thimble::prioritize {
namespace {

using model::SystemExposure;

int second_octet(std::string_view address) {
    const std::size_t dot = address.find('.');
    int octet = -1;
    if (dot != std::string_view::npos) {
        std::from_chars(address.data() + dot + 1, address.data() + address.size(), octet);
    }
    return octet;
}

Exposure of_owner(OwnerExposure owner) {
    switch (owner) {
        case OwnerExposure::Public: return {SystemExposure::Open, true, "owner", "host is public"};
        case OwnerExposure::Dmz: return {SystemExposure::Open, true, "owner", "host is in a DMZ"};
        case OwnerExposure::Internal:
            return {SystemExposure::Controlled, false, "owner", "host is internal"};
        case OwnerExposure::Unsaid: break;
    }
    return {
        SystemExposure::Controlled,
        false,
        "default",
        "assumed: no sockets seen, nothing said by the owner"};
}

Exposure of_listener(const model::Listener& listener, OwnerExposure owner) {
    Exposure exposure = of_owner(owner);
    if (owner == OwnerExposure::Unsaid) {
        const bool is_private = is_private_address(listener.address);
        exposure = {
            is_private ? SystemExposure::Controlled : SystemExposure::Open,
            !is_private,
            "listening sockets",
            ""};
    }
    const bool ipv6 = listener.address.contains(':');
    exposure.detail = listener.protocol + " "
        + (ipv6 ? "[" + listener.address + "]" : listener.address) + ":"
        + std::to_string(listener.port) + " " + listener.command;
    return exposure;
}

}  // namespace

bool is_private_address(std::string_view address) {
    if (address.starts_with("::ffff:")) {
        address.remove_prefix(std::string_view("::ffff:").size());
    }
    const int second = second_octet(address);
    return address.starts_with("10.") || address.starts_with("192.168.")
        || address.starts_with("169.254.")
        || (address.starts_with("172.") && second >= 16 && second <= 31)
        || (address.starts_with("100.") && second >= 64 && second <= 127)
        || address.starts_with("fe80:") || address.starts_with("fc") || address.starts_with("fd");
}

ExposureMap::ExposureMap(const model::Inventory& inventory, OwnerExposure owner)
    : default_(
          inventory.listeners_known
              ? Exposure{SystemExposure::Small, false, "listening sockets", "none is its own"}
              : of_owner(owner)),
      are_owners_known_(inventory.listeners_known) {
    std::unordered_map<std::string_view, std::string_view> source_of;
    for (const model::InstalledPackage& package : inventory.packages) {
        source_of.emplace(package.name, package.source_name);
    }
    for (const model::Listener& listener : inventory.listeners) {
        if (!listener.loopback && listener.pid == 0) {
            // Its owner cannot be seen, so it may be any package: none is known to be out of reach.
            default_ = of_owner(owner);
            default_.detail = "the owner of a listening socket could not be seen";
            are_owners_known_ = false;
        }
        if (listener.loopback || listener.package.empty()) {
            continue;
        }
        const auto known = source_of.find(listener.package);
        const std::string source(
            known == source_of.end() ? std::string_view(listener.package) : known->second);
        Exposure exposure = of_listener(listener, owner);
        const auto [at, inserted] = by_source_.try_emplace(source, exposure);
        if (!inserted && exposure.system > at->second.system) {
            at->second = std::move(exposure);
        }
    }
}

std::optional<bool> ExposureMap::listens(std::string_view source_name) const {
    if (by_source_.contains(source_name)) {
        return true;
    }
    return are_owners_known_ ? std::optional(false) : std::nullopt;
}

const Exposure& ExposureMap::of(std::string_view source_name) const {
    const auto at = by_source_.find(source_name);
    return at == by_source_.end() ? default_ : at->second;
}

}  // namespace thimble::prioritize
