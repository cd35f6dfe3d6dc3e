#include "phased.hpp"

#include "origins.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/inventory/phasing.hpp"

#include <apt-pkg/configuration.h>
#include <apt-pkg/pkgcache.h>
#include <apt-pkg/pkgrecords.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>

namespace thimble::inventory::apt {
namespace {

bool is_set(std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, [](const char* name) { return _config->FindB(name, false); });
}

bool has_security_origin(const pkgCache::VerIterator& version) {
    for (auto at = version.FileList(); !at.end(); ++at) {
        if (is_from_repository(at.File()) && is_security_archive(at.File())) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string machine_id() {
    if (_config->Exists("APT::Machine-ID")) {
        return _config->Find("APT::Machine-ID");
    }
    std::ifstream file("/etc/machine-id");
    std::string id;
    std::getline(file, id);
    return id;
}

PhasingChoice phasing_choice() {
    return {
        .always_include = is_set(
            {"Update-Manager::Always-Include-Phased-Updates",
             "APT::Get::Always-Include-Phased-Updates"}),
        .never_include = is_set(
            {"Update-Manager::Never-Include-Phased-Updates",
             "APT::Get::Never-Include-Phased-Updates"})};
}

std::optional<std::uint32_t> phased_percentage(pkgRecords::Parser& record) {
    const std::string field = record.RecordField("Phased-Update-Percentage");
    const auto percentage = number_in<std::uint32_t>(trimmed(field));
    return percentage && *percentage < 100 ? percentage : std::nullopt;
}

bool is_security_update(
    const pkgCache::PkgIterator& package, const pkgCache::VerIterator& offered) {
    const auto installed = package.CurrentVer();
    for (auto version = package.VersionList(); !version.end(); ++version) {
        if (!installed.end() && version.CompareVer(installed) > 0
            && version.CompareVer(offered) <= 0 && has_security_origin(version)) {
            return true;
        }
    }
    return false;
}

}  // namespace thimble::inventory::apt
