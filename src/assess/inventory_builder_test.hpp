#pragma once
/// @file Inventories in a few words, for tests.

#include "thimble/assess/assess.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace thimble::assess {

/// A host, assembled package by package.
class AHost {
public:
    AHost(std::string id, std::string version) {
        inventory_.host = "test";
        inventory_.taken_at = *parse_instant("2026-11-01");
        inventory_.os.id = std::move(id);
        inventory_.os.version_id = std::move(version);
    }
    AHost& has(std::string type, std::string name, std::string version) {
        model::InstalledPackage package;
        package.type = std::move(type);
        package.name = package.source_name = std::move(name);
        package.version = package.source_version = std::move(version);
        inventory_.packages.push_back(std::move(package));
        return *this;
    }
    AHost& from_source(std::string name, std::string version) {
        inventory_.packages.back().source_name = std::move(name);
        inventory_.packages.back().source_version = std::move(version);
        return *this;
    }
    AHost& on(std::string architecture) {
        inventory_.packages.back().architecture = std::move(architecture);
        return *this;
    }
    AHost& of_stream(std::string stream) {
        inventory_.packages.back().module_stream = std::move(stream);
        return *this;
    }
    AHost& from_vendor(std::string origin) {
        inventory_.packages.back().origin = std::move(origin);
        return *this;
    }
    AHost& runs_kernel(std::string release) {
        inventory_.kernel.running_release = std::move(release);
        return *this;
    }
    /// The repositories were asked, and offer this source version of this source.
    AHost& is_offered(std::string source, std::string version) {
        is_offered_nothing();
        model::Offer offer;
        offer.name = offer.source_name = std::move(source);
        offer.source_version = offer.candidate_version = std::move(version);
        inventory_.offers.push_back(std::move(offer));
        return *this;
    }
    AHost& is_offered_nothing() {
        inventory_.index.asked = true;
        inventory_.index.refreshed_at = inventory_.taken_at;
        return *this;
    }
    [[nodiscard]] const model::Inventory& inventory() const { return inventory_; }
    [[nodiscard]] model::Inventory& inventory() { return inventory_; }

private:
    model::Inventory inventory_;
};

/// What is said of a vulnerability: "affected_fix_available 1.2", "fixed 1.0", "unknown (reason)"; ""
/// when there is no finding. With several packages, of the first that has one. That nobody asked for
/// offers is left out: few hosts of the tests are asked.
inline std::string said_of(
    const std::string& vulnerability, const AHost& host, const catalog::Catalog* catalog) {
    AssessOptions options;
    options.now = host.inventory().taken_at;
    options.include_closed = true;
    const auto assessment = assess(host.inventory(), catalog, options);
    if (!assessment) {
        return assessment.error().text();
    }
    for (const model::Finding& finding : assessment->findings) {
        if (assessment->vulnerabilities[finding.vulnerability].id == vulnerability) {
            std::string said(model::finding_status_name(finding.status));
            said += finding.fixed_version.empty() ? "" : " " + finding.fixed_version;
            const bool plain = finding.reason.empty() || finding.reason == "offers_not_asked";
            return said + (plain ? "" : " (" + finding.reason + ")");
        }
    }
    return "";
}

}  // namespace thimble::assess
