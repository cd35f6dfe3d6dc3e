#include "host_documents.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/inventory/dpkg_status.hpp"
#include "thimble/inventory/inventory_document.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <random>

namespace thimble::loadgen {
namespace {

Document document_of(const std::string& text) {
    std::string compressed(ZSTD_compressBound(text.size()), '\0');
    compressed.resize(
        ZSTD_compress(compressed.data(), compressed.size(), text.data(), text.size(), 3));
    return {sha256_of(text), std::move(compressed)};
}

}  // namespace

Result<std::vector<model::InstalledPackage>> read_packages(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto packages = inventory::parse_dpkg_status(text, inventory::StatusField::Implied).packages;
    if (packages.empty()) {
        return failure(
            ErrorKind::Unavailable, "loadgen.packages", file.string() + " holds no packages");
    }
    return packages;
}

std::vector<model::InstalledPackage> made_up_packages(std::size_t count) {
    std::vector<model::InstalledPackage> packages;
    for (std::size_t at = 0; at < count; ++at) {
        model::InstalledPackage& package = packages.emplace_back();
        package.type = "deb";
        package.name = fmt::format("made-up-package-{}", at);
        package.version = fmt::format("{}.{}-1+deb12u{}", at % 7, at % 23, at % 5);
        package.architecture = "amd64";
        package.source_name = fmt::format("made-up-source-{}", at / 3);
        package.source_version = package.version;
    }
    return packages;
}

HostDocuments::HostDocuments(
    const std::vector<model::InstalledPackage>& packages, std::size_t lists, std::size_t length) {
    std::vector<std::size_t> order(packages.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // The same lists in each run, so that runs can be compared.
    for (std::size_t list = 0; list < lists; ++list) {
        std::mt19937_64 chance(list);
        std::ranges::shuffle(order, chance);
        std::vector<model::InstalledPackage> chosen;
        for (std::size_t at = 0; at < std::min(length, order.size()); ++at) {
            chosen.push_back(packages[order[at]]);
        }
        lists_.push_back(document_of(inventory::format_package_list(chosen)));
    }
}

Document HostDocuments::inventory(std::size_t host, const std::string& name) const {
    model::Inventory inventory;
    inventory.host = name;
    inventory.os.id = "debian";
    inventory.os.version_id = "12";
    inventory.os.version_codename = "bookworm";
    inventory.os.pretty_name = "Debian GNU/Linux 12 (bookworm)";
    inventory.architecture = "amd64";
    inventory.machine_id = fmt::format("{:032x}", host);
    inventory.kernel.running_release = "6.1.0-18-amd64";
    inventory.kernel.newest_release = "6.1.0-18-amd64";
    inventory.listeners_known = true;
    inventory.processes_known = true;
    return document_of(inventory::format_inventory(inventory, package_list(host).digest));
}

}  // namespace thimble::loadgen
