#include "thimble/server/repeated_requests.hpp"

#include <algorithm>

namespace thimble::server {

namespace {
constexpr std::size_t kMaxKept = 5000;
constexpr unsigned kFirstFaultOfOurs = 500;
}  // namespace

RepeatedRequests::Verdict RepeatedRequests::begin(
    const std::string& key, const std::string& request_digest, Instant now) {
    if (const auto found = kept_.find(key);
        found != kept_.end() && now - found->second.begun_at < kRequestMemory) {
        if (found->second.request_digest != request_digest) {
            return {Verdict::Kind::Different};
        }
        const Kept& kept = found->second;
        if (kept.response) {
            return {Verdict::Kind::Repeated, *kept.response};
        }
        return {Verdict::Kind::Running};
    }
    if (kept_.size() >= kMaxKept) {
        kept_.erase(std::ranges::min_element(
            kept_, {}, [](const auto& entry) { return entry.second.begun_at; }));
    }
    kept_.insert_or_assign(key, Kept{request_digest, now, std::nullopt});
    return {Verdict::Kind::First};
}

void RepeatedRequests::finish(const std::string& key, const Response& response) {
    const auto found = kept_.find(key);
    if (found == kept_.end()) {
        return;
    }
    if (response.status >= kFirstFaultOfOurs) {
        kept_.erase(found);
    } else {
        found->second.response = response;
    }
}

}  // namespace thimble::server
