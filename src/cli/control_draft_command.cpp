#include "thimble/cli/control_draft_command.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/cli/complain.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/host/local_host.hpp"
#include "thimble/inventory/listeners.hpp"
#include "thimble/mitigate/address_prefix.hpp"
#include "thimble/mitigate/detection_rules.hpp"
#include "thimble/mitigate/parse_virtual_patch.hpp"
#include "thimble/shield/owned_file.hpp"
#include "thimble/shield/segmentation_proposal.hpp"

#include <algorithm>
#include <iterator>

namespace thimble::cli {
namespace {

constexpr std::size_t kMostTable = std::size_t{64} << 20;

Result<mitigate::KeptServer> kept_server(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    std::string_view address = std::string_view(text).substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    const auto known = mitigate::address_in(address);
    const auto port = colon == std::string::npos
        ? std::nullopt
        : number_in<std::uint16_t>(std::string_view(text).substr(colon + 1));
    if (!known || !port || *port == 0) {
        return failure(
            ErrorKind::Invalid,
            "cli.bad_server",
            "a server that is kept is written ADDRESS:PORT, by its IP address: " + text);
    }
    return mitigate::KeptServer{mitigate::Transport::Tcp, *known, *port};
}

std::vector<inventory::Connection> connections_of(host::Host& host) {
    std::vector<inventory::Connection> connections;
    for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        if (const auto table = host.read_file(path, kMostTable)) {
            std::ranges::move(
                inventory::parse_connections(*table), std::back_inserter(connections));
        }
    }
    return connections;
}

Result<std::string> draft(const SegmentationDraftOptions& options) {
    std::vector<mitigate::KeptServer> keep;
    keep.reserve(options.keep.size());
    for (const std::string& text : options.keep) {
        THIMBLE_TRY(keep.emplace_back(), kept_server(text));
    }
    host::LocalHost host;
    model::Inventory inventory;
    inventory::read_listeners(host, inventory);
    THIMBLE_TRY(
        mitigate::Segmentation settings,
        shield::propose_segmentation(
            inventory.listeners,
            connections_of(host),
            {options.package, options.port},
            std::move(keep)));
    return mitigate::format_control({std::move(settings)}) + "\n";
}

Result<std::string> made_of(
    const std::string& file, Result<std::string> (*make)(const mitigate::VirtualPatch&)) {
    THIMBLE_TRY(const std::string text, shield::text_of(file));
    THIMBLE_TRY(const mitigate::VirtualPatch patch, mitigate::parse_virtual_patch(text));
    return make(patch);
}

int print(const Result<std::string>& text, std::ostream& out, std::ostream& err) {
    if (!text) {
        return complain(err, text.error());
    }
    out << *text;
    return kNothingDue;
}

}  // namespace

int run_segmentation_draft(
    const SegmentationDraftOptions& options, std::ostream& out, std::ostream& err) {
    const auto text = draft(options);
    if (text) {
        tell(
            err,
            "who may reach the service is guessed from who is connected now: look at \"allow\", "
            "\"keep\" and \"probes\" before it is put up");
    }
    return print(text, out, err);
}

int run_sigma(const std::string& file, std::ostream& out, std::ostream& err) {
    return print(made_of(file, mitigate::sigma_rule), out, err);
}

int run_suricata(const std::string& file, std::ostream& out, std::ostream& err) {
    return print(made_of(file, mitigate::suricata_rules), out, err);
}

}  // namespace thimble::cli
