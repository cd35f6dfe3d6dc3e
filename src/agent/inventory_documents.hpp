#pragma once
/// @file The host's inventory as documents: read in a process of its own, so that what it costs goes with it.

#include "thimble/agent/agent_folder.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/read_inventory.hpp"

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::agent {

/// Where an inventory is read, and what may be kept for the next reading.
struct ReadingPlaces {
    std::string root;   ///< empty: this machine
    std::string cache;  ///< folder for apt's index and the changelogs that were read; empty: no
                        ///< changelog is read
};

/// What is read of a host for a server. The same as `thimble scan` reads, so that both judge alike.
inventory::InventoryOptions reading_of(const ReadingPlaces& places);

/// What `thimble-agent inventory` prints: the package list and the inventory, a line each.
Result<void> print_inventory(const ReadingPlaces& places, std::ostream& out);

/// Which documents describe the host now. They lie in the agent's folder under their digests.
struct HeldDocuments {
    std::string inventory;    ///< digest; empty: not read yet
    std::string packages;     ///< digest
    std::string fingerprint;  ///< of the files that they were read from
    Instant read_at;
};

/// Reads anew when files have changed, or an hour has gone by; a look costs a few calls of stat.
Result<HeldDocuments> refresh_documents(
    const AgentFolder& folder, HeldDocuments held, const std::string& root, Instant now);

/// What changes with every boot of a host.
/// @error that of the host
Result<std::string> read_boot_id(host::Host& host);

/// The paths that tell whether a host has changed, and the text that differs when one of them has.
std::vector<host::Question> watched_paths();
std::string fingerprint_of(host::Host& host);

/// Keeps what `thimble-agent inventory` printed.
/// @error Corrupt "agent.no_inventory": it did not end well
Result<HeldDocuments> keep_documents(
    const AgentFolder& folder, std::string_view printed, std::string fingerprint, Instant now);

/// Whether the documents still describe the host.
bool are_fresh(const HeldDocuments& held, const std::string& fingerprint, Instant now);

/// Keeps a document that a job gave until the server has it.
Result<void> keep_offered(
    const AgentFolder& folder, const std::string& digest, std::string_view text);

/// Takes documents over that a job of the root helper gave: each must be what its digest says.
/// @param given  folder where the helper has put them
/// @return the digests of those that were taken
std::vector<std::string> take_offered(
    const AgentFolder& folder,
    const std::filesystem::path& given,
    const std::vector<std::string>& digests);

/// Those that were taken and not dropped yet.
std::vector<std::string> offered_documents(const AgentFolder& folder);

/// One that the server has now.
void drop_offered(const AgentFolder& folder, const std::string& digest);

/// A document that is held, as it is sent: one zstd frame.
/// @error NotFound: it is not held any more
Result<std::string> compressed_document(const AgentFolder& folder, const std::string& digest);

}  // namespace thimble::agent
