#include "thimble/server/sign_in_limit.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

constexpr int kTogether = 5;
constexpr int kOfAddress = 30;
constexpr int kOfName = 100;
constexpr std::chrono::seconds kFirstWait{30};
constexpr std::chrono::seconds kLongestWait{900};
constexpr std::chrono::seconds kMemory{3600};
constexpr std::size_t kMaxKeys = 30'000;

// The letters keep the three kinds of keys apart; a name cannot hold a line feed.
std::string together(const std::string& name, const std::string& address) {
    return "b" + name + "\n" + address;
}
std::string of_address(const std::string& address) {
    return "a" + address;
}
std::string of_name(const std::string& name) {
    return "n" + name;
}

}  // namespace

std::chrono::seconds SignInLimit::wait_of(const std::string& key, int allowed, Instant now) const {
    const auto found = failures_.find(key);
    if (found == failures_.end() || found->second.count < allowed
        || now - found->second.last >= kMemory) {
        return std::chrono::seconds(0);
    }
    const int doublings = std::min(found->second.count - allowed, 5);
    const auto wait = std::min(kFirstWait * (1 << doublings), kLongestWait);
    return std::max(found->second.last + wait - now, std::chrono::seconds(0));
}

std::chrono::seconds SignInLimit::wait_for(
    const std::string& name, const std::string& address, Instant now) const {
    return std::max(
        {wait_of(together(name, address), kTogether, now),
         wait_of(of_address(address), kOfAddress, now),
         wait_of(of_name(name), kOfName, now)});
}

void SignInLimit::count(const std::string& key, Instant now) {
    if (failures_.size() >= kMaxKeys && !failures_.contains(key)) {
        std::erase_if(
            failures_, [now](const auto& entry) { return now - entry.second.last >= kMemory; });
        if (failures_.size() >= kMaxKeys) {
            failures_.erase(std::ranges::min_element(
                failures_, {}, [](const auto& entry) { return entry.second.last; }));
        }
    }
    Failures& failures = failures_[key];
    failures.count = now - failures.last >= kMemory ? 1 : failures.count + 1;
    failures.last = now;
}

void SignInLimit::failed(const std::string& name, const std::string& address, Instant now) {
    count(together(name, address), now);
    count(of_address(address), now);
    count(of_name(name), now);
}

void SignInLimit::succeeded(const std::string& name, const std::string& address) {
    failures_.erase(together(name, address));
}

}  // namespace thimble::server
