#include "thimble/server/certificate_profile.hpp"

#include <algorithm>

namespace thimble::server {
namespace {

// A host's clock may be behind ours.
constexpr std::chrono::hours kClockSkew{1};
constexpr Days kAuthorityDays{3650};
constexpr Days kServerDays{365};
constexpr Days kHostDays{90};

bool is_address(const std::string& name) {
    return name.contains(':')
        || std::ranges::all_of(name, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

bool is_certificate_name(const std::string& name) {
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '-' || c == '.' || c == ':';
    });
}

CertificateProfile authority_profile(Instant now) {
    return {
        CertificateUse::Authority,
        "Thimble authority",
        "",
        now - kClockSkew,
        now + kAuthorityDays,
        "critical,CA:TRUE,pathlen:0",
        "critical,keyCertSign,cRLSign",
        ""};
}

CertificateProfile server_profile(const std::vector<std::string>& names, Instant now) {
    std::string alternatives;
    for (const std::string& name : names) {
        alternatives += (alternatives.empty() ? "" : ",");
        alternatives += (is_address(name) ? "IP:" : "DNS:") + name;
    }
    return {
        CertificateUse::Server,
        "Thimble server",
        std::move(alternatives),
        now - kClockSkew,
        now + kServerDays,
        "critical,CA:FALSE",
        "critical,digitalSignature",
        "serverAuth"};
}

CertificateProfile host_profile(const std::string& host_id, Instant now) {
    return {
        CertificateUse::Host,
        host_id,
        "",
        now - kClockSkew,
        now + kHostDays,
        "critical,CA:FALSE",
        "critical,digitalSignature",
        "clientAuth"};
}

}  // namespace thimble::server
