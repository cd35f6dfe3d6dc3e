/// @file Prints what inventory says apt offers for a root directory, one offer a line, fields apart by
/// tabs: name, installed, candidate, "security" or "-", "upgrade" or "-", blockers with their details.

#include "thimble/host/root_host.hpp"
#include "thimble/host/system_clock.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/model/blocker_names.hpp"

#include <cstdio>
#include <string>

namespace thimble {
namespace {

int print_offers(const char* root, const char* helper) {
    const auto host = host::RootHost::open(root);
    if (!host) {
        std::fprintf(stderr, "%s\n", host.error().text().c_str());
        return 1;
    }
    inventory::InventoryOptions options;
    options.offers = true;
    options.helper = helper;
    const auto inventory = inventory::read_inventory(**host, options, host::SystemClock().now());
    if (!inventory) {
        std::fprintf(stderr, "%s\n", inventory.error().text().c_str());
        return 1;
    }
    for (const model::Gap& gap : inventory->gaps) {
        std::fprintf(stderr, "gap: %s\n", gap.detail.c_str());
    }
    for (const model::Offer& offer : inventory->offers) {
        std::string blockers;
        for (const model::Blocker& blocker : offer.blockers) {
            blockers += blockers.empty() ? "" : "; ";
            blockers += std::string(model::blocker_name(blocker.kind)) + ": " + blocker.detail;
        }
        std::printf(
            "%s\t%s\t%s\t%s\t%s\t%s\n",
            offer.name.c_str(),
            offer.installed_version.c_str(),
            offer.candidate_version.c_str(),
            offer.security ? "security" : "-",
            offer.in_upgrade ? "upgrade" : "-",
            blockers.c_str());
    }
    return inventory->index.asked ? 0 : 1;
}

}  // namespace
}  // namespace thimble

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: print_offers ROOT THIMBLE-APT\n", stderr);
        return 64;
    }
    return thimble::print_offers(argv[1], argv[2]);
}
