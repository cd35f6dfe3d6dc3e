#include "thimble/agent/reach.hpp"
#include "thimble/host/local_host.hpp"

#include <utility>

namespace thimble::agent {

LocalReach::LocalReach(std::filesystem::path helper_socket, std::string root)
    : helper_socket_(std::move(helper_socket)), root_(std::move(root)) {}

Result<std::string> LocalReach::look() {
    host::LocalHost host;
    auto boot = read_boot_id(host);
    return boot ? *std::move(boot) : std::string();  // who asks is there
}

Result<HeldDocuments> LocalReach::refresh(
    const AgentFolder& folder, const HeldDocuments& held, Instant now) {
    return refresh_documents(folder, held, root_, now);
}

Result<HelperLink> LocalReach::open_helper() {
    return HelperLink::open(helper_socket_);
}

Result<std::vector<std::string>> LocalReach::take(
    const AgentFolder& folder, const std::vector<std::string>& digests) {
    return take_offered(folder, helper_socket_.parent_path() / "documents", digests);
}

}  // namespace thimble::agent
