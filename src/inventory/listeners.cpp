#include "thimble/inventory/listeners.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"
#include "thimble/host/host.hpp"
#include "thimble/inventory/file_owner.hpp"
#include "thimble/inventory/net_table.hpp"
#include "thimble/inventory/reader_rights.hpp"
#include "thimble/model/inventory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxTable = std::size_t{64} << 20;
constexpr std::size_t kMaxProcesses = 32'768;
constexpr std::string_view kDeleted = " (deleted)";

struct Owner {
    std::uint32_t pid = 0;
    std::string command;
    std::string executable;
};

/// @return nothing when not even TCP over IPv4 can be read
std::optional<std::vector<ListeningSocket>> read_sockets(host::Host& host) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTables{
        {{"/proc/net/tcp", "tcp"},
         {"/proc/net/tcp6", "tcp"},
         {"/proc/net/udp", "udp"},
         {"/proc/net/udp6", "udp"}}};
    std::vector<ListeningSocket> sockets;
    bool any = false;
    for (const auto& [path, protocol] : kTables) {
        if (const auto table = host.read_file(path, kMaxTable)) {
            any = true;
            std::ranges::move(parse_net_table(*table, protocol), std::back_inserter(sockets));
        }
    }
    return any ? std::optional(std::move(sockets)) : std::nullopt;
}

/// The inode in "socket:[1234]".
std::optional<std::uint64_t> socket_inode(std::string_view link) {
    constexpr std::string_view kPrefix = "socket:[";
    if (!link.starts_with(kPrefix) || !link.ends_with(']')) {
        return std::nullopt;
    }
    return number_in<std::uint64_t>(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
}

/// Looks through the open files of all processes for the sockets that are wanted.
class OwnerSearch {
public:
    OwnerSearch(host::Host& host, const std::vector<ListeningSocket>& sockets) : host_(host) {
        for (const ListeningSocket& socket : sockets) {
            wanted_.insert(socket.inode);
        }
    }

    /// @error Unavailable, Corrupt: a host far away did not answer
    Result<void> run() {
        const std::vector<std::uint32_t> pids = processes();
        std::vector<host::Question> questions;
        for (const std::uint32_t pid : pids) {
            const std::string folder = "/proc/" + std::to_string(pid);
            questions.push_back({.path = folder + "/fd", .ask = host::Ask::Links});
            questions.push_back({.path = folder + "/comm", .ask = host::Ask::Bytes});
            questions.push_back({.path = folder + "/exe", .ask = host::Ask::Link});
        }
        if (!wanted_.empty() && !pids.empty()) {
            THIMBLE_TRY(host_.prepare(questions));
        }
        for (const std::uint32_t pid : pids) {
            if (wanted_.size() == owners_.size()) {
                break;
            }
            search(pid);
        }
        return {};
    }

    [[nodiscard]] const std::map<std::uint64_t, Owner>& owners() const { return owners_; }
    [[nodiscard]] bool was_denied() const { return denied_; }

private:
    [[nodiscard]] std::vector<std::uint32_t> processes() const {
        std::vector<std::uint32_t> pids;
        const auto names = host_.list("/proc");
        for (std::size_t at = 0; names && at < names->size() && pids.size() < kMaxProcesses; ++at) {
            if (const auto pid = number_in<std::uint32_t>((*names)[at])) {
                pids.push_back(*pid);
            }
        }
        std::ranges::sort(pids);
        return pids;
    }

    void search(std::uint32_t pid) {
        const std::string folder = "/proc/" + std::to_string(pid);
        const std::string descriptors = folder + "/fd/";
        const auto numbers = host_.list(folder + "/fd");
        if (!numbers) {
            denied_ = denied_ || numbers.error().kind == ErrorKind::Denied;
            return;
        }
        for (const std::string& number : *numbers) {
            const auto link = host_.read_link(descriptors + number);
            const auto inode = link ? socket_inode(*link) : std::nullopt;
            // The lowest process number wins: a server's workers share the socket of their parent.
            if (inode && wanted_.contains(*inode) && !owners_.contains(*inode)) {
                owners_[*inode] = owner(pid, folder);
            }
        }
    }

    Owner owner(std::uint32_t pid, const std::string& folder) {
        Owner owner{.pid = pid, .command = {}, .executable = {}};
        if (const auto command = host_.read_file(folder + "/comm", 4096)) {
            owner.command = trimmed(*command);
        }
        if (const auto executable = host_.read_link(folder + "/exe")) {
            owner.executable = *executable;
            if (owner.executable.ends_with(kDeleted)) {
                owner.executable.resize(owner.executable.size() - kDeleted.size());
            }
        }
        return owner;
    }

    host::Host& host_;
    std::set<std::uint64_t> wanted_;
    std::map<std::uint64_t, Owner> owners_;
    bool denied_ = false;
};

std::set<std::string> executables_of(const std::map<std::uint64_t, Owner>& owners) {
    std::set<std::string> paths;
    for (const auto& [inode, owner] : owners) {
        if (!owner.executable.empty()) {
            paths.insert(owner.executable);
        }
    }
    return paths;
}

model::Listener listener_of(
    const ListeningSocket& socket,
    const std::map<std::uint64_t, Owner>& owners,
    const std::map<std::string, std::string>& packages) {
    model::Listener listener{
        .protocol = socket.protocol,
        .address = socket.address,
        .port = socket.port,
        .loopback = socket.loopback,
        .pid = 0,
        .command = {},
        .package = {}};
    if (const auto owner = owners.find(socket.inode); owner != owners.end()) {
        listener.pid = owner->second.pid;
        listener.command = owner->second.command;
        const auto package = packages.find(owner->second.executable);
        listener.package = package == packages.end() ? std::string() : package->second;
    }
    return listener;
}

}  // namespace

void read_listeners(host::Host& host, model::Inventory& inventory) {
    const auto sockets = read_sockets(host);
    if (!sockets) {
        inventory.gaps.push_back(
            {.code = "inventory.no_listeners",
             .detail = "The kernel's socket tables cannot be read, so exposure is not known.",
             .next = ""});
        return;
    }
    OwnerSearch search(host, *sockets);
    if (const auto found = search.run(); !found) {
        inventory.gaps.push_back(
            {.code = "inventory.no_listeners",
             .detail = "The owners of the listening sockets cannot be read (" + found.error().text()
                 + "), so exposure is not known.",
             .next = "Look at /proc on the host."});
        return;
    }
    const auto packages = find_owners(host, executables_of(search.owners()));
    for (const ListeningSocket& socket : *sockets) {
        inventory.listeners.push_back(listener_of(socket, search.owners(), packages));
    }
    std::ranges::sort(inventory.listeners, {}, [](const model::Listener& listener) {
        return std::tie(listener.protocol, listener.port, listener.address, listener.pid);
    });
    inventory.listeners_known = true;
    const bool any_unknown = std::ranges::any_of(
        inventory.listeners, [](const model::Listener& listener) { return listener.pid == 0; });
    if (search.was_denied() && any_unknown) {
        inventory.gaps.push_back(
            {.code = "inventory.hidden_listeners",
             .detail = "Some listening sockets belong to processes that could not be looked at.",
             .next = step_to_see_more(host)});
    }
}

}  // namespace thimble::inventory
